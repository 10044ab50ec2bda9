"""Measures where detection breaks and what staying unnoticed costs: ``python -m bench.evasion``.

Results go to ``out/evasion.jsonl`` line by line: a run that was stopped, or that had too little time, goes on where it
was when started again with the same material and the same code. The page ``docs/evasion.md`` is written at the end.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.console import Console

from bench.compose import material
from bench.evasion import contest, page, survey
from bench.evasion.cells import LIMIT
from bench.evasion.costs import Prices
from bench.evasion.results import Attacked, CellSeen, Checked, Kept, Origin, code_now, origins
from bench.evasion.weeks import Ground

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "evasion.md"
KEPT = ROOT / "out" / "evasion.jsonl"


def options(arguments: Sequence[str]) -> argparse.Namespace:
    """What was asked for on the command line."""
    parser = argparse.ArgumentParser(prog="python -m bench.evasion", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=("grid", "cost"), help="the grid, or the attackers")
    parser.add_argument("--seeds", type=int, default=1, help="seeds 1 to this, of the grid and of each attacker")
    parser.add_argument("--fraction", type=float, default=1.0, help="a balanced part of the grid, 0 to 1")
    parser.add_argument("--cells", type=int, help="run so many cells at most, then stop")
    parser.add_argument(
        "--minutes", type=float, help="begin nothing new after so many; the attackers get the last half"
    )
    parser.add_argument("--half", choices=("tuning", "holdout"), default="holdout", help="half that is measured")
    parser.add_argument("--material", default="auto", help="auto, builtin, or a folder of recorded material")
    parser.add_argument("--ordinary", type=int, default=500, help="ordinary accounts; look-alikes come on top")
    parser.add_argument("--limit", type=int, default=LIMIT, help="exchanges of a cell beyond which it is not run")
    parser.add_argument("--useful", type=int, default=5000, help="useful exchanges that an attacker wants")
    parser.add_argument("--tries", type=int, default=36, help="budget of the white-box attacker")
    parser.add_argument("--fresh", type=int, default=3, help="fresh weeks in which an attacker's choice is judged")
    parser.add_argument("--price", action="append", default=[], metavar="NAME=NUMBER", help=_prices_help())
    parser.add_argument("--kept", type=Path, default=KEPT, help="file of results")
    parser.add_argument("--page-only", action="store_true", help="write the page from the last results, run nothing")
    parser.add_argument("--no-page", action="store_true", help="leave docs/evasion.md as it is")
    return parser.parse_args(arguments)


def _prices_help() -> str:
    known = ", ".join(f"{name}={value:g}" for name, value in msgspec.structs.asdict(Prices()).items())
    return f"another price, in exchanges; may be repeated. The usual ones: {known}"


def prices(changes: Sequence[str]) -> Prices:
    """The usual prices with those changed that were given as ``name=number``. ``SystemExit`` for what is none."""
    given = dict(change.partition("=")[::2] for change in changes)
    try:
        changed = {name: float(value) for name, value in given.items()}
        return msgspec.structs.replace(Prices(), **changed)
    except (TypeError, ValueError) as problem:
        raise SystemExit(f"--price: {problem}") from problem


def measure(chosen: argparse.Namespace, kept: Kept, origin: Origin, say: Console) -> None:
    """Run what is not done yet, as far as the time reaches."""
    began = time.monotonic()
    seconds = float("inf") if chosen.minutes is None else chosen.minutes * 60
    with tempfile.TemporaryDirectory(prefix="stillwatch-evasion-") as folder:
        ground = Ground(material(chosen.material, chosen.half), chosen.ordinary, Path(folder))
        told = lambda text: say.print(f"{(time.monotonic() - began) / 60:5.1f} min  {text}", soft_wrap=True)  # noqa: E731
        if chosen.only != "cost":
            share = 1.0 if chosen.only == "grid" else 0.5
            batches = survey.todo(range(1, chosen.seeds + 1), chosen.limit, chosen.fraction)
            in_time = lambda: time.monotonic() - began < seconds * share  # noqa: E731
            survey.run(ground, origin, kept, batches, in_time, told, chosen.cells)
        if chosen.only != "grid":
            own = ground._replace(material=material(chosen.material, "tuning"))
            stakes = contest.Stakes(chosen.useful, prices(chosen.price), chosen.tries, chosen.fresh)
            in_time = lambda: time.monotonic() - began < seconds  # noqa: E731
            contest.run(range(1, chosen.seeds + 1), stakes, ground, own, origin, kept, in_time, told)


def main(arguments: Sequence[str]) -> int:
    """Measure, print, write. The exit code is 0 whatever was found."""
    chosen = options(arguments)
    kept = Kept(chosen.kept)
    if chosen.page_only:
        if not kept.lines:
            raise SystemExit(f"nothing is kept in {chosen.kept}")
        origin = origins(kept.lines)[-1]
    else:
        name = material(chosen.material, "all").name
        origin = Origin(code=code_now(), half=chosen.half, material=name, ordinary=chosen.ordinary)
        measure(chosen, kept, origin, Console(stderr=True, highlight=False))
    attacks = contest.of_one_kind(kept.of(Attacked, origin))
    cells = [line for line in kept.of(CellSeen, origin) if line.cell.size <= chosen.limit]
    text = page.markdown(origin, cells, kept.of(Checked, origin), attacks, chosen.limit)
    sys.stdout.write(text)
    if not chosen.no_page:
        PAGE.write_text(page.MARKS.replaced(PAGE.read_text("utf-8"), text), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
