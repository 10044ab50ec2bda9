"""What a day costs when there is history: eight days into one state folder, a scan for each. CPU seconds, not wall."""

import shutil
from pathlib import Path
from statistics import median

from bench import bulk
from bench.scanning import scan
from bench.table import Row, Section
from bench.tree import Run

DAYS = 8
RATIO = 1.3


def measure(work: Path, millions_a_day: float, seed: int = 1) -> list[Run]:
    """One scan for each day, in order."""
    folder = work / "days"
    bulk.write(folder, millions=millions_a_day * DAYS, days=DAYS, seed=seed)
    kept = ["--state", str(folder / "state"), "--key", str(folder / "sketch.key")]
    days = []
    for day in range(1, DAYS + 1):
        log = folder / f"exchanges-{day:02d}.jsonl.zst"
        days.append(scan([log], folder / "out", beside=folder, options=kept))
        log.unlink()
    shutil.rmtree(folder)
    return days


def section(days: list[Run], exchanges_a_day: int) -> Section:
    """Ratios to the first day."""
    first, last, late = days[0].cpu, days[-1].cpu, median(day.cpu for day in days[-3:])
    load = days[0].load[0], max(day.load[1] for day in days)
    bar = f"≤ {RATIO}"
    each = ", ".join(f"{day.cpu:.1f}" for day in days)
    rows = [
        Row("day 8 against day 1, CPU seconds", f"{last / first:.2f}", bar, last <= RATIO * first, load),
        Row("median of days 6 to 8 against day 1", f"{late / first:.2f}", bar, late <= RATIO * first, load),
        Row("CPU seconds of each day", each, load=load),
    ]
    peaks = [day.peak for day in days]
    if all(peak is not None for peak in peaks):
        rows.append(Row("peak memory of each day, GB", ", ".join(f"{(peak or 0) / 1e9:.2f}" for peak in peaks)))
    return Section(f"Second day on top of seven, {exchanges_a_day:,} exchanges a day", rows)
