"""Findings that share accounts are one campaign: a pipeline has several templates, and rotates them.

A surge is a neighbourhood of behaviour, and two operators may stand in one. It therefore joins nothing by itself: it
lets pieces that already have accounts in common count as one, and brings the accounts that stand in no other case.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from stillwatch.detect.detection import Finding
from stillwatch.detect.population import F64, I64, Bool
from stillwatch.vocabulary.campaigns import LEVELS

#: Two findings are one campaign where this much of the smaller one's accounts stand in the other.
COMMON = 0.5
#: Inside one surge this much is enough: private wording leaves but pieces of a template in common.
COMMON_IN_SURGE, FEWEST_COMMON = 0.1, 2
#: A finding below the level of its case brings its accounts in where this much of them stands in it already: a group
#: that a campaign and a class make together must not bring the class into what is acted on.
NEARLY_ALL = 0.8


@dataclass(frozen=True)
class Case:
    """One campaign in the making. ``lead`` is its strongest finding; accounts and probabilities are aligned, sorted."""

    findings: tuple[Finding, ...]
    accounts: I64
    probability: F64

    @property
    def lead(self) -> Finding:
        """The finding whose evidence stands for the case."""
        return self.findings[0]


def joined(findings: Sequence[Finding]) -> list[Case]:
    """Cases, strongest first. A finding below ``review`` joins a case but never makes one stronger."""
    surges = sorted((f for f in findings if f.group.origin == "surge"), key=lambda finding: -finding.weight.bits)
    others = [finding for finding in findings if finding.group.origin != "surge"]
    parts = [piece for part in (_components(others, surges) if others else []) for piece in _apart(part)]
    for surge in surges:
        _spread(surge, parts)
    return sorted((_case(part) for part in parts), key=lambda case: -case.lead.weight.bits)


def _components(findings: Sequence[Finding], surges: Sequence[Finding]) -> list[list[Finding]]:
    """Findings that hang together by common accounts."""
    common, sizes = _common([finding.accounts for finding in findings])
    smaller = np.minimum(sizes[common.row], sizes[common.col])
    same = common.data >= COMMON * np.maximum(1, smaller)
    if surges:
        inside = np.array([[_within(finding, surge) for surge in surges] for finding in findings])
        together = (inside[common.row] & inside[common.col]).any(axis=1)
        same |= together & (common.data >= np.maximum(FEWEST_COMMON, COMMON_IN_SURGE * smaller))
    graph = sparse.coo_matrix(
        (np.ones(int(same.sum())), (common.row[same], common.col[same])), shape=(len(findings),) * 2
    )
    count, labels = connected_components(graph, directed=False)
    return [[findings[i] for i in np.flatnonzero(labels == label).tolist()] for label in range(count)]


def _apart(part: list[Finding]) -> list[list[Finding]]:
    """What can be acted on by itself is one case; what was put together of pieces, and is for review, another: as part
    of the first it would bring in none of its accounts."""
    acted_on = [finding for finding in part if finding.weight.level == "act"]
    if not acted_on or not any(finding.group.pieces for finding in part):
        return [part]
    return [acted_on, [finding for finding in part if finding.weight.level != "act"]]


def _common(accounts: Sequence[I64]) -> tuple[sparse.coo_matrix, I64]:
    """How many accounts each two lists have in common, and how many each has."""
    known, column = np.unique(np.concatenate(accounts), return_inverse=True)
    sizes = np.array([len(mine) for mine in accounts], dtype=np.int64)
    row = np.repeat(np.arange(len(accounts)), sizes)
    shape = (len(accounts), len(known))
    matrix = sparse.csr_matrix((np.ones(len(row), dtype=np.int32), (row, column)), shape=shape)
    return (matrix @ matrix.T).tocoo(), sizes


def _within(finding: Finding, surge: Finding) -> bool:
    """Whether most of a finding's accounts stand in a surge."""
    return bool(np.mean(np.isin(finding.accounts, surge.accounts)) >= COMMON) if len(finding.accounts) else False


def _spread(surge: Finding, parts: list[list[Finding]]) -> None:
    """Add a surge to the case that holds most of it, without other cases' accounts; else let the rest be a case."""
    strong = [
        np.unique(np.concatenate([f.accounts for f in part if f.weight.level != "watch"] or [np.zeros(0, np.int64)]))
        for part in parts
    ]
    inside = [np.isin(surge.accounts, accounts) for accounts in strong]
    best = int(np.argmax([mine.sum() for mine in inside])) if inside else -1
    nobodys = ~np.any(inside, axis=0) if inside else np.ones(len(surge.accounts), dtype=bool)
    if best >= 0 and inside[best].mean() >= COMMON:
        others = [mine for place, mine in enumerate(inside) if place != best]
        parts[best].append(_only(surge, ~np.any(others, axis=0) if others else np.ones_like(nobodys)))
    elif nobodys.mean() >= COMMON:
        parts.append([_only(surge, nobodys)])


def _only(finding: Finding, mine: Bool) -> Finding:
    return replace(finding, accounts=finding.accounts[mine], probability=finding.probability[mine])


def _case(findings: list[Finding]) -> Case:
    # By level first: a heavier finding with too few accounts to act on must not take a case that can be acted on down.
    ordered = sorted(findings, key=lambda finding: (_urgency(finding), -finding.weight.bits))
    lead = ordered[0].weight.level
    strong = _growing([f for f in ordered if f.weight.level == lead or (lead == "act" and f.weight.level == "review")])
    account = np.concatenate([finding.accounts for finding in strong])
    probability = np.concatenate([finding.probability for finding in strong])
    accounts, position = np.unique(account, return_inverse=True)
    best = np.zeros(len(accounts))
    np.maximum.at(best, position, probability)
    return Case(tuple(ordered), accounts, best)


def _growing(ordered: Sequence[Finding]) -> list[Finding]:
    """The findings that add to the case: those most of whose accounts stand in stronger ones already, or in its surge.

    A weaker group that is mostly others (a class that asks the campaign's tasks) is context, and brings nobody in.
    """
    lead = ordered[0]
    kept, inside = [lead], lead.accounts
    surges = [f for f in ordered if f.group.origin == "surge" and _within(lead, f)]
    for finding in ordered[1:]:
        alike = any(finding is surge or _within(finding, surge) for surge in surges)
        needed = COMMON if finding.weight.level == lead.weight.level else NEARLY_ALL
        if alike or float(np.mean(np.isin(finding.accounts, inside))) >= needed:
            kept.append(finding)
            inside = np.union1d(inside, finding.accounts)
    return kept


def _urgency(finding: Finding) -> int:
    return next((rank for rank, level in enumerate(LEVELS) if level == finding.weight.level), len(LEVELS))
