"""Measures what the gateway promises: ``python -m bench.gateway``. Writes a block of ``docs/benchmarks.md``.

Ten minutes of it are the load on the service, Envoy and ASGI with a swap each second (``--minutes``); LiteLLM and
nginx are not in it.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from rich.console import Console

from bench.gateway import decisions, load, service
from bench.marks import Marks
from bench.table import Row, Section, markdown, printed

PAGE = Path(__file__).resolve().parents[2] / "docs" / "benchmarks.md"
MARKS = Marks(
    "<!-- gateway: begin; python -m bench.gateway writes what stands between these marks -->",
    "<!-- gateway: end -->",
)
PARTS = ("decisions", "service", "load")
LIBRARIES = ("lmdb", "msgspec", "uvicorn", "uvloop", "httptools")


def loaded(work: Path, minutes: float, say: Console) -> Section:
    """The adapters of ``load`` under load while the table is swapped each second."""
    say.print(f"{minutes:g} minutes of load with a swap each second ...")
    report = load.run(work, minutes * 60)
    say.print(load.told(report))
    wrong = len(report.wrong) + len(report.failed)
    rows = [
        Row("answers checked against the table that each names", f"{report.asked.total():,}"),
        Row("of these by " + ", ".join(report.asked), ", ".join(f"{count:,}" for count in report.asked.values())),
        Row("swaps of the table", f"{report.swaps:,}"),
        Row("wrong answers", f"{wrong:,}", "0", wrong == 0),
        Row("oldest table that answered: seconds since it was replaced", f"{report.oldest_s:.2f}"),
    ]
    for name, (before, after) in report.sizes.items():
        figure = f"{before.memory / 1e6:.1f} → {after.memory / 1e6:.1f} MB, {before.files} → {after.files} files"
        rows.append(Row(f"{name}: second third → last third", figure, "flat", name not in report.grown))
    return Section(f"{minutes:g} minutes of load on the service, Envoy and ASGI, the table swapped each second", rows)


def sections(chosen: argparse.Namespace, work: Path, say: Console) -> Iterator[Section]:
    """Every part that was asked for."""
    for part in PARTS:
        folder = work / part
        folder.mkdir()
        if part not in chosen.parts:
            continue
        if part == "decisions":
            yield decisions.section(folder, say)
        elif part == "service":
            yield service.section(folder, say)
        else:
            yield loaded(folder, chosen.minutes, say)


def written(found: Sequence[Section], page: Path = PAGE) -> None:
    """Put the sections between the marks; both are added at the end of a page that lacks them."""
    text = page.read_text("utf-8")
    if MARKS.begin not in text:
        text = f"{text.rstrip()}\n\n## The gateway\n\n{MARKS.begin}\n{MARKS.end}\n"
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    conditions = (
        f"`make bench-gateway`, Python {python_version()}, {libraries}. Clients, Envoy and the service share "
        "two cores with whatever else runs: *load* says how much that was."
    )
    page.write_text(MARKS.replaced(text, markdown(found, conditions)), "utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.gateway", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", dest="parts", action="append", choices=PARTS, help="this part (may be repeated)")
    parser.add_argument("--minutes", type=float, default=10.0, help="of load")
    chosen = parser.parse_args()
    everything = not chosen.parts
    chosen.parts = chosen.parts or list(PARTS)
    with tempfile.TemporaryDirectory() as work:
        found = list(sections(chosen, Path(work), Console(stderr=True)))
    printed(found, Console())
    if everything:
        written(found)


if __name__ == "__main__":
    main()
