"""Measures what Stillwatch promises: ``python -m bench``. Prints one table and writes it into ``docs/benchmarks.md``.

Needs some 4 GB in the temporary folder for the scan of four million exchanges (``--quick`` leaves that out), and about
half an hour of two cores. On a machine that does something else too, trust CPU seconds more than seconds.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console

from bench import found, scan_speed, second_day, sketch
from bench.compose import material
from bench.table import MARKS, Row, Section, conditions, markdown, printed

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "benchmarks.md"
PARTS = ("kernels", "scan", "second-day", "found", "ordinary")


def kernels() -> Section:
    """Speed of the sketch kernels beside other libraries. The first row is the one with a bar."""
    rows = []
    for number, row in enumerate(sketch.run()):
        ratio = "" if row.ratio is None else f"; ours is faster by {row.ratio:.1f} x"
        note = f"; {row.note}" if row.note and number else ""
        figure = f"{row.prompts_per_second:,.0f}{ratio}{note}" if row.prompts_per_second else "not installed"
        bar = f"≥ {sketch.BAR:,}" if not number else ""
        rows.append(Row(row.what.strip(), figure, bar, row.prompts_per_second >= sketch.BAR if bar else None))
    title = f"Sketch kernels: prompts of {sketch.CHARACTERS} characters per CPU second of one core"
    return Section(title, rows)


def sections(chosen: argparse.Namespace, work: Path, say: Console) -> Iterator[Section]:
    """Every part that was asked for, one after the other."""
    if "kernels" in chosen.parts:
        say.print("sketch kernels ...")
        yield kernels()
    if "scan" in chosen.parts:
        say.print(f"scan of {chosen.millions:g} M exchanges ...")
        first = scan_speed.measure(work, chosen.millions)
        large = None
        if not chosen.quick:
            say.print(f"scan of {4 * chosen.millions:g} M exchanges ...")
            large = scan_speed.measure(work, 4 * chosen.millions)
        yield scan_speed.section(first, large)
    if "second-day" in chosen.parts:
        say.print(f"eight days of {chosen.day_millions:g} M exchanges ...")
        days = second_day.measure(work, chosen.day_millions)
        yield second_day.section(days, int(chosen.day_millions * 1_000_000))
    if "found" in chosen.parts:
        say.print("recorded sample ...")
        sample = found.samples(ROOT / "samples", work)
        yield found.found_section(sample, _cases("simple", chosen, work, say))
    if "ordinary" in chosen.parts:
        yield found.ordinary_section(_cases("ordinary", chosen, work, say))


def _cases(name: str, chosen: argparse.Namespace, work: Path, say: Console) -> dict[str, list[found.Case]]:
    halves: dict[str, list[found.Case]] = {}
    for half in found.HALVES:
        for seed in range(1, chosen.seeds + 1):
            say.print(f"{name}, {half}, seed {seed} ...")
            case = found.one(name, half, seed, work, choice=chosen.material, ordinary=chosen.accounts)
            halves.setdefault(half, []).append(case)
    return halves


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__.partition("\n")[0])
    parser.add_argument("--quick", action="store_true", help="leave out the scan of four times as many exchanges")
    parser.add_argument("--only", dest="parts", action="append", choices=PARTS, help="this part (may be repeated)")
    parser.add_argument("--millions", type=float, default=1.0, help="exchanges of the scan, in millions")
    parser.add_argument("--day-millions", type=float, default=0.1, help="exchanges of each of eight days, in millions")
    parser.add_argument("--seeds", type=int, default=5, help="composed cases: seeds 1 to this")
    parser.add_argument("--accounts", type=int, help="composed cases: another number of ordinary accounts")
    parser.add_argument("--material", default="auto", help="auto, builtin, or a folder of recorded material")
    parser.add_argument("--work", type=Path, help="folder for what is composed, in place of the temporary one")
    parser.add_argument("--no-page", action="store_true", help="print only; leave docs/benchmarks.md as it is")
    chosen = parser.parse_args(arguments)
    chosen.parts = chosen.parts or PARTS
    return chosen


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write. The exit code is 0 whatever was reached: bars are read, not enforced here."""
    chosen = options(arguments)
    say = Console(stderr=True, highlight=False)
    with tempfile.TemporaryDirectory(prefix="stillwatch-bench-", dir=chosen.work) as folder:
        done = []
        for section in sections(chosen, Path(folder), say):
            done.append(section)
            printed([section], say)  # what was measured is not lost should a later part be interrupted
    printed(done, Console())
    if not chosen.no_page:
        under = conditions(material(chosen.material, "all").name)
        PAGE.write_text(MARKS.replaced(PAGE.read_text("utf-8"), markdown(done, under)), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
