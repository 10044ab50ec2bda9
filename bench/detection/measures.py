"""What a set of accused accounts is worth against the truth, and at which threshold a peer stands."""

from collections import Counter
from collections.abc import Mapping, Sequence
from math import inf

import msgspec

from bench.detection.logs import Truth
from bench.detection.suspicions import Variant, accused, at_budget, best_f1, groups, levels

#: Where a peer's threshold stands, and what that means.
POINTS = {
    "f1": "best F1",
    "ordinary": "1 in 1,000 ordinary",
    "innocent": "1 in 1,000 innocent",
}
#: Share of a campaign's accounts that must be accused for it to count as found, and as noticed.
FOUND, NOTICED = 0.5, 0.1
_OWN = "own"


class Threshold(msgspec.Struct, frozen=True):
    """The variant of a peer and the level at which it accuses; ``None`` where no level was good enough."""

    variant: str
    level: float | None

    @property
    def bar(self) -> float:
        """The level, or one that nothing reaches. (JSON has no infinity, so that is not what is kept.)"""
        return inf if self.level is None else self.level


class Measured(msgspec.Struct, frozen=True):
    """One peer at one threshold on one log. ``recall`` and ``together`` by campaign: the share of its accounts that is
    accused, and that stands in one group (``None`` where the peer makes no groups). ``wronged`` by kind of look-alike.
    """

    recall: dict[str, float]
    together: dict[str, float | None]
    right: int
    ordinary: int
    ordinary_of: int
    wronged: dict[str, int]
    lookalikes_of: dict[str, int]


def measure(truth: Truth, named: set[str], grouped: Sequence[set[str] | frozenset[str]] | None) -> Measured:
    """Hold ``named`` accounts, and the groups of a peer that makes them, against the truth."""
    share = {name: len(named & accounts) / len(accounts) for name, accounts in truth.campaigns.items()}
    together: dict[str, float | None] = dict.fromkeys(share)
    if grouped is not None:
        for name, accounts in truth.campaigns.items():
            together[name] = max((len(group & accounts) for group in grouped), default=0) / len(accounts)
    guilty: frozenset[str] = frozenset().union(*truth.campaigns.values())
    return Measured(
        recall=share,
        together=together,
        right=len(named & guilty),
        ordinary=len(named & truth.ordinary),
        ordinary_of=len(truth.ordinary),
        wronged=dict(Counter(kind for account, kind in truth.lookalikes.items() if account in named)),
        lookalikes_of=dict(Counter(truth.lookalikes.values())),
    )


def of_peer(truth: Truth, variants: Mapping[str, Variant], threshold: Threshold) -> Measured:
    """A peer at its threshold. It makes groups where its variant has labels or edges."""
    variant = variants.get(threshold.variant, Variant())
    grouping = bool(variant.labels or variant.edges)
    made = groups(variant, threshold.bar) if grouping else None
    return measure(truth, accused(variant, threshold.bar), made)


def thresholds(tuning: Sequence[tuple[Truth, Mapping[str, Variant]]], own: float | None) -> dict[str, Threshold]:
    """The threshold of a peer at every point, from the tuning logs taken together. ``own`` adds the method's."""
    found = {}
    guilty = {f"{place} {account}" for place, (truth, _) in enumerate(tuning) for account in _guilty(truth)}
    ordinary = [f"{place} {account}" for place, (truth, _) in enumerate(tuning) for account in truth.ordinary]
    innocent = [f"{place} {account}" for place, (truth, _) in enumerate(tuning) for account in truth.innocent]
    best: dict[str, float] = dict.fromkeys(POINTS, -1.0)
    for name in tuning[0][1]:
        level = {
            f"{place} {account}": value
            for place, (truth, variants) in enumerate(tuning)
            for account, value in levels(variants[name]).items()
            if account in truth.innocent or account in _guilty(truth)
        }
        at, value = best_f1(level, guilty)
        choices = {"f1": (at, value)}
        for point, judged in (("ordinary", ordinary), ("innocent", innocent)):
            bar = at_budget(level, judged, len(judged) // 1_000)
            choices[point] = (bar, float(sum(level[account] >= bar for account in guilty & level.keys())))
        for point, (bar, worth) in choices.items():
            if worth > best[point]:
                best[point], found[point] = worth, Threshold(name, bar if bar < inf else None)
    if own is not None:
        found[_OWN] = Threshold(next(iter(tuning[0][1])), own)
    return found


def _guilty(truth: Truth) -> frozenset[str]:
    return frozenset().union(*truth.campaigns.values())


def harvested(truth: Truth, by_day: Sequence[set[str]]) -> dict[str, float]:
    """Campaign -> the share of its exchanges served when it was noticed: at the end of the first day on which a tenth
    of its accounts was accused. 1 where it never was. ``by_day``: who was accused after one day, two days, ..."""
    found = {}
    for name, accounts in truth.campaigns.items():
        served = truth.exchanges[name]
        days = (day for day, named in enumerate(by_day) if len(named & accounts) >= NOTICED * len(accounts))
        first = next(days, None)
        found[name] = 1.0 if first is None else served[first] / served[-1]
    return found
