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
#: Share of the log within which the members of a group that shows its template but once began -> bits: what people
#: paste once they read about in the same days, so a burst is what a fad looks like. Short logs can't tell.
_FAD_SHARES = (0.2, 0.5, 0.75)
_FAD_BITS = (-3.0, -1.0, 0.5)
FAD_DAYS = 3.0


def assess(group: Group) -> Fact | None:
    """Null: onsets are drawn from all accounts' first appearances, or evenly from the log's time: 80 % span about 0.8.

    The wider of the two counts, so the weight is no larger under either.
    """
    others = group.others_in_order("first_us")
    if len(group.members) < 5 or len(others) < 20:
        return None
    if group.passing:
        return _fad(group)
    ranks, time = narrowest(spread_rank(others, group.onsets), HOLD), _time_width(group)
    # Accounts that were there long before take up a tool at any time, while most accounts first appear early in a log.
    width = max(ranks, time)
    bits = float(np.clip(1.3 * np.log2(HOLD / max(width, 0.004)) - 0.8, -2.0, 5.0)) * scaled(len(group.members))
    hours = _hours(group)
    return Fact(
        observed=f"{percent(HOLD)} of the members began within {_span(hours)}",
        ordinary=f"{percent(HOLD)} of the log's time, or of other accounts' first appearances, where each begins alone",
        weight_bits=bits,
        text=f"{percent(HOLD)} of {len(group.members)} members sent their first such request within {_span(hours)}, "
        f"which is {percent(time)} of the log's time; {percent(ranks)} of all other accounts first appear in it.",
    )


def _fad(group: Group) -> Fact | None:
    """Null: a fad, whose beginnings crowd together and fade. Measured in time: members were there before it."""
    begin, end = int(group.population["first_us"].min()), int(group.population["last_us"].max())
    if (end - begin) / 8.64e10 < FAD_DAYS:
        return None
    width = _time_width(group)
    return Fact(
        observed=f"{percent(HOLD)} of the members showed it within {_span(_hours(group))}",
        ordinary="a prompt that goes round crowds into a few days and fades",
        weight_bits=float(np.interp(width, _FAD_SHARES, _FAD_BITS)) * scaled(len(group.members)),
        text=f"Most of {len(group.members)} members show this but once; {percent(HOLD)} of them within "
        f"{_span(_hours(group))}" + (", as a fad does." if width < _FAD_SHARES[1] else ", evenly over the log."),
    )


def _time_width(group: Group) -> float:
    """The share of the log within which the members began."""
    begin, end = int(group.population["first_us"].min()), int(group.population["last_us"].max())
    return narrowest((group.onsets - begin) / max(1, end - begin), HOLD)


def _hours(group: Group) -> float:
    ordered = np.sort(group.onsets)
    hold = max(2, int(np.ceil(HOLD * len(ordered))))
    return float(np.min(ordered[hold - 1 :] - ordered[: len(ordered) - hold + 1])) / 3.6e9


def _span(hours: float) -> str:
    if hours < 2:
        return f"{60 * hours:.0f} minutes"
    return f"{hours:.0f} hours" if hours < 72 else f"{hours / 24:.1f} days"


SYNCHRONOUS_ONSET = EvidenceLine("synchronous-onset", "coordination", assess)
