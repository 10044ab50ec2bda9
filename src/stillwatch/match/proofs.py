"""Proofs that a holder used the key it published: RFC 9497's batch DLEQ, and sums with the verifier's own coins.

``prove`` and ``verify`` are ``GenerateProof`` and ``VerifyProof`` of RFC 9497 section 2.2: for one scalar k, B = k*A
and D[i] = k*C[i] for all i. A is the generator, or, when keys rotate, the old public key. (The challenge hashes B but
not A, as the RFC has it; both are published and logged before any proof, so no prover chooses A to fit a challenge.)

``coins`` and ``weighted`` serve the cheaper check of a batch (docs/match.md, *Coins*): whoever holds all evaluations
draws 128-bit weights that nobody knew, has the holders evaluate the weighted sum with a proof, and compares.
"""

from collections.abc import Sequence
from hashlib import sha512, shake_256

from stillwatch.match.faults import MalformedError
from stillwatch.match.group import (
    GENERATOR,
    SIZE,
    ZERO,
    Point,
    Scalar,
    columns,
    difference,
    plus,
    product,
    reduced,
    scalar,
    times,
)
from stillwatch.match.voprf import CONTEXT, hash_to_scalar, prefixed

#: A proof is two scalars: the challenge and the response.
PROOF = 2 * SIZE
#: The position of an item is written in two bytes (RFC 9497 section 2.2.1).
MOST = 2**16 - 1
_COIN = 16


def prove(key: Scalar, public: Point, items: Sequence[Point], done: Sequence[Point], *, nonce: Scalar,
          generator: Point = GENERATOR) -> bytes:  # fmt: skip
    """64 bytes that show ``public = key*generator`` and ``done[i] = key*items[i]``. ``nonce`` is secret, used once."""
    mixed, _ = _composites(public, items, done)
    evaluated = times(key, mixed)
    challenge = _challenge(public, mixed, evaluated, times(nonce, generator), times(nonce, mixed))
    return challenge + difference(nonce, product(challenge, key))


def verify(public: Point, items: Sequence[Point], done: Sequence[Point], proof: bytes, *,
           generator: Point = GENERATOR) -> bool:  # fmt: skip
    """Whether the proof shows it. ``MalformedError`` where the proof is not two scalars."""
    if len(proof) != PROOF:
        raise MalformedError(f"a proof has {PROOF} bytes")
    challenge, response = (scalar(part) for part in columns(proof))
    if ZERO in (challenge, response):  # no honest prover meets it (2**-252), and libsodium would refuse the product
        return False
    mixed, evaluated = _composites(public, items, done)
    first = plus(times(response, generator), times(challenge, public))
    second = plus(times(response, mixed), times(challenge, evaluated))
    return challenge == _challenge(public, mixed, evaluated, first, second)


def nonce_for(key: Scalar, statement: bytes, entropy: bytes) -> Scalar:
    """A secret nonce, bound to key and statement, so that weak ``entropy`` alone never repeats one (as in RFC 8032)."""
    return reduced(sha512(b"stillwatch match nonce v1" + key + prefixed(entropy) + statement).digest())


def coins(secret: bytes, seen: Sequence[bytes]) -> list[Scalar]:
    """128-bit weights, one for each item, from a secret and from *all that the holders have answered*.

    Bound to the answers, so that a holder asked again after a crash, which then knows the sum of the first round, meets
    fresh weights if it changes one answer.
    """
    seed = shake_256(b"stillwatch match coins v1" + prefixed(secret) + b"".join(seen)).digest(_COIN * len(seen))
    return [Scalar(seed[start : start + _COIN] + bytes(SIZE - _COIN)) for start in range(0, len(seed), _COIN)]


def weighted(weights: Sequence[Scalar], elements: Sequence[Point]) -> Point:
    """The sum of each element times its weight; one element at least. ``MalformedError`` for what is no point."""
    total: Point | None = None
    for weight, element in zip(weights, elements, strict=True):
        term = times(weight, element)
        total = term if total is None else plus(total, term)
    if total is None:
        raise MalformedError("nothing to add up")
    return total


def _composites(public: Point, items: Sequence[Point], done: Sequence[Point]) -> tuple[Point, Point]:
    """``ComputeComposites`` of RFC 9497 section 2.2.1: both columns, mixed with weights that hash the statement."""
    if not 0 < len(items) <= MOST or len(items) != len(done):
        raise MalformedError(f"a proof is about 1 to {MOST} items and as many evaluations")
    seed = sha512(prefixed(public) + prefixed(b"Seed-" + CONTEXT)).digest()
    weights = [
        hash_to_scalar(prefixed(seed) + position.to_bytes(2, "big") + prefixed(item) + prefixed(one) + b"Composite")
        for position, (item, one) in enumerate(zip(items, done, strict=True))
    ]
    return weighted(weights, items), weighted(weights, done)


def _challenge(*elements: Point) -> Scalar:
    """The Fiat-Shamir challenge over everything that is shown."""
    return hash_to_scalar(b"".join(prefixed(element) for element in elements) + b"Challenge")
