"""Writes ``attribute/likelihoods.json`` from cases of the tuning half: ``python -m bench.attribution.tune CASES``.

Shares are counts shrunk towards the pooled shares; how strongly, how alike answers of a block are and how much all of
it is tempered are chosen together by log loss, each seed scored with tables that were made without it.
"""

import argparse
import itertools
import math
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import numpy as np

from bench.attribution.scans import Known, read
from stillwatch.attribute.hypotheses import IDS, OTHER, flat
from stillwatch.attribute.likelihoods import Tables
from stillwatch.attribute.questions import BY_ID, QUESTIONS, answers
from stillwatch.attribute.weighing import pooled, posterior, terms

TABLES = Path(__file__).resolve().parents[2] / "src" / "stillwatch" / "attribute" / "likelihoods.json"
SHRINK = (8.0, 16.0, 24.0)
LIKENESS = (0.15, 0.3, 0.6)  # never 0: answers of one block are never taken as independent
TEMPER = (0.7, 0.8, 0.9, 1.0)
#: Set by judgement, not tuned: what composed cases can't tell about the world.
DOUBT = 0.06


def shares(cases: Iterable[Known], shrink: float) -> dict[str, dict[str, tuple[float, ...]]]:
    """Shrunk shares of each level. A case of several campaigns counts as one, divided among them."""
    counts = {question.id: {one: np.zeros(len(question.levels)) for one in IDS} for question in QUESTIONS}
    for case in cases:
        for campaign in case.campaigns:
            for question, level in answers(campaign).items():
                counts[question][case.truth][BY_ID[question].levels.index(level)] += 1 / len(case.campaigns)
    found: dict[str, dict[str, tuple[float, ...]]] = {}
    for question, by_truth in counts.items():
        each = [row / row.sum() for row in by_truth.values() if row.sum()]
        if not each:
            continue
        middle = np.mean(each, axis=0) + 0.02
        middle /= middle.sum()
        table = {one: (row + shrink * middle) / (row.sum() + shrink) for one, row in by_truth.items()}
        table[OTHER] = middle
        found[question] = {one: tuple(round(float(share), 4) for share in table[one]) for one in IDS}
    return found


def loss(cases: Sequence[Known], tables: Tables) -> float:
    """Sum of -log2 of the probability given to the truth."""
    prior = flat()
    total = 0.0
    for case in cases:
        found = terms(pooled([answers(campaign) for campaign in case.campaigns]), tables)
        total -= math.log2(posterior(found, prior, tables.doubt)[case.truth])
    return total


def tuned(cases: Sequence[Known]) -> Tables:
    """The tables with the least cross-validated loss."""
    seeds = sorted({case.seed for case in cases})
    by_seed = {seed: [case for case in cases if case.seed == seed] for seed in seeds}
    best: tuple[float, tuple[float, float, float]] = (math.inf, (0.0, 0.0, 0.0))
    for shrink in SHRINK:
        without = {seed: shares([case for case in cases if case.seed != seed], shrink) for seed in seeds}
        for likeness, temper in itertools.product(LIKENESS, TEMPER):
            total = sum(loss(by_seed[seed], _tables(without[seed], likeness, temper)) for seed in seeds)
            best = min(best, (total / len(cases), (shrink, likeness, temper)))
    shrink, likeness, temper = best[1]
    print(f"shrink {shrink}, likeness {likeness}, temper {temper}: {best[0]:.3f} bits a case, cross-validated")
    told = f"{len(cases)} composed cases of the tuning half, seeds {seeds[0]} to {seeds[-1]}; shrinkage {shrink:g}"
    return _tables(shares(cases, shrink), likeness, temper, told)


def _tables(table: dict[str, dict[str, tuple[float, ...]]], likeness: float, temper: float, told: str = "") -> Tables:
    return Tables(shares=table, likeness=likeness, temper=temper, doubt=DOUBT, tuned_on=told)


def main() -> None:
    """Read, tune, write."""
    parser = argparse.ArgumentParser(prog="python -m bench.attribution.tune", description=__doc__.splitlines()[0])
    parser.add_argument("cases", type=Path)
    cases = [case for case in read(parser.parse_args().cases) if case.campaigns]
    if {case.half for case in cases} != {"tuning"}:
        raise SystemExit("only cases of the tuning half may be read here")
    print(Counter(case.truth for case in cases))
    TABLES.write_bytes(msgspec.json.format(msgspec.json.encode(tuned(cases)), indent=1) + b"\n")


if __name__ == "__main__":
    main()
