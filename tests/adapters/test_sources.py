"""Inputs: what a user may name, how it may be packed, and everything that can be wrong with it."""

import gzip
import io
import json
import os
import pickle
import random
import subprocess
import sys
import zlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from stillwatch.adapters.sources import Source, blocks, expand, total_size
from stillwatch.adapters.sources.lines import Lost, Span, whole_lines
from stillwatch.ingest import Block, read, recognise_block
from stillwatch.vocabulary.quarantine import Reject

NOW_US = 1_783_000_000_000_000


def record(number: int, **changes: Any) -> dict[str, Any]:
    made = {
        "id": f"x-{number}",
        "occurred_at": 1_782_907_200 + number,
        "account": f"a-{number % 7}",
        "request": {"messages": [{"role": "user", "content": f"question {number}"}]},
    }
    return {**made, **changes}


def log(count: int) -> bytes:
    return b"".join(json.dumps(record(number)).encode() + b"\n" for number in range(count))


def opened(path: Path, **sizes: int) -> tuple[list[Block], list[Reject]]:
    (source,) = expand([str(path)])
    assert isinstance(source, Source)
    found = list(blocks(source, index=0, **sizes))
    return (
        [item for item in found if isinstance(item, Block)],
        [item for item in found if isinstance(item, Reject)],
    )


def ids(found: list[Block]) -> list[str]:
    read_ids: list[str] = []
    for block in found:
        name = recognise_block(block)
        assert name == "stillwatch"
        batch = read(block, name, now_us=NOW_US)
        assert batch.rejects == []
        read_ids += batch.exchanges.column("id").to_pylist()
    return read_ids


def expected(count: int, start: int = 0) -> list[str]:
    return [f"x-{number}" for number in range(start, count)]


# what the user may name


def test_a_folder_gives_its_logs_at_any_depth_in_order_and_nothing_else(tmp_path):
    for name in (
        "b.jsonl",
        "a/2.json.gz",
        "a/1.ndjson.zst",
        "a/deep/c.parquet",
        "notes.txt",
        ".hidden.jsonl",
        "a/x.gz",
    ):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"x")
    found = [
        Path(item.name).relative_to(tmp_path).as_posix() for item in expand([str(tmp_path)]) if isinstance(item, Source)
    ]
    assert found == ["b.jsonl", "a/1.ndjson.zst", "a/2.json.gz", "a/x.gz", "a/deep/c.parquet"]


def test_a_pattern_gives_its_matches_sorted(tmp_path):
    for name in ("2.log", "1.log", "3.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [Path(item.name).name for item in expand([f"{tmp_path}/*.log"]) if isinstance(item, Source)] == [
        "1.log",
        "2.log",
    ]


def test_what_leads_nowhere_is_a_reject_in_its_place(tmp_path):
    (tmp_path / "empty").mkdir()
    found = expand([str(tmp_path / "missing.jsonl"), f"{tmp_path}/*.none", str(tmp_path / "empty"), "a\0b"])
    assert [item.reason.split(":")[0] for item in found if isinstance(item, Reject)] == [
        "can't be opened",
        "no file matches this pattern",
        "no log in this folder (.jsonl, .json, .ndjson, .parquet, .gz, .zst)",
        "can't be opened",
    ]


def test_a_file_that_is_named_twice_is_read_once(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(log(1))
    first, second = expand([str(path), str(tmp_path)])
    assert isinstance(first, Source)
    assert isinstance(second, Reject)
    assert second.kept


def test_standard_input_is_read_to_its_end(monkeypatch):
    class Piped:
        buffer = io.BytesIO(gzip.compress(log(3)))

    monkeypatch.setattr(sys, "stdin", Piped())
    (source,) = expand(["-"])
    assert isinstance(source, Source)
    assert ids([block for block in blocks(source, index=0) if isinstance(block, Block)]) == expected(3)


def test_the_size_of_all_inputs_is_known_unless_one_is_a_pipe(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(log(2))
    assert total_size(expand([str(path), str(tmp_path / "missing")])) == path.stat().st_size
    assert total_size(expand([str(path), "-"])) is None


# how it may be packed


@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress], ids=["plain", "gzip", "zstd"])
def test_packing_is_recognised_by_content_and_not_by_name(tmp_path, pack):
    path = tmp_path / "anything.jsonl"
    path.write_bytes(pack(log(30_000)))
    found, rejects = opened(path, block_bytes=100_000)
    assert rejects == []
    assert len(found) > 2
    assert ids(found) == expected(30_000)
    assert found[-1].consumed == path.stat().st_size


@pytest.mark.parametrize("pack", [gzip.compress, zstandard.compress], ids=["gzip", "zstd"])
def test_several_packed_pieces_in_one_file_are_all_read(tmp_path, pack):
    whole = log(90)
    path = tmp_path / "pieces.gz"
    path.write_bytes(pack(whole[:1_000]) + pack(whole[1_000:5_000]) + pack(whole[5_000:]))
    found, rejects = opened(path)
    assert rejects == []
    assert ids(found) == expected(90)


def test_line_numbers_run_on_over_blocks(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(log(500))
    found, _ = opened(path, block_bytes=5_000)
    lines = [
        line
        for block in found
        for line in read(block, "stillwatch", now_us=NOW_US).exchanges.column("line").to_pylist()
    ]
    assert lines == list(range(1, 501))


def test_a_last_line_without_newline_is_a_line(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(log(3).rstrip(b"\n"))
    found, rejects = opened(path)
    assert rejects == []
    assert ids(found) == expected(3)


def test_a_byte_order_mark_and_windows_line_ends_are_no_obstacle(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + log(3).replace(b"\n", b"\r\n"))
    found, rejects = opened(path)
    assert rejects == []
    assert ids(found) == expected(3)


@pytest.mark.parametrize("indent", [None, 2])
def test_a_file_that_is_one_json_array_gives_a_line_an_element(tmp_path, indent):
    path = tmp_path / "a.json"
    path.write_text(json.dumps([record(number) for number in range(20)], indent=indent))
    found, rejects = opened(path)
    assert rejects == []
    assert ids(found) == expected(20)


def test_a_file_that_is_one_pretty_printed_object_is_one_record(tmp_path):
    path = tmp_path / "a.json"
    path.write_text(json.dumps(record(0), indent=4))
    found, rejects = opened(path)
    assert rejects == []
    assert ids(found) == expected(1)


def test_a_log_whose_first_line_is_cut_off_is_still_a_log(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"id": "x-0", "request": {\n' + log(5))
    found, rejects = opened(path)
    assert rejects == []
    batch = read(found[0], "stillwatch", now_us=NOW_US)
    assert batch.exchanges.column("id").to_pylist() == expected(5)
    assert [reject.line for reject in batch.rejects] == [1]


def test_a_block_survives_pickling(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_bytes(log(3))
    found, _ = opened(path)
    assert pickle.loads(pickle.dumps(found[0])) == found[0]


# Parquet


def table(count: int, *, nested: bool) -> pa.Table:
    rows = [record(number, occurred_at=datetime.fromtimestamp(1_782_907_200 + number, UTC)) for number in range(count)]
    for row in rows:
        row["client"] = {"ip": "203.0.113.7", "headers": ["Host"]}
    if not nested:
        rows = [{**row, "request": json.dumps(row["request"]), "client": json.dumps(row["client"])} for row in rows]
    return pa.Table.from_pylist(rows)


@pytest.mark.parametrize("nested", [True, False], ids=["structs", "json-text"])
def test_parquet_gives_the_same_rows_as_lines(tmp_path, nested):
    path = tmp_path / "a.parquet"
    pq.write_table(table(100, nested=nested), path, row_group_size=30)
    found, rejects = opened(path)
    assert rejects == []
    assert ids(found) == expected(100)
    row = read(found[1], "stillwatch", now_us=NOW_US).exchanges.to_pylist()[0]
    assert (row["line"], row["first_text"], row["ip"], row["header_names"]) == (
        31,
        "question 30",
        "203.0.113.7",
        "host",
    )
    assert row["ts_us"] == 1_782_907_230_000_000
    assert found[-1].consumed == path.stat().st_size


def test_a_parquet_time_in_nanoseconds_is_read(tmp_path):
    path = tmp_path / "a.parquet"
    times = pa.array([1_782_907_200_000_000_001], pa.timestamp("ns", "UTC"))
    pq.write_table(pa.table({"id": ["x-0"], "account": ["a"], "occurred_at": times}), path)
    found, rejects = opened(path)
    assert rejects == []
    assert ids(found) == expected(1)


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


@pytest.mark.parametrize("data", [b"", b"\n\n  \n", gzip.compress(b""), zstandard.compress(b"")])
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
