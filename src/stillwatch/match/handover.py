"""Sealing what one member hands to another, so that the forum between them carries bytes it can't read (RFC 9180).

HPKE in base mode: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305. Who the sender is, HPKE does not say; that
follows from ``consent``, whose messages are bound to the tag that only holders of the identifier have. (The ephemeral
key of a seal is drawn by the library: the one draw in this room that is not passed in. RFC 9180 section 9.2.1 forbids
a sender to choose it twice, so nothing here lets it be chosen.)
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from stillwatch.match.faults import MalformedError

#: Bytes of a private key and of a public key (RFC 7748).
KEY = 32
#: Longest text that is sealed: an identity, a contact, a reference to a campaign. Evidence goes by other ways.
LONGEST = 16_384
#: What a seal adds: the encapsulated key and the code of the cipher (RFC 9180 sections 4.1 and 7.3).
OVERHEAD = 32 + 16
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def public_of(private: bytes) -> bytes:
    """The public key of 32 fresh random bytes."""
    if len(private) != KEY:
        raise MalformedError(f"a hand-over key has {KEY} bytes")
    return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def seal(text: bytes, public: bytes, bound: bytes) -> bytes:
    """``text`` for the holder of a key; ``bound`` must be the same on both sides (who, about what, in which epoch)."""
    if len(public) != KEY or len(text) > LONGEST:
        raise MalformedError(f"a public key has {KEY} bytes, a text at most {LONGEST}")
    try:
        return _SUITE.encrypt(text, X25519PublicKey.from_public_bytes(public), info=bound)
    except ValueError as error:  # a point of small order: no secret comes of it
        raise MalformedError("not a public key") from error


def unseal(sealed: bytes, private: bytes, bound: bytes) -> bytes:
    """What was sealed. ``MalformedError`` for another key, another binding, or changed bytes."""
    try:
        return _SUITE.decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=bound)
    except (InvalidTag, ValueError) as error:
        raise MalformedError("this does not open with this key in this place") from error
