"""A run that is stopped leaves no half-written output, and the next one works."""

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
from sensor_logs import write


@pytest.fixture(scope="module")
def long_log(known, tmp_path_factory) -> Path:
    """Long enough for worker processes and for a signal to arrive in time: spaces that no reader minds."""
    return write(tmp_path_factory.mktemp("long") / "log.jsonl", tuple(line + b" " * 10_000 for line in known.lines))


def until(run: subprocess.Popen[bytes], out: Path, stage: str) -> bytes:
    """Wait until the run is on its way: sketches lie in its work folder, or it has said ``stage``."""
    deadline = time.monotonic() + 120
    if stage == "reading":
        while not list(out.glob(".stillwatch-work-*/sketches/links-*.parquet")):
            assert run.poll() is None, "it ended before it could be stopped"
            assert time.monotonic() < deadline
            time.sleep(0.005)
        return b""
    said = b""
    assert run.stderr is not None
    while stage.encode() not in said:
        piece = run.stderr.readline()
        assert piece, f"it ended before {stage}: {said!r}"
        said += piece
    return said


def living(group: int) -> list[int]:
    """Processes of a process group that still run."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[2]) == group and fields[0] != "Z":
                found.append(int(entry.name))
    return found


@pytest.mark.parametrize("stage", ["reading", "aggregating", "detecting", "drawing"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["Ctrl-C", "terminate"])
def test_a_stopped_run_leaves_nothing(sensor, long_log, logs, tmp_path, stage, number):
    out = tmp_path / "out"
    run = sensor.start(long_log if stage == "reading" else logs.both, out=out)
    said = until(run, out, stage)
    if number == signal.SIGINT:
        os.killpg(run.pid, number)  # as a terminal does: every process of the group
    else:
        run.send_signal(number)
    _, rest = run.communicate(timeout=60)
    text = (said + rest).decode()
    assert run.returncode == 130, text
    assert text.splitlines()[-1] == "stillwatch: stopped; nothing was written"
    assert "Traceback" not in text
    assert not out.exists()
    deadline = time.monotonic() + 20  # helpers of multiprocessing end a moment after their parent
    while living(run.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert living(run.pid) == []


def test_a_stopped_run_leaves_older_results_as_they_were(sensor, long_log, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "campaigns.json").write_text("{}")
    run = sensor.start(long_log, out=out)
    until(run, out, "reading")
    run.send_signal(signal.SIGTERM)
    run.communicate(timeout=60)
    assert [(path.name, path.read_text()) for path in out.iterdir()] == [("campaigns.json", "{}")]


def test_after_a_kill_the_next_run_works_and_cleans(sensor, long_log, logs, both_days, groups, tmp_path):
    out, state = tmp_path / "out", tmp_path / "state"
    arguments = ("--accounts", logs.accounts, "--state", state, "--key", tmp_path / "key")
    run = sensor.start(long_log, *arguments, out=out)
    until(run, out, "reading")
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    assert list(out.glob(".stillwatch-work-*"))
    again = sensor.scan(logs.both, *arguments, out=out)
    assert again.code == 0, again.stderr
    assert groups(again.result) == groups(both_days.result)
    assert [path.name for path in out.iterdir() if path.name.startswith(".")] == []
    assert [path.name for path in (state / "parts").iterdir()] == ["000001"]


@pytest.mark.parametrize("stage", ["aggregating", "detecting"])
def test_history_is_whole_after_a_stop_at_any_stage(sensor, logs, both_days, groups, tmp_path, stage):
    state = tmp_path / "state"
    arguments = (logs.both, "--accounts", logs.accounts, "--state", state, "--key", tmp_path / "key")
    run = sensor.start(*arguments, out=tmp_path / "out")
    until(run, tmp_path / "out", stage)
    os.killpg(run.pid, signal.SIGKILL)
    run.communicate()
    again = sensor.scan(*arguments, out=tmp_path / "out")
    assert again.code == 0, again.stderr
    assert groups(again.result) == groups(both_days.result)
    assert again.result["scanned"]["exchanges"] == both_days.result["scanned"]["exchanges"]
    assert [path.name for path in (state / "parts").iterdir()] == ["000001"]
