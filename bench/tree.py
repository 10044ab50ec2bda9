"""Runs a command and measures it with all its children: wall and CPU seconds, peak memory, how busy the machine was.

Memory is the sum of the *proportional set sizes* of the process and its descendants, sampled: a page that two
processes share counts half for each, so that nothing is counted twice (Linux kernel documentation, "The /proc
Filesystem", ``smaps_rollup``). Elsewhere than on Linux it is not known, and that is said: missing is not zero.
CPU seconds are those of the command and of every descendant that it waited for (``wait4``).
"""

import os
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, NamedTuple

PROC = Path("/proc")
#: Seconds between two looks. A look at a process of 1 GB takes some milliseconds of the kernel's time.
EVERY = 0.1


class Run(NamedTuple):
    """What a command cost. ``peak`` bytes, ``None`` where not known; ``stages`` name -> seconds since the start.

    ``load`` is the load average of one minute before the start, and the highest one while the command ran: the command
    itself is in the second.
    """

    code: int
    seconds: float
    cpu: float
    peak: int | None
    load: tuple[float, float]
    stages: dict[str, float]
    errors: str


def run(command: Sequence[str], *, folder: Path, stage: Callable[[str], str | None] = lambda line: None) -> Run:
    """Run ``command`` in ``folder`` and wait. ``stage`` reads a name out of a line of its standard error, if any."""
    before = os.getloadavg()[0]
    began = time.monotonic()
    process = subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    assert process.stderr is not None
    stages: dict[str, float] = {}
    lines: list[str] = []
    reader = threading.Thread(target=_read, args=(process.stderr, began, stage, stages, lines))
    reader.start()
    peak, load = 0, before
    while True:
        pid, status, usage = os.wait4(process.pid, os.WNOHANG)
        if pid:
            break
        peak = max(peak, memory(process.pid) or 0)
        load = max(load, os.getloadavg()[0])
        time.sleep(EVERY)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - began
    reader.join()
    process.stderr.close()
    cpu = usage.ru_utime + usage.ru_stime
    return Run(process.returncode, seconds, cpu, peak or None, (before, load), stages, "".join(lines[-20:]))


def _read(
    stream: IO[str], began: float, stage: Callable[[str], str | None], stages: dict[str, float], lines: list[str]
) -> None:
    for line in stream:
        lines.append(line)
        name = stage(line)
        if name is not None:
            stages.setdefault(name, time.monotonic() - began)


def memory(root: int) -> int | None:
    """Bytes that ``root`` and its descendants hold together now; ``None`` where there is no ``/proc`` to ask."""
    if not (PROC / "self" / "smaps_rollup").exists():
        return None
    return sum(_held(process) for process in [root, *descendants(root)])


def descendants(root: int) -> list[int]:
    """The processes below ``root``, children before grandchildren. One that ends meanwhile is left out."""
    found: list[int] = []
    front = [root]
    while front:
        front = [child for parent in front for child in _children(parent)]
        found += front
    return found


def _children(parent: int) -> list[int]:
    try:
        threads = list((PROC / str(parent) / "task").iterdir())
        return [int(child) for thread in threads for child in (thread / "children").read_text("ascii").split()]
    except OSError:
        return []


def _held(process: int) -> int:
    try:
        rollup = (PROC / str(process) / "smaps_rollup").read_text("ascii")
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in rollup.splitlines() if line.startswith("Pss:")), 0)
