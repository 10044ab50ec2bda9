"""PRADA: M. Juuti, S. Szyller, S. Marchal, N. Asokan, "PRADA: Protecting against DNN Model Stealing Attacks",
EuroS&P 2019, arXiv 1805.02628: distances of an account's queries to its earlier ones of the same class are
about normal for honest use; an attack's are not, which the Shapiro-Wilk statistic W shows.

Kept: a growing set for each class, which a query joins where it lies farther from the set than a bar, the bar
max(old, mean - deviation) of the distances of those that joined, outliers beyond three deviations left out,
W below a threshold accuses. Adapted: a class is the nearest of eight centres of history (a language model has no
predicted class); the distance is that of text vectors; the paper waits for a hundred distances, which few accounts
here ever have, so 10, 30 and 100 are tried. Distances of an account's classes are judged together, as in the paper.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.vq import kmeans2
from scipy.stats import shapiro

from bench.detection import vectors
from bench.detection.events import Event
from bench.detection.suspicions import Variant

CLASSES = 8
LEAST = (10, 30, 100)


class Fitted(NamedTuple):
    """The space of text vectors, and the centres that stand for classes."""

    space: vectors.Space
    centres: NDArray[np.float32]


def fit(history: Sequence[Event]) -> Fitted:
    """Centres of history."""
    space = vectors.fit(history)
    some = vectors.vectors(history[:: max(1, len(history) // 10_000)], space)
    centres, _ = kmeans2(some, CLASSES, minit="++", seed=np.random.default_rng(1))
    return Fitted(space, centres)


def score(events: Sequence[Event], fitted: Fitted) -> dict[str, Variant]:
    """1 - W, for accounts with enough distances."""
    found = vectors.vectors(events, fitted.space)
    classes = np.argmax(found @ fitted.centres.T - 0.5 * np.sum(fitted.centres**2, axis=1), axis=1)
    scores: dict[int, dict[str, float]] = {least: {} for least in LEAST}
    for account, places in vectors.by_account(events).items():
        if len(places) < min(LEAST):
            continue
        kept = _without_outliers(distances(found[places], classes[places]))
        if len(kept) < min(LEAST) or np.ptp(kept) < 1e-6:
            continue
        value = 1 - float(shapiro(kept[:5_000]).statistic)
        for least in LEAST:
            if len(kept) >= least:
                scores[least][account] = value
    return {f"{least} distances or more": Variant(scores=found_) for least, found_ in scores.items()}


def distances(found: NDArray[np.float32], classes: NDArray[np.int64]) -> NDArray[np.float64]:
    """The smallest distance of each query to the growing set of its class; the first of a class has none."""
    out: list[float] = []
    for which in np.unique(classes):
        mine = found[classes == which]
        growing, grown, bar = [0], [0.0], 0.0
        for place in range(1, len(mine)):
            nearest = float(np.sqrt(np.min(np.sum((mine[growing] - mine[place]) ** 2, axis=1))))
            out.append(nearest)
            if nearest > bar:
                growing.append(place)
                grown.append(nearest)
                bar = max(bar, float(np.mean(grown) - np.std(grown)))
    return np.array(out)


def _without_outliers(found: NDArray[np.float64]) -> NDArray[np.float64]:
    if len(found) < 2:
        return found
    kept: NDArray[np.float64] = found[np.abs(found - found.mean()) <= 3 * found.std() + 1e-12]
    return kept
