"""Every way an input can be wrong, in one run with a good log: what is bad is told with place and reason."""

import gzip
import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard
from sensor_logs import write

SECRET = "marzipan-lighthouse"  # stands in every line that is left out; must not come back


def record(number: int, **changes: object) -> dict[str, object]:
    return {
        "id": f"bad-{number}",
        "occurred_at": f"2026-06-01T10:{number:02d}:00Z",
        "account": "acct_x",
        "request": {"model": "m", "messages": [{"role": "user", "content": f"What is {number} and {SECRET}?"}]},
        **changes,
    }


def line(number: int, **changes: object) -> bytes:
    return json.dumps(record(number, **changes)).encode()


def broken_lines() -> tuple[bytes, ...]:
    far = (datetime.now(UTC) + timedelta(days=400)).isoformat()
    return (
        line(1),
        line(2)[:-20],  # 2: broken JSON
        line(3, account=["a", "list"]),  # 3: wrong type of a required field
        line(4).replace(b"What", b"\xff\xfe"),  # 4: invalid UTF-8
        line(5).replace(b"What", b"Wh\0at"),  # 5: a NUL byte
        line(6, occurred_at=far),  # 6: the future
        line(7, padding="x" * (1024 * 1024 + 10)),  # 7: over --max-line-mb 1
        line(1, account="acct_y"),  # 8: an id that stood before
        line(9, occurred_at="2026-05-20T00:00:00Z"),  # 9: time went backwards; kept
        b"[1, 2]",  # 10: no object
        line(11, occurred_at="yesterday " + SECRET),  # 11: no time
        json.dumps({"id": "bad-12", "account": "acct_x"}).encode(),  # 12: a required field is missing
        line(13, duration_ms="long " + SECRET),  # 13: wrong type of an optional field; kept
        line(14),
    )


LEFT_OUT = {2, 3, 4, 5, 6, 7, 8, 10, 11, 12}
GOOD_ROWS = 4


@pytest.fixture(scope="module")
def run(sensor, known, tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    write(folder / "bad.jsonl", broken_lines())
    write(folder / "good.jsonl", known.days[0])
    cut = gzip.compress(b"".join(line(100 + n, occurred_at="2026-06-01T12:00:00Z") + b"\n" for n in range(2_000)), 1)
    (folder / "cut.jsonl.gz").write_bytes(cut[: len(cut) // 2])
    (folder / "empty.jsonl").write_bytes(b"")
    (folder / "noise.jsonl").write_bytes(bytes(range(256)) * 50)
    (folder / "secret.jsonl").write_bytes(line(20))
    (folder / "secret.jsonl").chmod(0)
    (folder / "broken.parquet").write_bytes(b"PAR1 and nothing more")
    return sensor.scan(folder, folder / "missing.jsonl", "--max-line-mb", 1, out=folder / "out")


def rows_of(run, name):
    return [row for row in run.quarantine if Path(row["file"]).name == name]


def test_the_run_goes_on_and_says_how_much_was_left_out(run):
    assert run.code == 0
    left_out = [row for row in run.quarantine if not row["kept"]]
    assert run.result["scanned"]["quarantined"] == len(left_out)
    assert "left out or noted" in run.stderr


def test_each_bad_line_is_told_with_its_number_and_a_reason(run):
    told = rows_of(run, "bad.jsonl")
    assert {row["line"] for row in told if not row["kept"]} == LEFT_OUT
    assert {row["line"] for row in told if row["kept"]} == {9, 13}
    assert all(len(row["reason"]) > 5 for row in told)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (2, "JSON"), (3, "account"), (4, "UTF-8"), (5, "NUL"), (6, "occurred_at"), (7, "longer than"),
        (8, "earlier line"), (9, "earlier"), (10, ""), (11, "occurred_at"), (12, "occurred_at"), (13, "duration_ms"),
    ],
)  # fmt: skip
def test_a_reason_names_what_is_wrong(run, number, word):
    assert any(word in row["reason"] for row in rows_of(run, "bad.jsonl") if row["line"] == number)


def test_every_good_row_is_counted(run, known):
    accounts = pq.read_table(run.out / "accounts.parquet").to_pylist()
    (bad,) = [row for row in accounts if row["account"] == "acct_x"]
    whole = {json.loads(text)["account"] for text in known.days[0]}
    assert sum(row["exchanges"] for row in accounts if row["account"] in whole) == len(known.days[0])
    readable = 1 if os.geteuid() == 0 else 0  # root reads what nobody may read
    (damage,) = rows_of(run, "cut.jsonl.gz")
    assert bad["exchanges"] == GOOD_ROWS + readable + damage["line"] - 1
    assert damage["line"] > 200
    assert not any(row["account"] == "acct_y" for row in accounts)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("empty.jsonl", "empty"),
        ("cut.jsonl.gz", "gzip"),
        ("broken.parquet", "Parquet"),
        ("missing.jsonl", "no such file"),
    ],
)
def test_a_file_that_can_not_be_read_is_told(run, name, word):
    assert any(word in row["reason"] for row in rows_of(run, name))


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_without_permission_is_told(run):
    assert any("permission" in row["reason"] for row in rows_of(run, "secret.jsonl"))


def test_the_quarantine_holds_no_text_of_the_log(run):
    assert SECRET.encode() not in (run.out / "quarantine.jsonl").read_bytes()
    assert SECRET not in run.stdout + run.stderr


def test_nothing_but_the_results_is_left(run):
    assert sorted(path.name for path in run.out.iterdir()) == [
        "accounts.parquet", "campaigns.json", "quarantine.jsonl", "report.html", "watchlist.jsonl",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["jsonl", "gz", "zst", "parquet", "stdin", "folder", "pattern"])
def test_a_log_in_any_form_gives_the_same_result(sensor, logs, known, groups, tmp_path, form, first_day):
    data = logs.days[0].read_bytes()
    file, stdin = logs.days[0], None
    if form == "gz":
        file = tmp_path / "log.gz"
        file.write_bytes(gzip.compress(data, 1))
    elif form == "zst":
        file = tmp_path / "log.zst"
        file.write_bytes(zstandard.compress(data, 1))
    elif form == "parquet":
        file = tmp_path / "log.parquet"
        rows = [json.loads(text) for text in known.days[0]]
        columns = {name: [row.get(name) for row in rows] for name in ("id", "occurred_at", "duration_ms", "account",
                   "organization", "credential", "surface", "endpoint", "status")}  # fmt: skip
        for name in ("client", "request", "response"):
            columns[name] = [json.dumps(row[name]) if name in row else None for row in rows]
        pq.write_table(pa.table(columns), file)
    elif form == "stdin":
        file, stdin = Path("-"), data
    elif form in ("folder", "pattern"):
        folder = tmp_path / "logs" / "deep"
        folder.mkdir(parents=True)
        half = len(known.days[0]) // 2
        write(folder / "a.jsonl", known.days[0][:half])
        write(folder / "b.jsonl.gz", known.days[0][half:])
        file = tmp_path / "logs" if form == "folder" else folder / "*.jsonl*"
    run = sensor.scan(file, "--accounts", logs.accounts, out=tmp_path / "out", stdin=stdin)
    assert run.code == 0, run.stderr
    assert run.result["scanned"]["quarantined"] == 0
    assert groups(run.result) == groups(first_day.result)
    assert run.result["scanned"]["exchanges"] == len(known.days[0])
