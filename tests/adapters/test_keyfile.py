"""The key file: made once, for its owner alone, and refused where others may read it."""

from pathlib import Path

import pytest

from stillwatch.adapters.stores.keyfile import KEY_BYTES, load_or_create
from stillwatch.errors import StateError, UsageError


def test_a_key_is_made_once_and_read_ever_after(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "sketch.key"
    key, new = load_or_create(path)
    assert (len(key), new) == (KEY_BYTES, True)
    assert load_or_create(path) == (key, False)


def test_a_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    load_or_create(tmp_path / "deep" / "sketch.key")
    assert (tmp_path / "deep" / "sketch.key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "deep").stat().st_mode & 0o077 == 0


def test_two_keys_are_never_the_same(tmp_path: Path) -> None:
    assert load_or_create(tmp_path / "a")[0] != load_or_create(tmp_path / "b")[0]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o666])
def test_a_key_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    load_or_create(tmp_path / "key")
    (tmp_path / "key").chmod(mode)
    with pytest.raises(StateError, match="others"):
        load_or_create(tmp_path / "key")


@pytest.mark.parametrize("size", [0, KEY_BYTES - 1, KEY_BYTES + 1])
def test_a_file_of_another_size_is_no_key(tmp_path: Path, size: int) -> None:
    (tmp_path / "key").write_bytes(b"k" * size)
    (tmp_path / "key").chmod(0o600)
    with pytest.raises(StateError, match=f"holds {size} bytes"):
        load_or_create(tmp_path / "key")


def test_a_place_where_no_key_can_be_made_is_for_the_person_who_typed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UsageError, match="--key"):
        load_or_create(tmp_path / "file" / "key")
