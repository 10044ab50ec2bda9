"""``watchlist.jsonl``: the identifiers that we would like to know of whether other members look for them too.

Private: it names what customers use, and most of them are innocent. It is written for the owner alone, and only
``stillwatch match`` reads it, which blinds every line before anything leaves. Campaigns come first, then groups and
accounts that are suspicious and no more, most telling first, down to ``MOST_LINES``.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from stillwatch.apps.sensor.identifiers import Identifiers, Shown, templates
from stillwatch.cases.conclude import iso
from stillwatch.detect import suspicion
from stillwatch.detect.candidates import surge
from stillwatch.detect.detection import Detection
from stillwatch.detect.permits import Permits
from stillwatch.detect.population import UNKNOWN, Accounts
from stillwatch.match.identifiers import Identifier
from stillwatch.sketch.keying import SketchKey
from stillwatch.vocabulary.campaigns import LEVELS, Campaign
from stillwatch.vocabulary.peers import WatchLevel, WatchLine

#: A scan puts no more onto the list: every line costs budget at two key holders, and most of them are innocents'.
MOST_LINES = 2_000
#: Fingerprints of one finding's template.
MOST_TEMPLATES = 16
_RANK: Mapping[str, int] = {**{level: place for place, level in enumerate(LEVELS)}, "below": len(LEVELS)}


@dataclass
class _Line:
    """One line in the making."""

    level: WatchLevel
    campaign: str | None
    bits: float
    exchanges: dict[int, int] = field(default_factory=dict)  # by account
    first_us: int = UNKNOWN
    last_us: int = UNKNOWN

    def take(self, account: int, exchanges: int, first_us: int, last_us: int) -> None:
        self.exchanges[account] = max(exchanges, self.exchanges.get(account, 0))  # in its record and its log: once
        if first_us != UNKNOWN:
            self.first_us = first_us if self.first_us == UNKNOWN else min(self.first_us, first_us)
            self.last_us = max(self.last_us, last_us)


class _Span(NamedTuple):
    """How much an account asked, and from when to when."""

    exchanges: int
    first_us: int
    last_us: int


Suspects = dict[int, tuple[WatchLevel, str | None, float]]


def suspects(
    campaigns: Iterable[Campaign],
    detection: Detection,
    population: Accounts,
    reference: surge.Reference,
    account_keys: Mapping[str, int],
    permits: Permits,
) -> Suspects:
    """Who is asked about: for each account its level, its campaign, and what makes it suspicious in bits."""
    found: Suspects = {}
    alone = suspicion.bits(population, reference)
    for row in np.flatnonzero(alone >= suspicion.ASKED_BITS).tolist():
        found[int(population.key[row])] = ("below", None, float(alone[row]))
    for members, bits in detection.hints:
        for account in members.tolist():
            found[account] = ("below", None, max(bits, found.get(account, ("below", None, 0.0))[2]))
    for account in permits.holders(np.array(list(found), dtype=np.int64)).tolist():
        del found[account]  # who may distil is no suspect; who passes the limit stands in a campaign
    for campaign in sorted(campaigns, key=lambda one: (-_RANK[one.level], one.weight_bits)):
        for member in campaign.accounts:
            found[account_keys[member.account]] = (campaign.level, campaign.id, campaign.weight_bits)
    return found


def lines(
    who: Suspects, detection: Detection, identifiers: Identifiers, population: Accounts, key: SketchKey
) -> list[WatchLine]:
    """The list, most telling first."""
    made: dict[Identifier, _Line] = {}
    order = sorted(who, key=lambda account: (_RANK[who[account][0]], -who[account][2], account))
    first, last = population["first_us"], population["last_us"]
    volume = population["exchanges"]
    spans = {
        int(population.key[row]): _Span(int(volume[row]), int(first[row]), int(last[row]))
        for row in range(len(population))
    }
    for account in order:
        for shown in identifiers.of([account]):
            _add(made, shown, who[account], spans[account])
    found = [*made.items()]
    found += _templates(detection, who, key, set(made))
    found.sort(key=lambda item: (_RANK[item[1].level], -item[1].bits))
    return [_written(identifier, line) for identifier, line in found[:MOST_LINES]]


def _add(made: dict[Identifier, _Line], shown: Shown, why: tuple[WatchLevel, str | None, float], span: _Span) -> None:
    """What an account's record says (its card, its domain) is shown by all that the account asks."""
    line = made.setdefault(shown.identifier, _Line(*why))
    seen = span if shown.first_us == UNKNOWN else _Span(shown.exchanges, shown.first_us, shown.last_us)
    line.take(shown.account, seen.exchanges, seen.first_us, seen.last_us)


def _templates(
    detection: Detection, who: Suspects, key: SketchKey, known: set[Identifier]
) -> list[tuple[Identifier, _Line]]:
    found: dict[Identifier, _Line] = {}
    for finding in detection.findings:
        group = finding.group
        if not len(group.entities):
            continue
        level, campaign, bits = who.get(int(group.members[0]), ("below", None, finding.weight.bits))
        last_us = int(group.core["ts_us"].max())
        shown = list(zip(group.members.tolist(), group.counts.tolist(), group.onsets.tolist(), strict=True))
        for identifier in templates(group.entities, group.kinds.astype(np.int64), key, MOST_TEMPLATES):
            line = found.setdefault(identifier, _Line(level, campaign, bits))
            for account, count, onset in shown:
                line.take(account, count, onset, last_us)
    return [(identifier, line) for identifier, line in found.items() if identifier not in known]


def _written(identifier: Identifier, line: _Line) -> WatchLine:
    return WatchLine(
        type=identifier.type,
        value=identifier.text,
        campaign=line.campaign,
        level=line.level,
        accounts=len(line.exchanges),
        exchanges=sum(line.exchanges.values()),
        first_seen=iso(line.first_us),
        last_seen=iso(line.last_us),
    )
