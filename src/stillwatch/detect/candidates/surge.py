"""Candidates from a surge: suddenly many accounts like this one, whatever words they use.

"Like this one" is a neighbourhood of behaviour: accounts that show a technique of DOMAIN section 2, at two scales, in
passing and as what they live by. How many there would be is read off the provider's own earlier weeks, or,
in a first week, off composed ordinary weeks with a wide doubt (``ordinary_shares.json``, written by ``python -m
bench.calibrate``). Private wording hides from the template direction; what is asked for shows here.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from scipy import stats

from stillwatch.detect.population import I64, Accounts
from stillwatch.vocabulary.sketches import SCORE_COLUMNS

#: Scales of likeness: a name, the fewest exchanges that show the technique, the least share of the account's own.
SCALES: Mapping[str, tuple[int, float]] = {"passing": (2, 0.0), "living": (3, 0.3)}
#: Code of ``distillation-permit`` in the accounts table.
PERMITTED = 5
#: Fewer accounts than this are no surge.
FEWEST = 20
#: How many times the expected number there must be: below it, most of the crowd may be the ordinary ones.
TIMES = 6.0
#: Chance, under the reference, of as many accounts or more in any neighbourhood: divided by their number (Bonferroni).
CHANCE = 1e-6
#: Composed weeks are another provider's: their shares are believed to within this factor.
DOUBT = 2.0
#: One-sided confidence of the upper bound on a reference share (Clopper and Pearson 1934).
CONFIDENCE = 0.995


@dataclass(frozen=True)
class Reference:
    """How many of ``accounts`` lie in each neighbourhood (technique column, scale) in weeks that are past."""

    accounts: int
    counts: Mapping[tuple[str, str], int]
    doubt: float = 1.0

    def expected(self, technique: str, scale: str, accounts: int) -> float:
        """Upper bound on how many of ``accounts`` are ordinarily in the neighbourhood."""
        seen = self.counts.get((technique, scale), 0)
        upper = float(stats.beta.ppf(CONFIDENCE, seen + 1, max(1, self.accounts - seen)))
        return min(float(accounts), upper * self.doubt * accounts)


@dataclass(frozen=True)
class Crowd:
    """Accounts of one neighbourhood, where there are far more of them than expected. ``accounts`` are sorted keys."""

    technique: str
    scale: str
    accounts: I64
    expected: float


def counted(population: Accounts) -> dict[tuple[str, str], int]:
    """Accounts in every neighbourhood."""
    return {
        (technique, scale): int(inside(population, technique, scale).sum())
        for technique in SCORE_COLUMNS
        for scale in SCALES
    }


def inside(population: Accounts, technique: str, scale: str) -> np.ndarray:
    """Which accounts lie in a neighbourhood. Those that distil with permission are in none, now or in weeks past."""
    fewest, share = SCALES[scale]
    shown = population[technique]
    mask: np.ndarray = (shown >= fewest) & (shown >= share * population["exchanges"])
    mask &= population["programme"] != PERMITTED
    return mask


def of_weeks_past(population: Accounts) -> Reference:
    """The provider's own reference: its accounts as they stood before the weeks that are asked about."""
    return Reference(len(population), counted(population))


@cache
def shipped() -> Reference:
    """The reference of a first week: composed ordinary weeks of the tuning half."""
    data = json.loads((files("stillwatch.detect") / "ordinary_shares.json").read_text("utf-8"))
    counts = {(technique, scale): count for technique, by in data["counts"].items() for scale, count in by.items()}
    return Reference(data["accounts"], counts, DOUBT)


def candidates(population: Accounts, reference: Reference) -> list[Crowd]:
    """Every neighbourhood with a surge, largest first.

    Null: accounts fall into a neighbourhood independently, with at most the reference's share. Unit: the account. An
    organisation's fleet does not (one decision moves all of its keys), which the line ``one-organisation`` weighs.
    """
    found: list[Crowd] = []
    bound = CHANCE / (len(SCORE_COLUMNS) * len(SCALES))
    for technique in SCORE_COLUMNS:
        for scale in SCALES:
            mask = inside(population, technique, scale)
            observed = int(mask.sum())
            expected = reference.expected(technique, scale, len(population))
            if observed < FEWEST or observed < TIMES * expected:
                continue
            p = float(stats.binom.sf(observed - 1, len(population), expected / len(population)))
            if p <= bound and not any(np.array_equal(crowd.accounts, population.key[mask]) for crowd in found):
                found.append(Crowd(technique, scale, population.key[mask], expected))
    return sorted(found, key=lambda crowd: (-len(crowd.accounts), crowd.technique, crowd.scale))
