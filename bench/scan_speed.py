"""How fast and how large a scan is: prompts of about 1.2 kB, in a log that is composed before the clock starts."""

import shutil
from pathlib import Path
from typing import NamedTuple

from bench import bulk
from bench.scanning import scan, seconds_of_stages
from bench.table import Row, Section
from bench.tree import Run

SECONDS = 90  # for a million exchanges
MEMORY = 2_000_000_000
#: Two runs of the same log differ by so much in their highest sample: "no more" can't be measured more finely.
SAME = 1.1


class Measured(NamedTuple):
    """One scan of a composed log."""

    exchanges: int
    scan: Run


def measure(work: Path, millions: float, seed: int = 1) -> Measured:
    """Compose a log below ``work``, scan it, and take it away again."""
    folder = work / f"bulk-{millions:g}"
    count = bulk.write(folder, millions=millions, days=1, seed=seed)
    done = scan([folder / "exchanges.jsonl.zst"], folder / "out", beside=folder)
    shutil.rmtree(folder)
    return Measured(count, done)


def section(first: Measured, large: Measured | None) -> Section:
    """``large`` is the scan of four times as many, where it was made."""
    rows = [
        _seconds(first, f"≤ {SECONDS} s for 1 M" if first.exchanges == 1_000_000 else ""),
        *_costs(first),
        _memory(first, MEMORY),
    ]
    if large is not None:
        ceiling = min(MEMORY, int(SAME * (first.scan.peak or MEMORY)))
        rows += [_seconds(large, ""), *_costs(large), _memory(large, ceiling, "≤ 2.0 GB, and no more than before")]
    return Section("Scan of a composed log, prompts of about 1.2 kB", rows)


def _size(measured: Measured) -> str:
    return f"{measured.exchanges / 1e6:g} M"


def _seconds(measured: Measured, bar: str) -> Row:
    reached = measured.scan.seconds <= SECONDS if bar else None
    return Row(f"{_size(measured)}: seconds", f"{measured.scan.seconds:.1f}", bar, reached, measured.scan.load)


def _costs(measured: Measured) -> list[Row]:
    done, load = measured.scan, measured.scan.load
    stages = ", ".join(f"{name} {seconds:.1f}" for name, seconds in seconds_of_stages(done).items())
    rate = f"{done.cpu:.1f}; {measured.exchanges / done.cpu:,.0f} exchanges a CPU second"
    return [
        Row(f"{_size(measured)}: CPU seconds", rate, load=load),
        Row(f"{_size(measured)}: seconds by stage", stages, load=load),
    ]


def _memory(measured: Measured, ceiling: int, bar: str = "≤ 2.0 GB") -> Row:
    peak = measured.scan.peak
    figure = "not known on this system" if peak is None else f"{peak / 1e9:.2f} GB"
    reached = None if peak is None else peak <= ceiling
    return Row(f"{_size(measured)}: peak memory", figure, bar, reached, measured.scan.load)
