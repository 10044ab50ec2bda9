"""What is answered about a group as a whole: across its campaigns, and by other members' sightings."""

from collections.abc import Iterable, Sequence
from itertools import combinations

from stillwatch.attribute import weighing
from stillwatch.attribute.grouping import Dossier
from stillwatch.attribute.inputs import SIDE_OF
from stillwatch.attribute.overlap import gap_hours
from stillwatch.attribute.questions import PURPOSE, answers
from stillwatch.attribute.shape import Seen
from stillwatch.vocabulary.campaigns import Campaign
from stillwatch.vocabulary.peers import Sighting

#: Two campaigns want different things where so much of what one asks for would have to be moved to match the other.
APART = 0.5
#: A replacement follows within so many hours.
SOON_HOURS = 24.0
_OWN = ("money", "sign-up")
_NETWORK = ("network", "client")


def observed(group: Sequence[Dossier], sightings: Sequence[Sighting], asked: bool) -> dict[str, dict[str, int]]:
    """Every question that can be answered. ``asked``: private matching was run at all."""
    found = weighing.pooled([answers(dossier.campaign) for dossier in group])
    across = {
        "purposes-apart": _purposes_apart(group),
        "replaced": _replaced(group),
        "seen-elsewhere": _seen_elsewhere(group, sightings) if asked else None,
    }
    return found | {question: {level: 1} for question, level in across.items() if level is not None}


def of_group(group: Sequence[Dossier], sightings: Iterable[Sighting]) -> list[Sighting]:
    """The sightings of identifiers that the group's campaigns hold."""
    held = {(type_, value) for one in group for type_, values in one.values.items() for value in values}
    return [sighting for sighting in sightings if (sighting.type, sighting.value) in held]


def seen(sightings: Sequence[Sighting]) -> tuple[Seen, ...]:
    """Sightings by type. Values stay out: the report goes further than the watch-list may."""
    by_type: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_type.setdefault(sighting.type, []).append(sighting)
    return tuple(
        Seen(
            type=type_,
            values=len(mine),
            members=tuple(sorted({one.members for one in mine})),
            first=min((one.first_seen for one in mine if one.first_seen), default=None),
            last=max((one.last_seen for one in mine if one.last_seen), default=None),
        )
        for type_, mine in sorted(by_type.items())
    )


def _purposes_apart(group: Sequence[Dossier]) -> str | None:
    beside = [
        (one.campaign, other.campaign)
        for one, other in combinations(group, 2)
        if one.trail.first <= other.trail.last and other.trail.first <= one.trail.last
    ]
    if not beside:
        return None
    return "apart" if any(_different(one, other) for one, other in beside) else "alike"


def _different(one: Campaign, other: Campaign) -> bool:
    mine, theirs = ({t.id for t in campaign.techniques if t.share >= PURPOSE} for campaign in (one, other))
    if mine and theirs and not mine & theirs:
        return True
    capabilities = set(one.capabilities) | set(other.capabilities)
    moved = sum(abs(one.capabilities.get(name, 0) - other.capabilities.get(name, 0)) for name in capabilities) / 2
    return moved >= APART


def _replaced(group: Sequence[Dossier]) -> str | None:
    gaps = []
    for one, other in combinations(group, 2):
        earlier, later = sorted((one.trail, other.trail), key=lambda trail: trail.first)
        gap = gap_hours(earlier, later)
        if gap is not None:
            gaps.append(gap)
    if not gaps:
        return None
    return "soon" if any(0 <= gap <= SOON_HOURS for gap in gaps) else "no"


def _seen_elsewhere(group: Sequence[Dossier], sightings: Sequence[Sighting]) -> str | None:
    if not any(one.values for one in group):
        return None
    sides = {SIDE_OF.get(sighting.type) for sighting in sightings}
    if sides & set(_OWN):
        return "own"
    if sides & set(_NETWORK):
        return "network"
    return "words" if "words" in sides else "nothing"
