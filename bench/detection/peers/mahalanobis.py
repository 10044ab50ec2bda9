"""Mahalanobis distance of an account's features from those of historical accounts (P. C. Mahalanobis 1936, "On the
generalised distance in statistics"): what a general anomaly detector over account profiles does.

Features: volume, active hours and days, evenness, distinct prompts and openings, length and its spread, networks,
clients, models, share with a system prompt, and the mean text vector's first eight axes. The covariance is shrunk
towards its diagonal by a tenth.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bench.detection import vectors
from bench.detection.events import Event
from bench.detection.suspicions import Variant

_AXES = 8
_SHRUNK = 0.1


class Fitted(NamedTuple):
    """The space, the mean of historical accounts and the inverse of their covariance."""

    space: vectors.Space
    mean: NDArray[np.float64]
    inverse: NDArray[np.float64]


def fit(history: Sequence[Event]) -> Fitted:
    """Mean and covariance of accounts."""
    space = vectors.fit(history)
    rows = np.array(list(features(history, space).values()))
    covariance = np.cov(rows, rowvar=False)
    shrunk = (1 - _SHRUNK) * covariance + _SHRUNK * np.diag(np.diag(covariance)) + 1e-6 * np.eye(len(covariance))
    return Fitted(space, rows.mean(axis=0), np.asarray(np.linalg.inv(shrunk), np.float64))


def score(events: Sequence[Event], fitted: Fitted) -> dict[str, Variant]:
    """The squared distance, of all accounts and of those with five exchanges or more."""
    rows = features(events, fitted.space)
    away = np.array(list(rows.values())) - fitted.mean
    squared = np.einsum("ij,jk,ik->i", away, fitted.inverse, away)
    scores = dict(zip(rows, squared.tolist(), strict=True))
    busy = {account: value for account, value in scores.items() if rows[account][0] >= np.log(5)}
    return {"all accounts": Variant(scores=scores), "five exchanges or more": Variant(scores=busy)}


def features(events: Sequence[Event], space: vectors.Space) -> dict[str, NDArray[np.float64]]:
    """Account -> its features."""
    found = vectors.vectors(events, space)[:, -_AXES:]  # svds gives the weakest axis first
    return {
        account: np.concatenate([_plain([events[place] for place in places]), found[places].mean(axis=0)])
        for account, places in vectors.by_account(events).items()
    }


def _plain(mine: Sequence[Event]) -> NDArray[np.float64]:
    many = len(mine)
    lengths = np.log1p([len(event.prompt) for event in mine])
    gaps = np.log1p(np.diff([event.at for event in mine])) if many > 2 else np.zeros(1)
    return np.array(
        [
            np.log(many),
            np.log(len({event.at // 3_600 for event in mine})),
            len({event.at // 86_400 for event in mine}),
            len({event.prompt for event in mine}) / many,
            len({event.prompt[:50] for event in mine}) / many,
            lengths.mean(),
            lengths.std(),
            gaps.mean(),
            gaps.std(),
            len({event.at // 3_600 % 24 for event in mine}) / min(24, many),
            np.log(len({event.network for event in mine})),
            len({event.client for event in mine}),
            len({event.model for event in mine}),
            sum(event.system is not None for event in mine) / many,
        ]
    )
