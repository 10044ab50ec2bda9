"""New versions of what we said: corrected, or retracted. They go to whoever received the first one.

Source: STIX 2.1 section 3.6 (versioning): only the maker makes a new version; ``created`` stays, ``modified`` grows;
after ``revoked`` comes nothing.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from stillwatch.share.life.times import instant
from stillwatch.share.stix.say import timestamp

#: What may not change from version to version (3.6.2), and what a correction has no business with.
_FIXED = frozenset({"type", "spec_version", "id", "created_by_ref", "created", "modified", "revoked", "extensions"})


def retracted(item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The version that takes ``item`` back for good. Raises ``ValueError`` where that was done already."""
    return {**_next(item, now), "revoked": True}


def corrected(item: Mapping[str, Any], changes: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The version with ``changes``; ``None`` takes a property out. Raises ``ValueError`` for what can't be changed."""
    if fixed := _FIXED & changes.keys():
        raise ValueError(f"{', '.join(sorted(fixed))} can't be corrected: retract the object and share another")
    if all(item.get(name) == value for name, value in changes.items()):
        raise ValueError("that is what it says already")
    merged = {**_next(item, now), **changes}
    return {name: value for name, value in merged.items() if value is not None}


def following(before: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """``item``, said anew, as the version after ``before``. What never changes (the catalogue) stays as it is."""
    last, now = instant(before.get("modified")), instant(item.get("modified"))
    if last is None or now is None or item.get("modified") == before.get("modified"):
        return dict(item)
    modified = timestamp(max(now, last + timedelta(milliseconds=1)))
    return {**item, "created": before["created"], "modified": modified}


def _next(item: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    if item.get("revoked") is True:
        raise ValueError("it was retracted, and nothing comes after that")
    last = instant(item.get("modified"))
    if last is None:
        raise ValueError("it has no versions: STIX gives it no time of change")
    # A clock that was set back must not make a version that everybody takes for an old one.
    return {**item, "modified": timestamp(max(now, last + timedelta(milliseconds=1)))}
