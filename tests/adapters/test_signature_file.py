"""The mapped file of signature origins: what it keeps, what it forgets, and that it never gives a wrong answer."""

import os
from hashlib import blake2b
from pathlib import Path

import pytest

from stillwatch.adapters.stores.signatures import WAYS, SignatureFile
from stillwatch.decide.inline.signatures import BEGINNINGS, Origin
from stillwatch.errors import StateError, UsageError

OWNER = "0123456789abcdef"


def _key(number: int) -> bytes:
    return blake2b(number.to_bytes(8, "big"), digest_size=16).digest()


def _origin(number: int, *, witnessed: bool = True) -> Origin:
    return Origin(number, 2, 3, 4, question=5, witnessed=witnessed, beginnings=bytes([number % 7, 1]) * len(BEGINNINGS))


def test_what_one_worker_writes_another_reads_at_once(tmp_path: Path) -> None:
    one, other = (SignatureFile(tmp_path / "signatures", OWNER, most=1000) for _ in range(2))
    one.put(_key(1), _origin(1))
    assert other.get(_key(1)) == _origin(1)
    assert other.get(_key(2)) is None


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    first = SignatureFile(tmp_path / "signatures", OWNER, most=1000)
    first.put(_key(1), _origin(1))
    first.close()
    assert SignatureFile(tmp_path / "signatures", OWNER, most=1000).get(_key(1)) == _origin(1)


def test_the_file_keeps_its_size_and_the_newest_origins(tmp_path: Path) -> None:
    seconds = iter(range(1, 1_000_000))
    kept = SignatureFile(tmp_path / "signatures", OWNER, most=2000, clock=lambda: float(next(seconds)))
    size = kept.size
    for number in range(1, 20_001):
        kept.put(_key(number), _origin(number))
    assert (tmp_path / "signatures").stat().st_size == size < 2000 * 320
    newest = sum(kept.get(_key(number)) == _origin(number) for number in range(20_001 - 800, 20_001))
    assert newest >= 780  # eight places a bucket: a few buckets are crowded
    assert all(kept.get(_key(number)) is None for number in range(1, 5_001))


def test_a_flood_of_origins_that_nobody_witnessed_pushes_out_none_that_was(tmp_path: Path) -> None:
    kept = SignatureFile(tmp_path / "signatures", OWNER, most=2000)
    for number in range(1, 101):
        kept.put(_key(number), _origin(number))
    for number in range(1000, 11_000):
        kept.put(_key(number), _origin(number, witnessed=False))
    assert all(kept.get(_key(number)) == _origin(number) for number in range(1, 101))


def test_what_was_witnessed_counts_more_than_what_was_only_shown(tmp_path: Path) -> None:
    kept = SignatureFile(tmp_path / "signatures", OWNER, most=1000)
    kept.put(_key(1), _origin(9, witnessed=False))
    kept.put(_key(1), _origin(1))
    kept.put(_key(1), _origin(9, witnessed=False))
    assert kept.get(_key(1)) == _origin(1)


def test_a_file_under_another_key_or_of_another_size_is_made_anew(tmp_path: Path) -> None:
    path = tmp_path / "signatures"
    SignatureFile(path, OWNER, most=1000).put(_key(1), _origin(1))
    assert SignatureFile(path, "another key.....", most=1000).get(_key(1)) is None
    SignatureFile(path, OWNER, most=1000).put(_key(1), _origin(1))
    assert SignatureFile(path, OWNER, most=3000).get(_key(1)) is None


@pytest.mark.parametrize("damage", [0, 1, 7, 20, 100])
def test_a_place_that_is_half_written_or_damaged_is_empty_never_wrong(tmp_path: Path, damage: int) -> None:
    path = tmp_path / "signatures"
    kept = SignatureFile(path, OWNER, most=100)
    kept.put(_key(1), _origin(1))
    data = bytearray(path.read_bytes())
    at = data.find(_key(1)) + 24 + damage
    data[at] ^= 0x40
    with path.open("r+b") as file:
        file.write(data)
    assert kept.get(_key(1)) is None
    kept.put(_key(1), _origin(1))
    assert kept.get(_key(1)) == _origin(1)


def test_only_the_owner_may_read_the_file(tmp_path: Path) -> None:
    SignatureFile(tmp_path / "folder" / "signatures", OWNER, most=1000)
    assert (tmp_path / "folder" / "signatures").stat().st_mode & 0o077 == 0


def test_a_path_that_can_not_be_used_is_the_operators_to_mend(tmp_path: Path) -> None:
    (tmp_path / "signatures").mkdir()
    with pytest.raises(StateError, match="can't be used"):
        SignatureFile(tmp_path / "signatures", OWNER)
    with pytest.raises(UsageError):
        SignatureFile(tmp_path / "few", OWNER, most=WAYS)


def test_workers_that_write_at_the_same_time_never_read_a_mixture(tmp_path: Path) -> None:
    path = tmp_path / "signatures"
    reader = SignatureFile(path, OWNER, most=100)
    child = os.fork()
    if child == 0:
        writer = SignatureFile(path, OWNER, most=100)
        for number in range(10_000):
            writer.put(_key(1), _origin(number))
        os._exit(0)
    looked = 0
    while os.waitpid(child, os.WNOHANG)[0] == 0:
        found = reader.get(_key(1))
        assert found is None or found == _origin(found.account)
        looked += 1
    assert looked > 100
