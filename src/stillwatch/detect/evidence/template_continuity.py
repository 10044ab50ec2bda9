"""Some accounts are shut out, and within hours others that had not shown the template carry it on.

Sees: members whose core requests end in refusals for lack of permission (HTTP 403), and members that begin soon after.
A busy or broken server (429, 5xx) sends honest clients elsewhere too and does not count. Wrongs: a class that starts on
the morning after a ban; a customer who opens new accounts after a dispute. Evaded by waiting, or by starting the next
accounts before the first are lost.
"""

from typing import NamedTuple

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group
from stillwatch.detect.population import I64, UNKNOWN

#: The answer to an account that may no longer ask (RFC 9110, section 15.5.4).
FORBIDDEN = 403
#: Beginnings later than this after a block are nobody's successors.
SOON_US = 12 * 3_600_000_000
HOUR_US = 3_600_000_000
#: Members shut out, and members that follow, before anything is said; and core requests served before the block.
FEWEST, SERVED = 3, 2
#: Waves of blocks and of beginnings fall so close together by accident at least this often, however close they are.
BY_CHANCE = 0.05
MOST = 4.0


class _Wave(NamedTuple):
    """Members that begin within ``SOON_US`` after a block, in the same time before it, and at any time after it."""

    after: int
    before: int
    newcomers: int
    gap_us: float


def assess(group: Group) -> Fact | None:
    """Null: blocks fall at any time of the template's life, wherever others begin.

    Unit: the wave of blocks, not the account: thirty classmates who begin together are one coincidence. So what counts
    is the share of the template's life, and of other accounts' arrivals, that lies as close behind a block as the
    newcomers do. As many beginnings before the blocks as after them (a template that spreads anyway) take it away.
    """
    blocks = blocked(group)
    if len(blocks) < FEWEST:
        return None
    wave = _wave(blocks, group.onsets)
    if wave.after < FEWEST:
        return None
    surge = max(0.0, 1.0 - wave.before / wave.after)
    chance = max(BY_CHANCE, _close_behind(group, blocks, wave.gap_us))
    share = wave.after / wave.newcomers
    bits = float(np.clip(1.35 * np.log2(max(share, 0.01) / chance) - 1.8, 0.0, MOST)) * surge
    bits *= min(scaled(wave.after), scaled(len(blocks), 6))
    hours = wave.gap_us / HOUR_US
    return Fact(
        observed=f"{len(blocks)} members were shut out; {wave.after} began within 12 hours after, {wave.before} before",
        ordinary=f"a block precedes a beginning so closely in {percent(chance)} of the time",
        weight_bits=bits,
        text=f"{len(blocks)} members' requests ended in 403; {wave.after} others, who had not shown the template "
        f"before, began within 12 hours, half of them within {hours:.1f} hours; {wave.before} had begun in the 12 "
        "hours before.",
    )


def blocked(group: Group) -> I64:
    """When each member that was shut out was first refused, sorted: 403 after some served, and nothing served since."""
    status, ts = group.core["status"], group.core["ts_us"]
    member = np.searchsorted(group.members, group.core["account"])
    served = ((status >= 200) & (status < 300)) | (status == UNKNOWN)  # not known: perhaps served
    size = len(group.members)
    last = np.full(size, UNKNOWN)
    np.maximum.at(last, member[served], ts[served])
    refused = (status == FORBIDDEN) & (ts > last[member])
    first = np.full(size, np.iinfo(np.int64).max)
    np.minimum.at(first, member[refused], ts[refused])
    enough = np.bincount(member[served], minlength=size) >= SERVED
    return np.sort(first[enough & (np.bincount(member[refused], minlength=size) > 0)])


def _wave(blocks: I64, onsets: I64) -> _Wave:
    at = np.searchsorted(blocks, onsets, side="left")
    since = onsets - blocks[np.maximum(at - 1, 0)]
    until = blocks[np.minimum(at, len(blocks) - 1)] - onsets
    late, early = at > 0, at < len(blocks)
    after = late & (since <= SOON_US)
    before = early & ~after & (until <= SOON_US)
    gap = float(np.median(since[after])) if after.any() else 0.0
    return _Wave(int(after.sum()), int(before.sum()), max(1, int(late.sum())), gap)


def _close_behind(group: Group, blocks: I64, gap_us: float) -> float:
    """Share of the template's life, or of others' arrivals in it, within ``gap_us`` (an hour at least) of a block."""
    ts = group.core["ts_us"]
    first, last = int(ts.min()), int(ts.max())
    reach = int(max(gap_us, HOUR_US))
    steps = np.linspace(first, last, 1_000).astype(np.int64)
    arrivals = group.others_in_order("first_us")
    arrivals = arrivals[(arrivals >= first) & (arrivals <= last)]
    shares = [np.mean(_behind(blocks, moments, reach)) for moments in (steps, arrivals) if len(moments)]
    return float(max(shares))


def _behind(blocks: I64, moments: I64, reach: int) -> np.ndarray:
    at = np.searchsorted(blocks, moments, side="right")
    close: np.ndarray = (at > 0) & (moments - blocks[np.maximum(at - 1, 0)] <= reach)
    return close


TEMPLATE_CONTINUITY = EvidenceLine("template-continuity", "lifecycle", assess)
