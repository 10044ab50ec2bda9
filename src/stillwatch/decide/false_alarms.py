"""How many of those whom a table would touch are innocent? An expectation and an interval, before it is adopted.

Model. An account that a table touches is innocent for one of two reasons:

- *its campaign is no campaign*: then all whom it names are innocent at once. The chance f of that, for a campaign of
  its level, is not known but estimated: from m false reports among n in weeks whose truth is known, f ~ Beta(m + 1/2,
  n - m + 1/2) (Jeffreys). Campaigns are false independently of each other *given* f; the uncertainty of f is shared.
- *the campaign is one and the account a stranger in it*: given the campaign, accounts belong independently with their
  stated memberships p, except for an error that a whole campaign shares: logit p is off by delta ~ N(0, sigma^2), the
  calibration's own error. Averaged over delta, accounts are not independent, and the interval is wider than a
  Poisson-binomial's own.

Accounts of an organisation that is decided as a whole, and that the scan did not name, stand or fall with its surest
account: they are one coin, not many.

The distribution is exact for this model, up to a quadrature over delta (Gauss-Hermite) and f (midpoints of equal
shares): a Poisson-binomial law by its characteristic function on a lattice (Fernandez and Williams, "Closed-form
expression for the Poisson-binomial probability density function", IEEE Trans. AES 46, 2010; Hong, "On computing the
distribution function for the Poisson binomial distribution", CSDA 59, 2013), campaigns convolved. What it does not
know: whether the weeks that the record comes from are like this log. A provider's own rehearsal is the better record
(``[calibration]`` in the rules).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.stats import beta

from stillwatch.vocabulary.campaigns import Level

F64 = npt.NDArray[np.float64]
C128 = npt.NDArray[np.complex128]

#: Two-sided interval.
LEVEL = 0.95
#: Points of the quadratures: over the shared error of memberships, and over the chance that a campaign is false.
_SHIFTS, _CHANCES = 9, 16
#: Steps of the lattice for what is not counted one by one (exchanges).
_STEPS = 1024
#: A stated membership of 0 or 1 is no certainty.
_NEVER_SURER = 1e-4


@dataclass(frozen=True)
class Record:
    """What the detector's reports of a level turned out to be: ``false`` among ``reports``, in weeks of known truth."""

    false: int
    reports: int

    def chances(self) -> F64:
        """Equally likely values of the chance that a report is false."""
        places = (np.arange(_CHANCES) + 0.5) / _CHANCES
        return np.asarray(beta.ppf(places, self.false + 0.5, self.reports - self.false + 0.5), dtype=np.float64)


@dataclass(frozen=True)
class Touched:
    """What of one campaign a table touches. One coin each: ``belongs`` F64[coins], and what is lost if it does not:
    ``accounts`` F64[coins], ``exchanges`` F64[coins]."""

    level: Level
    belongs: F64
    accounts: F64
    exchanges: F64


@dataclass(frozen=True)
class Expected:
    """Expectation and interval of a number; ``none`` is the chance that it is 0."""

    mean: float
    low: float
    high: float
    none: float


def false_alarms(
    touched: Sequence[Touched], records: Mapping[str, Record], sigma: float, what: str = "accounts"
) -> Expected:
    """How many ``accounts`` or ``exchanges`` of innocents would be touched.

    A level without a record is taken as one of which nothing is known (Beta(1/2, 1/2)): half of its reports may be
    false.
    """
    weights = [np.asarray(getattr(one, what), dtype=np.float64) for one in touched]
    total = float(sum(weight.sum() for weight in weights))
    if total <= 0:
        return Expected(0.0, 0.0, 0.0, 1.0)
    step = 1.0 if what == "accounts" else max(1.0, total / _STEPS)
    length = round(total / step) + len(touched) + 1
    strangers = [
        _strangers(one.belongs, weight, step, sigma, length) for one, weight in zip(touched, weights, strict=True)
    ]
    alls = [_at(round(float(weight.sum()) / step), length) for weight in weights]
    chances = {one.level: records.get(one.level, Record(0, 0)).chances() for one in touched}
    whole = np.zeros(length)
    for k in range(_CHANCES):
        factor: C128 = np.ones(length // 2 + 1, dtype=np.complex128)
        for one, some, every in zip(touched, strangers, alls, strict=True):
            false = chances[one.level][k]
            factor *= false * every + (1 - false) * some
        whole += np.fft.irfft(factor, length) / _CHANCES
    law = np.maximum(whole, 0.0)
    return _summary(law / law.sum(), step)


def _strangers(belongs: F64, weight: F64, step: float, sigma: float, length: int) -> C128:
    """The characteristic function (as ``rfft`` has it) of what strangers in a true campaign weigh."""
    order = np.argsort(belongs, kind="stable")
    edges = np.rint(np.cumsum(weight[order]) / step).astype(np.int64)  # carried over, so that nothing is lost
    steps = np.diff(edges, prepend=0)
    odds = _logit(np.round(belongs[order], 3))
    kinds, counts = np.unique(np.stack([steps.astype(np.float64), odds], axis=1), axis=0, return_counts=True)
    nodes, shares = np.polynomial.hermite_e.hermegauss(_SHIFTS)
    found: C128 = np.zeros(length // 2 + 1, dtype=np.complex128)
    turns = np.exp(-2j * np.pi * np.arange(length) / length)
    frequency = np.arange(length // 2 + 1)
    for node, share in zip(nodes, shares / shares.sum(), strict=True):
        product: C128 = np.ones(length // 2 + 1, dtype=np.complex128)
        for (many, odd), count in zip(kinds, counts, strict=True):
            if many:
                stranger = 1.0 / (1.0 + np.exp(odd + sigma * node))
                product *= (1 - stranger + stranger * turns[(frequency * int(many)) % length]) ** int(count)
        found += share * product
    return found


def _at(place: int, length: int) -> C128:
    """The characteristic function of a number that is certain."""
    return np.asarray(np.exp(-2j * np.pi * np.arange(length // 2 + 1) * place / length), dtype=np.complex128)


def _logit(p: F64) -> F64:
    held = np.clip(p, _NEVER_SURER, 1 - _NEVER_SURER)
    return np.asarray(np.log(held / (1 - held)), dtype=np.float64)


def _summary(law: F64, step: float) -> Expected:
    below = np.cumsum(law)
    tail = (1 - LEVEL) / 2
    low = int(np.searchsorted(below, tail))
    high = int(np.searchsorted(below, 1 - tail))
    values = np.arange(len(law)) * step
    return Expected(float(law @ values), low * step, min(high, len(law) - 1) * step, float(law[0]))
