"""Inputs: everything that can be wrong with them; nothing is lost that can be read."""

import gzip
import json
import os
import random
import subprocess
import sys
import zlib
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st
from source_logs import expected, ids, log, opened, record, table

from stillwatch.adapters.sources import Source, blocks
from stillwatch.adapters.sources.lines import Lost, Span, whole_lines
from stillwatch.vocabulary.quarantine import Reject


def test_a_damaged_parquet_footer_is_one_reject(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(table(10, nested=True), path)
    path.write_bytes(path.read_bytes()[:-30])
    found, rejects = opened(path)
    assert found == []
    assert [reject.reason for reject in rejects] == ["damaged Parquet: its footer can't be read"]


def test_a_damaged_row_group_costs_only_its_rows(tmp_path):
    path = tmp_path / "a.parquet"
    pq.write_table(table(90, nested=False), path, row_group_size=30, use_dictionary=False, compression="zstd")
    where = pq.ParquetFile(path).metadata.row_group(1).column(0)
    data = bytearray(path.read_bytes())
    start = where.data_page_offset
    data[start : start + where.total_compressed_size] = b"\xff" * where.total_compressed_size
    path.write_bytes(bytes(data))
    found, rejects = opened(path)
    assert ids(found) == expected(30) + expected(90, 60)
    assert [(reject.line, reject.reason) for reject in rejects] == [
        (31, "damaged Parquet: rows 31 to 60 can't be read")
    ]


# what can be wrong


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_a_truncated_pack_keeps_every_whole_line_that_was_unpacked(tmp_path, pack):
    noise = random.Random(1)
    lines = [json.dumps(record(number, surface=noise.randbytes(300).hex())).encode() + b"\n" for number in range(2_000)]
    packed = pack(b"".join(lines))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(packed[: len(packed) // 2])
    found, rejects = opened(path)
    kept = ids(found)
    assert kept == expected(len(kept))
    assert 700 < len(kept) < 1_300
    (reject,) = rejects
    assert reject.line == len(kept) + 1
    assert "ends early: nothing from this line on can be read" in reject.reason


def test_a_damaged_gzip_keeps_every_line_up_to_the_damage(tmp_path):
    noise = random.Random(1)
    lines = [json.dumps(record(number, surface=noise.randbytes(300).hex())).encode() + b"\n" for number in range(300)]
    whole = b"".join(lines)
    packer = zlib.compressobj(wbits=31)
    good = packer.compress(whole) + packer.flush(zlib.Z_FULL_FLUSH)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(good + b"\x07" * 50)  # block type 3 does not exist (RFC 1951, section 3.2.3)
    found, rejects = opened(path)
    assert ids(found) == expected(300)
    assert [reject.line for reject in rejects] == [301]


def test_bytes_flipped_in_a_zstd_file_are_a_reject_and_no_crash(tmp_path):
    packed = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(log(5_000)))
    packed[len(packed) // 2 : len(packed) // 2 + 40] = b"\xff" * 40
    path = tmp_path / "a.zst"
    path.write_bytes(bytes(packed))
    _, rejects = opened(path)
    assert [reject.reason.split(":")[0] for reject in rejects] == ["damaged zstd"]


def test_what_follows_a_gzip_that_is_no_gzip_is_a_reject(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(log(3)) + b"trailing words")
    found, rejects = opened(path)
    assert ids(found) == expected(3)
    assert [reject.line for reject in rejects] == [4]


def test_padding_after_a_gzip_is_no_damage(tmp_path):
    path = tmp_path / "a.gz"
    path.write_bytes(gzip.compress(log(3)) + b"\0" * 512)
    found, rejects = opened(path)
    assert ids(found) == expected(3)
    assert rejects == []


@pytest.mark.parametrize("data", [b"", b"\n\n  \n", gzip.compress(b"", mtime=0), zstandard.compress(b"")])
def test_an_empty_file_is_named_as_empty(tmp_path, data):
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    found, rejects = opened(path)
    assert found == []
    assert [(reject.file, reject.line, reject.reason) for reject in rejects] == [(str(path), 0, "empty file")]


@pytest.mark.parametrize("head", [b"BZh91AY", b"\xfd7zXZ\x00", b"PK\x03\x04", b"\xff\xfe{\x00", b"\x04\x22\x4d\x18"])
def test_a_file_in_a_form_that_is_not_read_says_what_to_do(tmp_path, head):
    for data in (head + b"rest", gzip.compress(head + b"rest")):
        path = tmp_path / "a.jsonl"
        path.write_bytes(data)
        found, rejects = opened(path)
        assert found == []
        assert len(rejects) == 1
        assert ":" in rejects[0].reason


def test_a_broken_json_document_is_one_reject(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([record(0), record(1)], indent=2)[:-20])
    found, rejects = opened(path)
    assert found == []
    assert [(reject.line, reject.reason) for reject in rejects] == [(0, "a JSON document that is broken or cut off")]


def test_a_file_that_may_not_be_read_is_a_reject(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(log(1))
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("this user may read everything (root): permission can't be withheld")
    found, rejects = opened(path)
    assert found == []
    assert [reject.reason for reject in rejects] == ["can't be read: permission denied"]


def test_a_file_that_can_not_be_opened_is_a_reject(tmp_path):
    for path in (tmp_path, tmp_path / "gone.jsonl"):
        found = list(blocks(Source(name="here", path=path, size=None), index=0))
        assert [(item.file, item.line) for item in found if isinstance(item, Reject)] == [("here", 0)]
        assert len(found) == 1


def test_a_line_that_is_too_long_is_skipped_and_the_next_is_read(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(log(2) + b'"' + b"x" * 3_000_000 + b'"\n' + json.dumps(record(2)).encode() + b"\n")
    found, rejects = opened(path, max_line_bytes=1_000_000)
    assert ids(found) == expected(3)
    assert [(reject.line, reject.reason) for reject in rejects] == [
        (3, "the line is longer than 1,000,000 bytes (it has 3,000,002)")
    ]
    assert found[-1].first_line == 4


_MEASURED = """
import sys, resource
from stillwatch.adapters.sources import blocks, expand
(source,) = expand([sys.argv[1]])
found = list(type(item).__name__ for item in blocks(source, index=0))
print(found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@pytest.mark.slow
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_a_line_of_200_megabytes_is_skipped_in_bounded_memory(tmp_path, pack):
    path = tmp_path / "a.jsonl"
    path.write_bytes(pack(log(2) + b'{"id":"' + b"x" * 200_000_000 + b'"}\n' + log(2)))
    small = tmp_path / "b.jsonl"
    small.write_bytes(log(2))

    def measured(file: Path) -> tuple[str, int]:
        done = subprocess.run([sys.executable, "-c", _MEASURED, str(file)], capture_output=True, check=True, text=True)
        names, _, peak = done.stdout.strip().rpartition(" ")
        return names, int(peak) * (1 if sys.platform == "darwin" else 1024)

    names, peak = measured(path)
    assert names == "['Block', 'Reject', 'Block']"
    assert peak - measured(small)[1] < 160_000_000


@settings(max_examples=300, deadline=None)
@given(
    data=st.lists(st.binary(max_size=30) | st.just(b"\n") | st.just(b"a\n" * 9), max_size=20),
    block_bytes=st.integers(1, 60),
    longest=st.integers(20, 60),
)
def test_cutting_into_blocks_loses_no_line_and_splits_none(data: list[bytes], block_bytes: int, longest: int) -> None:
    whole = b"".join(data).removeprefix(b"\xef\xbb\xbf")
    wanted = whole.split(b"\n")
    if wanted[-1] == b"":
        wanted.pop()
    got: dict[int, bytes] = {}
    lost: set[int] = set()
    for item in whole_lines(iter(data), block_bytes=block_bytes, max_line_bytes=longest):
        if isinstance(item, Lost):
            lost.add(item.line)
        else:
            assert isinstance(item, Span)
            assert item.data
            parts = item.data.removesuffix(b"\n").split(b"\n")
            got |= dict(enumerate(parts, item.first_line))
    assert not got.keys() & lost
    for number, line in enumerate(wanted, 1):
        assert got.get(number) == line or (number in lost and len(line) > longest)
    assert max([0, *got, *lost]) <= len(wanted)


@settings(max_examples=300, deadline=None)
@given(
    data=st.binary(max_size=300),
    head=st.sampled_from([b"", b"\x1f\x8b\x08\x00", b"\x28\xb5\x2f\xfd", b"PAR1", b"[{", b"{\n"]),
)
def test_no_bytes_make_opening_fail(tmp_path_factory: pytest.TempPathFactory, data: bytes, head: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "a"
    path.write_bytes(head + data)
    found, rejects = opened(path)
    assert found or rejects
