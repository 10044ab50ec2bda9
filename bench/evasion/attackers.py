"""Three attackers, each as good as what it may learn. All they see is whether a campaign would be noticed.

*White-box* has the code and its weights and tries configurations offline, on weeks of its own composing, as often as
its budget allows: random ones first (half of the budget), then the cheapest of those unnoticed once more in a new week,
then steps downhill in cost from the cheapest that was unnoticed twice. *One-bit* learns after each real campaign
whether it was noticed, and adds a measure until it is unnoticed twice in turn. *Blind* takes the measures that are
talked about and never learns.
"""

from collections.abc import Callable, Sequence
from itertools import product

import msgspec
import numpy as np

from bench.evasion.costs import AXES, NAIVE, Tactic

#: Says for each tactic whether it was noticed in one new week.
Ask = Callable[[Sequence[Tactic]], list[bool]]
Cost = Callable[[Tactic], float]

#: What reports of campaigns describe together: many accounts of moderate volume, unrelated work mixed in, rented
#: addresses (Anthropic, "Detecting and preventing distillation attacks", 2026-02-23), and a paraphrase per account.
BLIND = Tactic(20, 0.5, "per-account", "dispersed", "even", "together")

#: One measure more at each rung, from the cheapest on.
LADDER: tuple[Tactic, ...] = (
    NAIVE,
    Tactic(100, 0.0, "per-account", "shared", "human", "spread"),
    Tactic(100, 0.0, "per-request", "shared", "human", "spread"),
    Tactic(100, 0.0, "per-request", "dispersed", "human", "spread"),
    Tactic(20, 0.0, "per-request", "dispersed", "human", "spread"),
    Tactic(20, 0.5, "per-request", "dispersed", "human", "spread"),
    Tactic(20, 0.8, "per-request", "dispersed", "human", "spread"),
    Tactic(20, 0.95, "per-request", "dispersed", "human", "spread"),
    Tactic(20, 0.0, "none", "dispersed", "human", "spread"),
)
_ROUND = 4  # tactics that are tried at a time after the first round


def every_tactic(fits: Callable[[Tactic], bool]) -> list[Tactic]:
    """The whole space within the limits. Cover without wording is left out: it hides nothing."""
    made = (msgspec.convert(dict(zip(AXES, choice, strict=True)), Tactic) for choice in product(*AXES.values()))
    return [tactic for tactic in made if fits(tactic) and not (tactic.wording == "none" and tactic.cover)]


class Budget:
    """Counts tries. What is asked beyond the budget is not answered."""

    def __init__(self, ask: Ask, tries: int) -> None:
        self._ask, self.left, self.used = ask, tries, 0
        self.noticed: set[Tactic] = set()

    def unnoticed(self, tactics: Sequence[Tactic]) -> list[Tactic]:
        """Those that were not noticed in one new week, of as many as the budget allows."""
        tried = list(tactics)[: self.left]
        if not tried:
            return []
        self.left -= len(tried)
        self.used += len(tried)
        answers = dict(zip(tried, self._ask(tried), strict=True))
        self.noticed |= {tactic for tactic, noticed in answers.items() if noticed}
        return [tactic for tactic, noticed in answers.items() if not noticed]


def white_box(space: Sequence[Tactic], cost: Cost, budget: Budget, rng: np.random.Generator) -> Tactic | None:
    """The cheapest tactic that was unnoticed in two weeks, as far as the budget reached, or ``None``."""
    by_cost = sorted(space, key=cost)
    # One from each equal part of the space in order of cost, so that cheap ones are looked at too.
    parts = np.array_split(np.arange(len(by_cost)), max(1, min(len(by_cost), budget.left // 2)))
    standing = budget.unnoticed([by_cost[int(rng.choice(part))] for part in parts if len(part)])
    sure: set[Tactic] = set()
    while budget.left and standing and standing[0] not in sure:
        doubtful = [tactic for tactic in standing if tactic not in sure][:_ROUND]
        sure.update(budget.unnoticed(doubtful))
        standing = [tactic for tactic in standing if tactic not in budget.noticed]
    return _downhill(standing[0], space, cost, budget) if standing and standing[0] in sure else None


def _downhill(best: Tactic, space: Sequence[Tactic], cost: Cost, budget: Budget) -> Tactic:
    """Cheaper neighbours, cheapest first; one that is unnoticed twice is the new best."""
    allowed = set(space)
    while budget.left:
        known = cost(best)
        cheaper = [near for near in neighbours(best) if near in allowed and near not in budget.noticed]
        cheaper = sorted((near for near in cheaper if cost(near) < known), key=cost)[:_ROUND]
        quiet = budget.unnoticed(cheaper)
        sure = budget.unnoticed(quiet) if quiet else []
        if sure:
            best = min(sure, key=cost)
        elif not cheaper:
            break
    return best


def neighbours(tactic: Tactic) -> list[Tactic]:
    """One step on one axis, and the same together with a step back on another: measures are swapped as well."""
    found: dict[Tactic, None] = {}
    for first in AXES:
        for stepped in _steps(tactic, first):
            found[stepped] = None
            for second in AXES:
                if second != first:
                    found |= dict.fromkeys(_steps(stepped, second))
    found.pop(tactic, None)
    return list(found)


def _steps(tactic: Tactic, axis: str) -> list[Tactic]:
    values = AXES[axis]
    place = values.index(getattr(tactic, axis))
    near = [values[at] for at in (place - 1, place + 1) if 0 <= at < len(values)]
    return [msgspec.structs.replace(tactic, **{axis: value}) for value in near]


def one_bit(budget: Budget, ladder: Sequence[Tactic] = LADDER) -> Tactic | None:
    """The first rung that was unnoticed twice in turn, as one quiet campaign may be luck; ``None`` where none was."""
    for rung in ladder:
        if budget.unnoticed([rung]) and budget.unnoticed([rung]):
            return rung
    return None
