"""Text as vectors for the peers that compare queries: latent semantic analysis of words (Deerwester et al. 1990,
"Indexing by latent semantic analysis"). The papers use encoders of images or of sentences; none of those can be had
from a package registry without fetching weights at run time, so every peer gets these, fitted on the same history.
"""

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.linalg import svds

from bench.detection.events import Event

DIMENSIONS = 48
_VOCABULARY = 12_000
_SYSTEM, _PROMPT = 400, 1_200  # characters that are looked at
_WORDS = re.compile(r"\w+")

Vectors = NDArray[np.float32]


class Space(NamedTuple):
    """A vocabulary (word -> column), the weight of each word, and the projection (words x ``DIMENSIONS``)."""

    words: dict[str, int]
    weights: NDArray[np.float32]
    projection: NDArray[np.float32]


def words(event: Event) -> list[str]:
    """The words of a query: the start of the system prompt and of what the caller said."""
    return _WORDS.findall(f"{(event.system or '')[:_SYSTEM]} {event.prompt[:_PROMPT]}".lower())


def fit(events: Sequence[Event], seed: int = 0) -> Space:
    """A space from history."""
    seen = [words(event) for event in events]
    documents = Counter(word for text in seen for word in set(text))
    known = {word: place for place, (word, _) in enumerate(documents.most_common(_VOCABULARY))}
    weights = np.log(len(seen) / np.array([documents[word] for word in known], np.float32)).astype(np.float32) + 0.1
    some = np.random.default_rng(seed).permutation(len(seen))[:8_000]
    counted = _counted([seen[place] for place in some], known, weights)
    _, _, axes = svds(counted, k=DIMENSIONS, random_state=seed)
    return Space(known, weights, np.ascontiguousarray(axes.T, np.float32))


def _counted(texts: Sequence[list[str]], known: dict[str, int], weights: NDArray[np.float32]) -> Any:
    rows = [[known[word] for word in text if word in known] for text in texts]
    starts = np.cumsum([0, *map(len, rows)])
    columns = np.fromiter((column for row in rows for column in row), np.int32, int(starts[-1]))
    matrix = sparse.csr_matrix((np.ones(len(columns), np.float32), columns, starts), (len(rows), len(known)))
    matrix.sum_duplicates()
    matrix.data = (1 + np.log(matrix.data)) * weights[matrix.indices]
    return matrix


def vectors(events: Sequence[Event], space: Space) -> Vectors:
    """A unit vector for each event, (n, ``DIMENSIONS``); zeros where no word is known."""
    found = np.asarray(_counted([words(event) for event in events], space.words, space.weights) @ space.projection)
    lengths = np.linalg.norm(found, axis=1, keepdims=True)
    return np.asarray(found / np.maximum(lengths, 1e-9), np.float32)


def by_account(events: Sequence[Event]) -> dict[str, list[int]]:
    """Account -> the places of its events, in order of time."""
    places: dict[str, list[int]] = {}
    for place, event in enumerate(events):
        places.setdefault(event.account, []).append(place)
    return places
