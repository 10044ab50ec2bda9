"""The content vector: the kernel against plain Python, and whether like topics are nearer than unlike ones."""

import math
import unicodedata
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from texts import ALL, texts

from stillwatch.sketch.content import BUCKETS, DIMENSIONS, cosine, vectors
from stillwatch.sketch.fold import TAIL, fold
from stillwatch.sketch.keying import SketchKey

KEY = SketchKey.from_bytes(bytes(range(32)))
FULL = (1 << 64) - 1
STEP = 0xBB67AE8584CAA73B
WORD, NUMBER = int.from_bytes(b"cont"), int.from_bytes(b"numb")
ASCII_MARKS = set("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~")


def mixed(value: int) -> int:
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD & FULL
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53 & FULL
    return (value ^ (value >> 33)) or 1


def chain(state: int, *symbols: int) -> int:
    for symbol in symbols:
        state = (state ^ symbol) * STEP & FULL
        state ^= state >> 32
    return state


def words(symbols: list[int]) -> list[tuple[int, int]]:
    """(hash, letters that it counts as) of each word, mark, number and pair, from runs of one kind of character."""
    wide = {symbol & ~TAIL for symbol in symbols if symbol >= TAIL}
    text = [symbol for symbol in symbols if symbol < TAIL]

    def kind(symbol: int) -> str:
        if chr(symbol) in ASCII_MARKS:
            return "mark"
        if symbol not in wide and (symbol >= 0x20000 or unicodedata.category(chr(symbol))[0] not in "LMN"):
            return "none"
        if symbol in wide:
            return "wide" if symbol >= 0x20000 or unicodedata.category(chr(symbol))[0] in "LMN" else "none"
        unspaced = 0xE00 <= symbol < 0xF00 or 0x1000 <= symbol < 0x10A0 or 0x1780 <= symbol < 0x1800
        return "unspaced" if unspaced else "word"

    runs: list[tuple[str, list[int]]] = []
    for symbol in text:
        # Wide characters and those of unspaced scripts may stand in one run: they share their neighbours.
        family = {"wide": "joined", "unspaced": "joined"}.get(kind(symbol), kind(symbol))
        if runs and runs[-1][0] == family and family != "mark":
            runs[-1][1].append(symbol)
        else:
            runs.append((family, [symbol]))
    found: list[tuple[int, int]] = []
    for family, run in runs:
        if family == "mark":
            found.append((chain(NUMBER, run[0]), 3))
        elif family == "word":
            if 0x30 <= run[0] <= 0x39:
                found.append((NUMBER, 5))
            elif len(run) >= 3:
                found.append((chain(WORD, *run[:6]), len(run)))
        elif family == "joined":
            for at, symbol in enumerate(run):
                if kind(symbol) == "wide" and at >= 1:
                    found.append((chain(WORD, run[at - 1], symbol), 6))
                elif kind(symbol) == "unspaced" and at >= 2:
                    found.append((chain(WORD, run[at - 1], symbol, run[at - 2]), 6))
    return found


def reference(symbols: list[int]) -> np.ndarray:
    table = KEY.table("content", BUCKETS)
    times: dict[int, int] = {}
    weight: dict[int, float] = {}
    for hashed, letters in words(symbols):
        bucket = mixed(hashed) >> 48
        times[bucket] = times.get(bucket, 0) + 1
        weight.setdefault(bucket, float(np.float32(math.sqrt(min(letters, 10) - 2))))
    sums = np.zeros(DIMENSIONS)
    for bucket, count in times.items():
        amount = weight[bucket] * (1 + math.log(count))
        sums[table[bucket] & 63] += amount if table[bucket] < 128 else -amount
    length = np.linalg.norm(sums)
    return sums * 127 / length if length else sums


def check(some: list[str | None]) -> None:
    folded = fold(pa.array(some, pa.string()))
    found = vectors(folded, KEY)
    for row, symbols in enumerate(np.split(folded.symbols, folded.offsets[1:-1]) if some else []):
        # Equal up to the rounding of sums that are added up in another order.
        assert np.abs(found[row] - reference(symbols.tolist())).max() <= 0.5 + 1e-6


def test_the_kernel_equals_the_vector_by_hand_on_every_script() -> None:
    check(ALL)


@settings(max_examples=80, deadline=None)
@given(texts)
def test_the_kernel_equals_the_vector_by_hand_on_any_text(some: list[str | None]) -> None:
    check(some)


TOPICS = {
    "cooking": [
        "Simmer the onions in olive oil, add tomatoes and basil, and season the sauce with salt and pepper.",
        "How long should a tomato sauce with onions and basil simmer before I season it?",
        "Give me a recipe for pasta with tomato sauce, olive oil, garlic and fresh basil.",
    ],
    "astronomy": [
        "Explain how the gravity of the Moon raises tides in the oceans of the Earth.",
        "Why do the oceans have two tides a day if the Moon passes overhead only once? Explain gravity.",
        "Does the gravity of the Sun change the tides when Moon, Earth and Sun stand in line?",
    ],
    "code": [
        "Write a function in Python: def merge(left, right) that merges two sorted lists and returns a list.",
        "My Python function that returns the merged list of two sorted lists fails: def merge(a, b): return a + b",
        "Review this function: def sort(values): return sorted(values) and write a test for sorted lists.",
    ],
    "月": [
        "请解释月亮的引力如何引起海洋的潮汐现象。",
        "为什么海洋每天有两次潮汐？请说明月亮引力的作用。",
        "太阳的引力怎样改变海洋潮汐的大小？",
    ],
}


def test_texts_on_one_topic_are_nearer_than_texts_on_two() -> None:
    names = [name for name, some in TOPICS.items() for _ in some]
    # Averaged over keys: one key's table may by chance put two topics near each other.
    same, other = [], []
    for seed in range(20):
        key = SketchKey.from_bytes(bytes([seed] * 32))
        rows = vectors(fold(pa.array([text for some in TOPICS.values() for text in some])), key)
        for i, j in combinations(range(len(names)), 2):
            (same if names[i] == names[j] else other).append(float(cosine(rows[[i]], rows[[j]])[0]))
    assert np.mean(same) > 0.2
    assert abs(np.mean(other)) < 0.08
    assert np.quantile(same, 0.25) > np.quantile(other, 0.75)


def test_unrelated_words_give_a_cosine_around_zero_with_the_stated_spread() -> None:
    generator = np.random.default_rng(11)
    made = [
        " ".join("".join(chr(97 + c) for c in generator.integers(0, 26, 7)) for _ in range(50)) for _ in range(2_000)
    ]
    rows = vectors(fold(pa.array(made)), KEY)
    cosines = cosine(rows[:1_000], rows[1_000:])
    assert abs(cosines.mean()) < 4 * 0.125 / math.sqrt(1_000)
    assert cosines.std() == pytest.approx(0.125, rel=0.1)


def test_another_key_gives_an_unrelated_vector() -> None:
    folded = fold(pa.array([text for some in TOPICS.values() for text in some]))
    other = SketchKey.from_bytes(bytes(reversed(range(32))))
    assert np.abs(cosine(vectors(folded, KEY), vectors(folded, other))).mean() < 0.25


def test_no_words_give_a_vector_of_zeros_and_a_cosine_of_zero() -> None:
    rows = vectors(fold(pa.array(["", None, "a b c", "tides and gravity"])), KEY)
    assert (rows[:3] == 0).all()
    assert cosine(rows[:1], rows[3:]).tolist() == [0.0]


def test_every_vector_has_nearly_the_same_length() -> None:
    rows = vectors(fold(pa.array([text for some in TOPICS.values() for text in some])), KEY).astype(float)
    assert np.abs(np.linalg.norm(rows, axis=1) - 127).max() < 3
