"""What members tell each other about identifiers: what we look for, and what another member has seen of it too.

``WatchLine`` is ours alone: it never leaves the provider as it is, only blinded (``match``). ``Sighting`` is what came
back: that other members have the same identifier on their lists, how many, and nothing of who they are.
"""

from typing import Literal

import msgspec

#: ``below``: suspicious, and not enough for any level.
WatchLevel = Literal["act", "review", "watch", "below"]


class WatchLine(msgspec.Struct, frozen=True, kw_only=True):
    """One line of ``watchlist.jsonl``. ``type`` is one of ``match.identifiers.TYPES``, ``value`` its one spelling.

    ``accounts`` and ``exchanges`` count our suspicious accounts that show the identifier; times are RFC 3339 in UTC.
    """

    type: str
    value: str
    campaign: str | None
    level: WatchLevel
    accounts: int
    exchanges: int
    first_seen: str
    last_seen: str


class Provenance(msgspec.Struct, frozen=True):
    """Which forum, under which epoch of its keys, and the label under which the forum holds the match."""

    forum: str = ""
    epoch: str | int = ""
    label: str = ""


class Sighting(msgspec.Struct, frozen=True, kw_only=True):
    """Other members look for this identifier too. Counts are buckets as the forum gave them, ours among ``members``."""

    type: str
    value: str
    members: str
    accounts: str | None = None
    exchanges: str | None = None
    first_seen: str | None = None
    last_seen: str | None = None
    expires_at: str | None = None
    provenance: Provenance = Provenance()


class Sightings(msgspec.Struct, frozen=True, kw_only=True):
    """What ``stillwatch match`` writes, as far as a scan reads it."""

    forum: str = ""
    epoch: str | int = ""
    asked: int = 0
    sightings: tuple[Sighting, ...] = ()
