"""Members' watch-lists through the real protocol, all parties in one process: what each of them learns.

Blinding, both key holders, the check, the threshold and its sealed payloads are those of ``match``; only the network
and the separation of the parties are missing. The agreed list of common values is applied before anything is asked.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import shake_256

import msgspec

from stillwatch.match.common import CommonValues
from stillwatch.match.identifiers import Listed, read
from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.payload import MEMBERS, Note
from stillwatch.match.session import Item, Session
from stillwatch.share.stix.buckets import BUCKETS
from stillwatch.vocabulary.peers import Provenance, Sighting, Sightings, WatchLine

OPENS = datetime(2026, 6, 8, tzinfo=UTC)
CLOSES = OPENS + timedelta(days=91)
NOW = OPENS + timedelta(hours=1)
_EPOCH, _FORUM = "2026-q2", "forum"


class Matched:
    """What came of one round between members. ``bytes`` counts every message of every party."""

    def __init__(self, lists: Mapping[str, Sequence[WatchLine]], common: CommonValues, seed: int) -> None:
        """``lists``: the watch-list of each member; ``common``: what they agreed not to ask about."""
        listed = {member: self._kept(lines, common) for member, lines in lists.items()}
        kinds = sorted({each.identifier.type for kept in listed.values() for each in kept})
        self._parties = BothHoldersInOneProcess(
            _EPOCH, kinds, opens=OPENS, closes=CLOSES, chance=_Chance(seed), forum=_FORUM
        )
        sessions = {
            (member, kind): self._parties.match(member, kind, [_item(each) for each in own], NOW)
            for member, kept in listed.items()
            for kind in kinds
            if (own := [each for each in kept if each.identifier.type == kind])
        }
        self.asked = {member: len(kept) for member, kept in listed.items()}
        self.sightings = {member: self._told(member, sessions, listed[member]) for member in listed}
        self.bytes = sum(len(out.body) + len(reply) for _, out, reply in self._parties.transcript)

    @staticmethod
    def _kept(lines: Sequence[WatchLine], common: CommonValues) -> Sequence[Listed]:
        reading = read("watchlist.jsonl", [msgspec.json.encode(line).decode() for line in lines])
        return common.split(reading.listed)[0]

    def _told(self, member: str, sessions: Mapping[tuple[str, str], Session], kept: Sequence[Listed]) -> Sightings:
        found: list[Sighting] = []
        for (who, kind), session in sessions.items():
            if who != member:
                continue
            again = session.asking_again()
            answered = again.received(self._parties.send(member, again.outgoing()))
            own = [each for each in kept if each.identifier.type == kind]
            values = dict(zip(answered.labels, own, strict=True))
            for one in answered.found:
                found.append(
                    Sighting(
                        type=kind,
                        value=values[one.label].identifier.text,
                        members=MEMBERS[one.members],
                        accounts=BUCKETS[one.accounts],
                        exchanges=BUCKETS[one.exchanges],
                        first_seen=_day(one.first),
                        last_seen=_day(one.last),
                        expires_at=CLOSES.isoformat(),
                        provenance=Provenance(_FORUM, _EPOCH, one.label.hex()),
                    )
                )
        found.sort(key=lambda one: (one.type, one.value))
        return Sightings(forum=_FORUM, epoch=_EPOCH, asked=self.asked[member], sightings=tuple(found))


def _item(each: Listed) -> Item:
    first, last = (datetime.fromisoformat(str(text)) for text in (each.first_seen, each.last_seen))
    days = (int(moment.timestamp()) // 86_400 for moment in (first, last))
    return Item(each.identifier.message, Note.of(each.accounts or 0, each.exchanges or 0, *days))


def _day(number: int) -> str:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(days=number)).date().isoformat()


class _Chance:
    """Bytes for the parties from a seed: a bench must repeat, and nobody's secret depends on it."""

    def __init__(self, seed: int) -> None:
        self._seed, self._count = seed, 0

    def __call__(self, size: int) -> bytes:
        self._count += 1
        return shake_256(f"{self._seed} {self._count}".encode()).digest(size)
