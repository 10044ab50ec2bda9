"""What one member gave, was refused, received and turned away: an export that its own counsel can read and sign.

Counts and identifiers only, never the content of what was shared. ``digest`` is the SHA-256 of the bytes that left, so
that each line can be found again in the forum's ledger.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from stillwatch.guard.release import Release
from stillwatch.share.stix.say import timestamp

PAYLOAD_TYPE = "application/vnd.stillwatch.transparency+json"


class Left(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One object that left, and on what grounds."""

    id: str
    version: str
    digest: str
    agreement: str
    agreement_version: str
    clauses: tuple[str, ...]
    legal_basis: str
    tlp: str
    pap: str | None
    purpose: str
    expires_at: str | None
    approved_by: tuple[str, ...]


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """One object that left, to whom and when."""

    group: str
    kind: str
    sent_at: str
    object: Left


class NotGiven(msgspec.Struct, frozen=True, kw_only=True):
    """One object that the guard or the forum refused, and why."""

    group: str
    kind: str
    at: str
    id: str
    reason: str


class Transparency(msgspec.Struct, frozen=True, kw_only=True):
    """The export. Keys of the counts are a member's name or a reason."""

    type: str = "stillwatch-transparency-1"
    member: str
    made_at: str
    first_at: str | None
    given: tuple[Given, ...]
    not_given: tuple[NotGiven, ...]
    waiting: int
    received: dict[str, int]
    turned_away: dict[str, int]
    decisions: int


def left(release: Release, body: bytes) -> Left:
    """The line of ``release``, which left as ``body``."""
    item: dict[str, Any] = msgspec.json.decode(body)
    basis = release.legal_basis
    return Left(
        id=release.item_id,
        version=item.get("modified", item.get("created", "")),
        digest=hashlib.sha256(body).hexdigest(),
        agreement=release.agreement,
        agreement_version=release.version,
        clauses=release.clauses,
        legal_basis="" if basis is None else f"{basis.name}, dated {basis.dated}: {basis.element}",
        tlp=release.tlp,
        pap=release.pap,
        purpose=release.purpose,
        expires_at=None if release.expires_at is None else timestamp(release.expires_at),
        approved_by=tuple(one.person for one in release.approvals),
    )


def transparency(
    member: str,
    given: Sequence[Given],
    not_given: Sequence[NotGiven],
    waiting: int,
    received_from: Iterable[str],
    turned_away_for: Iterable[str],
    decisions: int,
    now: datetime,
) -> Transparency:
    """Put the export together; ``received_from`` names a member and ``turned_away_for`` a reason for each object."""
    times = [one.sent_at for one in given] + [one.at for one in not_given]
    return Transparency(
        member=member,
        made_at=timestamp(now),
        first_at=min(times, default=None),
        given=tuple(given),
        not_given=tuple(not_given),
        waiting=waiting,
        received=dict(sorted(Counter(received_from).items())),
        turned_away=dict(sorted(Counter(turned_away_for).items())),
        decisions=decisions,
    )
