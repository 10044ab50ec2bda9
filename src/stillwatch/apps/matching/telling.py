"""The answer as JSON: what others look for too, and what was not asked. Keys that tools rely on are never renamed.

```json
{"forum": "…", "epoch": "2026-w47", "asked": 120, "types": {"ipv4": {"asked": 100, "sighted": 3}},
 "sightings": [{"type": "ipv4", "value": "203.0.113.7", "members": "3-5", "accounts": "10-99", "exchanges": "1000-9999",
                "first_seen": "2026-11-02", "last_seen": "2026-11-20", "expires_at": "2026-11-27T00:00:00Z",
                "provenance": {"forum": "…", "epoch": "2026-w47", "label": "…"}}],
 "refused": [{"type": "ipv4", "value": "…", "reason": "…"}, {"line": 7, "reason": "…"}],
 "left_out_common": [{"type": "domain", "value": "…", "reason": "free-mail"}]}
```

``members`` counts the asker; ``accounts``, ``exchanges`` and days are of the *others*, in powers of ten. A sighting
expires with its epoch: whoever still looks then asks again.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from stillwatch.apps.matching.asking import Question
from stillwatch.apps.matching.keeping import meaning
from stillwatch.apps.matching.running import Outcome
from stillwatch.match.payload import MEMBERS
from stillwatch.match.session import Session
from stillwatch.match.wire import Found
from stillwatch.share.stix.buckets import BUCKETS
from stillwatch.vocabulary.peers import Provenance, Sighting


def told(question: Question, outcome: Outcome, forum: str) -> dict[str, Any]:
    """The answer. ``forum``: its address. Only what this question named is told, whatever was asked before."""
    names = {each.identifier.message: each.identifier for each in question.listed}
    sightings: list[Sighting] = []
    asked: dict[str, int] = {}
    for session in outcome.sessions:
        asked[session.kind] = asked.get(session.kind, 0) + sum(
            meaning(each.value, outcome.messages) in names for each in session.items
        )
        for message, found in _matched(session, outcome.messages):
            if message in names:
                one = names[message]
                sightings.append(_sighting(one.type, one.text, found, session, forum))
    sightings.sort(key=lambda each: (each.type, each.value))
    types = {
        kind: {"asked": count, "sighted": sum(each.type == kind for each in sightings)}
        for kind, count in sorted(asked.items())
    }
    return {
        "forum": forum,
        "epoch": outcome.epoch.id,
        "asked": sum(asked.values()),
        "types": types,
        "sightings": msgspec.to_builtins(sightings),
        "refused": [
            *(
                {"type": each.listed.identifier.type, "value": each.listed.identifier.text, "reason": each.reason}
                for each in outcome.unasked
            ),
            *({"line": each.line, "reason": each.reason} for each in question.rejected),
        ],
        "left_out_common": [
            {"type": each.identifier.type, "value": each.identifier.text, "reason": each.kind}
            for each in question.common
        ],
    }


def _matched(session: Session, messages: Mapping[bytes, bytes]) -> Iterator[tuple[bytes, Found]]:
    """The items of a session that enough members hold."""
    by_label = {found.label: found for found in session.found}
    for each, label in zip(session.items, session.labels, strict=True):
        if label in by_label:
            yield meaning(each.value, messages), by_label[label]


def _sighting(kind: str, value: str, found: Found, session: Session, forum: str) -> Sighting:
    return Sighting(
        type=kind,
        value=value,
        members=MEMBERS[found.members],
        accounts=BUCKETS[found.accounts],
        exchanges=BUCKETS[found.exchanges],
        first_seen=_date(found.first),
        last_seen=_date(found.last),
        expires_at=session.epoch.closes.astimezone(UTC).isoformat().replace("+00:00", "Z"),
        provenance=Provenance(forum, session.epoch.id, found.label.hex()),
    )


def _date(day: int) -> str | None:
    """The date of a day since 1970-01-01; none where nobody said."""
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=day)).date().isoformat() if day else None
