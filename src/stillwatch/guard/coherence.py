"""Does an object agree with itself? The closed schema looks at values one by one; here they are held together.

A name must be that of the id, a catalogued object must be the catalogued one, times must stand in order and in reach of
the present. What agrees with itself has fewer places left in which to carry something else.
"""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

from stillwatch.guard import known
from stillwatch.guard.schema import at

#: What STIX 2.1 requires of each kind (section 4 and 5, 7.2 and 7.3), and what we require of ours beyond it.
_VERSIONED = frozenset({"type", "spec_version", "id", "created", "modified", "object_marking_refs"})
_SAID = _VERSIONED | {"created_by_ref"}
REQUIRED: dict[str, frozenset[str]] = {
    "campaign": _SAID | {"name", "first_seen", "last_seen"},
    "indicator": _SAID | {"name", "indicator_types", "pattern", "pattern_type", "valid_from", "valid_until"},
    "attack-pattern": _SAID | {"name", "external_references"},
    "relationship": _SAID | {"relationship_type", "source_ref", "target_ref"},
    "sighting": _SAID | {"sighting_of_ref"},
    "note": _SAID | {"content", "object_refs"},
    "opinion": _SAID | {"opinion", "object_refs"},
    "grouping": _SAID | {"name", "context", "object_refs"},
    "report": _SAID | {"name", "report_types", "published", "object_refs"},
    "identity": _VERSIONED | {"name", "identity_class"},
    "marking-definition": frozenset({"type", "spec_version", "id", "created", "name", "extensions"}),
    "extension-definition": _SAID | {"name", "description", "schema", "version", "extension_types"},
}
#: Clocks of members differ by a little; a log older than this is history nobody shares.
_AHEAD = timedelta(minutes=5)
_BACK = timedelta(days=1100)
_PAST = ("created", "modified", "first_seen", "last_seen", "valid_from", "published")
_ORDER = (("created", "modified"), ("first_seen", "last_seen"), ("valid_from", "valid_until"))
_MEMBER_CLASS = "organization"


def stix_time(time: datetime) -> str:
    """A time in UTC in STIX's form, so that times compare as text. Raises ``ValueError`` for one without a zone."""
    offset = time.utcoffset()
    if offset is None:
        raise ValueError("a time without a zone says nothing")
    return (time - offset).replace(tzinfo=None).isoformat(timespec="milliseconds") + "Z"


def incoherent(item: dict[str, Any], now: datetime, *, public: bool) -> Iterator[str]:
    """What does not agree, a sentence each. ``item`` has passed the closed schema; ``public`` is of the catalogue."""
    kind = item.get("type", "")
    missing = REQUIRED.get(kind, _SAID) - item.keys()
    if missing:
        yield f"{kind} lacks {', '.join(sorted(missing))}"
        return
    if not item["id"].startswith(f"{kind}--"):
        yield "id is of another kind than type"
    if not public:
        yield from _times(item, now)
    check = _CHECKS.get(kind)
    if check is not None:
        yield from check(item)


def _times(item: dict[str, Any], now: datetime) -> Iterator[str]:
    latest, earliest = stix_time(now + _AHEAD), stix_time(now - _BACK)
    for name in _PAST:
        one = item.get(name)
        if one is not None and not earliest <= one <= latest:
            yield f"{name} lies in the future, or more than three years back"
    for before, after in _ORDER:
        first, last = item.get(before), item.get(after)
        if first is not None and last is not None and first > last:
            yield f"{before} lies after {after}"


def _campaign(item: dict[str, Any]) -> Iterator[str]:
    if item["name"] != f"Campaign {item['id'][10:18]}":
        yield "campaign.name is not made from its own id"
    ours = at(item, "extensions", known.EXTENSION_ID)
    if ours is None or "extension_type" not in ours:
        yield "campaign has no extension of ours, so its size can't be judged"
        return
    for name, own in (("evidence", "id"), ("exposure", "capability")):
        rows = ours.get(name, ())
        if any(own not in row or len(row) != len(_ROWS[name]) for row in rows):
            yield f"campaign: a row of {name} needs {', '.join(_ROWS[name])}"
        elif len({row[own] for row in rows}) < len(rows):
            yield f"campaign: {name} names one {own} twice"
    if not ours.get("scale", {}).keys() >= {"accounts", "exchanges"}:
        yield "campaign.scale needs accounts and exchanges"


_ROWS = {"evidence": ("id", "family", "bits"), "exposure": ("capability", "answer", "distinct")}


def _indicator(item: dict[str, Any]) -> Iterator[str]:
    if item["name"] != known.indicator_name(item["pattern_type"], item["pattern"]):
        yield "indicator.name is not the one that follows from its pattern"
    if item["pattern_type"] != "stix" or "stix" in item["indicator_types"]:
        yield "indicator.pattern_type is stix, and indicator_types says what it points at"


def _grouping(item: dict[str, Any]) -> Iterator[str]:
    start = f"campaign--{item['name'][-8:]}"
    if not any(own.startswith(start) for own in item["object_refs"]):
        yield "grouping.name names a campaign that does not stand in it"


def _opinion(item: dict[str, Any]) -> Iterator[str]:
    if item["opinion"] not in _VIEWS or _VIEWS & set(item.get("labels", ())):
        yield "opinion.opinion is one of the five of STIX, and labels say why"


_VIEWS = {"strongly-disagree", "disagree", "neutral", "agree", "strongly-agree"}


def _attack_pattern(item: dict[str, Any]) -> Iterator[str]:
    entry = known.TECHNIQUE_BY_PATTERN_ID.get(item["id"])
    dates = item["created"] == item["modified"]
    if entry != (item["name"], item["external_references"]) or item["created_by_ref"] != known.STILLWATCH or not dates:
        yield "attack-pattern is not the one of the published catalogue"


def _identity(item: dict[str, Any]) -> Iterator[str]:
    own = known.object_id("identity", item["identity_class"], item["name"])
    if own != item["id"] or item["created"] != item["modified"]:
        yield "identity is not what follows from the member's name"
    if item["identity_class"] != _MEMBER_CLASS and item["id"] != known.STILLWATCH:
        yield "identity is of no organisation"


def _marking(item: dict[str, Any]) -> Iterator[str]:
    own = item["id"]
    if known.MARKINGS.get(own) != item["name"] or known.marking(own) != item["extensions"]:
        yield "marking-definition is not one of those published for TLP 2.0 and PAP"
    if "object_marking_refs" in item:
        yield "marking-definition marks itself"


def _extension(item: dict[str, Any]) -> Iterator[str]:
    texts = (item["name"], item["description"][:8], item["schema"][:8], item["version"].count("."))
    fixed = item["id"] == known.EXTENSION_ID and item["created_by_ref"] == known.STILLWATCH
    if not fixed or texts != ("stillwatch", "Evidence", "The JSON", 2):
        yield "extension-definition is not ours"


_CHECKS: dict[str, Callable[[dict[str, Any]], Iterator[str]]] = {
    "campaign": _campaign,
    "indicator": _indicator,
    "grouping": _grouping,
    "opinion": _opinion,
    "attack-pattern": _attack_pattern,
    "identity": _identity,
    "marking-definition": _marking,
    "extension-definition": _extension,
}
