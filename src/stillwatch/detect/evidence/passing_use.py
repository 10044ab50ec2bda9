"""People who paste a prompt do other things as well.

Sees: how small a part of members' own traffic the core is. Weighs against: strangers with a common habit. Wrongs (lets
through): campaigns that hide in cover traffic; there the core still repeats, and other families speak.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent
from stillwatch.detect.group import Group


def assess(group: Group) -> Fact | None:
    """Null: members live by the template. Unit: members with at least five exchanges."""
    totals = group.account("exchanges")
    busy = totals >= 5
    if int(busy.sum()) < 3:
        return None
    share = float(np.median(group.counts[busy] / totals[busy]))
    bits = float(np.interp(share, (0.02, 0.1, 0.3, 0.7, 0.95), (-2.5, -1.5, -0.5, 0.5, 1.0)))
    return Fact(
        observed=f"the template is {percent(share)} of a typical member's requests",
        ordinary="under 10 % where strangers paste a prompt they read about",
        weight_bits=bits,
        text=f"In a typical member's traffic {percent(share)} of the requests carry the template.",
    )


PASSING_USE = EvidenceLine("passing-use", "explanation", assess)
