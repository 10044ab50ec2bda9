"""SEAT-style: Z. Zhang, Y. Chen, D. Wagner, "SEAT: Similarity Encoder by Adversarial Training for Detecting Model
Extraction Attack Queries", AISec 2021, doi 10.1145/3474369.3486863: an account whose queries make many similar pairs
is cancelled.

Kept: a query counts where an earlier one of the same account is closer than a limit, and the count accuses. Adapted:
the encoder trained on attacked images is replaced by text vectors, as there is no such encoder for text; the limit is
one of three similarities, chosen on tuning traffic; the share of such queries is tried beside their number.
"""

from collections.abc import Sequence

import numpy as np

from bench.detection import vectors
from bench.detection.events import Event
from bench.detection.suspicions import Variant

LIMITS = (0.8, 0.9, 0.97)
_MOST = 1_500  # queries of an account that are compared: the first ones


def fit(history: Sequence[Event]) -> vectors.Space:
    """The space of text vectors."""
    return vectors.fit(history)


def score(events: Sequence[Event], fitted: vectors.Space) -> dict[str, Variant]:
    """Queries with a similar earlier one: how many, and which share of accounts with five queries or more."""
    found = vectors.vectors(events, fitted)
    counts: dict[float, dict[str, float]] = {limit: {} for limit in LIMITS}
    shares: dict[float, dict[str, float]] = {limit: {} for limit in LIMITS}
    for account, places in vectors.by_account(events).items():
        mine = found[places[:_MOST]]
        if len(mine) < 2:
            continue
        nearest = np.tril(mine @ mine.T, -1)[1:].max(axis=1)
        for limit in LIMITS:
            similar = int((nearest >= limit).sum())
            counts[limit][account] = float(similar)
            if len(mine) >= 5:
                shares[limit][account] = similar / (len(mine) - 1)
    named = {f"number at {limit}": Variant(scores=counts[limit]) for limit in LIMITS}
    return named | {f"share at {limit}": Variant(scores=shares[limit]) for limit in LIMITS}
