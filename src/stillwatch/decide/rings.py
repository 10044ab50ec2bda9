"""Access rings: general, verified, vetted partner. Which models a ring may use, what a partner owes, the next review.

Rings are *local* policy of one provider, defined in its rules file from the outermost inwards; the registry says which
organisation stands in which, since when, on whose word and until when. An organisation in no registry, or whose review
is overdue by more than the grace, stands in the first ring. What a partner owes back is findings, and they travel
through the forum's guard like anything else: here it is only written down and counted.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import lru_cache

import msgspec

from stillwatch.decide.times import DAY_US, end_us, start_us
from stillwatch.errors import UsageError

#: A review that is late by more than this sends the organisation back to the first ring.
REVIEW_GRACE_DAYS = 30
#: Callers choose the names of models, and matching patterns against a long text could take long.
_LONGEST_MODEL = 256


class Ring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One ring. ``models`` are names with ``*`` as a wildcard; ``reasoning`` says how much of it is shown."""

    name: str
    models: tuple[str, ...] = ("*",)
    capabilities: tuple[str, ...] | None = None  # what may be used it for; None: anything. For people and contracts
    reasoning: str = "full"  # or "reduced": the course `reduce-reasoning` where nothing stricter is decided
    review_days: int | None = None
    owes: tuple[str, ...] = ()
    owes_every_days: int | None = None

    def __post_init__(self) -> None:
        if self.reasoning not in ("full", "reduced"):
            raise ValueError(f"ring {self.name}: reasoning is full or reduced")
        if bool(self.owes) != bool(self.owes_every_days):
            raise ValueError(f"ring {self.name}: owes and owes_every_days go together")

    def may_use(self, model: str) -> bool:
        if len(model) > _LONGEST_MODEL:
            return "*" in self.models
        return any(_pattern(one).fullmatch(model) for one in self.models)


class Place(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One line of the registry: an organisation stands in a ring. ``member``: its name in the forum, if it is there."""

    organization: str
    ring: str
    since: str
    by: str
    contact: str
    review_by: str | None = None
    member: str | None = None
    note: str = ""

    def check(self, rings: Collection[str]) -> None:
        """Raises ``ValueError`` where it can't be used."""
        start_us(self.since)
        self.lapses_us()
        if self.ring not in rings:
            raise ValueError(f"there is no ring {self.ring} in the rules")

    def lapses_us(self) -> int | None:
        """From when it no longer counts: the review is overdue by more than the grace."""
        return None if self.review_by is None else end_us(self.review_by) + REVIEW_GRACE_DAYS * DAY_US


class Owed(msgspec.Struct, frozen=True, kw_only=True):
    """What a partner owes: the last day by which something must have come, and whether it has."""

    organization: str
    member: str | None
    owes: tuple[str, ...]
    last_given_us: int | None
    due_us: int
    overdue: bool


@lru_cache(maxsize=4096)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.DOTALL)


def read(lines: Iterable[bytes], rings: Sequence[Ring], *, file: str = "rings") -> tuple[Place, ...]:
    """The registry from JSON Lines; of two lines about one organisation the later counts.

    Raises ``UsageError`` with the line: a registry is our own, so nothing in it is guessed.
    """
    known = {ring.name for ring in rings}
    places: dict[str, Place] = {}
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            place = msgspec.json.decode(line, type=Place)
            place.check(known)
        except (msgspec.MsgspecError, ValueError) as error:
            raise UsageError(f"{file}, line {number}: {error}") from error
        places[place.organization] = place
    return tuple(places.values())


def review_due(places: Iterable[Place], now_us: int, within_days: int = 0) -> list[Place]:
    """Those whose review is due within so many days, the most urgent first."""
    due = [
        (end_us(place.review_by), place)
        for place in places
        if place.review_by is not None and end_us(place.review_by) <= now_us + within_days * DAY_US
    ]
    return [place for _, place in sorted(due, key=lambda one: (one[0], one[1].organization))]


def owed(places: Iterable[Place], rings: Sequence[Ring], last_given_us: Mapping[str, int], now_us: int) -> list[Owed]:
    """What every partner owes. ``last_given_us``: when a member of the forum last gave us something, by its name."""
    by_name = {ring.name: ring for ring in rings}
    rows = []
    for place in places:
        ring = by_name[place.ring]
        if ring.owes_every_days is None:
            continue
        last = last_given_us.get(place.member) if place.member is not None else None
        due = max(start_us(place.since), last or 0) + ring.owes_every_days * DAY_US
        rows.append(
            Owed(
                organization=place.organization, member=place.member, owes=ring.owes, last_given_us=last,
                due_us=due, overdue=now_us >= due,
            )
        )  # fmt: skip
    return sorted(rows, key=lambda one: (one.due_us, one.organization))
