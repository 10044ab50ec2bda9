"""MinHash: the kernel against plain Python, and its estimate against the true Jaccard similarity."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from texts import ALL, texts

from stillwatch.sketch.fold import fold
from stillwatch.sketch.minhash import BINS, EMPTY, SHINGLE, bands, signatures, similarity

FULL = (1 << 64) - 1
BASE = 0xA54FF53A5F1D36F1


def mixed(value: int) -> int:
    value &= FULL
    value = (value ^ (value >> 33)) * 0xFF51AFD7ED558CCD & FULL
    value = (value ^ (value >> 33)) * 0xC4CEB9FE1A85EC53 & FULL
    return (value ^ (value >> 33)) or 1


def reference(symbols: list[int]) -> list[int]:
    bins: dict[int, int] = {}
    for at in range(max(1, len(symbols) - SHINGLE + 1) if symbols else 0):
        value = 0
        for symbol in symbols[at : at + SHINGLE]:
            value = (value * BASE + symbol) & FULL
        hashed = mixed(value + int.from_bytes(b"minh"))
        bins[hashed >> 58] = min(bins.get(hashed >> 58, EMPTY), hashed & 0x7FFFFFFF)
    if not bins:
        return [EMPTY] * BINS
    filled = dict(bins)
    for place in range(BINS):
        attempt = 0
        while place not in bins:
            attempt += 1
            lender = mixed((place << 32) + attempt) >> 58
            if lender in filled:
                bins[place] = filled[lender]
    return [bins[place] for place in range(BINS)]


def by_hand(some: list[str | None]) -> list[list[int]]:
    folded = fold(pa.array(some, pa.string()))
    return [reference(row.tolist()) for row in np.split(folded.symbols, folded.offsets[1:-1])] if some else []


def shingles(text: str) -> set[str]:
    return {text[at : at + SHINGLE] for at in range(len(text) - SHINGLE + 1)}


def test_the_kernel_equals_minhash_by_hand_on_every_script() -> None:
    assert signatures(fold(pa.array(ALL))).tolist() == by_hand(ALL)


@settings(max_examples=80, deadline=None)
@given(texts)
def test_the_kernel_equals_minhash_by_hand_on_any_text(some: list[str | None]) -> None:
    assert signatures(fold(pa.array(some, pa.string()))).tolist() == by_hand(some)


@pytest.mark.parametrize(("length", "slack"), [(300, 1.1), (60, 1.15), (25, 1.3)])
def test_the_estimate_is_unbiased_with_the_stated_error(length: int, slack: float) -> None:
    generator = np.random.default_rng(length)
    lefts, rights = [], []
    for _ in range(3_000):
        text = generator.integers(97, 123, length)
        other = text.copy()
        cut = generator.integers(0, length)  # a shared beginning of any length, a private end
        other[cut:] = generator.integers(97, 123, length - cut)
        lefts.append(bytes(text.astype(np.uint8)).decode())
        rights.append(bytes(other.astype(np.uint8)).decode())
    true = np.array(
        [len(shingles(a) & shingles(b)) / len(shingles(a) | shingles(b)) for a, b in zip(lefts, rights, strict=True)]
    )
    error = similarity(signatures(fold(pa.array(lefts))), signatures(fold(pa.array(rights)))) - true
    ideal = np.sqrt((true * (1 - true)).mean() / BINS)
    spread = float(np.sqrt((error**2).mean()))
    assert spread <= slack * ideal
    # Unbiased: the mean error is within four of its own standard errors of 0.
    assert abs(error.mean()) <= 4 * spread / np.sqrt(len(error))


def test_equal_texts_have_equal_signatures_and_all_bands() -> None:
    left = signatures(fold(pa.array(["The same words in the same order", "短い文章です、同じ言葉です"])))
    right = signatures(fold(pa.array(["the SAME words\n in the same order ", "短い文章です、同じ言葉です"])))
    assert (left == right).all()
    assert (bands(left) == bands(right)).all()


def test_bands_agree_exactly_where_their_values_do() -> None:
    generator = np.random.default_rng(5)
    left = generator.integers(0, 4, (2_000, BINS)).astype(np.uint32)
    right = generator.integers(0, 4, (2_000, BINS)).astype(np.uint32)
    for count in (8, 16, 32):
        width = BINS // count
        agree = (left == right).reshape(-1, count, width).all(axis=2)
        assert ((bands(left, bands=count) == bands(right, bands=count)) == agree).all()


def test_the_same_values_in_another_band_are_another_hash() -> None:
    assert len(np.unique(bands(np.full((1, BINS), 7, dtype=np.uint32)))) == 16


def test_an_empty_text_has_no_bands_and_a_short_one_has() -> None:
    found = bands(signatures(fold(pa.array(["", None, "hi", "a sentence of some length"]))))
    assert (found[:2] == 0).all()
    assert (found[2:] != 0).all()


def test_bands_that_do_not_divide_the_signature_are_refused() -> None:
    with pytest.raises(ValueError, match="equal bands"):
        bands(signatures(fold(pa.array(["text"]))), bands=7)
