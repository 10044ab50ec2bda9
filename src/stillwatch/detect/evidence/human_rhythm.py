"""Every member keeps hours of its own, as people and their services do, though the group as a whole never sleeps.

Sees: whether each member comes back at the same time of *its* day. A crowd from many places has no common night, so
``round-the-clock`` would speak against it; this line takes that back, and says nothing where that line already found
the night. Weighs against only. Lets through: campaigns paced like people. Evaded at no cost to the innocent. Only
regularity counts: which hours they are, and so any time zone, plays no part.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, scaled
from stillwatch.detect.evidence.round_the_clock import quietest
from stillwatch.detect.group import Group
from stillwatch.detect.population import F64

HOUR_US = 3_600_000_000
#: Pairs of hours closer than this may be one sitting.
APART_HOURS = 12
#: Hours of one member that are compared with each other at most, and pairs by which a member counts at most.
MOST_HOURS, MOST_PAIRS = 24, 20
FEWEST_PAIRS = 100
#: Mean cosine between the hours at which a member is active on different days -> bits. 0: a job at any hour.
#: 0.2 to 0.4: people's days. Close to 1: a timer, which says nothing about people.
_LIKENESS = (0.08, 0.15, 0.3, 0.7, 0.9)
_BITS = (0.0, -0.7, -2.0, -2.0, 0.0)
#: Share of the core in the group's quietest eight hours from which on the group shows no common night.
_QUIET = (0.06, 0.16)


def assess(group: Group) -> Fact | None:
    """Null: a job asks at any hour, so the hours of one member on different days are unrelated and the mean is 0.

    Unit: pairs of a member's active hours, half a day apart or more; a member counts by twenty pairs at most.
    """
    quiet = quietest(group)
    likeness, pairs = _likeness(group)
    if quiet is None or pairs < FEWEST_PAIRS:
        return None
    bits = float(np.interp(likeness, _LIKENESS, _BITS)) * float(np.interp(quiet, _QUIET, (0.0, 1.0)))
    return Fact(
        observed=f"members' hours on different days agree by {likeness:.2f} (0: unrelated, 1: the same hour)",
        ordinary="0.2 to 0.4 for people; 0 for a job that runs at any hour",
        weight_bits=bits * scaled(len(group.members)),
        text=f"A member's active hours on different days agree by {likeness:.2f}, where a job that never sleeps has 0 "
        "and people 0.2 to 0.4, each in a day of their own.",
    )


def _likeness(group: Group) -> tuple[float, int]:
    """Mean cosine between the hours of day of a member's active hours, and how many pairs it rests on."""
    member = np.searchsorted(group.members, group.core["account"])
    active = np.unique(np.stack([member, group.core["ts_us"] // HOUR_US]), axis=1)
    who, hour = active
    size = np.bincount(who, minlength=len(group.members))[who]
    place = np.arange(len(who)) - np.searchsorted(who, who)
    kept = place % np.maximum(1, -(-size // MOST_HOURS)) == 0
    who, hour = who[kept], hour[kept]
    total: F64 = np.zeros(len(group.members))
    count: F64 = np.zeros(len(group.members))
    for lag in range(1, min(MOST_HOURS, len(who))):
        use = (who[lag:] == who[:-lag]) & (hour[lag:] - hour[:-lag] >= APART_HOURS)
        mine, apart = who[lag:][use], (hour[lag:] - hour[:-lag])[use]
        total += np.bincount(mine, weights=np.cos(2 * np.pi * apart / 24), minlength=len(total))
        count += np.bincount(mine, minlength=len(count))
    weight = np.minimum(count, MOST_PAIRS) / np.maximum(count, 1)
    pairs = float((count * weight).sum())
    return (float((total * weight).sum()) / pairs if pairs else 0.0), int(pairs)


HUMAN_RHYTHM = EvidenceLine("human-rhythm", "explanation", assess)
