"""Findings that share accounts are one campaign: a pipeline has several templates, and rotates them."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from stillwatch.detect.detection import Finding
from stillwatch.detect.population import F64, I64
from stillwatch.vocabulary.campaigns import LEVELS

#: Two findings are one campaign where this much of the smaller one's accounts stand in the other.
COMMON = 0.5


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
    if not findings:
        return []
    known = np.unique(np.concatenate([finding.accounts for finding in findings]))
    row = np.concatenate([np.full(len(finding.accounts), i) for i, finding in enumerate(findings)])
    column = np.searchsorted(known, np.concatenate([finding.accounts for finding in findings]))
    matrix = sparse.csr_matrix((np.ones(len(row), dtype=np.int32), (row, column)), shape=(len(findings), len(known)))
    common = (matrix @ matrix.T).tocoo()
    sizes = np.asarray(matrix.sum(axis=1)).reshape(-1)
    smaller = np.minimum(sizes[common.row], sizes[common.col])
    same = common.data >= COMMON * np.maximum(1, smaller)
    graph = sparse.coo_matrix(
        (np.ones(int(same.sum())), (common.row[same], common.col[same])), shape=(len(findings),) * 2
    )
    count, labels = connected_components(graph, directed=False)
    cases = [_case([findings[i] for i in np.flatnonzero(labels == label).tolist()]) for label in range(count)]
    return sorted(cases, key=lambda case: -case.lead.weight.bits)


def _case(findings: list[Finding]) -> Case:
    # By level first: a heavier finding with too few accounts to act on must not take a case that can be acted on down.
    ordered = sorted(findings, key=lambda finding: (_urgency(finding), -finding.weight.bits))
    lead = ordered[0].weight.level
    strong = [f for f in ordered if f.weight.level == lead or (lead == "act" and f.weight.level == "review")]
    account = np.concatenate([finding.accounts for finding in strong])
    probability = np.concatenate([finding.probability for finding in strong])
    accounts, position = np.unique(account, return_inverse=True)
    best = np.zeros(len(accounts))
    np.maximum.at(best, position, probability)
    return Case(tuple(ordered), accounts, best)


def _urgency(finding: Finding) -> int:
    return next((rank for rank, level in enumerate(LEVELS) if level == finding.weight.level), len(LEVELS))
