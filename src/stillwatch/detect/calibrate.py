"""How unlikely is a group as heavy as this one among innocent groups? p-values, e-values, a bound on false discoveries.

Null hypothesis: the group is a group of strangers, drawn like the groups that the whole pipeline (candidates included)
makes of weeks without any campaign: ``null_groups.json``, written by ``python -m bench.calibrate`` from composed
ordinary weeks with every look-alike. Unit: the group. The conformal p-value of a score among ``n`` exchangeable null
scores is (1 + how many are at least as high) / (n + 1) (Vovk, Gammerman, Shafer 2005): super-uniform under the null.

Families that look at one side of a group depend on each other, so they are scored together as a block; the blocks
(content, coordination, ties) are combined as e-values: e = k p^(k-1) with k = 1/4 integrates to one over uniform p
(Vovk and Wang 2021), the mean of e-values has expectation one whatever their dependence, the product of independent
ones too. We take the mean of both. The product's part rests on the blocks being independent among innocent groups,
which is an assumption: ``null_checked`` says how often the joint e-values of the null groups were large, and a test
holds that against what is claimed. Given e-values, e-BH (Wang and Ramdas 2022) keeps the expected share of false
discoveries among the groups tested in a run below its level under any dependence between groups.

Where this log's own groups are heavier than the null weeks (another mix of customers), p-values are raised by the
factor by which its upper twentieth is heavier: a first scan doubts itself as much as its own traffic gives cause.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files

import numpy as np

from stillwatch.detect.population import F64, I64

#: Families that are scored together, since they look at the same side.
BLOCKS: Mapping[str, tuple[str, ...]] = {
    "content": ("structure", "elicitation", "focus", "volume", "explanation"),
    "coordination": ("coordination",),
    "ties": ("infrastructure", "lifecycle", "replay"),
}
#: Share of null groups by which the local inflation is measured.
TAIL = 0.05
#: Exponent of the calibrator: small, since a few thousand null groups give p-values of one in a few thousand.
KAPPA = 0.25


def scores(families: Mapping[str, float]) -> F64:
    """The score of each block: the sum of its families' bits, in the order of ``BLOCKS``."""
    return np.array([sum(families.get(name, 0.0) for name in names) for names in BLOCKS.values()])


@cache
def null_scores() -> F64:
    """Scores of the shipped null groups, [groups, blocks], each block in rising order.

    The file has for each block the scores in tenths of a bit and how many groups had them.
    """
    data = json.loads((files("stillwatch.detect") / "null_groups.json").read_text("utf-8"))
    columns = [np.repeat(data["scores"][name]["tenths"], data["scores"][name]["groups"]) for name in BLOCKS]
    return np.asarray(np.stack(columns, axis=1) / 10.0, dtype=np.float64)


@cache
def null_checked() -> dict[float, float]:
    """For some bounds, the share of the null groups whose own combined e-value reached it: 1 / bound is claimed."""
    data = json.loads((files("stillwatch.detect") / "null_groups.json").read_text("utf-8"))
    return {float(bound): float(share) for bound, share in data["e_values"].items()}


def conformal(null: F64, observed: F64) -> F64:
    """Conformal p-values of ``observed`` among ``null`` (any order): (1 + number at least as high) / (n + 1)."""
    ordered = np.sort(null)
    higher = len(ordered) - np.searchsorted(ordered, observed, side="left")
    return np.asarray((1.0 + higher) / (len(ordered) + 1.0), dtype=np.float64)


def e_of(p: F64) -> F64:
    """The e-value of p-values by the calibrator ``KAPPA`` p^(``KAPPA`` - 1) (Vovk and Wang 2021)."""
    return np.asarray(KAPPA * p ** (KAPPA - 1.0), dtype=np.float64)


def combined(e: F64) -> F64:
    """One e-value from those of the blocks, [groups, blocks]: half their mean, half their product."""
    return np.asarray(0.5 * e.mean(axis=1) + 0.5 * e.prod(axis=1), dtype=np.float64)


def inflation(null: F64, own: F64) -> float:
    """How many times more of this log's groups than of the null groups lie in the null's upper ``TAIL`` (at least 1).

    With fewer than 100 groups nothing can be said, and the factor is 1.
    """
    if len(own) < 100:
        return 1.0
    bound = float(np.quantile(null, 1.0 - TAIL))
    return max(1.0, float(np.mean(own > bound)) / max(float(np.mean(null > bound)), 1.0 / len(null)))


def e_values(observed: F64) -> F64:
    """Combined e-values of all groups of a run, from their block scores [groups, blocks]."""
    null = null_scores()
    p = np.empty_like(observed)
    for block in range(observed.shape[1]):
        factor = inflation(null[:, block], observed[:, block])
        p[:, block] = np.minimum(1.0, factor * conformal(null[:, block], observed[:, block]))
    return combined(e_of(p))


def e_bh(e: F64, level: float) -> I64:
    """Indices that e-BH rejects at ``level``: the largest k with the k-th highest e-value at least n / (k * level)."""
    if not len(e):
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(-e, kind="stable")
    needed = len(e) / (level * np.arange(1, len(e) + 1))
    passed = np.flatnonzero(e[order] >= needed)
    return np.sort(order[: passed[-1] + 1]).astype(np.int64) if len(passed) else np.zeros(0, dtype=np.int64)


def p_values(e: Sequence[float] | F64) -> F64:
    """The p-value that an e-value stands for, by Markov's inequality: min(1, 1 / e)."""
    return np.asarray(np.minimum(1.0, 1.0 / np.maximum(np.asarray(e, dtype=np.float64), 1e-300)), dtype=np.float64)
