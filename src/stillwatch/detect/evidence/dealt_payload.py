"""One pack of tasks, dealt to the accounts like cards: no account has a subject of its own.

Sees: how much of the payload's length and capability is explained by who sent it (the intraclass correlation of a
one-way analysis of variance, ICC(1) of Shrout and Fleiss 1979). People who share a tool each bring their own work, so
accounts differ; an operator who divides one data set makes them alike. Wrongs: one organisation's fleet is dealt too
(the organisation tells it apart); an agency's customers and a class are too, so in few places nothing is said. Evaded
by giving each account a subject, at the price of narrow accounts.
"""

import numpy as np

from stillwatch.detect.evidence.line import EvidenceLine, Fact
from stillwatch.detect.evidence.shared_infrastructure import few_places
from stillwatch.detect.group import Group
from stillwatch.detect.population import F64, I64

#: Members with at least two core exchanges, and their core exchanges, from which anything is said.
FEWEST_MEMBERS, FEWEST_EXCHANGES = 5, 30
#: A capability must hold this share of the core to be compared.
COMMON = 0.05
#: Share of members in few places from which they may be a class, some of whom work at home.
MOSTLY = 0.5
#: Correlation -> bits. Strangers with a common phrase lie between 0.3 and 0.9.
_CORRELATIONS = (0.05, 0.2, 0.3, 0.6)
_BITS = (2.5, 0.5, 0.0, -1.5)
#: Members -> factor of a weight for a campaign: ten accounts may be alike by chance or habit, a hundred are not.
_MEMBERS, _FACTORS = (10, 100), (0.7, 1.6)


def assess(group: Group) -> Fact | None:
    """Null: each account has its own subject, as strangers do. Unit: members with two core exchanges or more.

    The correlation's standard error is added where it speaks for dealing, and taken off where it speaks against.
    """
    several = _several(group)
    account = group.core["account"][several]
    members = len(np.unique(account))
    if members < FEWEST_MEMBERS or len(account) < FEWEST_EXCHANGES:
        return None
    lengths = np.log1p(np.maximum(0, group.core["prompt_symbols"][several]).astype(np.float64))
    found = [correlation(lengths, account)]
    codes = group.core["capability"][several]
    for code in np.unique(codes):
        here = codes == code
        if COMMON <= float(np.mean(here)) <= 1.0 - COMMON:
            found.append(correlation(here.astype(np.float64), account))
    observed = max(found)
    error = float(np.sqrt(2.0 / (len(account) * max(1.0, len(account) / members - 1.0))))
    bits = float(np.interp(observed + error, _CORRELATIONS, _BITS))
    if bits < 0:
        bits = min(0.0, float(np.interp(observed - error, _CORRELATIONS, _BITS)))
    if bits > 0:
        bits = 0.0 if few_places(group, MOSTLY) else bits * float(np.interp(members, _MEMBERS, _FACTORS))
    return Fact(
        observed=f"who sent it explains {max(0.0, observed):.0%} of the payload's kind and length",
        ordinary="30 to 90 % where strangers share a tool or a phrase; about none where one pack of tasks is dealt out",
        weight_bits=bits,
        text=f"Who of {members} accounts sent it explains {max(0.0, observed):.0%} of how payloads differ in kind or "
        f"length (intraclass correlation {observed:.2f}): "
        + ("one pack of tasks, dealt out." if observed <= _CORRELATIONS[1] else "each has work of its own."),
    )


def correlation(values: F64, account: I64) -> float:
    """ICC(1): (between - within) / (between + (n - 1) within) mean squares; 0 where the values don't differ at all."""
    _, position, sizes = np.unique(account, return_inverse=True, return_counts=True)
    members, total = len(sizes), len(values)
    means = np.bincount(position, weights=values) / sizes
    between = float((sizes * (means - values.mean()) ** 2).sum()) / max(1, members - 1)
    within = float(((values - means[position]) ** 2).sum()) / max(1, total - members)
    typical = (total - float((sizes**2).sum()) / total) / max(1, members - 1)
    spread = between + (typical - 1.0) * within
    return (between - within) / spread if spread > 1e-12 else 0.0


def _several(group: Group) -> np.ndarray:
    """Core exchanges of accounts that have two or more."""
    _, position, sizes = np.unique(group.core["account"], return_inverse=True, return_counts=True)
    mask: np.ndarray = sizes[position] >= 2
    return mask


DEALT_PAYLOAD = EvidenceLine("dealt-payload", "coordination", assess, "division")
