"""People use a tool for all sorts of things.

Sees: how often two core requests of one member are about the same capability, against the same in other accounts'
traffic. Weighs against only. Lets through: campaigns that harvest several capabilities in every account. Campaigns can
buy this explanation by mixing tasks, so it weighs little.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact, percent, scaled
from stillwatch.detect.group import Group
from stillwatch.detect.population import F64
from stillwatch.vocabulary.techniques import CAPABILITIES

#: An account counts by so many requests at most, so that a few busy ones do not speak for all.
MOST_REQUESTS = 10
FEWEST_MEMBERS = 5
LEAST = -1.5
#: How many times as often as members' requests those of other accounts agree -> share of the whole weight.
_RATIO = (1.1, 1.5)


def assess(group: Group) -> Fact | None:
    """Null: a member's core requests are as unlike each other as all that other accounts ask. Unit: the account."""
    member = np.searchsorted(group.members, group.core["account"])
    cells = member * len(CAPABILITIES) + group.core["capability"].astype(np.int64)
    inside = np.bincount(cells, minlength=len(group.members) * len(CAPABILITIES)).reshape(-1, len(CAPABILITIES))
    outside = np.stack([group.outsiders(f"c{code}") for code in range(len(CAPABILITIES))], axis=1)
    inside, outside = inside[inside.sum(axis=1) >= 2], outside[outside.sum(axis=1) >= 2]
    if len(inside) < FEWEST_MEMBERS or len(outside) < 20:
        return None
    same, usual = agreement(inside), agreement(outside)
    bits = LEAST * float(np.interp((usual + 0.02) / (same + 0.02), _RATIO, (0.0, 1.0))) * scaled(len(inside))
    return Fact(
        observed=f"two such requests of one member are about the same capability in {percent(same)} of cases",
        ordinary=f"{percent(usual)} for any two requests of another account",
        weight_bits=bits,
        text=f"Two requests of one member that carry the template are about the same capability in {percent(same)} of "
        f"cases; two requests of any other account in {percent(usual)}.",
    )


def agreement(counts: np.ndarray) -> float:
    """Chance that two exchanges of one account have the same code, over accounts (rows) with two exchanges or more."""
    n: F64 = counts.sum(axis=1).astype(np.float64)
    each = (counts * (counts - 1.0)).sum(axis=1) / (n * (n - 1.0))
    return float(np.average(each, weights=np.minimum(n, MOST_REQUESTS)))


DIVERSE_TASKS = EvidenceLine("diverse-tasks", "explanation", assess)
