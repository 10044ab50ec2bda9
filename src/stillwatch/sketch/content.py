"""The content vector: 64 small numbers whose cosine says roughly whether two texts are about the same things.

Words are hashed to 2**16 public buckets, and a *secret* table (derived from the provider's key) says for each bucket
to which of 64 places it adds, and with which sign: feature hashing (Weinberger, Dasgupta, Langford, Smola, Attenberg,
"Feature Hashing for Large Scale Multitask Learning", ICML 2009), where the hash is what the key hides. The signs make
the cosine unbiased; two unrelated texts differ from 0 by about 0.125 (one over the root of 64).

A word counts ``1 + log(times)``, and more the longer it is: without a dictionary of any language, length is what is
left of rarity (frequent words are short: Zipf, "The Psycho-Biology of Language", 1935). Words of one or two letters
count nothing, so that two texts are not alike for being in one language. Only the first six letters of a word count, a
stem for every language. All numbers are one word and every ASCII mark is a word: formulas and code are a topic too.
In Han, kana and Hangul, pairs of neighbouring characters are the words; in scripts that write without
spaces (Thai, Lao, Myanmar, Khmer), triples of symbols are.
"""

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

from stillwatch.sketch.fingerprints import chained, mixed
from stillwatch.sketch.fold import TABLE_SIZE, TAIL, Folded
from stillwatch.sketch.kernels import (
    F32,
    I8,
    I64,
    NOTHING,
    READ_I64,
    READ_U8,
    READ_U32,
    U8,
    U32,
    WRITE_I8,
    inlined,
    kernel,
)
from stillwatch.sketch.keying import SketchKey

DIMENSIONS = 64
BUCKETS = 1 << 16

_WORD = np.uint64(0x636F6E74)
_NUMBER = np.uint64(0x6E756D62)
_SHORTEST = 3
_LONGEST = 10
_STEM = 6
# What counts like a word of so many letters: a pair of Han characters, a number, a mark.
_AS_PAIR, _AS_NUMBER, _AS_MARK = 6, 5, 3
_NO_WORD, _LETTER, _UNSPACED, _DIGIT, _MARK = 0, 1, 2, 3, 4
_UNSPACED_SCRIPTS = ((0x0E00, 0x0EFF), (0x1000, 0x109F), (0x1780, 0x17FF))


def vectors(folded: Folded, key: SketchKey) -> npt.NDArray[np.int8]:
    """The content vector of each row: int8[rows, 64], of length about 127, all 0 where there are no words."""
    rows = folded.offsets.size - 1
    values = np.empty(rows * DIMENSIONS, dtype=np.int8)
    _vectors(folded.symbols, folded.offsets, key.table("content", BUCKETS), _classes(), values)
    return values.reshape(rows, DIMENSIONS)


def cosine(left: I8, right: I8) -> npt.NDArray[np.float64]:
    """The cosine of each pair of rows: float64[rows], 0 where one has no words."""
    a, b = left.astype(np.float64), right.astype(np.float64)
    lengths = np.linalg.norm(a, axis=1) * np.linalg.norm(b, axis=1)
    cosines: npt.NDArray[np.float64] = np.divide((a * b).sum(axis=1), lengths, out=np.zeros(len(a)), where=lengths > 0)
    return cosines


@cache
def _classes() -> U8:
    """For each code point of the folding table: is it part of a word (letter, mark or digit), and of which kind?"""
    kinds = np.array([unicodedata.category(chr(code))[0] in "LMN" for code in range(TABLE_SIZE)], dtype=np.uint8)
    for first, last in _UNSPACED_SCRIPTS:
        kinds[first : last + 1] *= _UNSPACED
    kinds[33:127][kinds[33:127] == _NO_WORD] = _MARK
    kinds[48:58] = _DIGIT
    return kinds


@inlined
def _count(hashed: np.uint64, letters: int, times: U32, weights: F32, touched: I64, distinct: int) -> int:
    """One more occurrence of a word; returns how many distinct buckets the row has touched."""
    bucket = mixed(hashed) >> np.uint64(48)
    if times[bucket] == 0:
        touched[distinct] = bucket
        weights[bucket] = np.sqrt(min(letters, _LONGEST) - _SHORTEST + 1.0)
        distinct += 1
    times[bucket] += np.uint32(1)
    return distinct


@inlined
def _gather(symbols: U32, start: int, end: int, classes: U8, times: U32, weights: F32, touched: I64) -> int:
    """Count the words of a row; returns how many distinct buckets they touch."""
    distinct = 0
    letters = 0  # of the word so far; a number counts as several from its first digit
    state = _WORD
    before, before_that = np.uint64(0), np.uint64(0)  # neighbours, where the script has no spaces; 0: none
    for at in range(start, end + 1):
        symbol = symbols[at] if at < end else np.uint32(32)
        if symbol >= np.uint32(TAIL):
            continue
        wide = at + 1 < end and symbols[at + 1] >= np.uint32(TAIL)
        kind = classes[symbol] if symbol < TABLE_SIZE else np.uint8(wide)
        if (kind == _LETTER and not wide) or kind == _DIGIT:
            before = before_that = np.uint64(0)
            if kind == _DIGIT and letters == 0:
                state, letters = _NUMBER, _AS_NUMBER
            if state != _NUMBER:
                if letters < _STEM:
                    state = chained(state, np.uint64(symbol))
                letters += 1
            continue
        if letters >= _SHORTEST:
            distinct = _count(state, letters, times, weights, touched, distinct)
        letters = 0
        state = _WORD
        if kind in (_NO_WORD, _MARK):
            before = before_that = np.uint64(0)
            if kind == _MARK:
                distinct = _count(chained(_NUMBER, np.uint64(symbol)), _AS_MARK, times, weights, touched, distinct)
            continue
        if before != 0 and (wide or before_that != 0):
            pair = chained(chained(_WORD, before), np.uint64(symbol))
            pair = pair if wide else chained(pair, before_that)
            distinct = _count(pair, _AS_PAIR, times, weights, touched, distinct)
        before_that = before
        before = np.uint64(symbol)
    return distinct


@kernel(NOTHING, READ_U32, READ_I64, READ_U8, READ_U8, WRITE_I8)
def _vectors(symbols: U32, rows: I64, table: U8, classes: U8, values: I8) -> None:
    """``table`` holds for each bucket the place (6 bits) and the sign (the uppermost bit)."""
    times = np.zeros(BUCKETS, dtype=np.uint32)
    weights = np.zeros(BUCKETS, dtype=np.float32)
    touched = np.empty(BUCKETS, dtype=np.int64)
    sums = np.empty(DIMENSIONS, dtype=np.float64)
    for row in range(rows.size - 1):
        sums[:] = 0.0
        for index in range(_gather(symbols, rows[row], rows[row + 1], classes, times, weights, touched)):
            bucket = touched[index]
            amount = weights[bucket] * (1.0 + np.log(np.float64(times[bucket])))
            times[bucket] = np.uint32(0)
            secret = table[bucket]
            sums[secret & np.uint8(63)] += amount if secret < 128 else -amount
        scale = 0.0
        for place in range(DIMENSIONS):
            scale += sums[place] * sums[place]
        scale = 127.0 / np.sqrt(scale) if scale > 0.0 else 0.0
        for place in range(DIMENSIONS):
            values[row * DIMENSIONS + place] = np.int8(np.rint(sums[place] * scale))
