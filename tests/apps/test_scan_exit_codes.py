"""A run that can't be used ends with one clear line and its own exit code. The texts are kept in tests/golden."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from sensor_logs import write

GOLDEN = Path(__file__).resolve().parents[1] / "golden"


def same_as_golden(name: str, said: str, folder: Path) -> None:
    """Compare with the kept text; ``STILLWATCH_WRITE_GOLDEN=1`` writes it anew, to be reviewed as prose."""
    plain = re.sub(r"(?m)[ \t]+$", "", said.replace(str(folder), "DIR"))
    file = GOLDEN / f"{name}.txt"
    if os.environ.get("STILLWATCH_WRITE_GOLDEN"):
        file.write_text(plain, "utf-8")
    assert plain == file.read_text("utf-8")


@pytest.fixture
def good(known, tmp_path):
    return write(tmp_path / "good.jsonl", known.days[0][:200])


def test_nothing_readable_is_3(sensor, tmp_path):
    (tmp_path / "broken.jsonl").write_text('{"id": "x-1", "occurred\n[]\n')
    run = sensor.scan(tmp_path / "broken.jsonl", tmp_path / "missing.jsonl", out=tmp_path / "out")
    assert run.code == 3
    same_as_golden("nothing-readable", run.stderr, tmp_path)
    assert not run.out.exists()


def test_an_empty_folder_is_3(sensor, tmp_path):
    (tmp_path / "logs").mkdir()
    run = sensor.scan(tmp_path / "logs", out=tmp_path / "out")
    assert run.code == 3
    same_as_golden("empty-folder", run.stderr, tmp_path)
    assert not run.out.exists()


def test_an_output_in_the_way_of_a_file_is_4(sensor, good, tmp_path):
    (tmp_path / "out").write_text("a file")
    run = sensor.scan(good, out=tmp_path / "out")
    assert run.code == 4
    same_as_golden("output-is-a-file", run.stderr, tmp_path)
    assert (tmp_path / "out").read_text() == "a file"


@pytest.mark.skipif(os.geteuid() == 0 and not Path("/proc/self").exists(), reason="root may write anywhere here")
def test_an_output_that_can_not_be_made_is_4(sensor, good, tmp_path):
    where = Path("/proc/self/nowhere/out") if os.geteuid() == 0 else tmp_path / "locked" / "out"
    if os.geteuid() != 0:
        where.parent.mkdir(mode=0o500)
    run = sensor.scan(good, out=where)
    assert run.code == 4
    assert len(run.stderr.splitlines()) == 1
    assert "can't be written" in run.stderr


def test_an_unknown_format_is_2(sensor, good, tmp_path):
    run = sensor.scan(good, "--format", "syslog", out=tmp_path / "out")
    assert run.code == 2
    same_as_golden("unknown-format", run.stderr, tmp_path)
    assert not run.out.exists()


@pytest.mark.parametrize(("option", "name"), [("--accounts", "no-accounts-file"), ("--permits", "no-permits-file")])
def test_a_side_file_that_is_not_there_is_2(sensor, good, tmp_path, option, name):
    run = sensor.scan(good, option, tmp_path / "nowhere.jsonl", out=tmp_path / "out")
    assert run.code == 2
    same_as_golden(name, run.stderr, tmp_path)
    assert not run.out.exists()


@pytest.mark.parametrize(
    ("text", "name"),
    [(None, "no-settings-file"), ("[otel\n", "broken-settings"), ("[otel]\nwho = 1\n", "unknown-setting")],
)
def test_settings_that_can_not_be_used_are_2(sensor, good, tmp_path, text, name):
    if text is not None:
        (tmp_path / "settings.toml").write_text(text)
    run = sensor.scan(good, "--config", tmp_path / "settings.toml", out=tmp_path / "out")
    assert run.code == 2
    same_as_golden(name, run.stderr, tmp_path)


def test_an_option_that_does_not_exist_is_2(sensor, good, tmp_path):
    run = sensor.scan(good, "--frobnicate", out=tmp_path / "out")
    assert run.code == 2
    assert "--frobnicate" in run.stderr


def test_a_state_under_another_key_is_5_and_stays_as_it_was(sensor, good, tmp_path):
    state = tmp_path / "state"
    first = sensor.scan(good, "--state", state, "--key", tmp_path / "key-1", out=tmp_path / "out-1")
    assert first.code == 0
    before = {path: path.read_bytes() for path in state.rglob("*") if path.is_file()}
    run = sensor.scan(good, "--state", state, "--key", tmp_path / "key-2", out=tmp_path / "out-2")
    assert run.code == 5
    same_as_golden("another-key", "\n".join(run.stderr.splitlines()[1:]) + "\n", tmp_path)
    assert not run.out.exists()
    assert {path: path.read_bytes() for path in state.rglob("*") if path.is_file()} == before


@pytest.mark.parametrize(
    ("text", "name"),
    [('{"version": 99, "key_check": "00"}', "another-version"), ("not json", "broken-state"), ("", "empty-state")],
)
def test_a_state_of_another_version_or_damaged_is_5(sensor, good, tmp_path, text, name):
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "state.json").write_text(text)
    write(tmp_path / "key", (b"k" * 31,))
    (tmp_path / "key").chmod(0o600)
    run = sensor.scan(good, "--state", tmp_path / "state", "--key", tmp_path / "key", out=tmp_path / "out")
    assert run.code == 5
    same_as_golden(name, run.stderr, tmp_path)


def test_a_damaged_part_of_history_is_5_and_named(sensor, good, tmp_path):
    arguments = (good, "--state", tmp_path / "state", "--key", tmp_path / "key")
    assert sensor.scan(*arguments, out=tmp_path / "out").code == 0
    part = tmp_path / "state" / "parts" / "000001" / "hours.parquet"
    part.write_bytes(part.read_bytes()[:-100])
    run = sensor.scan(*arguments, out=tmp_path / "again")
    assert run.code == 5
    assert len(run.stderr.splitlines()[-1:]) == 1
    assert "hours.parquet" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "again").exists()


@pytest.mark.parametrize(
    ("data", "mode", "name"),
    [(b"k" * 32, 0o644, "open-key"), (b"short", 0o600, "short-key"), (None, 0o600, "key-is-a-folder")],
)
def test_a_key_that_can_not_be_used_is_5(sensor, good, tmp_path, data, mode, name):
    key = tmp_path / "key"
    if data is None:
        key.mkdir()
    else:
        key.write_bytes(data)
        key.chmod(mode)
    run = sensor.scan(good, "--state", tmp_path / "state", "--key", key, out=tmp_path / "out")
    assert run.code == 5
    same_as_golden(name, run.stderr, tmp_path)


def test_a_key_inside_the_state_it_protects_is_2(sensor, good, tmp_path):
    state = tmp_path / "state"
    run = sensor.scan(good, "--state", state, "--key", state / "key", out=tmp_path / "out")
    assert run.code == 2
    same_as_golden("key-inside-state", run.stderr, tmp_path)
    assert not state.exists()


def test_a_permit_that_can_not_be_read_is_reported_and_the_run_goes_on(sensor, good, tmp_path):
    permits = write(tmp_path / "permits.jsonl", (b'{"organization": "org_3", "max_exchanges": "many"}',))
    run = sensor.scan(good, "--permits", permits, out=tmp_path / "out")
    assert run.code == 0
    assert [(row["file"], row["line"]) for row in run.quarantine] == [(str(permits), 1)]


def test_standard_output_that_closes_early_is_no_traceback(sensor, good, tmp_path):
    command = " ".join(f"'{part}'" for part in sensor.arguments(good, "--out", tmp_path / "out"))
    done = subprocess.run(
        ["/bin/sh", "-c", f"{command} | true"], capture_output=True, env=sensor.environment(), timeout=300, check=False
    )
    assert b"Traceback" not in done.stderr
    assert json.loads((tmp_path / "out" / "campaigns.json").read_bytes())["scanned"]["exchanges"] == 200


def test_a_log_that_holds_other_things_than_exchanges_is_3(sensor, tmp_path):
    span = {
        "name": "SELECT",
        "traceId": "a",
        "spanId": "b",
        "startTimeUnixNano": "1780300800000000000",
        "attributes": [],
    }
    tree = {"resourceSpans": [{"resource": {}, "scopeSpans": [{"spans": [span]}]}]}
    write(tmp_path / "spans.jsonl", (json.dumps(tree).encode(),))
    run = sensor.scan(tmp_path / "spans.jsonl", "--format", "otel", out=tmp_path / "out")
    assert run.code == 3
    same_as_golden("no-exchange", run.stderr, tmp_path)
