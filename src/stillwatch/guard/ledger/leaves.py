"""What the ledger records: twelve kinds of leaf, with digests, ids, clauses, times and actors, never content.

Everybody in the forum, counsel and a regulator can read every leaf for ever, so nothing may stand here that could need
forgetting. A closed schema sees to it: no field takes free text (no spaces, no @, 200 characters at most), and what was
sent is named by its digest alone. Where the thing digested could be guessed (a short refused item, say), use ``digest``
with a member's key: only who holds that key can open it.

A leaf's bytes are its JSON with keys sorted, without spaces, and nothing else: ``encode`` and ``decode`` are each
other's opposite, so a leaf has exactly one spelling.
"""

import hmac
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Annotated, Literal

import msgspec

#: ``type--uuid`` of STIX, a slug, a case number, a version. No room for a sentence or an address.
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}\Z")]
#: ``sha256:`` of the canonical bytes, or ``hmac-sha256:`` under a key that its owner keeps.
Digest = Annotated[str, msgspec.Meta(pattern=r"^(sha256|hmac-sha256):[0-9a-f]{64}\Z")]
Time = Annotated[datetime, msgspec.Meta(tz=True)]
Size = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
#: A public key of private matching: 32 bytes (RFC 9496 section 4.3.2), in hex.
PublicKey = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]


class _Leaf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every leaf says: when, and on whose behalf."""

    time: Time
    actor: Id


class Released(_Leaf, frozen=True, kw_only=True, tag="release"):
    """The guard let an item out: under which agreement, by which clauses, to whom, until when, approved by whom."""

    item: Id
    body: Digest
    agreement: Id
    clauses: tuple[Id, ...]
    legal_basis: Id
    recipient: Id
    expires_at: Time
    approved_by: tuple[Id, ...] = ()


class Refused(_Leaf, frozen=True, kw_only=True, tag="refusal"):
    """The guard kept an item in, by these clauses. ``held`` means that a person may still decide."""

    item: Id
    body: Digest
    agreement: Id
    clauses: tuple[Id, ...]
    recipient: Id
    held: bool


class Received(_Leaf, frozen=True, kw_only=True, tag="receipt"):
    """An item arrived: ``actor`` got it, in this collection, from that member."""

    item: Id
    body: Digest
    collection: Id
    sender: Id


class Decided(_Leaf, frozen=True, kw_only=True, tag="decision"):
    """``actor`` decided alone what to do about a case, on grounds of its own (their digest)."""

    case: Id
    action: Literal["allow", "notice", "throttle", "challenge", "hold", "refuse"]
    grounds: Digest


class Corrected(_Leaf, frozen=True, kw_only=True, tag="correction"):
    """An item was sent before with another body; this one is in force now."""

    item: Id
    body: Digest
    replaces: Digest


class Retracted(_Leaf, frozen=True, kw_only=True, tag="retraction"):
    """An item was sent before and holds no longer."""

    item: Id
    replaces: Digest


class MembershipChanged(_Leaf, frozen=True, kw_only=True, tag="membership"):
    """Who may take part, in which role, and with which public key (its digest)."""

    member: Id
    change: Literal["admitted", "suspended", "restored", "removed", "role", "key", "credential"]
    role: Id | None = None
    key: Digest | None = None


class CheckpointCosigned(_Leaf, frozen=True, kw_only=True, tag="cosignature"):
    """A witness (``actor``) cosigned the checkpoint of this size: the digests of its text and of the signature line."""

    size: Size
    checkpoint: Digest
    signature: Digest


class CovertTreatment(_Leaf, frozen=True, kw_only=True, tag="covert-treatment"):
    """Someone is treated otherwise without being told. Two people put their names to it, and it ends (DOMAIN 4)."""

    case: Id
    treatment: Id
    grounds: Digest
    approved_by: tuple[Id, Id]
    until: Time

    def __post_init__(self) -> None:
        if len({name.casefold() for name in self.approved_by}) < 2:
            raise ValueError("covert treatment needs two different people who approve it")


class MatchingKeyChanged(_Leaf, frozen=True, kw_only=True, tag="matching-key"):
    """A key holder of private matching opened an epoch under this public key, closed it, or destroyed its key.

    Everybody must be shown one and the same key: a holder with a key for each member could tell their tags apart.
    ``description`` stands for all that members agree to in this epoch, the other holder's key among it.
    """

    epoch: Id
    type: Id
    change: Literal["opened", "closed", "destroyed"]
    key: PublicKey
    description: Digest


class MatchingCommitted(_Leaf, frozen=True, kw_only=True, tag="matching-commitment"):
    """``actor`` asked a key holder of private matching for this; written before any answer, charged ``units``."""

    epoch: Id
    type: Id
    session: Id
    step: Id
    units: Size
    batch: Digest


class MatchingAlarmed(_Leaf, frozen=True, kw_only=True, tag="matching-alarm"):
    """What ``member`` asks looks like searching, or an audit of it failed: by which rule, in which epoch."""

    member: Id
    epoch: Id
    type: Id
    rule: Id


Leaf = (
    Released
    | Refused
    | Received
    | Decided
    | Corrected
    | Retracted
    | MembershipChanged
    | CheckpointCosigned
    | CovertTreatment
    | MatchingKeyChanged
    | MatchingCommitted
    | MatchingAlarmed
)

_ENCODER = msgspec.json.Encoder(order="sorted")
_DECODER = msgspec.json.Decoder(Leaf)


class LeafError(ValueError):
    """These bytes are no leaf of this ledger; the message says why."""


def digest(body: bytes, key: bytes | None = None) -> str:
    """How a leaf names bytes it must not show."""
    if key is None:
        return f"sha256:{sha256(body).hexdigest()}"
    return f"hmac-sha256:{hmac.digest(key, body, 'sha256').hex()}"


def encode(leaf: Leaf) -> bytes:
    """The leaf's one spelling. Raises ``LeafError`` where a field holds what the schema forbids."""
    data = _ENCODER.encode(leaf)
    decode(data)
    return data


def decode(data: bytes) -> Leaf:
    """Raises ``LeafError`` for what is no leaf, or is one in another spelling."""
    try:
        leaf: Leaf = _DECODER.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise LeafError(str(error)) from error
    if leaf.time.utcoffset() != timedelta(0):
        raise LeafError("its time is not in UTC")
    if _ENCODER.encode(leaf) != data:
        raise LeafError("it is not in the one spelling a leaf has: keys sorted, no spaces, times in UTC")
    return leaf
