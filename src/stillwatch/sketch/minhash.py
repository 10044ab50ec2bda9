"""MinHash: how alike two texts are as sets of short shingles, from 64 numbers each.

One pass over the text fills all 64 values: one-permutation hashing (Li, Owen, Zhang, "One Permutation Hashing", NIPS
2012). Each shingle's hash says which of 64 bins it falls into and with which value; a bin keeps its smallest. A bin
that stays empty borrows from a filled one, chosen by a hash of the bin's number and of the attempt: optimal
densification (Shrivastava, "Optimal Densification for Fast and Accurate Minwise Hashing", ICML 2017), after which two
texts agree in a bin with a probability equal to the Jaccard similarity of their shingle sets.

The share of agreeing bins estimates that similarity without bias (the 31-bit values add less than 1e-7). Its standard
error is that of 64 coin tosses, sqrt(J (1 - J) / 64), so 0.0625 at most, and about 1.2 times that for texts with fewer
shingles than bins, which borrow (measured in the tests). A shingle is 8 symbols: eight letters, or four Han characters.
"""

import numpy as np
import numpy.typing as npt

from stillwatch.sketch.fingerprints import mixed
from stillwatch.sketch.fold import Folded
from stillwatch.sketch.kernels import I64, NOTHING, READ_I64, READ_U32, U32, U64, WRITE_U32, inlined, kernel

BINS = 64
SHINGLE = 8
#: What every bin of an empty text holds; no shingle's value is as large.
EMPTY = 0xFFFFFFFF

_BASE = np.uint64(0xA54FF53A5F1D36F1)
_DOMAIN = np.uint64(0x6D696E68)
_BAND = np.uint64(0x62616E64)
_ZERO = np.uint64(0)


def signatures(folded: Folded) -> U32:
    """The MinHash of each row: uint32[rows, 64]. A text shorter than a shingle is one; an empty one is ``EMPTY``."""
    rows = folded.offsets.size - 1
    values = np.empty(rows * BINS, dtype=np.uint32)
    _signatures(folded.symbols, folded.offsets, values)
    return values.reshape(rows, BINS)


def bands(signatures: U32, *, bands: int = 16) -> U64:
    """One hash of each group of ``64 / bands`` values: uint64[rows, bands], 0 where the text was empty.

    Two texts of similarity ``J`` share at least one of 16 bands with a probability of 1 - (1 - J**4)**16: 0.06 at 0.25,
    one half at 0.45, 0.997 at 0.75.
    """
    if bands < 1 or BINS % bands:
        raise ValueError(f"{BINS} values can't be cut into {bands} equal bands")
    groups = signatures.reshape(signatures.shape[0], bands, BINS // bands).astype(np.uint64)
    state = np.full(groups.shape[:2], _BAND, dtype=np.uint64) + np.arange(bands, dtype=np.uint64)
    for place in range(groups.shape[2]):
        state = (state ^ groups[:, :, place]) * np.uint64(0xBB67AE8584CAA73B)
        state ^= state >> np.uint64(29)
    state = (state ^ (state >> np.uint64(33))) * np.uint64(0xFF51AFD7ED558CCD)
    state ^= state >> np.uint64(33)
    state[state == 0] = 1
    state[signatures[:, 0] == EMPTY] = 0
    return state


def similarity(left: U32, right: U32) -> npt.NDArray[np.float64]:
    """The estimated Jaccard similarity of each pair of rows: float64[rows]."""
    agree: npt.NDArray[np.float64] = (left == right).mean(axis=1)
    return agree


@inlined
def _drop_in(bins: U32, rolling: np.uint64) -> None:
    """The upper 6 bits choose the bin, the lower 31 are the value: so no value is ``EMPTY``."""
    hashed = mixed(rolling + _DOMAIN)
    place = hashed >> np.uint64(58)
    value = np.uint32(hashed & np.uint64(0x7FFFFFFF))
    bins[place] = min(value, bins[place])  # no branch: which way it goes is a coin toss for the processor


@inlined
def _densify(bins: U32) -> None:
    """Fill empty bins from filled ones. Which is asked next depends on the bin and the attempt, never on the text."""
    filled = np.uint64(0)
    for place in range(BINS):
        if bins[place] != np.uint32(EMPTY):
            filled |= np.uint64(1) << np.uint64(place)
    for place in range(BINS):
        if (filled >> np.uint64(place)) & np.uint64(1) == _ZERO:
            attempt = np.uint64(place) << np.uint64(32)
            while True:
                attempt += np.uint64(1)
                lender = mixed(attempt) >> np.uint64(58)
                if (filled >> lender) & np.uint64(1) != _ZERO:
                    bins[place] = bins[lender]
                    break


@kernel(NOTHING, READ_U32, READ_I64, WRITE_U32)
def _signatures(symbols: U32, rows: I64, values: U32) -> None:
    leaving = np.uint64(1)
    for _ in range(SHINGLE):
        leaving *= _BASE
    for row in range(rows.size - 1):
        bins = values[row * BINS : (row + 1) * BINS]
        bins[:] = np.uint32(EMPTY)
        start, end = rows[row], rows[row + 1]
        rolling = _ZERO
        for at in range(start, min(start + SHINGLE, end)):
            rolling = rolling * _BASE + np.uint64(symbols[at])
        if end > start:
            _drop_in(bins, rolling)
        for at in range(start + SHINGLE, end):
            rolling = rolling * _BASE + np.uint64(symbols[at]) - np.uint64(symbols[at - SHINGLE]) * leaving
            _drop_in(bins, rolling)
        if end > start:
            _densify(bins)
