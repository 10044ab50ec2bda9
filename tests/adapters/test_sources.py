"""Inputs: what a user may name, and how it may be packed."""

import gzip
import io
import json
import pickle
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from source_logs import NOW_US, expected, ids, log, opened, record, table

from stillwatch.adapters.sources import Source, blocks, expand, total_size
from stillwatch.ingest import Block, read
from stillwatch.vocabulary.quarantine import Reject

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
