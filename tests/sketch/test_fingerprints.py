"""Winnowing, ladders and whole-text hashes: the kernels against plain Python, and the guarantee."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from texts import ALL, SCRIPTS, texts

from stillwatch.sketch.fingerprints import (
    GRAM,
    RUNGS,
    SHORTEST,
    Ragged,
    ladder,
    passages,
    whole,
    window_of,
)
from stillwatch.sketch.fold import fold

FULL = (1 << 64) - 1
BASE, STEP = 0x9E3779B97F4A7C15, 0xBB67AE8584CAA73B


def mixed(value: int) -> int:
    value &= FULL
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD & FULL
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53 & FULL
    return (value ^ (value >> 33)) or 1


def chain(state: int, symbols: list[int]) -> int:
    for symbol in symbols:
        state = (state ^ symbol) * STEP & FULL
        state ^= state >> 32
    return state


def gram_hash(symbols: list[int]) -> int:
    value = 0
    for symbol in symbols:
        value = (value * BASE + symbol) & FULL
    return mixed(value + int.from_bytes(b"pass"))


def reference_passages(symbols: list[int], most: int) -> list[int]:
    if len(symbols) < GRAM:
        return [mixed(chain(int.from_bytes(b"shor"), symbols))] if len(symbols) >= SHORTEST else []
    hashes = [gram_hash(symbols[at : at + GRAM]) for at in range(len(symbols) - GRAM + 1)]
    window = max(16, -(-2 * len(symbols) // most))
    minima = [min(hashes[at : at + window]) for at in range(max(1, len(hashes) - window + 1))]
    return list(dict.fromkeys(minima))


def parts(ragged: Ragged) -> list[list[int]]:
    return [row.tolist() for row in np.split(ragged.values, ragged.offsets[1:-1])] if len(ragged.offsets) > 1 else []


def symbol_rows(some: list[str | None]) -> list[list[int]]:
    folded = fold(pa.array(some, pa.string()))
    return [row.tolist() for row in np.split(folded.symbols, folded.offsets[1:-1])] if some else []


@pytest.mark.parametrize("most", [4, 7, 40])
def test_winnowing_in_the_kernel_equals_winnowing_by_hand(most: int) -> None:
    assert parts(passages(fold(pa.array(ALL)), most=most)) == [reference_passages(r, most) for r in symbol_rows(ALL)]


@settings(max_examples=100, deadline=None)
@given(texts, st.sampled_from([1, 3, 40]))
def test_winnowing_any_text_equals_winnowing_by_hand(some: list[str | None], most: int) -> None:
    found = parts(passages(fold(pa.array(some, pa.string())), most=most))
    assert found == [reference_passages(row, most) for row in symbol_rows(some)]


def test_ladders_and_whole_hashes_equal_those_made_by_hand() -> None:
    folded = fold(pa.array(ALL))
    rows = symbol_rows(ALL)
    for from_end, seed in ((False, b"pref"), (True, b"suff")):
        expected = [
            [
                mixed(chain(int.from_bytes(seed), (row[::-1] if from_end else row)[:rung]) + rung)
                for rung in RUNGS
                if rung <= len(row)
            ]
            for row in rows
        ]
        assert parts(ladder(folded, from_end=from_end)) == expected
    assert whole(folded).tolist() == [mixed(chain(int.from_bytes(b"whol"), row)) if row else 0 for row in rows]


@settings(max_examples=60, deadline=None)
@given(
    st.text("abcdefgh ", min_size=80, max_size=80),
    st.text("abcdefgh ", max_size=900),
    st.text("abcdefgh ", max_size=90),
    st.sampled_from([20, 40]),
)
def test_a_shared_passage_of_a_window_and_a_gram_is_always_seen(
    passage: str, around: str, before: str, most: int
) -> None:
    left, right = f"{around}x{passage}x", f"{before}y{passage}y{before}"
    folded = fold(pa.array([left, right, passage]))
    window = max(window_of(int(length), most) for length in folded.lengths[:2])
    if folded.lengths[2] < window + GRAM - 1:
        return  # too short for the promise
    one, other, _ = parts(passages(folded, most=most))
    assert set(one) & set(other)


def test_a_template_is_found_around_different_payloads_and_not_without_it() -> None:
    template = "Solve the problem below. Write out every step of your reasoning before the final answer. Problem: "
    payloads = [f"number {n * 7919} and its {n} sisters walk into {n * n} rooms" for n in range(20)]
    found = parts(passages(fold(pa.array([template + payload for payload in payloads]))))
    alone = parts(passages(fold(pa.array(payloads))))
    assert set.intersection(*map(set, found))
    assert not set.intersection(*map(set, alone))


def test_a_wider_window_keeps_a_subset_of_a_narrower_one() -> None:
    folded = fold(pa.array([SCRIPTS["long"], SCRIPTS["han"], SCRIPTS["repeated"]]))
    for wide, narrow in zip(parts(passages(folded, most=10)), parts(passages(folded, most=60)), strict=True):
        assert set(wide) <= set(narrow)


def test_long_texts_give_about_as_many_passages_as_asked() -> None:
    generator = np.random.default_rng(7)
    for length in (400, 2_000, 20_000, 100_000):
        text = "".join(chr(97 + letter) for letter in generator.integers(0, 26, length))
        assert 25 <= len(passages(fold(pa.array([text]))).values) <= 55


def test_short_texts_give_one_passage_or_none() -> None:
    assert np.diff(passages(fold(pa.array(["hi", "letters", "eightsym", "n" * 19, "n" * 20]))).offsets).tolist() == [
        0, 0, 1, 1, 1,
    ]  # fmt: skip


def test_no_kind_of_fingerprint_ever_equals_another_of_the_same_symbols() -> None:
    folded = fold(pa.array(["exactly sixteen!", "sixteen exactly!" * 2]))
    kinds = [
        set(passages(folded).values.tolist()),
        set(ladder(folded, from_end=False).values.tolist()),
        set(ladder(folded, from_end=True).values.tolist()),
        set(whole(folded).tolist()),
    ]
    assert len(set.union(*kinds)) == sum(map(len, kinds))


def test_a_palindrome_has_different_prefix_and_suffix_rungs() -> None:
    folded = fold(pa.array(["never odd or even" + "neve ro ddo reven"]))
    assert not set(ladder(folded, from_end=False).values) & set(ladder(folded, from_end=True).values)


def test_hashes_are_spread_evenly_over_their_64_bits() -> None:
    generator = np.random.default_rng(3)
    words = ["".join(chr(97 + c) for c in generator.integers(0, 26, 5)) for _ in range(500)]
    values = passages(fold(pa.array([" ".join(generator.choice(words, 60)) for _ in range(400)])), most=4000).values
    bits = (values[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
    # Winnowing prefers small values, so the upper bits are low by intent; the lower 56 are fair coins.
    share = bits[:, :56].mean(axis=0)
    assert np.abs(share - 0.5).max() < 5 * 0.5 / np.sqrt(len(values))


def test_rows_say_the_same_as_the_offsets() -> None:
    ragged = passages(fold(pa.array(ALL)))
    assert np.bincount(ragged.rows(), minlength=len(ALL)).tolist() == np.diff(ragged.offsets).tolist()


def test_settings_that_make_no_sense_are_refused() -> None:
    folded = fold(pa.array(["text"]))
    with pytest.raises(ValueError, match="gram"):
        passages(folded, gram=3)
    with pytest.raises(ValueError, match="rungs"):
        ladder(folded, from_end=False, rungs=(32, 16))
