"""Suddenly many accounts ask for this, whatever their words.

Sees: how many accounts show one technique, against the provider's own earlier weeks or, in a first week, against
composed ordinary ones. Speaks only for groups that the surge itself made. Wrongs: users of a new tool that asks for
reasoning or grades, a fashion. Evaded by growing over months, or by techniques the sketch does not know.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact
from stillwatch.detect.group import Group
from stillwatch.vocabulary.techniques import BY_ID

MOST = 6.0


def assess(group: Group) -> Fact | None:
    """Null: accounts show the technique with the share of weeks past.

    The group was chosen for its size, so the weight is the ratio to an upper bound of what is expected, not the chance.
    """
    if group.origin != "surge" or group.sighted:
        return None
    size = len(group.members)
    expected = max(group.expected, 1.0)
    technique = BY_ID["SW-T" + group.technique[1:]]
    return Fact(
        observed=f"{size} accounts show {technique.name} ({technique.id})",
        ordinary=f"at most {expected:.0f} accounts in weeks past, counted up to this log's size",
        weight_bits=float(np.clip(np.log2(size / expected), 0.0, MOST)),
        text=f"{size} accounts ask for this; in earlier weeks of as many accounts at most {expected:.0f} would.",
    )


POPULATION_SURGE = EvidenceLine("population-surge", "volume", assess)
