"""Accounts made for the purpose are made together, and are young.

Sees: creation dates close together against those of all other accounts. Wrongs: a class that enrols on one day, a
product launch. Evaded by ageing accounts, or buying old ones.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group
from stillwatch.detect.population import narrowest, spread_rank

HOLD = 0.6
FEWEST_KNOWN = 5


def assess(group: Group) -> Fact | None:
    """Null: creation dates are drawn from all other accounts', so ranks are uniform and 60 % span about 0.6."""
    created = group.known("created_us")
    others = group.others_in_order("created_us")
    if len(created) < FEWEST_KNOWN or len(others) < 50:
        return None
    width = narrowest(spread_rank(others, created), HOLD)
    bits = float(np.clip(1.2 * np.log2(HOLD / max(width, 0.004)) - 1.0, -2.0, 5.0)) * scaled(len(created))
    ordered = np.sort(created)
    hold = max(2, int(np.ceil(HOLD * len(ordered))))
    days = float(np.min(ordered[hold - 1 :] - ordered[: len(ordered) - hold + 1])) / 8.64e10
    return Fact(
        observed=f"{percent(HOLD)} of the accounts were made within {days:.1f} days",
        ordinary=f"{percent(width)} of all other accounts were made in such a stretch",
        weight_bits=bits,
        text=f"{percent(HOLD)} of {len(created)} members' accounts were made within {days:.1f} days; "
        f"{percent(width)} of all other accounts were.",
    )


SIGNUP_BURST = EvidenceLine("signup-burst", "lifecycle", assess, "made")
