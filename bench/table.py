"""One table of what was promised and what was measured, for a terminal and as Markdown between two marks of a page."""

import os
import platform
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from bench.marks import measured, table

MARKS = measured("python -m bench")
HEADINGS = ("what", "bar", "figure", "reached", "load")
#: What the figures depend on, beside the processor.
LIBRARIES = ("duckdb", "numba", "numpy", "pyarrow", "networkit", "msgspec", "zstandard")


class Row(NamedTuple):
    """One line. ``bar`` is empty and ``reached`` ``None`` where nothing was promised or it could not be measured.

    ``load`` is the load average of one minute before, and the highest while it was measured.
    """

    what: str
    figure: str
    bar: str = ""
    reached: bool | None = None
    load: tuple[float, float] | None = None


class Section(NamedTuple):
    """Rows of one measurement, with a title and what a reader must know of how it was made."""

    title: str
    rows: Sequence[Row]
    about: str = ""


def cells(row: Row) -> tuple[str, ...]:
    """The row as text, in the order of ``HEADINGS``."""
    reached = {True: "yes", False: "no", None: ""}[row.reached]
    load = "" if row.load is None else f"{row.load[0]:.1f} → {row.load[1]:.1f}"
    return row.what, row.bar, row.figure, reached, load


def markdown(sections: Sequence[Section], conditions: str) -> str:
    """The whole as Markdown: the conditions, then a heading and a table for each section."""
    parts = [conditions]
    for section in sections:
        figures = table(HEADINGS, [cells(row) for row in section.rows])
        parts += [f"### {section.title}", *([section.about] if section.about else []), figures]
    return "\n\n".join(parts) + "\n"


def printed(sections: Sequence[Section], console: Console) -> None:
    """All sections as one table on a terminal."""
    shown = Table(title="Promised and measured", title_justify="left")
    for heading in HEADINGS:
        shown.add_column(heading)
    for section in sections:
        shown.add_section()
        shown.add_row(f"[bold]{section.title}[/bold]")
        for row in section.rows:
            what, bar, figure, reached, load = cells(row)
            shown.add_row(what, bar, figure, {"yes": "[green]yes[/green]", "no": "[red]no[/red]"}.get(reached), load)
    console.print(shown)


def conditions(material: str) -> str:
    """What the figures were measured under: processor, memory, versions, material. No name of a machine, no date."""
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return (
        f"Measured on {os.cpu_count()} cores ({_processor()}), {_memory()} of memory, {platform.system()}, "
        f"Python {platform.python_version()}; {libraries}. Composed cases are made from {material} material. "
        "CPU seconds and peak memory are those of the whole process tree. *Load* is the load average of one minute "
        "before the measurement, and the highest one during it: above the number of cores, others were at work too."
    )


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
    except OSError:
        return platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 1e9:.0f} GB"
