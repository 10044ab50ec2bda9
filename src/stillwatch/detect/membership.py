"""Which accounts belong, with a probability, so that cover traffic and shared frameworks drag no stranger in.

An account that repeats the group's own passages belongs for what it repeats; one that shows them once belongs only if
little else is in its traffic or it is tied to members by more than words.
"""

import numpy as np
import numpy.typing as npt

from stillwatch.detect.evidence.shared_infrastructure import OWN
from stillwatch.detect.population import F64, I64, Ties

#: Probability from which an account is listed.
LISTED = 0.5


def memberships(counts: I64, totals: I64, tied: npt.NDArray[np.bool_], bits: float) -> F64:
    """P(belongs) of each account from its core exchanges, its exchanges, whether it is tied, and the group's weight.

    Additive in bits: repetition (log2 of the count), dependence on the template, ties; the group's own weight is the
    prior odds, capped, since no account belongs to a campaign that may not exist.
    """
    share = counts / np.maximum(1, totals)
    repetition = np.minimum(np.log2(np.maximum(1, counts)) * 2.0, 6.0)
    alone = np.where(counts > 1, 0.0, np.where(share >= 0.5, -1.0, np.where(tied, -1.0, -3.0)))
    dependence = np.interp(share, (0.0, 0.05, 0.3, 1.0), (-1.5, -0.5, 0.5, 1.5))
    odds = min(bits / 6.0, 3.0) + repetition + alone + dependence + np.where(tied, 2.0, 0.0)
    return np.asarray(1.0 / (1.0 + np.exp2(-odds)), dtype=np.float64)


def tied_to(accounts: I64, members: I64, ties: Ties) -> npt.NDArray[np.bool_]:
    """Which of ``accounts`` share a value with a member that at least half belongs to the members."""
    member = np.isin(ties.account, members)
    values, inside = np.unique(ties.entity[member], return_counts=True)
    if not len(values):
        return np.zeros(len(accounts), dtype=bool)
    at = np.minimum(np.searchsorted(values, ties.entity), len(values) - 1)
    own = (values[at] == ties.entity) & (inside[at] >= np.maximum(2, OWN * ties.reach))
    return np.isin(accounts, ties.account[own])
