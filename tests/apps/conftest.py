"""The sensor as a person starts it: the installed command, in a process of its own."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sensor_logs import Population, population, write

COMMAND = Path(sys.executable).parent / "stillwatch"


@dataclass(frozen=True)
class Run:
    """What came of one run of the command."""

    code: int
    stdout: str
    stderr: str
    out: Path

    @property
    def result(self) -> dict[str, Any]:
        """``campaigns.json``."""
        loaded: dict[str, Any] = json.loads((self.out / "campaigns.json").read_text("utf-8"))
        return loaded

    @property
    def quarantine(self) -> list[dict[str, Any]]:
        """The rows of ``quarantine.jsonl``."""
        return [json.loads(line) for line in (self.out / "quarantine.jsonl").read_bytes().splitlines()]


@dataclass(frozen=True)
class Sensor:
    """Runs ``stillwatch scan`` with a home of its own, so that no key or setting of the person who tests is touched."""

    home: Path

    def environment(self) -> dict[str, str]:
        changed = {
            "HOME": str(self.home),
            "XDG_CONFIG_HOME": str(self.home / "config"),
            "NO_COLOR": "1",
            "COLUMNS": "160",
        }
        kept = {name: value for name, value in os.environ.items() if not name.startswith("STILLWATCH_")}
        return {**kept, **changed}

    def arguments(self, *arguments: object) -> list[str]:
        return [str(COMMAND), "scan", *map(str, arguments)]

    def scan(self, *arguments: object, out: Path, stdin: bytes | None = None, cwd: Path | None = None) -> Run:
        """One whole run."""
        done = subprocess.run(
            self.arguments(*arguments, "--out", out), input=stdin, capture_output=True, env=self.environment(), cwd=cwd,
            timeout=300, check=False,
        )  # fmt: skip
        return Run(done.returncode, done.stdout.decode(), done.stderr.decode(), out)

    def start(self, *arguments: object, out: Path) -> subprocess.Popen[bytes]:
        """A run in a process group of its own, to be stopped on its way."""
        return subprocess.Popen(
            self.arguments(*arguments, "--out", out), stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=self.environment(), start_new_session=True,
        )  # fmt: skip


@pytest.fixture(scope="session")
def sensor(tmp_path_factory: pytest.TempPathFactory) -> Sensor:
    return Sensor(tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="session")
def known() -> Population:
    return population()


@dataclass(frozen=True)
class Logs:
    """Files of the known population: both days, each day, and the accounts."""

    both: Path
    days: tuple[Path, Path]
    accounts: Path


@pytest.fixture(scope="session")
def logs(known: Population, tmp_path_factory: pytest.TempPathFactory) -> Logs:
    folder = tmp_path_factory.mktemp("logs")
    return Logs(
        both=write(folder / "both.jsonl", known.lines),
        days=(write(folder / "day-1.jsonl", known.days[0]), write(folder / "day-2.jsonl", known.days[1])),
        accounts=write(folder / "accounts.jsonl", known.accounts),
    )


@pytest.fixture(scope="session")
def both_days(sensor: Sensor, logs: Logs, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One scan of both days without history: what other runs are compared with."""
    run = sensor.scan(logs.both, "--accounts", logs.accounts, out=tmp_path_factory.mktemp("both") / "out")
    assert run.code == 0, run.stderr
    return run


def _groups(result: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Campaigns without what may differ between keys and runs: ids, names and the order of equals."""
    return sorted(
        (
            c["weight_bits"],
            c["level"],
            c["exchanges"],
            tuple(sorted((a["account"], a["membership"]) for a in c["accounts"])),
        )
        for c in result["campaigns"]
    )


@pytest.fixture(scope="session")
def groups() -> Callable[[dict[str, Any]], list[tuple[Any, ...]]]:
    return _groups


@pytest.fixture(scope="session")
def first_day(sensor: Sensor, logs: Logs, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One scan of the first day without history."""
    run = sensor.scan(logs.days[0], "--accounts", logs.accounts, out=tmp_path_factory.mktemp("first") / "out")
    assert run.code == 0, run.stderr
    return run
