"""Which accounts belong, with a probability, so that cover traffic and shared frameworks drag no stranger in.

An account that repeats the group's own passages belongs for what it repeats; one that shows them once belongs only if
little else is in its traffic or it is tied to members by more than words. Where nearly all members are tied to each
other (cards, sign-up), or were made in one burst, the one that is not is rather a stranger with the same public
template.
"""

import numpy as np
import numpy.typing as npt

from stillwatch.detect.evidence.shared_infrastructure import OWN
from stillwatch.detect.population import F64, I64, UNKNOWN, Ties

#: Probability from which an account is listed.
LISTED = 0.5
#: Words alone never make an account surer than this (bits): strangers copy public templates.
WORDS_MOST = 4.5
#: Ties that strangers behind one relay or in one office do not share.
PERSONAL = ("payment", "credential", "signup", "signature")


def memberships(counts: I64, totals: I64, tied: npt.NDArray[np.bool_], bits: float, *, passing: bool = False) -> F64:
    """Bits for belonging from words: repetition (log2 of the count), dependence on the template, the group's own
    weight.

    ``tied`` accounts that show the core but once are believed as if their little traffic depended on it. In a group
    that shows its template in ``passing`` everybody shows it but once, so that this speaks against nobody.
    """
    share = counts / np.maximum(1, totals)
    repetition = np.minimum(np.log2(np.maximum(1, counts)) * 2.0, 6.0)
    alone = np.where(counts > 1, 0.0, np.where((share >= 0.5) | tied, -1.0, -3.0))
    if passing:
        return np.full(len(counts), min(bits / 6.0, 3.0))
    dependence = np.interp(share, (0.0, 0.05, 0.3, 1.0), (-1.5, -0.5, 0.5, 1.5))
    words = np.minimum(min(bits / 6.0, 3.0) + repetition + alone + dependence, WORDS_MOST)
    return np.asarray(words, dtype=np.float64)


def odd_ones_out(has: npt.NDArray[np.bool_], known: npt.NDArray[np.bool_]) -> F64:
    """Bits from a trait that (nearly) all members have: the more have it, the more its lack speaks against.

    ``has`` and ``known`` say of each account whether it has the trait and whether that can be known. With fewer than
    eight known accounts nothing is said.
    """
    if int(known.sum()) < 8:
        return np.zeros(len(has))
    share = float(np.mean(has[known]))
    lack = float(np.log2(1.0 - share + 0.02)) if share > 0.5 else 0.0
    return np.where(known, np.where(has, 2.0 * share, lack), 0.0)


def probability(bits: F64) -> F64:
    """Odds in bits as a probability."""
    return np.asarray(1.0 / (1.0 + np.exp2(-bits)), dtype=np.float64)


def tied_to(accounts: I64, members: I64, ties: Ties) -> npt.NDArray[np.bool_]:
    """Which of ``accounts`` share a personal value with a member that at least half belongs to the members."""
    personal = np.isin(ties.name, [i for i, name in enumerate(ties.names) if name in PERSONAL])
    member = personal & np.isin(ties.account, members)
    values, inside = np.unique(ties.entity[member], return_counts=True)
    if not len(values):
        return np.zeros(len(accounts), dtype=bool)
    at = np.minimum(np.searchsorted(values, ties.entity), len(values) - 1)
    own = personal & (values[at] == ties.entity) & (inside[at] >= np.maximum(2, OWN * ties.reach))
    return np.asarray(np.isin(accounts, ties.account[own]), dtype=bool)


def in_burst(created: I64) -> npt.NDArray[np.bool_]:
    """Which accounts were made near the middle of the others: within twice the spread of the closer three quarters."""
    known = created != UNKNOWN
    if int(known.sum()) < 8:
        return np.asarray(known, dtype=bool)
    middle = float(np.median(created[known]))
    distance = np.abs(created.astype(np.float64) - middle)
    reach = 2.0 * float(np.quantile(distance[known], 0.75)) + 8.64e10
    return np.asarray(known & (distance <= reach), dtype=bool)
