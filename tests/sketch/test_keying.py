"""The key: sealed values come back, tell nothing without it, and names become numbers."""

from collections.abc import Callable

import numpy as np
import pyarrow as pa
import pytest
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.errors import UsageError
from stillwatch.sketch.fingerprints import passages
from stillwatch.sketch.fold import fold
from stillwatch.sketch.keying import ROUNDS, SketchKey

SECRET = bytes(range(32))
KEY = SketchKey.from_bytes(SECRET)
OTHER = SketchKey.from_bytes(bytes([1, *SECRET[1:]]))


def some_values(count: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(1, 2**64, count, dtype=np.uint64)


def by_hand(value: int, domain: str) -> int:
    """The Feistel network, one value and one AES block at a time."""
    info = f"stillwatch/sketch/1/seal:{domain}".encode()
    cipher = Cipher(AES(HKDF(SHA256(), 32, None, info).derive(SECRET)), ECB()).encryptor()
    left, right = value >> 32, value & 0xFFFFFFFF
    for number in range(ROUNDS):
        block = right.to_bytes(4, "little") + number.to_bytes(4, "little") + bytes(8)
        left, right = right, left ^ int.from_bytes(cipher.update(block)[:4], "little")
    return left << 32 | right


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), max_size=50), st.text(max_size=10))
def test_what_is_sealed_can_be_unsealed(values: list[int], domain: str) -> None:
    public = np.array(values, dtype=np.uint64)
    assert (KEY.unseal(KEY.seal(public, domain), domain) == public).all()


def test_more_values_than_one_chunk_come_back_in_any_shape() -> None:
    public = some_values(50_000).reshape(500, 100)
    sealed = KEY.seal(public, "text")
    assert sealed.shape == public.shape
    assert sealed.dtype == np.int64
    assert (KEY.unseal(sealed, "text") == public).all()


def test_the_permutation_equals_the_feistel_network_by_hand() -> None:
    public = some_values(40)
    assert KEY.seal(public, "text").view(np.uint64).tolist() == [by_hand(int(value), "text") for value in public]


def test_absent_stays_absent_and_nothing_else_becomes_it() -> None:
    # The value whose image is 0 takes the image of 0: found with the inverse, as chance would not find it.
    image_of_zero = by_hand(0, "text")
    assert KEY.seal(np.array([0], dtype=np.uint64), "text").tolist() == [0]
    preimage = KEY.unseal(np.array([image_of_zero], dtype=np.uint64).view(np.int64), "text")
    assert by_hand(int(preimage[0]), "text") == 0
    assert KEY.seal(preimage, "text").view(np.uint64).tolist() == [image_of_zero]


@pytest.mark.parametrize(
    "sealed_again",
    [lambda values: OTHER.seal(values, "text"), lambda values: KEY.seal(values, "image")],
    ids=["another key", "another domain"],
)
def test_another_key_or_domain_gives_unrelated_values(sealed_again: Callable[[np.ndarray], np.ndarray]) -> None:
    public = some_values(20_000)
    one, two = KEY.seal(public, "text"), sealed_again(public)
    assert not np.intersect1d(one, two).size
    differing = np.bitwise_count((one ^ two).view(np.uint64))
    assert differing.mean() == pytest.approx(32, abs=4 * 4 / np.sqrt(len(public)))


def test_similar_values_give_sealed_values_that_look_independent() -> None:
    # Neighbours and values that differ in one bit: every output bit changes with odds of one half.
    base = some_values(2_000)
    sealed = KEY.seal(base, "text").view(np.uint64)
    for bit in (0, 1, 31, 32, 33, 63):
        flipped = KEY.seal(base ^ (np.uint64(1) << np.uint64(bit)), "text").view(np.uint64)
        changed = ((sealed ^ flipped)[:, None] >> np.arange(64, dtype=np.uint64)) & np.uint64(1)
        assert np.abs(changed.mean(axis=0) - 0.5).max() < 5 * 0.5 / np.sqrt(len(base)), bit
    counting = KEY.seal(np.arange(1, 200_001, dtype=np.uint64), "text")
    assert len(np.unique(counting)) == 200_000
    assert abs(np.corrcoef(np.arange(200_000), counting.astype(float))[0, 1]) < 5 / np.sqrt(200_000)


def test_sealed_values_fill_the_whole_range_evenly() -> None:
    counts = np.bincount(
        (KEY.seal(np.arange(1, 256_001, dtype=np.uint64), "text").view(np.uint64) >> np.uint64(56)).astype(int)
    )
    chi_squared = ((counts - 1000.0) ** 2 / 1000.0).sum()
    assert len(counts) == 256
    assert chi_squared < 255 + 5 * np.sqrt(2 * 255)


def test_no_public_hash_of_a_text_occurs_in_what_is_stored() -> None:
    public = passages(
        fold(pa.array(["Solve the task and write out your reasoning, step by step, in full. " * 8]))
    ).values
    sealed = KEY.seal(public, "text").view(np.uint64)
    assert not np.intersect1d(public, sealed).size
    assert not np.intersect1d(public >> np.uint64(32), sealed >> np.uint64(32)).size


def test_the_same_name_is_the_same_number_within_its_domain_only() -> None:
    names = pa.array(["acct_1", "acct_2", None, "acct_1", "", "日本"])
    numbers = KEY.identifiers(names, "account").to_pylist()
    assert numbers[0] == numbers[3]
    assert numbers[2] is None
    assert len({number for number in numbers if number is not None}) == 4
    assert not set(numbers[:2]) & set(KEY.identifiers(names, "organization").to_pylist())
    assert not set(numbers[:2]) & set(OTHER.identifiers(names, "account").to_pylist())


def test_identifiers_take_every_kind_of_arrow_string() -> None:
    names = ["x", None, "y", "x"]
    plain = KEY.identifiers(pa.array(names), "model")
    assert plain.type == pa.int64()
    assert KEY.identifiers(pa.array(names, pa.large_string()), "model") == plain
    assert KEY.identifiers(pa.array(names).dictionary_encode(), "model") == plain
    assert KEY.identifiers(pa.array(["w", *names]).slice(1), "model") == plain
    assert KEY.identifiers(pa.nulls(2), "model").null_count == 2
    assert len(KEY.identifiers(pa.array([], pa.string()), "model")) == 0


def test_a_secret_table_is_even_and_belongs_to_key_and_domain() -> None:
    table = KEY.table("content", 1 << 16)
    assert (table == KEY.table("content", 1 << 16)).all()
    assert (table[:100] == KEY.table("content", 100)).all()
    counts = np.bincount(table, minlength=256)
    assert ((counts - 256.0) ** 2 / 256.0).sum() < 255 + 5 * np.sqrt(2 * 255)
    for unrelated in (OTHER.table("content", 1 << 16), KEY.table("other", 1 << 16)):
        assert (table == unrelated).mean() == pytest.approx(1 / 256, abs=0.002)


def test_printing_a_key_shows_its_public_name_and_not_the_key() -> None:
    assert KEY.check in repr(KEY)
    for shown in (repr(KEY), str(KEY), f"{KEY}", KEY.check):
        assert SECRET.hex() not in shown
        assert repr(SECRET) not in shown
    assert len(KEY.check) == 16
    assert KEY.check == SketchKey.from_bytes(SECRET).check != OTHER.check


@pytest.mark.parametrize("size", [0, 16, 31, 33, 64])
def test_a_key_of_another_size_is_refused_without_showing_it(size: int) -> None:
    with pytest.raises(UsageError, match=rf"32 random bytes, not {size}") as refusal:
        SketchKey.from_bytes(b"\xa5" * size)
    assert "a5" not in str(refusal.value)
