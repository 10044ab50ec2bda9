"""SynchroTrap-like: Q. Cao, X. Yang, J. Yu, C. Palow, "Uncovering Large Groups of Active Malicious Accounts in Online
Social Networks", CCS 2014, doi 10.1145/2660267.2660269: accounts that do the same to the same object at about the same
time are similar (Jaccard of their actions); single linkage makes groups.

Kept: actions as (account, time, object), Jaccard over matched actions, single linkage cut at a similarity. Adapted: an
object is the first fifty characters of a prompt, or the network; "about the same time" is the same hour or day (the
paper slides a window of an hour; cutting the clock into steps loses pairs at the edges); the whole log is compared at
once, which the paper does by day and adds up.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from bench.detection.events import Event
from bench.detection.suspicions import Variant, forest

STEPS = {"hour": 3_600, "day": 86_400}


def fit(history: Sequence[Event]) -> None:
    """Nothing to learn."""


def score(events: Sequence[Event], fitted: None) -> dict[str, Variant]:
    """Variants: two objects, two steps of time."""
    found = {}
    for what, objects in (
        ("opening", [event.prompt[:50] for event in events]),
        ("network", [event.network for event in events]),
    ):
        for step, seconds in STEPS.items():
            acts = [
                (event.account, (target, int(event.at // seconds)))
                for event, target in zip(events, objects, strict=True)
                if target is not None
            ]
            found[f"{what}, same {step}"] = Variant(edges=similar(acts))
    return found


def similar(acts: Sequence[tuple[str, Any]]) -> list[tuple[str, str, float]]:
    """Pairs of accounts by the Jaccard similarity of what they did: a spanning forest of the strongest."""
    accounts = {account: place for place, account in enumerate(dict.fromkeys(account for account, _ in acts))}
    targets = {target: place for place, target in enumerate(dict.fromkeys(target for _, target in acts))}
    pairs = np.array(list({(accounts[account], targets[target]) for account, target in acts})).reshape(-1, 2)
    done = sparse.csr_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), (len(accounts), len(targets)))
    counts = np.diff(done.indptr)
    both = sparse.triu(done @ done.T, 1).tocoo()
    jaccard = both.data / (counts[both.row] + counts[both.col] - both.data)
    names = list(accounts)
    return forest(
        (names[one], names[other], value)
        for one, other, value in zip(both.row.tolist(), both.col.tolist(), jaccard.tolist(), strict=True)
    )
