"""The verifiable oblivious pseudorandom function of RFC 9497, suite ristretto255-SHA512, mode VOPRF (0x01).

Only what two holders of one split key need: ``hash_to_group``, ``hash_to_scalar`` and ``derive_key`` of sections 2.1,
3.2.1 and 4.1, and the hash of ``Finalize`` of sections 3.3.1 and 3.3.2. Blinding is a product (``group.times``), and so
is evaluating; hence two holders in a row, with factors kF and kT, are one server with the key kF*kT, and the vectors of
the RFC hold for the two together (tests/match/test_protocol_rfc9497.py).
"""

from hashlib import sha512

from stillwatch.match.faults import MalformedError
from stillwatch.match.group import SIZE, ZERO, Point, Scalar, from_hash, reduced

#: RFC 9497 section 3.1: ``CreateContextString(0x01, "ristretto255-SHA512")``.
CONTEXT = b"OPRFV1-\x01-ristretto255-SHA512"
#: Inputs are at most this long (section 3.3.1 writes the length in two bytes).
LONGEST = 2**16 - 1
_WANTED = (2 * SIZE).to_bytes(2, "big") + b"\x00"
_PADDED = sha512(bytes(sha512().block_size))


def _expand(message: bytes, domain: bytes) -> bytes:
    """64 bytes of ``expand_message_xmd`` with SHA-512 (RFC 9380 section 5.3.1): the length asked is one block's."""
    ending = domain + len(domain).to_bytes(1, "big")
    first = _PADDED.copy()
    first.update(message + _WANTED + ending)
    return sha512(first.digest() + b"\x01" + ending).digest()


def hash_to_group(message: bytes) -> Point:
    """The element that stands for this input."""
    return from_hash(_expand(message, b"HashToGroup-" + CONTEXT))


def hash_to_scalar(message: bytes, domain: bytes = b"HashToScalar-" + CONTEXT) -> Scalar:
    """The scalar that stands for these bytes."""
    return reduced(_expand(message, domain))


def derive_key(seed: bytes, info: bytes) -> Scalar:
    """A private key from 32 secret bytes and a public label (``DeriveKeyPair``, RFC 9497 section 3.2.1)."""
    if len(seed) != SIZE:
        raise MalformedError("a seed has 32 bytes")
    start = seed + prefixed(info)
    for counter in range(256):
        key = hash_to_scalar(start + counter.to_bytes(1, "big"), b"DeriveKeyPair" + CONTEXT)
        if key != ZERO:
            return key
    raise MalformedError("no key comes of this seed")  # the chance is 2**-64512


def finalize(message: bytes, evaluated: Point) -> bytes:
    """64 bytes of output for an input and its unblinded evaluation (``Finalize``, RFC 9497 section 3.3.1)."""
    return sha512(prefixed(message) + prefixed(evaluated) + b"Finalize").digest()


def prefixed(data: bytes) -> bytes:
    """``data`` after its length in two bytes. ``MalformedError`` above 65,535."""
    if len(data) > LONGEST:
        raise MalformedError(f"{len(data)} bytes are too long for this protocol: {LONGEST} at most")
    return len(data).to_bytes(2, "big") + data
