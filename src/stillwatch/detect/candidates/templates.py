"""Candidates from template links: the same words repeated within an account and shared across accounts.

A fingerprint that an account repeats is a template of that account; payload seldom repeats. Fingerprints whose
accounts are nearly the same belong to one template. We never form pairs of accounts: 20,000 accounts on one fingerprint
are one row here and 200 million pairs there.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from stillwatch.detect.population import I64, Bool

#: A group has at least so many accounts that repeat the template.
FEWEST_ACCOUNTS = 3
#: Or at least so many that show it, be it but once: a campaign may give each of its accounts one request.
SHOWN_BY = 20
#: Fingerprints are one template where their account sets overlap by this much (Jaccard).
SAME_TEMPLATE = 0.5
#: An account belongs to a candidate only if it shows this share of the candidate's fingerprints: one common phrase
#: is not a template.
COVERAGE = 0.4
#: Comparisons of templates through common accounts that are made at most. The accounts with most templates (resellers,
#: gateways) go first: a crowd of its own joins no templates to each other.
MOST_COMPARISONS = 100_000_000


@dataclass(frozen=True)
class Pairs:
    """Account-entity pairs, one row each: kind, entity, account, exchanges."""

    kind: npt.NDArray[np.int8]
    entity: I64
    account: I64
    exchanges: I64


@dataclass(frozen=True)
class Candidate:
    """Entities that belong together, the accounts that repeat them, and all accounts that show enough of them.

    Without entities it is a crowd: of ties, or, with a ``technique``, of a surge that was ``expected`` to be so large;
    ``sighted``: it was chosen for what other members see, and so many were ``expected`` to be seen. ``pieces``: how
    many templates that interlock were put together.
    """

    kinds: npt.NDArray[np.int8]
    entities: I64
    accounts: I64
    showing: I64
    technique: str = ""
    expected: float = 0.0
    sighted: bool = False
    pieces: int = 0


def crowd(accounts: I64, technique: str = "", expected: float = 0.0) -> Candidate:
    """A candidate that no template defines."""
    none = np.zeros(0, dtype=np.int64)
    return Candidate(none.astype(np.int8), none, accounts, accounts, technique, expected)


def candidates(pairs: Pairs) -> list[Candidate]:
    """Groups of ``FEWEST_ACCOUNTS`` accounts that repeat a template, or ``SHOWN_BY`` that show it; the largest first.

    Deterministic and independent of the key but for the order of equals.
    """
    if not len(pairs.entity):
        return []
    # One value may stand for two kinds (a short text is its own prefix and suffix): each kind is an entity of its own.
    order = np.lexsort((pairs.account, pairs.kind, pairs.entity))
    kind = pairs.kind[order]
    entity, account, exchanges = (column[order] for column in (pairs.entity, pairs.account, pairs.exchanges))
    starts = np.flatnonzero(np.r_[True, (entity[1:] != entity[:-1]) | (kind[1:] != kind[:-1])])
    sets = _distinct_sets(account, starts, len(entity))
    templates = _joined(account, starts, sets)
    found = []
    for members in _grouped(templates):
        spans = [np.arange(starts[e], starts[e + 1] if e + 1 < len(starts) else len(entity)) for e in members]
        rows = np.concatenate(spans)
        seen, counts = np.unique(account[rows], return_counts=True)
        showing = seen[counts >= COVERAGE * len(members)]
        repeated = np.intersect1d(account[rows][exchanges[rows] > 1], showing)
        if len(repeated) < FEWEST_ACCOUNTS and len(showing) >= SHOWN_BY:
            repeated = showing
        if len(repeated) >= FEWEST_ACCOUNTS:
            found.append(Candidate(kind[starts[members]], entity[starts[members]], repeated, showing))
    return sorted(found, key=lambda candidate: (-len(candidate.accounts), int(candidate.accounts[0])))


def _distinct_sets(account: I64, starts: I64, total: int) -> I64:
    """For each entity a number for its set of accounts: equal sets, equal numbers (sums of mixed keys, 64 bits)."""
    mixed = account.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed ^= mixed >> np.uint64(29)
    mixed *= np.uint64(0xBF58476D1CE4E5B9)
    sums = np.add.reduceat(mixed, starts)
    sizes = np.diff(np.r_[starts, total])
    _, numbers = np.unique(np.stack([sums, sizes.astype(np.uint64)], axis=1), axis=0, return_inverse=True)
    return np.asarray(numbers, dtype=np.int64).reshape(-1)


def _joined(account: I64, starts: I64, sets: I64) -> I64:
    """For each entity the number of its template: account sets that overlap by ``SAME_TEMPLATE`` are joined.

    They are joined to the largest set among them and not from one to the next: tasks that many ask share phrases with
    other tasks, and such a chain would swallow a template whose payload they are.
    """
    firsts = np.unique(sets, return_index=True)[1]
    ends = np.r_[starts[1:], len(account)]
    spans = [account[starts[e] : ends[e]] for e in firsts]
    sizes = np.array([len(span) for span in spans], dtype=np.int64)
    known, column = np.unique(np.concatenate(spans), return_inverse=True)
    row = np.repeat(np.arange(len(spans)), sizes)
    use = quiet(np.bincount(column, minlength=len(known)))[column]
    shape = (len(spans), len(known))
    matrix = sparse.csr_matrix((np.ones(int(use.sum()), dtype=np.int32), (row[use], column[use])), shape=shape)
    common = (matrix @ matrix.T).tocoo()
    jaccard = common.data / (sizes[common.row] + sizes[common.col] - common.data)
    alike = jaccard >= SAME_TEMPLATE
    pairs = sparse.csr_matrix(
        (np.ones(int(alike.sum()), dtype=np.int8), (common.row[alike], common.col[alike])), shape=(len(spans),) * 2
    )
    template = np.full(len(spans), -1, dtype=np.int64)
    for leader in np.argsort(-sizes, kind="stable").tolist():
        if template[leader] < 0:
            template[leader] = leader
            near = pairs.indices[pairs.indptr[leader] : pairs.indptr[leader + 1]]
            template[near[template[near] < 0]] = leader
    return np.asarray(template[sets], dtype=np.int64)


def quiet(degree: I64) -> Bool:
    """Which accounts take part in comparing templates, given how many each shows: those with fewest, as many as
    ``MOST_COMPARISONS`` allows."""
    order = np.argsort(degree, kind="stable")
    mask = np.zeros(len(degree), dtype=bool)
    mask[order[np.cumsum(degree[order].astype(np.float64) ** 2) <= MOST_COMPARISONS]] = True
    return mask


def _grouped(labels: I64) -> list[I64]:
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [np.asarray(part, dtype=np.int64) for part in np.split(order, cuts)]
