"""What we received, as a scan can use it: live indicators with where each came from and what members think of it.

One line an indicator. It informs a scan and never decides: a line here is another member's word, under its own TLP and
PAP, until its day. An indicator whose maker retracted it, or that has ended, has no line. One that others dispute keeps
its line and says so, since whom to believe is each member's own judgement.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from stillwatch.share.dsse import release_record
from stillwatch.share.life.times import instant
from stillwatch.share.stix.markings import PAP_IDS, TLP_IDS
from stillwatch.share.stix.say import timestamp
from stillwatch.share.stix.techniques import attack_pattern_id
from stillwatch.vocabulary.techniques import TECHNIQUES

#: Labels ``key-epoch-…`` say under which epoch of which key a fingerprint was made.
EPOCH_LABEL = "key-epoch-"

_TECHNIQUES = {attack_pattern_id(technique.id): technique.id for technique in TECHNIQUES}


@dataclass(frozen=True)
class Received:
    """An object that proved itself, with where it came from."""

    id: str
    type: str
    member: str
    received_at: datetime
    expires_at: datetime
    body: bytes


class Disputed(msgspec.Struct, frozen=True, kw_only=True):
    """A member's opinion of an indicator or of a campaign it points to."""

    member: str
    opinion: str
    reasons: tuple[str, ...] = ()


class Indicator(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the feed. Times are ISO 8601 in UTC. Keys may be added, none renamed."""

    id: str
    name: str
    pattern: str
    pattern_type: str
    valid_from: str
    valid_until: str
    expires_at: str
    #: Whose word it is, and since when we have it.
    member: str
    received_at: str
    modified: str
    tlp: str | None
    pap: str | None
    agreement: str | None
    purpose: str | None
    confidence: int | None
    #: Fingerprints compare only within one epoch of one key; ``None``: the pattern holds none.
    key_epoch: str | None
    techniques: tuple[str, ...]
    campaigns: tuple[str, ...]
    #: Members, its maker apart, that saw it or a campaign it points to.
    seen_by: tuple[str, ...]
    disputes: tuple[Disputed, ...]


def feed(received: Iterable[Received], now: datetime) -> list[Indicator]:
    """The lines, oldest first, from everything that we hold and that has not expired."""
    held = [(one, msgspec.json.decode(one.body)) for one in received]
    live = [(one, item) for one, item in held if item.get("revoked") is not True]
    about = _About([(one.member, item) for one, item in live])
    return [_line(one, item, about) for one, item in live if one.type == "indicator" and _valid(item, now)]


def lines(values: Sequence[object]) -> bytes:
    """JSON Lines."""
    return b"".join(msgspec.json.encode(value) + b"\n" for value in values)


class _About:
    """What objects say of each other."""

    def __init__(self, items: Sequence[tuple[str, Mapping[str, Any]]]) -> None:
        self.points_to: dict[str, set[str]] = defaultdict(set)
        self.seen: dict[str, set[str]] = defaultdict(set)
        self.doubted: dict[str, list[Disputed]] = defaultdict(list)
        for member, item in items:
            self._read(member, item)

    def _read(self, member: str, item: Mapping[str, Any]) -> None:
        match item["type"]:
            case "relationship":
                self.points_to[item["source_ref"]].add(item["target_ref"])
            case "sighting":
                self.seen[item["sighting_of_ref"]].add(member)
            case "opinion":
                doubt = Disputed(member=member, opinion=item["opinion"], reasons=tuple(item.get("labels", ())))
                for id_ in item["object_refs"]:
                    self.doubted[id_].append(doubt)
            case _:
                pass

    def campaigns(self, indicator: str) -> list[str]:
        return sorted(id_ for id_ in self.points_to[indicator] if id_.startswith("campaign--"))

    def techniques(self, indicator: str) -> set[str]:
        """Those that the indicator, or a campaign it points to, is said to use."""
        reached = {indicator, *self.campaigns(indicator)}
        targets = {target for id_ in reached for target in self.points_to[id_]}
        return {_TECHNIQUES[target] for target in targets if target in _TECHNIQUES}


def _line(one: Received, item: Mapping[str, Any], about: _About) -> Indicator:
    record = release_record(item) or {}
    campaigns = about.campaigns(one.id)
    subjects = [one.id, *campaigns]
    markings = item.get("object_marking_refs", ())
    return Indicator(
        id=one.id,
        name=item.get("name", ""),
        pattern=item["pattern"],
        pattern_type=item["pattern_type"],
        valid_from=item["valid_from"],
        valid_until=item.get("valid_until", timestamp(one.expires_at)),
        expires_at=timestamp(one.expires_at),
        member=one.member,
        received_at=timestamp(one.received_at),
        modified=item["modified"],
        tlp=_strictest(TLP_IDS, markings),
        pap=_strictest(PAP_IDS, markings),
        agreement=record.get("agreement"),
        purpose=record.get("purpose"),
        confidence=item.get("confidence"),
        key_epoch=next(
            (label.removeprefix(EPOCH_LABEL) for label in item.get("labels", ()) if label.startswith(EPOCH_LABEL)), None
        ),
        techniques=tuple(sorted(about.techniques(one.id))),
        campaigns=tuple(campaigns),
        seen_by=tuple(sorted({member for id_ in subjects for member in about.seen[id_]} - {one.member})),
        disputes=tuple(
            sorted((doubt for id_ in subjects for doubt in about.doubted[id_]), key=lambda d: (d.member, d.opinion))
        ),
    )


def _strictest(ids: Mapping[Any, str], markings: Sequence[str]) -> str | None:
    found = [str(label) for label, id_ in ids.items() if id_ in markings]
    return found[-1] if found else None


def _valid(item: Mapping[str, Any], now: datetime) -> bool:
    until = instant(item.get("valid_until"))
    return until is None or until > now
