"""Fingerprints: numbers that two texts share when they share words, wherever these stand.

Three kinds, each in its own domain, so that no value of one is ever a value of another by construction:

* *passages*: winnowing (Schleimer, Wilkerson, Aiken, "Winnowing: Local Algorithms for Document Fingerprinting",
  SIGMOD 2003) over hashes of every ``gram`` symbols. Of every window of ``w`` neighbouring hashes the smallest is kept.
* *ladders*: the first, or the last, 16, 24, 32 ... symbols. They find a fixed opening or closing around a payload.
* *whole*: everything. It finds the same prompt again.

**Guarantee.** If two texts share a passage of ``w + gram - 1`` symbols, where ``w`` is the larger of their windows,
they share a passage fingerprint: the passage holds a whole window of hashes in both, and its smallest one is the
smallest of a window of any smaller size around it too. For this reason the window may grow with the text
(``window_of``): long texts give about ``most`` fingerprints, as short ones do, and the two still meet. Only values are
kept, not places, so the rule for ties that makes winnowing *robust* changes nothing here: equal hashes are one value.

The hashes are public and unkeyed: every member picks the same passages out of the same text. They are never stored as
they are (``keying``, ADR 0006). 0 means "no fingerprint" everywhere; a hash that comes out 0 becomes 1.
"""

from typing import NamedTuple

import numpy as np

from stillwatch.sketch.fold import Folded
from stillwatch.sketch.kernels import (
    I64,
    INT64,
    NOTHING,
    READ_I64,
    READ_U32,
    U32,
    U64,
    WRITE_I64,
    WRITE_U64,
    inlined,
    kernel,
)

#: Symbols of a passage hash: 20 letters, or 10 Han characters.
GRAM = 20
#: Shorter texts have no fingerprint: "hi", "thanks" and "continue" bind nobody.
SHORTEST = 8
NARROWEST_WINDOW = 16
RUNGS: tuple[int, ...] = (16, 24, 32, 48, 64, 96, 128, 192, 256)

# Odd multipliers: the first 64 bits of the fractional parts of the golden ratio and of sqrt(3), the last bit set; the
# pair of the finaliser is that of MurmurHash3 (Appleby, public domain), whose avalanche is well studied.
_BASE = np.uint64(0x9E3779B97F4A7C15)
_STEP = np.uint64(0xBB67AE8584CAA73B)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_ZERO, _ONE = np.uint64(0), np.uint64(1)

# Domains: what is being hashed enters the hash.
_PASSAGE = np.uint64(0x70617373)
_SHORT = np.uint64(0x73686F72)
_WHOLE = np.uint64(0x77686F6C)
_PREFIX = np.uint64(0x70726566)
_SUFFIX = np.uint64(0x73756666)


class Ragged(NamedTuple):
    """Rows of 64-bit values. Row ``i`` is ``values[offsets[i]:offsets[i + 1]]``; ``offsets`` is int64[rows + 1]."""

    values: U64
    offsets: I64

    def rows(self) -> I64:
        """The row each value belongs to: int64[values]."""
        return np.repeat(np.arange(len(self.offsets) - 1, dtype=np.int64), np.diff(self.offsets))


def window_of(symbols: int, most: int) -> int:
    """Hashes in a window of a text this long: winnowing keeps about 2 in ``w + 1``, so about ``most`` of them all."""
    return max(NARROWEST_WINDOW, -(-2 * symbols // most))


def passages(folded: Folded, *, gram: int = GRAM, most: int = 40) -> Ragged:
    """Winnowed hashes of every ``gram`` symbols, each once a row, in the order in which they stand in the text.

    A text of ``SHORTEST`` to ``gram - 1`` symbols gives one hash, of itself; a shorter one gives none.
    """
    if gram < SHORTEST or most < 1:
        raise ValueError(f"gram must be at least {SHORTEST} and most at least 1, not {gram} and {most}")
    longest = int(folded.lengths.max(initial=0))
    values = np.empty(folded.symbols.size, dtype=np.uint64)
    offsets = np.empty(folded.offsets.size, dtype=np.int64)
    hashes = np.empty(longest, dtype=np.uint64)
    count = _passages(folded.symbols, folded.offsets, gram, most, hashes, np.empty_like(hashes), values, offsets)
    return Ragged(values[:count].copy(), offsets)


def ladder(folded: Folded, *, from_end: bool, rungs: tuple[int, ...] = RUNGS) -> Ragged:
    """A hash of the first (or last) ``n`` symbols for each rung ``n`` that the text reaches."""
    steps = np.array(rungs, dtype=np.int64)
    if steps.size == 0 or steps[0] < 1 or (np.diff(steps) <= 0).any():
        raise ValueError("rungs must rise, from 1 or more")
    offsets = np.zeros(folded.offsets.size, dtype=np.int64)
    np.cumsum(np.searchsorted(steps, folded.lengths, side="right"), out=offsets[1:])
    values = np.empty(int(offsets[-1]), dtype=np.uint64)
    _ladder(folded.symbols, folded.offsets, steps, int(from_end), values, offsets)
    return Ragged(values, offsets)


def whole(folded: Folded) -> U64:
    """One hash of all symbols of each row: uint64[rows], 0 for an empty row."""
    values = np.empty(folded.offsets.size - 1, dtype=np.uint64)
    _whole(folded.symbols, folded.offsets, values)
    return values


@inlined
def mixed(value: np.uint64) -> np.uint64:
    """Every bit of the input changes every bit of the output with odds of about one half; never 0."""
    value = (value ^ (value >> _SHIFT)) * _MIX_1
    value = (value ^ (value >> _SHIFT)) * _MIX_2
    value = value ^ (value >> _SHIFT)
    return value if value != _ZERO else _ONE


@inlined
def chained(state: np.uint64, symbol: np.uint64) -> np.uint64:
    """The next state of a hash that reads symbol by symbol. Not linear: long texts need more than a polynomial."""
    state = (state ^ symbol) * _STEP
    return state ^ (state >> np.uint64(32))


@inlined
def _winnow(hashes: U64, spare: U64, count: int, window: int, values: U64, out: int) -> int:
    """Append the smallest of every window of neighbouring hashes; returns the new end of ``values``.

    The smallest of 1, 2, 4, 8 ... neighbours, each from the one before: a few passes without branches, which the
    compiler turns into vector instructions. Two overlapping runs of a power of two cover a window of any size.
    ``hashes`` and ``spare`` are overwritten, in turns.
    """
    reach = 1
    left = count
    while reach < window and left > 1:
        step = min(reach, window - reach, left - 1)
        left -= step
        later = hashes[step:]  # a slice, so that the compiler sees plain indices and not ones that might be negative
        for at in range(left):
            spare[at] = min(hashes[at], later[at])
        reach += step
        step = min(reach, window - reach, left - 1)
        left -= step
        later = spare[step:]
        for at in range(left):
            hashes[at] = min(spare[at], later[at])
        reach += step
    last = _ZERO
    for at in range(left):
        values[out] = hashes[at]
        out += hashes[at] != last
        last = hashes[at]
    return out


@inlined
def _distinct(values: U64, first: int, end: int, row: int, seen: I64) -> int:
    """Keep each of ``values[first:end]`` once, in place; returns the new end.

    ``seen`` is 4,096 slots that hold the last row in which a value of that slot occurred: mostly one look tells that a
    value is new, and clearing the slots for each row is not needed.
    """
    kept = first
    for at in range(first, end):
        value = values[at]
        slot = value & np.uint64(4095)
        known = False
        if seen[slot] == row:
            for other in range(first, kept):
                known |= values[other] == value
        seen[slot] = row
        values[kept] = value
        kept += not known
    return kept


@kernel(INT64, READ_U32, READ_I64, INT64, INT64, WRITE_U64, WRITE_U64, WRITE_U64, WRITE_I64)
def _passages(symbols: U32, rows: I64, gram: int, most: int, hashes: U64, spare: U64, values: U64, offsets: I64) -> int:
    """``hashes`` and ``spare`` are room for the longest row. Returns how many values there are."""
    leaving = _ONE  # _BASE ** gram: what the oldest symbol of a gram has been multiplied by when it leaves
    for _ in range(gram):
        leaving *= _BASE
    seen = np.full(4096, -1, dtype=np.int64)
    out = 0
    offsets[0] = 0
    for row in range(rows.size - 1):
        start = rows[row]
        length = rows[row + 1] - start
        first = out
        if length >= gram:
            count = length - gram + 1
            rolling = _ZERO
            for at in range(start, start + gram):
                rolling = rolling * _BASE + np.uint64(symbols[at])
            hashes[0] = mixed(rolling + _PASSAGE)
            for at in range(1, count):
                entering = np.uint64(symbols[start + at + gram - 1])
                left = np.uint64(symbols[start + at - 1])
                rolling = rolling * _BASE + entering - left * leaving
                hashes[at] = mixed(rolling + _PASSAGE)
            out = _winnow(hashes, spare, count, max(16, -(-2 * length // most)), values, out)
            out = _distinct(values, first, out, row, seen)
        elif length >= 8:
            state = _SHORT
            for at in range(start, start + length):
                state = chained(state, np.uint64(symbols[at]))
            values[first] = mixed(state)
            out += 1
        offsets[row + 1] = out
    return out


@kernel(NOTHING, READ_U32, READ_I64, READ_I64, INT64, WRITE_U64, READ_I64)
def _ladder(symbols: U32, rows: I64, rungs: I64, from_end: int, values: U64, offsets: I64) -> None:
    """Walk away from one end of each row and note the state of the hash at every rung."""
    for row in range(rows.size - 1):
        at, step, state = rows[row], 1, _PREFIX
        if from_end != 0:
            at, step, state = rows[row + 1] - 1, -1, _SUFFIX
        read = 0
        for rung in range(offsets[row + 1] - offsets[row]):
            while read < rungs[rung]:
                state = chained(state, np.uint64(symbols[at]))
                at += step
                read += 1
            values[offsets[row] + rung] = mixed(state + np.uint64(read))


@kernel(NOTHING, READ_U32, READ_I64, WRITE_U64)
def _whole(symbols: U32, rows: I64, values: U64) -> None:
    for row in range(rows.size - 1):
        state = _WHOLE
        for at in range(rows[row], rows[row + 1]):
            state = chained(state, np.uint64(symbols[at]))
        values[row] = mixed(state) if rows[row + 1] > rows[row] else _ZERO
