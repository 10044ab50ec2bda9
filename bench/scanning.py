"""How the measurements start ``stillwatch scan``: as a person does, in a process of its own."""

import sys
from collections.abc import Sequence
from pathlib import Path

from bench.tree import Run, run

#: Words with which the program says that it has come to its next stage.
STAGES = ("aggregating", "detecting", "drawing")


def scan(logs: Sequence[Path], out: Path, *, beside: Path, options: Sequence[str] = ()) -> Run:
    """Scan ``logs`` with the accounts and permits files that lie in the folder ``beside``. Raises where it fails."""
    command = [sys.executable, "-m", "stillwatch", "scan", *map(str, logs), "--out", str(out), *options]
    for name in ("accounts", "permits"):
        file = beside / f"{name}.jsonl"
        if file.exists():
            command += [f"--{name}", str(file)]
    done = run(command, folder=beside, stage=_stage)
    if done.code:
        raise RuntimeError(f"stillwatch scan ended with exit code {done.code}:\n{done.errors}")
    return done


def _stage(line: str) -> str | None:
    word = line.partition(":")[0]
    return word if word in STAGES else None


def seconds_of_stages(done: Run) -> dict[str, float]:
    """Wall seconds of each stage: reading first, the last one to the end of the run."""
    names = ["reading", *(name for name in STAGES if name in done.stages)]
    times = [0.0, *(done.stages[name] for name in names[1:]), done.seconds]
    return {name: after - before for name, before, after in zip(names, times, times[1:], strict=False)}
