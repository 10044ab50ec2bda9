"""Candidates from ties: one card, one credential, one sign-up network under many names.

Accounts and the values they share form a bipartite graph. Values that many show (a carrier, a popular client) bind
nobody and are cut before; what is left is clustered by Leiden (Traag, Waltman, van Eck 2019) on weights that grow with
rarity, so that one account that touches two crowds does not make them one.
"""

import networkit as nk
import numpy as np

from stillwatch.detect.candidates.templates import FEWEST_ACCOUNTS
from stillwatch.detect.population import I64, UNKNOWN, Accounts, Ties

#: Kinds that tie by themselves, and how much a unique value weighs. Addresses and clients only
#: strengthen (evidence): relays and offices give strangers one address.
STRENGTH = {"signature": 6.0, "payment": 4.0, "credential": 3.0, "signup": 1.5}
#: A value that more accounts show than this share of the population, or than this number, is common.
COMMON_SHARE = 0.01
COMMON_FEWEST = 60
#: Weight a group's ties must add up to per account: one shared address is no group.
ENOUGH = 2.5


def candidates(ties: Ties, population: Accounts) -> list[I64]:
    """Groups of account keys (sorted), largest first, that rare values tie together across organisations."""
    use = _rare(ties, len(population))
    if not use.any():
        return []
    account, entity = ties.account[use], ties.entity[use]
    strength = np.array([STRENGTH.get(name, 0.0) for name in ties.names])[ties.name[use]]
    weight = strength * np.log2(1.0 + len(population) / ties.reach[use]) / np.log2(1.0 + len(population) / 2)
    labels = _clustered(account, entity, weight)
    found = []
    for label in np.unique(labels):
        mine = labels == label
        members = np.unique(account[mine])
        if len(members) < FEWEST_ACCOUNTS or weight[mine].sum() / len(members) < ENOUGH:
            continue
        organization = population["organization"][population.rows(members)]
        if len(np.unique(np.where(organization == UNKNOWN, members, organization))) >= FEWEST_ACCOUNTS:
            found.append(members)
    return sorted(found, key=lambda members: (-len(members), int(members[0])))


def _rare(ties: Ties, accounts: int) -> np.ndarray:
    binding = np.isin(ties.name, [i for i, name in enumerate(ties.names) if name in STRENGTH])
    rare: np.ndarray = binding & (ties.reach <= max(COMMON_FEWEST, COMMON_SHARE * accounts))
    return rare


def _clustered(account: I64, entity: I64, weight: np.ndarray) -> I64:
    """The cluster of each row of the bipartite graph; one thread and a fixed seed, so that a run repeats."""
    accounts, row = np.unique(account, return_inverse=True)
    values, column = np.unique(entity, return_inverse=True)
    graph = nk.Graph(len(accounts) + len(values), weighted=True)
    for u, v, w in zip(row.tolist(), (column + len(accounts)).tolist(), weight.tolist(), strict=True):
        graph.increaseWeight(u, v, w)
    nk.setSeed(1, False)
    threads = nk.getMaxNumberOfThreads()
    nk.setNumberOfThreads(1)
    leiden = nk.community.ParallelLeiden(graph, iterations=10, randomize=False)
    leiden.run()
    nk.setNumberOfThreads(threads)
    part = np.array(leiden.getPartition().getVector(), dtype=np.int64)
    return np.asarray(part[row], dtype=np.int64)
