"""What the guard answers: a release with its grounds, or a refusal with its reasons. Both are values, none an error.

The transport takes a ``Release`` and nothing else, so that an unguarded send is a type error (DESIGN section 7).
``stillwatch.guard.clear`` alone makes releases; a test looks for others.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

#: Who may receive: a member of the forum, or a government under its own agreement.
Kind = Literal["member", "government"]


@dataclass(frozen=True)
class Recipient:
    """A sharing group or a single member, with the widest audience it may pass on to.

    ``tlp`` is the most restricted TLP 2.0 label it is cleared for, e.g. ``amber+strict``; ``pap`` likewise.
    """

    id: str
    kind: Kind = "member"
    tlp: str = "amber"
    pap: str = "amber"


@dataclass(frozen=True)
class Approval:
    """A named person says yes to exactly these bytes: ``digest`` is the SHA-256, in hex, of the item's canonical form
    as ``stillwatch.guard.clear.to_approve`` gives it."""

    person: str
    at: datetime
    digest: str


@dataclass(frozen=True)
class LegalBasis:
    """On what legal ground, as dated by counsel, and which element beyond a breach of terms was seen (DOMAIN 5)."""

    name: str
    dated: str
    element: str


@dataclass(frozen=True)
class Release:
    """What may leave, to whom, on what grounds. ``body`` is the exact bytes; ``grounds`` maps every path in it to the
    clause that lets it through."""

    item_id: str
    body: bytes
    grounds: Mapping[str, str]
    clauses: tuple[str, ...]
    legal_basis: LegalBasis | None
    tlp: str
    pap: str | None
    purpose: str
    expires_at: datetime | None
    recipient: Recipient
    agreement: str
    version: str
    approvals: tuple[Approval, ...] = ()


@dataclass(frozen=True)
class Held:
    """A text that a person must read before it may leave: where it stands and what it says, word for word."""

    path: str
    text: str


@dataclass(frozen=True)
class Refusal:
    """Why it stays here, in sentences that say how to be allowed, and which texts wait for a person."""

    item_id: str
    reasons: tuple[str, ...]
    held: tuple[Held, ...] = ()
