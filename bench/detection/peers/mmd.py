"""Windows tested by maximum mean discrepancy: S. Liu, Q. Guo, Y. Dong, "An Embarrassingly Simple Detector for Model
Extraction Attacks in Large Language Model API Traffic", 2026, arXiv 2606.05725; the statistic is that of A. Gretton et
al. 2012, "A Kernel Two-Sample Test".

Kept: embedded queries, a Gaussian kernel at the median distance, a threshold from ordinary windows alone. Adapted: text
vectors in place of a sentence encoder; a window is consecutive queries of one account; the kernel mean comes from 256
random Fourier features (Rahimi and Recht 2007). Two calibrations of the same statistic: on windows of *shuffled*
queries of all accounts, and on windows of single *accounts*. A score of 1 is the largest statistic of 999 in 1,000 such
windows (or accounts) of the same size.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.detection import vectors
from bench.detection.events import Event
from bench.detection.suspicions import Variant

SIZES = (4, 10, 20, 40)
ALPHA = 0.001
_FEATURES = 256
_DRAWS = 3_000

Rows = NDArray[np.float32]


class Fitted(NamedTuple):
    """Space, random features (frequencies, phases), mean of history, and the bar of each window size."""

    space: vectors.Space
    frequencies: Rows
    phases: Rows
    mean: Rows
    bars: dict[int, float]


def _embedded(events: Sequence[Event], space: vectors.Space, frequencies: Rows, phases: Rows) -> Rows:
    waves = vectors.vectors(events, space) @ frequencies + phases
    return np.asarray(np.cos(waves) * np.sqrt(2 / _FEATURES), np.float32)


def statistics(rows: Rows, mean: Rows, size: int) -> NDArray[np.float64]:
    """The squared discrepancy of each consecutive whole window of ``size`` rows."""
    whole = len(rows) // size
    windows = rows[: whole * size].reshape(whole, size, -1).mean(axis=1)
    return np.asarray(np.sum((windows - mean) ** 2, axis=1), np.float64)


def _worst(rows: Rows, mean: Rows, size: int) -> float:
    return float(statistics(rows, mean, size).max())


def _fitted(history: Sequence[Event], bars: Callable[[Rows, Rows], dict[int, float]]) -> Fitted:
    rng = np.random.default_rng(2)
    space = vectors.fit(history)
    some = vectors.vectors([history[place] for place in rng.permutation(len(history))[:1_000]], space)
    width = float(np.median(np.linalg.norm(np.diff(some, axis=0), axis=1)))
    frequencies = (rng.standard_normal((vectors.DIMENSIONS, _FEATURES)) / width).astype(np.float32)
    phases = rng.uniform(0, 2 * np.pi, _FEATURES).astype(np.float32)
    rows = _embedded(history, space, frequencies, phases)
    mean = np.asarray(rows.mean(axis=0), np.float32)
    return Fitted(space, frequencies, phases, mean, bars(rows, mean))


def fit_shuffled(history: Sequence[Event]) -> Fitted:
    """Bars from windows of queries drawn without regard to who asked them."""

    def bars(rows: Rows, mean: Rows) -> dict[int, float]:
        rng = np.random.default_rng(3)
        return {
            size: float(np.quantile(statistics(rows[rng.integers(0, len(rows), _DRAWS * size)], mean, size), 1 - ALPHA))
            for size in SIZES
        }

    return _fitted(history, bars)


def fit_accounts(history: Sequence[Event]) -> Fitted:
    """Bars from the worst window of each historical account."""
    places = vectors.by_account(history)

    def bars(rows: Rows, mean: Rows) -> dict[int, float]:
        worst = {
            size: [_worst(rows[mine], mean, size) for mine in places.values() if len(mine) >= size] for size in SIZES
        }
        return {
            size: float(np.quantile(found, 1 - ALPHA, method="higher")) if found else np.inf
            for size, found in worst.items()
        }

    return _fitted(history, bars)


def score(events: Sequence[Event], fitted: Fitted) -> dict[str, Variant]:
    """The worst window of an account, of the largest size that it fills, in units of the bar."""
    rows = _embedded(events, fitted.space, fitted.frequencies, fitted.phases)
    scores = {}
    for account, places in vectors.by_account(events).items():
        sizes = [size for size in SIZES if size <= len(places)]
        if sizes:
            scores[account] = _worst(rows[places], fitted.mean, sizes[-1]) / fitted.bars[sizes[-1]]
    return {"worst window": Variant(scores=scores)}
