"""Measures what attribution promises: ``python -m bench.attribution CASES``. Writes a block of ``docs/attribution.md``.

``CASES`` is what ``python -m bench.attribution.scans --half holdout`` wrote; without it weeks are composed and scanned
first (half a minute each). Tables are the shipped ones, which were made from the tuning half and other seeds.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from bench.attribution import measures
from bench.attribution.measures import Bin, Judged
from bench.attribution.scans import Known, cases, read
from bench.marks import measured, table
from stillwatch.attribute.hypotheses import BY_ID, IDS

PAGE = Path(__file__).resolve().parents[2] / "docs" / "attribution.md"
MARKS = measured("python -m bench.attribution")
#: Pairs of the held-out generator: seeds that nothing was set with, and pairs for each.
PAIR_SEEDS, PAIRS = range(101, 106), 2_000


def page(found: Sequence[Judged]) -> str:
    """All figures as Markdown."""
    seeds = sorted({one.case.seed for one in found})
    half = ", ".join(sorted({one.case.half for one in found}))
    hits, of, low, high = measures.place(found)
    gateways = [one for one in found if one.case.truth == "reseller"]
    called = sum(one.concluded is not None and BY_ID[one.concluded].collects for one in gateways)
    leading = sum(BY_ID[one.first].collects for one in gateways)
    innocent = [one for one in found if not BY_ID[one.case.truth].collects]
    wronged = sum(one.concluded is not None and BY_ID[one.concluded].collects for one in innocent)
    rows = [
        ("true class first", f"{hits} of {of}, {hits / of:.0%} (95 %: {low:.0%} to {high:.0%})", "≥ 80 %"),
        ("innocent resellers concluded to collect", f"{called} of {len(gateways)}", "0"),
        ("... for which collecting ranks first, undetermined", f"{leading} of {len(gateways)}", ""),
        ("all innocent groups concluded to collect", f"{wronged} of {len(innocent)}", ""),
        ("log loss, bits a case (all alike: 3)", f"{measures.log_loss(found):.2f}", ""),
    ]
    parts = [f"Seeds {seeds[0]} to {seeds[-1]}, {half} half, {of} groups.", table(("what", "figure", "bar"), rows)]
    for title, statements in (
        ("Probabilities of all hypotheses", measures.hypotheses(found)),
        ("The claim *behaviour*", measures.claims(found, "behaviour")),
        ("The claim *coordination*", measures.claims(found, "coordination")),
        (f"*One hand* behind a pair of campaigns (seeds {PAIR_SEEDS[0]} to {PAIR_SEEDS[-1]})",
         measures.linked(PAIR_SEEDS, PAIRS)),
    ):  # fmt: skip
        bins = measures.reliability(statements)
        error = measures.calibration_error(bins)
        parts += [f"**{title}**: mean distance between stated and true, {error:.3f}", _reliability(bins)]
    return "\n\n".join(
        [*parts, "**What was concluded** (rows: the truth; the last column: nothing)", _confusion(found)]
    )


def _reliability(bins: Sequence[Bin]) -> str:
    rows = [
        (f"{one.low:.0%} to {min(1.0, one.high):.0%}", f"{one.stated:,}", f"{one.mean:.1%}",
         f"{one.true / one.stated:.1%} ({one.true:,})")
        for one in bins
    ]  # fmt: skip
    return table(("stated", "statements", "mean stated", "true"), rows)


def _confusion(found: Sequence[Judged]) -> str:
    counts = measures.confusion(found)
    kept = [*(one for one in IDS if one in counts), ""]
    rows = [(BY_ID[truth].short, *(str(counts[truth][one] or "·") for one in kept)) for truth in IDS if truth in counts]
    return table(("", *(BY_ID[one].short if one else "not determined" for one in kept)), rows)


def composed(seeds: Sequence[int]) -> list[Known]:
    """Held-out weeks, composed and scanned now."""
    found: list[Known] = []
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="stillwatch-attribution-") as folder:
            found += cases("holdout", seed, Path(folder))
    return found


def main() -> None:
    """Judge, print and write."""
    parser = argparse.ArgumentParser(prog="python -m bench.attribution", description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path, nargs="?")
    parser.add_argument("--first", type=int, default=3001)
    parser.add_argument("--seeds", type=int, default=8)
    parser.add_argument("--no-page", action="store_true", help="print only")
    chosen = parser.parse_args()
    known = read(chosen.cases) if chosen.cases else composed(range(chosen.first, chosen.first + chosen.seeds))
    text = page(measures.judged(known))
    Console(highlight=False).print(text, markup=False)
    if not chosen.no_page:
        PAGE.write_text(MARKS.replaced(PAGE.read_text("utf-8"), text), "utf-8")


if __name__ == "__main__":
    main()
