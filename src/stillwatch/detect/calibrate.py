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

Which null? The composed weeks are nobody's own, so a provider's own quiet groups of *earlier* scans take their place
as they gather (``own_groups``; never groups of the run under test, which would be compared with themselves):

- Fewer than ``OWN_GROUPS`` groups or ``OWN_DAYS`` days: the shipped null. Where this log's own groups are heavier
  (another mix of customers), p-values are raised by the factor by which their upper twentieth is: a first scan doubts
  itself as much as its own traffic gives cause.
- From there: the larger of the own and the shipped p-value. P(max <= t) <= P(valid one <= t) <= t, so it holds if
  either null does. One week's groups share the week's shocks, hence no sharpening yet.
- From ``ALONE_DAYS`` days: the own p-value alone.

The own p-value (``own_p``) of a score s among n own groups, leaving out the group's own past, is conformal as far as
own groups reach. A few hundred can't say more than "one in a few hundred", so beyond their ``ANCHOR``-th highest
score u it is own(u) * shipped(s) / shipped(u): how often a group gets as far as u *here*, times how often one that
got so far gets to s in the composed weeks; but never below the conformal p-value where an own group is as heavy as s.
With that, if the group is exchangeable with own past groups, P(p <= t) <= max(t, 1 / (n + 1)) *whatever* the shipped
null; that tails beyond u are alike is needed only for p-values below 1 / (n + 1). Groups that were found are left out
of the n: as each campaign found might have been an innocent group, each counts as one that reached u. A campaign that
nobody found stays in, and makes p-values too large, never too small.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
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
#: Own groups and days of history from which they are listened to, and days from which they are trusted alone.
OWN_GROUPS = 200
OWN_DAYS = 7
ALONE_DAYS = 28
#: The own null carries a p-value down to its own highest score but so many; beyond, the shipped tail does.
ANCHOR = 20


@dataclass(frozen=True)
class Own:
    """A provider's own null: quiet groups of earlier scans, one row each.

    scores  F64[n, blocks]  the highest score of each block that the group ever had
    past    I64[groups]     for each group of the run under test the row of its own past, -1 where it has none
    days    days (UTC) that the log touched as the earlier scans had seen it
    found   campaigns that were found by then, whose groups are not among the rows
    """

    scores: F64
    past: I64
    days: int
    found: int = 0

    @property
    def heard(self) -> bool:
        """Whether it may raise p-values."""
        return len(self.scores) >= OWN_GROUPS and self.days >= OWN_DAYS

    @property
    def alone(self) -> bool:
        """Whether it may lower them too."""
        return self.heard and self.days >= ALONE_DAYS


def scores(families: Mapping[str, float]) -> F64:
    """The score of each block: the sum of its families' bits, in the order of ``BLOCKS``."""
    return np.array([sum(families.get(name, 0.0) for name in names) for names in BLOCKS.values()])


def _shipped() -> bytes:
    return (files("stillwatch.detect") / "null_groups.json").read_bytes()


@cache
def scoring() -> str:
    """A name for the present weights: the shipped null is written anew whenever they change.

    Scores of groups under other weights are not exchangeable with today's.
    """
    return blake2b(_shipped(), digest_size=8).hexdigest()


@cache
def null_scores() -> F64:
    """Scores of the shipped null groups, [groups, blocks], each block in rising order.

    The file has for each block the scores in tenths of a bit and how many groups had them.
    """
    data = json.loads(_shipped())
    columns = [np.repeat(data["scores"][name]["tenths"], data["scores"][name]["groups"]) for name in BLOCKS]
    return np.asarray(np.stack(columns, axis=1) / 10.0, dtype=np.float64)


@cache
def null_checked() -> dict[float, float]:
    """For some bounds, the share of the null groups whose own combined e-value reached it: 1 / bound is claimed."""
    data = json.loads(_shipped())
    return {float(bound): float(share) for bound, share in data["e_values"].items()}


def conformal(null: F64, observed: F64) -> F64:
    """Conformal p-values of ``observed`` among ``null`` (any order): (1 + number at least as high) / (n + 1)."""
    return np.asarray((1.0 + _as_high(null, observed)) / (len(null) + 1.0), dtype=np.float64)


def _as_high(null: F64, observed: F64) -> F64:
    """How many of ``null`` are at least as high as each of ``observed``."""
    return np.asarray(len(null) - np.searchsorted(np.sort(null), observed, side="left"), dtype=np.float64)


def own_p(shipped: F64, own: F64, observed: F64, past: F64, found: int = 0) -> F64:
    """p-values of ``observed`` [groups] among one block's ``own`` scores, with the tail of ``shipped`` beyond them.

    ``past`` [groups]: the own score of the group's past, which is left out; NaN where it has none.
    """
    known = ~np.isnan(past)
    n = len(own) - known
    higher = _as_high(own, observed) - (known & (past >= observed))
    anchor = float(np.partition(own, -ANCHOR)[-ANCHOR])
    reached = _as_high(own, np.full(len(observed), anchor)) - (known & (past >= anchor))
    beyond = (1.0 + _as_high(shipped, observed)) / (1.0 + _as_high(shipped, np.array([anchor])))
    tail = (1.0 + reached + found) / (n + 1.0 + found) * np.minimum(1.0, beyond)
    tail = np.maximum(tail, np.where(higher > 0, (1.0 + higher) / (n + 1.0), 0.0))
    return np.asarray(np.where(observed > anchor, tail, (1.0 + higher + found) / (n + 1.0 + found)), dtype=np.float64)


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


def block_p(observed: F64, own: Own | None = None) -> F64:
    """p-values of each block for all groups of a run, [groups, blocks], by the rules of the module's docstring."""
    shipped = null_scores()
    p = np.empty_like(observed)
    for block in range(observed.shape[1]):
        seen, null = observed[:, block], shipped[:, block]
        if own is None or not own.heard:
            p[:, block] = np.minimum(1.0, inflation(null, seen) * conformal(null, seen))
            continue
        scores = own.scores[:, block]
        past = np.where(own.past >= 0, scores[own.past], np.nan)
        here = own_p(null, scores, seen, past, own.found)
        p[:, block] = here if own.alone else np.maximum(here, conformal(null, seen))
    return p


def e_values(observed: F64, own: Own | None = None) -> F64:
    """Combined e-values of all groups of a run, from their block scores [groups, blocks]."""
    return combined(e_of(block_p(observed, own)))


def e_bh(e: F64, level: float, unseen: int = 0) -> I64:
    """Indices that e-BH rejects at ``level``: the largest k with the k-th highest e-value at least n / (k * level).

    ``unseen`` hypotheses were put forward and not looked at: they count as tested, with an e-value of 0.
    """
    if not len(e):
        return np.zeros(0, dtype=np.int64)
    order = np.argsort(-e, kind="stable")
    needed = (len(e) + unseen) / (level * np.arange(1, len(e) + 1))
    passed = np.flatnonzero(e[order] >= needed)
    return np.sort(order[: passed[-1] + 1]).astype(np.int64) if len(passed) else np.zeros(0, dtype=np.int64)


def p_values(e: Sequence[float] | F64) -> F64:
    """The p-value that an e-value stands for, by Markov's inequality: min(1, 1 / e)."""
    return np.asarray(np.minimum(1.0, 1.0 / np.maximum(np.asarray(e, dtype=np.float64), 1e-300)), dtype=np.float64)
