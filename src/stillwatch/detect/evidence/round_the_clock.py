"""People sleep; a job does not.

Sees: how much of the group's core falls into its quietest eight hours of the day. Wrongs: applications that serve
people on every continent, nightly batches. Evaded by pacing like people. Hours are taken relative to the group's own
day: no time zone is evidence.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group

#: A log shorter than this says nothing about days and nights.
FEWEST_DAYS = 2.0
_SHARES = (0.0, 0.05, 0.12, 0.25, 0.33)
_BITS = (-2.0, -1.5, 0.0, 1.2, 1.5)


def assess(group: Group) -> Fact | None:
    """Null: each member has a day of its own. Unit: core exchanges; members count alike."""
    quiet = quietest(group)
    if quiet is None:
        return None
    bits = float(np.interp(quiet, _SHARES, _BITS)) * scaled(len(group.members))
    return Fact(
        observed=f"{percent(quiet)} falls into the group's quietest eight hours",
        ordinary="33 % for a job that never sleeps; under 10 % for people of one region",
        weight_bits=bits,
        text=f"The group's quietest eight hours of the day hold {percent(quiet)} of its requests "
        "(a job that never sleeps: 33 %).",
    )


def quietest(group: Group) -> float | None:
    """Share of the core in the group's quietest eight hours of the day; ``None`` where days can't be told."""
    ts = group.core["ts_us"]
    if len(ts) < 60 or (ts.max() - ts.min()) / 8.64e10 < FEWEST_DAYS:
        return None
    hour = (ts // 3_600_000_000) % 24
    member = np.searchsorted(group.members, group.core["account"])
    weights = 1.0 / np.bincount(member, minlength=len(group.members))[member]
    days = np.bincount(hour, weights=weights, minlength=24) / weights.sum()
    wrapped = np.r_[days, days[:7]]
    return float(np.min(np.convolve(wrapped, np.ones(8), mode="valid")))


ROUND_THE_CLOCK = EvidenceLine("round-the-clock", "coordination", assess)
