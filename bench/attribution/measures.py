"""What is measured on cases of known operators: the place of the truth, reliability, and what is concluded of whom."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

from bench.attribution.pairs import pairs
from bench.attribution.scans import DAYS, START, Known
from stillwatch.attribute import overlap
from stillwatch.attribute.attribution import Evidence, attribute
from stillwatch.attribute.grouping import Dossier
from stillwatch.attribute.hypotheses import BY_ID
from stillwatch.attribute.likelihoods import Tables
from stillwatch.attribute.shape import Group
from stillwatch.rehearse.intervals import proportion

#: Edges of a reliability table: those of the words of ICD 203.
EDGES = (0.0, 0.05, 0.2, 0.45, 0.55, 0.8, 0.95, 1.0001)


class Judged(NamedTuple):
    """One case: the truth, and what was said of it."""

    case: Known
    probabilities: dict[str, float]
    concluded: str | None

    @property
    def first(self) -> str:
        """The likeliest hypothesis."""
        return max(self.probabilities, key=lambda one: self.probabilities[one])


class Bin(NamedTuple):
    """Statements with a probability in one range: how many, their mean, and how many were true."""

    low: float
    high: float
    stated: int
    mean: float
    true: int


def judged(cases: Iterable[Known], tables: Tables | None = None) -> list[Judged]:
    """Every case that has a campaign, judged. Where campaigns do not join, the group with most exchanges speaks."""
    found = []
    for case in cases:
        if case.campaigns:
            group = attribute(Evidence(_dossiers(case)), tables).groups[0]
            found.append(Judged(case, _probabilities(group), group.first if group.determined else None))
    return found


def _dossiers(case: Known) -> list[Dossier]:
    begin, end = START.isoformat(), START.replace(day=START.day + DAYS).isoformat()
    made = []
    for campaign, items in zip(case.campaigns, case.identifiers, strict=True):
        values: dict[str, set[str]] = {}
        for item in items:
            values.setdefault(item.type, set()).add(item.value)
        frozen = {type_: frozenset(mine) for type_, mine in values.items()}
        made.append(Dossier(campaign, "a scan", begin, end, frozen))
    return made


def _probabilities(group: Group) -> dict[str, float]:
    return {one.id: one.probability for one in group.hypotheses}


def reliability(statements: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Statements (probability, whether it was true) by the ranges of the words."""
    found = []
    for low, high in pairwise(EDGES):
        mine = [(stated, true) for stated, true in statements if low <= stated < high]
        if mine:
            found.append(Bin(low, high, len(mine), sum(p for p, _ in mine) / len(mine), sum(t for _, t in mine)))
    return found


def hypotheses(found: Sequence[Judged]) -> list[tuple[float, bool]]:
    """Every probability that was given to a hypothesis."""
    return [(p, id_ == one.case.truth) for one in found for id_, p in one.probabilities.items()]


def claims(found: Sequence[Judged], claim: str) -> list[tuple[float, bool]]:
    """``behaviour`` or ``coordination``: the sum over the hypotheses under which it holds."""
    holds = {id_ for id_, one in BY_ID.items() if (one.collects if claim == "behaviour" else one.one_hand)}
    return [(sum(one.probabilities[id_] for id_ in holds), one.case.truth in holds) for one in found]


def calibration_error(bins: Sequence[Bin]) -> float:
    """Mean distance between stated and true shares, weighted by the number of statements."""
    return sum(abs(one.mean * one.stated - one.true) for one in bins) / sum(one.stated for one in bins)


def log_loss(found: Sequence[Judged]) -> float:
    """Mean -log2 of the probability of the truth: 3 for eight hypotheses that are all alike."""
    return -sum(math.log2(max(1e-9, one.probabilities[one.case.truth])) for one in found) / len(found)


def place(found: Sequence[Judged]) -> tuple[int, int, float, float]:
    """Truth first: how often, of how many, and the exact 95 % interval of the share."""
    hits = sum(one.first == one.case.truth for one in found)
    interval = proportion(hits, len(found))
    return (hits, len(found), interval.low, interval.high) if interval is not None else (0, 0, 0.0, 1.0)


def confusion(found: Sequence[Judged]) -> dict[str, Counter[str]]:
    """Truth -> what was concluded ("" where nothing was)."""
    table: dict[str, Counter[str]] = {}
    for one in found:
        table.setdefault(one.case.truth, Counter())[one.concluded or ""] += 1
    return table


def linked(seeds: Iterable[int], count: int) -> list[tuple[float, bool]]:
    """Pairs of campaigns: stated probability of one hand, and whether there was one."""
    found = []
    for seed in seeds:
        for pair in pairs(seed, count):
            said = overlap.linked(overlap.signs(pair.one, pair.other))
            found.append((said["one-hand"], pair.truth == "one-hand"))
    return found
