"""Customers of long standing are seldom made for a purpose.

Sees: how old members' accounts were when they first showed the core. Weighs against where most were old, for where most
were days old. Wrongs: every new customer is new. Evaded by buying or ageing accounts, at their price.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group
from stillwatch.detect.population import UNKNOWN

DAY_US = 86_400_000_000
#: Days from which an account is of long standing, and under which it is young.
OLD, YOUNG = 60, 14
FEWEST_KNOWN = 5


def assess(group: Group) -> Fact | None:
    """Null: members' ages are drawn like other accounts'. Unit: members whose creation is known."""
    created = group.account("created_us")
    known = created != UNKNOWN
    others = group.outsiders("created_us")
    seen = group.outsiders("first_us")
    usual = (seen - others)[others != UNKNOWN] / DAY_US
    if int(known.sum()) < FEWEST_KNOWN or len(usual) < 20:
        return None
    ages = (group.onsets - created)[known] / DAY_US
    young, old = float(np.mean(ages < YOUNG)), float(np.mean(ages >= OLD))
    ordinary = float(np.mean(usual < YOUNG))
    bits = 1.2 * float(np.log2((young + 0.1) / (ordinary + 0.1)))
    bits = float(np.clip(bits, 0.0, 3.0)) if young > ordinary else -2.5 * old
    return Fact(
        observed=f"{percent(young)} of the accounts were under {YOUNG} days old, {percent(old)} over {OLD}",
        ordinary=f"{percent(ordinary)} of other accounts were that young when they first appeared",
        weight_bits=bits * scaled(int(known.sum())),
        text=f"{percent(young)} of {int(known.sum())} members' accounts were under {YOUNG} days old at their first "
        f"such request, {percent(old)} were over {OLD} days old; {percent(ordinary)} of other accounts start that "
        "young.",
    )


ESTABLISHED_ACCOUNTS = EvidenceLine("established-accounts", "lifecycle", assess, "made")
