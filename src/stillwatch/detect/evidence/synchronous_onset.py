"""They begin together.

Sees: members' first core exchanges close in time, measured in ranks of all accounts' first appearances, so that a busy
morning is no surprise. Wrongs: a new tool also begins at once; a viral prompt does too, so in a group that shows its
template but once each a burst speaks against. Evaded by a slow ramp.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group
from stillwatch.detect.population import narrowest, spread_rank

#: Share of the members whose onsets the interval must hold.
HOLD = 0.8
#: In a group that shows its template in passing, a burst is what a fad looks like: so much of its weight counts against.
FAD = 0.4


def assess(group: Group) -> Fact | None:
    """Null: onsets are drawn from all accounts' first appearances, so ranks are uniform and 80 % span about 0.8."""
    others = group.others_in_order("first_us")
    if len(group.members) < 5 or len(others) < 20:
        return None
    width = narrowest(spread_rank(others, group.onsets), HOLD)
    bits = float(np.clip(1.3 * np.log2(HOLD / max(width, 0.004)) - 0.8, -2.0, 5.0)) * scaled(len(group.members))
    if group.passing:  # what people paste but once they read about in the same days
        bits = -FAD * max(0.0, bits)
    hours = _hours(group)
    return Fact(
        observed=f"{percent(HOLD)} of the members began within {_span(hours)}",
        ordinary=f"as many other accounts arrive over {percent(min(1.0, width / HOLD))} of that time's usual arrivals",
        weight_bits=bits,
        text=f"{percent(HOLD)} of {len(group.members)} members sent their first such request within {_span(hours)}, "
        f"a stretch in which {percent(width)} of all other accounts first appear.",
    )


def _hours(group: Group) -> float:
    ordered = np.sort(group.onsets)
    hold = max(2, int(np.ceil(HOLD * len(ordered))))
    return float(np.min(ordered[hold - 1 :] - ordered[: len(ordered) - hold + 1])) / 3.6e9


def _span(hours: float) -> str:
    if hours < 2:
        return f"{60 * hours:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.1f} days"


SYNCHRONOUS_ONSET = EvidenceLine("synchronous-onset", "coordination", assess)
