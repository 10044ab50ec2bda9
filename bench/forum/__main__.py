"""Measures what the forum promises: ``python -m bench.forum``. Writes a block of ``docs/benchmarks.md``.

Needs some 3 GB in the temporary folder for the collection of a million objects, and ten minutes.
"""

import argparse
import statistics
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from rich.console import Console

from bench.forum import measures
from bench.forum.page import written
from bench.forum.servers import WAIT, NotMeasuredError, Server, emptied, medallion, ours
from bench.table import Row, Section, printed

ADD_BAR, PULL_BAR, PAGE_BAR = 5_000, 100_000, 0.050
#: Objects in a request -> objects in a run. The same for both servers, each time on an empty collection.
SIZES = {1: 2_000, 100: 10_000, 1_000: 10_000}
CONNECTIONS = 8

Opened = Callable[[Path], AbstractContextManager[Server]]


def adds(work: Path, runs: int, say: Console) -> Iterator[Row]:
    """Objects added for a CPU second, ours beside medallion's, run by run in turn."""
    for each, count in SIZES.items():
        say.print(f"adding {count:,} in requests of {each:,} ...")
        own, theirs, why = [], [], ""
        for run in range(runs):
            own.append(_added(ours, work, count, each, run))
            try:
                theirs.append(_added(medallion, work, count, each, run))
            except NotMeasuredError as error:
                why = str(error)
        figure = statistics.median(own)
        what = f"Stillwatch, {each:,} in a request ({count:,} objects)"
        yield Row(what, _range(own), f"≥ {ADD_BAR:,}", figure >= ADD_BAR)
        told = f"{_range(theirs)}; ours is faster by {figure / statistics.median(theirs):.1f} x" if theirs else why
        yield Row(f"medallion 3.0.0 (memory backend), {each:,} in a request", told)


def _added(opened: Opened, work: Path, count: int, each: int, run: int) -> float:
    with opened(emptied(work / "adding")) as server:
        measures.adding(server, max(each, 50) * 2, each, seed=1_000 + run, connections=CONNECTIONS)  # warm
        return measures.adding(server, count, each, seed=run, connections=CONNECTIONS).per_cpu_second


def pulls_and_pages(work: Path, sizes: Sequence[int], pages: int, runs: int, say: Console) -> Iterator[Row]:
    """Full pull and single pages, over collections of several sizes that the store itself filled."""
    tails = {}
    for size in sizes:
        say.print(f"filling {size:,} ...")
        folder = emptied(work / "filled")
        first, last = measures.filled(folder, size)
        with ours(folder) as server:
            spent = sorted(measures.paging(server, first, last, pages, seed=size))
            tails[size] = _percentile(spent, 0.99)
            figure = f"{tails[size] * 1e3:.1f} ms; median {_percentile(spent, 0.5) * 1e3:.1f} ms; {pages:,} pages"
            reached = tails[size] <= PAGE_BAR
            yield Row(f"page of 100 at {size:,} objects, CPU at the 99th percentile", figure, "≤ 50 ms", reached)
            for limit in (10_000, 1_000):
                rates = [measures.pulling(server, limit, most=300_000) for _ in range(runs)]
                found = [rate.per_cpu_second for rate in rates]
                what = f"pull at {size:,} objects, pages of {limit:,} (the first {rates[0].objects:,})"
                yield Row(what, _range(found), f"≥ {PULL_BAR:,}", statistics.median(found) >= PULL_BAR)
    small, large = tails[sizes[0]], tails[sizes[-1]]
    yield Row(f"page at {sizes[-1]:,} against {sizes[0]:,} objects", f"{large / small:.2f} x", "flat")


def medallions_pull(work: Path, runs: int) -> Iterator[Row]:
    """The same pull from medallion, over 10,000 objects: it has no store to fill but its own memory."""
    what = "medallion 3.0.0 (memory backend), pull of 10,000 in pages of 1,000"
    try:
        with medallion(emptied(work / "medallion")) as server:
            measures.adding(server, 10_000, 1_000, seed=1, connections=1)
            found = [measures.pulling(server, 1_000, most=10_000).per_cpu_second for _ in range(runs)]
    except NotMeasuredError as error:
        yield Row(what, str(error))
    except TimeoutError:
        yield Row(what, f"not measured: a request had no answer within {WAIT} s")
    else:
        yield Row(what, _range(found))


def _shown(rows: Iterator[Row], say: Console) -> list[Row]:
    """The rows, each printed as soon as it is there: the whole takes minutes."""
    found = []
    for row in rows:
        say.print(f"  {row.what}: {row.figure}", highlight=False)
        found.append(row)
    return found


def _range(figures: Sequence[float]) -> str:
    return f"{statistics.median(figures):,.0f} ({min(figures):,.0f} to {max(figures):,.0f}, {len(figures)} runs)"


def _percentile(ordered: Sequence[float], part: float) -> float:
    return ordered[min(len(ordered) - 1, int(len(ordered) * part))]


def main() -> None:
    """Measure and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.forum", description=__doc__.splitlines()[0])
    parser.add_argument("--runs", type=int, default=3, help="runs of each measurement")
    parser.add_argument("--pages", type=int, default=1_000, help="single pages that are timed")
    parser.add_argument("--objects", type=int, default=1_000_000, help="size of the large collection")
    parser.add_argument("--no-write", action="store_true", help="only print")
    chosen = parser.parse_args()
    say = Console()
    with tempfile.TemporaryDirectory(prefix="stillwatch-forum-") as folder:
        work = Path(folder)
        added = _shown(adds(work, chosen.runs, say), say)
        pulled = _shown(pulls_and_pages(work, (10_000, chosen.objects), chosen.pages, chosen.runs, say), say)
        pulled += _shown(medallions_pull(work, chosen.runs), say)
    about = f"Median (least to most) over {CONNECTIONS} connections; every object validated, stored and in the ledger."
    sections = [
        Section("Adding over HTTP: objects per CPU second of the server, one process, SQLite", added, about),
        Section("Reading over HTTP: objects per CPU second of the server; CPU of one page", pulled),
    ]
    printed(sections, say)
    if not chosen.no_write:
        written(sections)


if __name__ == "__main__":
    main()
