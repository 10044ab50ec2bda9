"""Text ends at the sketch: every byte that a scan leaves on disk is searched for words of the log."""

import gzip
import json
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from sensor_logs import write

#: One invented word for each place where a log holds text; none is part of another.
PLACES = (
    "system", "user", "assistant", "toolname", "tooltext", "toolresult", "response", "reasoning", "calls", "developer",
    "field", "brokenline", "longline", "badbytes", "wrongtype", "badtime", "tag",
)  # fmt: skip
WORDS = {place: f"zorvaxquil{place}" for place in PLACES}


def marked(line: bytes, template: str) -> bytes:
    """A line of the log with a marked word in every place that can hold text."""
    row = json.loads(line)
    row["request"] = {
        "model": row["request"].get("model", "m"),
        WORDS["field"]: 1,
        "messages": [
            {"role": "system", "content": f"Answer as {WORDS['system']} would, at length and with care for readers."},
            {"role": "developer", "content": f"{WORDS['developer']} is the house style."},
            {"role": "user", "content": f"{template} {WORDS['user']}"},
            {"role": "assistant", "content": f"I think of {WORDS['assistant']}.",
             "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": WORDS["calls"]}}]},
            {"role": "tool", "tool_call_id": "c1", "content": f"{WORDS['toolresult']} was found."},
            {"role": "user", "content": f"{template} {row['id']} {WORDS['user']} again, and again, until it is done."},
        ],
        "tools": [{"type": "function", "function": {"name": WORDS["toolname"], "description": WORDS["tooltext"]}}],
        "stop": [WORDS["tag"]],
    }  # fmt: skip
    row["response"] = {
        "model": "m",
        "finish_reason": "stop",
        "text": f"<think>{WORDS['reasoning']}</think>{WORDS['response']}",
    }
    return json.dumps(row).encode()


@pytest.fixture(scope="module")
def marked_log(known, tmp_path_factory) -> Path:
    template = "Below is a completed response. Write out step by step the reasoning behind this completed response:"
    lines = []
    for line in known.days[0]:
        harvest = json.loads(line)["account"] in known.campaign
        lines.append(marked(line, template if harvest else "Tell me about it."))
    lines += [
        lines[0].replace(WORDS["user"].encode(), WORDS["brokenline"].encode())[:-30],
        lines[0].replace(WORDS["user"].encode(), WORDS["longline"].encode() * 120_000),
        lines[0].replace(WORDS["user"].encode(), WORDS["badbytes"].encode() + b"\xff\xfe\0"),
        json.dumps({"id": "w", "account": {"in": WORDS["wrongtype"]}, "occurred_at": "2026-06-01T00:00:00Z"}).encode(),
        json.dumps({"id": "t", "account": "a", "occurred_at": WORDS["badtime"]}).encode(),
    ]
    return write(tmp_path_factory.mktemp("marked") / "log.jsonl", tuple(lines))


def contents(root: Path) -> Iterator[tuple[str, bytes]]:
    """Every byte under ``root``: names, files as they lie, packed ones unpacked, columns of Parquet as plain values."""
    for path in sorted(root.rglob("*")):
        yield f"name of {path}", path.name.encode()
        if not path.is_file():
            continue
        data = path.read_bytes()
        yield str(path), data
        if data.startswith(b"\x1f\x8b"):
            yield f"{path}, unpacked", gzip.decompress(data)
        if data.startswith(b"\x28\xb5\x2f\xfd"):
            yield f"{path}, unpacked", zstandard.ZstdDecompressor().decompressobj().decompress(data)
        if len(data) > 8 and data.startswith(b"PAR1") and data.endswith(b"PAR1"):
            table = pq.read_table(path)
            for name, column in zip(table.column_names, table.columns, strict=True):
                for chunk in column.chunks:
                    yield f"{path}, column {name}", b"".join(bytes(b) for b in chunk.buffers() if b is not None)
                if pa.types.is_dictionary(column.type):
                    yield f"{path}, column {name}", str(column.unique().to_pylist()).encode()


def found_in(root: Path) -> list[str]:
    """Where a marked word stands, in any case or width."""
    needles = [b"zorvaxquil", "zorvaxquil".encode("utf-16-le"), "zorvaxquil".encode("utf-32-le")]
    return [where for where, data in contents(root) for needle in needles if needle in data.lower()]


def test_the_search_finds_text_where_there_is_some(tmp_path):
    table = pa.table({"a": [f"some {WORDS['user']}"] * 50, "n": list(range(50))})
    pq.write_table(table, tmp_path / "x.parquet", compression="zstd", use_dictionary=False)
    (tmp_path / "x.gz").write_bytes(gzip.compress(WORDS["user"].encode() * 9))
    (tmp_path / "x.zst").write_bytes(zstandard.compress(WORDS["user"].upper().encode() * 9))
    (tmp_path / "plain").write_text(WORDS["user"])
    assert {Path(where.split(",")[0]).name for where in found_in(tmp_path)} == {"x.parquet", "x.gz", "x.zst", "plain"}


def test_the_marked_log_holds_every_marked_word(marked_log):
    data = marked_log.read_bytes()
    assert all(word.encode() in data for word in WORDS.values())


@pytest.mark.parametrize("kept", [False, True], ids=["without history", "with history"])
def test_nothing_of_the_text_is_on_disk_or_screen_after_a_scan(sensor, marked_log, logs, known, tmp_path, kept):
    history = ("--state", tmp_path / "left" / "state", "--key", tmp_path / "key") if kept else ()
    arguments = (marked_log, "--accounts", logs.accounts, "--max-line-mb", 1, *history)
    run = sensor.scan(*arguments, out=tmp_path / "left" / "out")
    assert run.code == 0, run.stderr
    assert run.result["scanned"]["exchanges"] == len(known.days[0])
    assert run.result["scanned"]["quarantined"] == 5
    # The marked template is a campaign's, so the places where evidence is worded and drawn are searched as well.
    assert any(known.campaign <= {a["account"] for a in c["accounts"]} for c in run.result["campaigns"])
    assert found_in(tmp_path / "left") == []
    assert "zorvaxquil" not in (run.stdout + run.stderr).lower()


def whole(file: Path) -> bool:
    """Whether a Parquet file has its footer."""
    data = file.read_bytes()
    return len(data) > 8 and data.endswith(b"PAR1")


def test_nothing_of_the_text_is_on_disk_when_a_run_is_killed(sensor, marked_log, tmp_path):
    left = tmp_path / "left"
    run = sensor.start(marked_log, "--state", left / "state", "--key", tmp_path / "key", out=left / "out")
    deadline = time.monotonic() + 120
    while (
        not any(whole(file) for file in left.rglob("links-*.parquet"))
        and run.poll() is None
        and time.monotonic() < deadline
    ):
        time.sleep(0.005)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert run.returncode == -signal.SIGKILL, "it ended before it could be killed"
    assert list((left / "out").glob(".stillwatch-work-*")), "nothing was left, so nothing was searched"
    assert found_in(left) == []


def test_no_text_is_left_outside_the_named_folders(sensor, marked_log, tmp_path, monkeypatch):
    elsewhere = tmp_path / "tmp"
    elsewhere.mkdir()
    monkeypatch.setenv("TMPDIR", str(elsewhere))
    run = sensor.scan(marked_log, out=tmp_path / "out", cwd=elsewhere)
    assert run.code == 0, run.stderr
    assert list(elsewhere.iterdir()) == []
    assert found_in(sensor.home) == []
