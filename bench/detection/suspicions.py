"""What a peer hands back, and whom it accuses at a threshold.

A peer gives one or more *variants* (another object to count, another window); the best is chosen on tuning traffic,
like the threshold. A variant is either ``scores``, a number for each account, with ``labels`` where the number is that
of a group; or ``edges``, pairs of accounts with a weight, whose components are the groups. Higher is more suspicious.
"""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

#: Components of fewer accounts are no group: two colleagues share much.
SMALLEST = 5


class Variant(msgspec.Struct, frozen=True, omit_defaults=True):
    """``scores`` and ``labels`` by account, or ``edges`` as (account, account, weight)."""

    scores: dict[str, float] = {}
    labels: dict[str, str] = {}
    edges: list[tuple[str, str, float]] = []


class Outcome(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a peer made of a log: its variants by name, or the ``reason`` why it could not be measured."""

    variants: dict[str, Variant] = {}
    reason: str = ""


class Joined:
    """Disjoint sets of accounts (union by size)."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}
        self.members: dict[str, list[str]] = {}

    def root(self, account: str) -> str:
        """The account that stands for the set."""
        self.members.setdefault(account, [account]) if account not in self._above else None
        while account in self._above:
            account = self._above[account]
        return account

    def join(self, one: str, other: str) -> str | None:
        """The root of both together; ``None`` where they were together before."""
        small, large = sorted((self.root(one), self.root(other)), key=lambda root: len(self.members[root]))
        if small == large:
            return None
        self._above[small] = large
        self.members[large] += self.members.pop(small)
        return large


def forest(edges: Iterable[tuple[str, str, float]]) -> list[tuple[str, str, float]]:
    """The strongest edges that join what all the edges join: a spanning forest (Kruskal 1956), strongest first."""
    joined = Joined()
    return [edge for edge in sorted(edges, key=lambda edge: -edge[2]) if joined.join(edge[0], edge[1]) is not None]


def levels(variant: Variant) -> dict[str, float]:
    """For each account the highest threshold at which it is accused."""
    if not variant.edges:
        return dict(variant.scores)
    found: dict[str, float] = {}
    joined = Joined()
    for one, other, weight in forest(variant.edges):
        root = joined.join(one, other)
        assert root is not None
        members = joined.members[root]
        if len(members) >= SMALLEST:
            for account in members:
                found.setdefault(account, weight)
    return found


def groups(variant: Variant, threshold: float) -> list[set[str]]:
    """The groups at ``threshold``, largest first; none where the peer makes no groups."""
    found: dict[str, set[str]] = {}
    if variant.edges:
        joined = Joined()
        for one, other, weight in variant.edges:
            if weight >= threshold:
                joined.join(one, other)
        found = {root: set(members) for root, members in joined.members.items() if len(members) >= SMALLEST}
    else:
        for account, label in variant.labels.items():
            if variant.scores[account] >= threshold:
                found.setdefault(label, set()).add(account)
    return sorted(found.values(), key=len, reverse=True)


def accused(variant: Variant, threshold: float) -> set[str]:
    """The accounts at or above ``threshold``."""
    return {account for account, level in levels(variant).items() if level >= threshold}


def at_budget(found: Mapping[str, float], innocent: Iterable[str], most: int) -> float:
    """The lowest threshold, at a score that occurs, that accuses ``most`` innocent accounts or fewer."""
    worst = sorted((found.get(account, float("-inf")) for account in innocent), reverse=True)
    bar = worst[most] if len(worst) > most else float("-inf")
    above = [level for level in found.values() if level > bar]
    return min(above, default=float("inf"))


def best_f1(found: Mapping[str, float], guilty: set[str]) -> tuple[float, float]:
    """The threshold with the highest F1 of accounts, and that F1. Of equals the higher threshold."""
    ordered: Sequence[tuple[float, str]] = sorted(((level, account) for account, level in found.items()), reverse=True)
    best, best_level, right = 0.0, float("inf"), 0
    for place, (level, account) in enumerate(ordered):
        right += account in guilty
        last = place + 1 == len(ordered) or ordered[place + 1][0] < level
        value = 2 * right / (place + 1 + len(guilty))
        if last and value > best:
            best, best_level = value, level
    return best_level, best
