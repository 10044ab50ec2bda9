"""What a member tells about an identifier: buckets and days in 23 bytes, sealed until enough others hold it too.

Counts are told as the power of ten they lie in, as everywhere in Stillwatch (``share.stix.buckets``). The handle is a
pseudonym for this one label, so that two labels of one member can't be joined by anybody but the forum, which knows
the member anyway; by it the others ask for consent.
"""

import hmac
import struct
from collections.abc import Sequence
from hashlib import sha256

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from stillwatch.match.faults import MalformedError
from stillwatch.match.wire import LABEL, NONCE, SEALED
from stillwatch.share.stix.buckets import BUCKETS, bucket

_LAYOUT = struct.Struct(">BBBHH16s")
_VERSION = 1
#: How many members hold a label, as it may be told.
MEMBERS = ("2", "3-5", "6+")


class Note(msgspec.Struct, array_like=True, frozen=True):
    """Buckets (0..9: powers of ten, ``BUCKETS``) of accounts and of exchanges, first and last day since 1970-01-01."""

    accounts: int
    exchanges: int
    first: int
    last: int

    def __post_init__(self) -> None:
        limit = len(BUCKETS)
        if not (0 <= self.accounts < limit and 0 <= self.exchanges < limit and 0 <= self.first <= self.last < 2**16):
            raise MalformedError("a note has buckets from 0 to 9, and days in order")

    @classmethod
    def of(cls, accounts: int, exchanges: int, first: int, last: int) -> "Note":
        """From counts as they are; nothing but their buckets stays."""
        return cls(BUCKETS.index(bucket(accounts)), BUCKETS.index(bucket(exchanges)), first, last)


class Told(msgspec.Struct, frozen=True):
    """One member's opened payload."""

    note: Note
    handle: bytes


def handle_for(secret: bytes, label: bytes) -> bytes:
    """The pseudonym of a member for one label, from a secret of its own."""
    return hmac.digest(secret, b"stillwatch match handle v1" + label, "sha256")[:16]


def seal(told: Told, key: bytes, bound: bytes) -> tuple[bytes, bytes]:
    """Nonce and ciphertext under a 32-byte key that all holders of the label share; ``bound`` names place and member.

    The nonce is a keyed digest of what is sealed, so that two members, or two versions, never meet in one nonce with
    different contents (RFC 8452 names the idea; here it is HMAC-SHA256).
    """
    note = told.note
    body = _LAYOUT.pack(_VERSION, note.accounts, note.exchanges, note.first, note.last, told.handle)
    nonce = hmac.digest(key, bound + body, "sha256")[:NONCE]
    return nonce, ChaCha20Poly1305(key).encrypt(nonce, body, bound)


def unseal(key: bytes, bound: bytes, nonce: bytes, sealed: bytes) -> Told | None:
    """What was sealed; ``None`` if this key, place or member is not its own, or if it says what can't be."""
    if len(nonce) != NONCE or len(sealed) != SEALED:
        return None
    try:
        version, accounts, exchanges, first, last, handle = _LAYOUT.unpack(
            ChaCha20Poly1305(key).decrypt(nonce, sealed, bound)
        )
        return Told(Note(accounts, exchanges, first, last), handle) if version == _VERSION else None
    except (InvalidTag, MalformedError):
        return None


def binding(epoch: str, kind: str, label: bytes, member: str) -> bytes:
    """The place and the member that a payload belongs to: it opens nowhere else."""
    if len(label) != LABEL:
        raise MalformedError(f"a label has {LABEL} bytes")
    return sha256(msgspec.msgpack.encode(("stillwatch match payload v1", epoch, kind, label, member))).digest()


def together(notes: Sequence[Note]) -> Note:
    """Several notes as one: buckets of the sums of their lower ends, the earliest and the latest day."""
    accounts, exchanges = (
        sum(_at_least(number) for number in column)
        for column in zip(*((n.accounts, n.exchanges) for n in notes), strict=True)
    )
    return Note.of(accounts, exchanges, min(n.first for n in notes), max(n.last for n in notes))


def members(count: int) -> int:
    """The index in ``MEMBERS`` for a number of members from two."""
    return 0 if count <= 2 else 1 if count <= 5 else 2


def _at_least(number: int) -> int:
    """The lower end of a bucket."""
    return 10 ** (number - 1) if number else 0
