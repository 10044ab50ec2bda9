"""Exact intervals for counts: what a handful of false alarms, or none, allows us to say.

Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial", Biometrika 26
(1934); Garwood, "Fiducial limits for the Poisson distribution", Biometrika 28 (1936). Both cover at least as often as
they claim when units are independent. Accounts of one group are not: hence the same figures by group beside them.
"""

from typing import NamedTuple

from scipy.stats import beta, chi2

LEVEL = 0.95


class Interval(NamedTuple):
    """Two ends of a two-sided interval of level ``LEVEL``."""

    low: float
    high: float


def proportion(hits: int, of: int) -> Interval | None:
    """Interval of a share, in 0..1; ``None`` where nothing was tried."""
    if not of:
        return None
    tail = (1 - LEVEL) / 2
    low = float(beta.ppf(tail, hits, of - hits + 1)) if hits else 0.0
    high = float(beta.ppf(1 - tail, hits + 1, of - hits)) if hits < of else 1.0
    return Interval(low, high)


def rate(events: int, exposure: float, per: float) -> Interval | None:
    """Interval of events per ``per`` units, after ``events`` in ``exposure`` units; ``None`` without exposure."""
    if exposure <= 0:
        return None
    tail = (1 - LEVEL) / 2
    low = float(chi2.ppf(tail, 2 * events)) / 2 if events else 0.0
    high = float(chi2.ppf(1 - tail, 2 * events + 2)) / 2
    return Interval(low / exposure * per, high / exposure * per)
