"""Progress: a bar on a terminal, a plain line now and then elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from stillwatch.adapters.sources import Source, expand, total_size

#: Seconds between plain lines.
EVERY = 10.0

Told = Callable[[str, int, int], None]


@contextmanager
def progress_on(console: Console, logs: Sequence[str]) -> Iterator[Told]:
    """A function to be told (stage, bytes read, exchanges)."""
    total = total_size([found for found in expand(logs) if isinstance(found, Source)])
    if not console.is_terminal:
        yield _plain(console, total)
        return
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[rows]:,} exchanges"),
        TimeElapsedColumn(), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task("reading", total=total, rows=0)

        def told(stage: str, done: int, rows: int) -> None:
            if stage == "reading":
                bar.update(task, completed=done, rows=rows)
            else:
                bar.update(task, description=stage, completed=total, rows=rows)

        yield told


def _plain(console: Console, total: int | None) -> Told:
    last_stage = ""
    last_time = time.monotonic()

    def told(stage: str, done: int, rows: int) -> None:
        nonlocal last_stage, last_time
        now = time.monotonic()
        if stage == "reading" and now - last_time < EVERY:
            return
        if stage != last_stage or stage == "reading":
            share = f" ({100 * done / total:.0f} %)" if stage == "reading" and total else ""
            console.print(f"{stage}: {rows:,} exchanges{share}", highlight=False, soft_wrap=True)
            last_stage, last_time = stage, now

    return told
