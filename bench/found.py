"""What a scan finds where the truth is known, and whom it wrongs where there is nothing to find.

Every composed case is made anew from five seeds, from each half of the material: thresholds were tuned on ``tuning``,
so only ``holdout`` says how they fare on what they have not seen.
"""

import shutil
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from bench.compose import material, write
from bench.scanning import scan
from bench.table import Row, Section
from bench.tree import Run
from bench.truth import LEVELS, Judged, composed, judge, recorded
from stillwatch.adapters.material import shipped
from stillwatch.rehearse.compose import compose
from stillwatch.rehearse.scenario import scaled

HALVES = ("holdout", "tuning")
PRECISION = 0.95


class Case(NamedTuple):
    """One scan of a log whose truth is known."""

    seed: int
    judged: Judged
    account_weeks: float
    run: Run


def samples(folder: Path, work: Path) -> Case:
    """The recorded sample."""
    out = work / "sample"
    done = scan([folder / "exchanges.jsonl.gz"], out, beside=folder)
    truth = recorded(folder / "truth.json")
    accounts = len(truth.ordinary) + sum(map(len, truth.campaigns.values()))
    return Case(0, judge(truth, _campaigns(out)), accounts, done)


def one(name: str, half: str, seed: int, work: Path, *, choice: str, ordinary: int | None = None) -> Case:
    """Compose a case below ``work``, scan it, and take it away again."""
    scenario = scaled(shipped.scenario(name), ordinary)
    population = compose(scenario, material(choice, half), seed)
    folder = work / f"{name}-{half}-{seed}"
    write(population, folder)
    done = scan([folder / "exchanges.jsonl.zst"], folder / "out", beside=folder)
    judged = judge(composed(population.truth()), _campaigns(folder / "out"))
    shutil.rmtree(folder)
    return Case(seed, judged, len(population.actors) * scenario.days / 7, done)


def _campaigns(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode((out / "campaigns.json").read_bytes())
    return found


def found_rows(what: str, cases: Sequence[Case]) -> list[Row]:
    """The two bars for what was to be found, over all ``cases``, and a line for each case."""
    load = _load(cases)
    wanted, got = sum(len(case.judged.levels) for case in cases), sum(case.judged.found for case in cases)
    precisions = [case.judged.precision for case in cases]
    worst = min((value for value in precisions if value is not None), default=None)
    reached = None not in precisions and worst is not None and worst >= PRECISION
    figure = "nothing listed" if worst is None else f"{worst:.3f}"
    rows = [
        Row(f"{what}: campaigns found", f"{got} of {wanted}", "all, at review or act", got == wanted, load),
        Row(f"{what}: account precision, lowest", figure, f"≥ {PRECISION}", reached, load),
    ]
    return rows + [Row(f"{what}, {_name(case)}", _found(case.judged)) for case in cases]


def _name(case: Case) -> str:
    return f"seed {case.seed}" if case.seed else "one by one"


def _found(judged: Judged) -> str:
    levels = ", ".join(f"{name} {level}" for name, level in judged.levels.items())
    precision = "none listed" if judged.precision is None else f"{judged.precision:.3f}"
    recall = "" if judged.recall is None else f", recall {judged.recall:.3f}"
    others = "; ".join(
        f"ordinary at {level}: {_kinds(judged.wronged[level])}" for level in LEVELS if judged.wronged[level]
    )
    return f"{levels}; precision {precision}{recall}" + (f"; {others}" if others else "")


def ordinary_rows(half: str, cases: Sequence[Case]) -> list[Row]:
    """The bar for ordinary traffic, and who stood at ``review``."""
    load = _load(cases)
    weeks = sum(case.account_weeks for case in cases)
    rows = []
    for level, bar in (("act", "0"), ("review", "")):
        raised = [case.judged.raised[level] for case in cases]
        kinds = sum((case.judged.wronged[level] for case in cases), Counter[str]())
        each = f" ({', '.join(map(str, raised))} by seed)" if sum(raised) else ""
        who = f"; {kinds.total():,} accounts: {_kinds(kinds)}" if kinds else ""
        figure = f"{sum(raised)} in {weeks:,.0f} account-weeks{each}{who}"
        rows.append(Row(f"{half}: campaigns at {level}", figure, bar, not sum(raised) if bar else None, load))
    return rows


def _kinds(kinds: Counter[str]) -> str:
    return ", ".join(f"{kind} {count}" for kind, count in kinds.most_common())


def _load(cases: Sequence[Case]) -> tuple[float, float]:
    return cases[0].run.load[0], max(case.run.load[1] for case in cases)


def found_section(sample: Case, halves: dict[str, list[Case]]) -> Section:
    """The recorded sample and the case ``simple``."""
    rows = found_rows("recorded sample", [sample])
    for half, cases in halves.items():
        rows += found_rows(f"simple, {half}", cases)
    return Section("Campaigns found", rows, __doc__.partition("\n\n")[2].replace("``", "`").strip())


def ordinary_section(halves: dict[str, list[Case]]) -> Section:
    """The case ``ordinary``: no campaign, every look-alike."""
    rows = [row for half, cases in halves.items() for row in ordinary_rows(half, cases)]
    return Section("Ordinary traffic only, look-alikes included", rows)
