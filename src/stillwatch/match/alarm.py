"""Who asks much and has little in common with anybody: the mark of counting through a space.

Whoever asks about identifiers of its own campaigns shares some with others; whoever tries addresses in turn shares
next to none: of 3,702 million addresses the members together hold some tens of thousands. The forum sees how many of a
member's labels reached the threshold (it serves them), so it can compare members of one epoch and type.

Null hypothesis, for one member: its identifiers reach the threshold at a rate of at least ``FLOOR`` of the median of
the *other* members' rates. Identifiers of one campaign are found or not found together, so what was asked is worth only
one independent draw for each ``CLUSTER`` identifiers. The p-value is the binomial tail at that floor, and the level is
divided by the number of members compared (Bonferroni), so at one look at an epoch and type with only honest members an
alarm has a chance of at most ``LEVEL``, as long as clusters are no larger on average. A test draws honest members and
counts. Nothing corrects for looking again: who looks every hour has more false alarms than that.

It is an alarm, not a sentence: a provider whose abusers nobody else has would ring it too. A person asks, and an audit
tells. And it sees no member that mixes enough real identifiers in: that costs the searcher its budget instead
(docs/identifiers.md gives figures).
"""

from collections.abc import Mapping
from statistics import median
from typing import Final

import msgspec
from scipy.special import bdtr

#: Below this part of a budget nobody is judged: a small list may hold one campaign of which nobody else knows.
LEAST_SPENT: Final = 0.5
FLOOR: Final = 0.25
CLUSTER: Final = 10
LEVEL: Final = 0.01
#: With fewer others there is no such thing as an ordinary rate.
LEAST_OTHERS: Final = 2


class Asked(msgspec.Struct, frozen=True):
    """What one member asked in an epoch and type: units of its budget, and labels that reached the threshold."""

    units: int
    allowed: int
    found: int


class LowHitRate(msgspec.Struct, frozen=True):
    """A member that asked much and found next to nothing, beside what is ordinary in this epoch and type."""

    member: str
    rate: float
    ordinary: float
    p_value: float


def low_hit_rates(epoch: Mapping[str, Asked]) -> tuple[LowHitRate, ...]:
    """The members to ask why, the most striking first. ``epoch``: every member that asked, by name."""
    judged = {
        member: asked for member, asked in epoch.items() if asked.units and asked.units >= LEAST_SPENT * asked.allowed
    }
    found = []
    for member, asked in judged.items():
        rates = [other.found / other.units for name, other in epoch.items() if name != member and other.units]
        ordinary = median(rates) if len(rates) >= LEAST_OTHERS else 0.0
        if ordinary == 0.0:  # nobody finds anything, or there is nobody to compare with: nothing follows
            continue
        draws = max(1, asked.units // CLUSTER)
        p_value = float(bdtr(-(-asked.found // CLUSTER), draws, FLOOR * ordinary))
        if p_value <= LEVEL / len(judged):
            found.append(LowHitRate(member, asked.found / asked.units, ordinary, p_value))
    return tuple(sorted(found, key=lambda each: each.p_value))
