"""Candidates from sightings: few accounts that do the same rare thing, and other members look for some of them.

Neighbourhoods are those of a surge, asked about with more courage since there is a second reason to look: a
neighbourhood that is but twice as large as expected, as a whole; of one that is ordinary in size, the accounts that are
sighted, where those are twice as many as ordinary customers of several providers would be. An account's part in a
neighbourhood is fixed before anybody looks at sightings, so the first kind is no selection by them; the second is, and
``peer-sightings`` then weighs their number and not their share.
"""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from stillwatch.detect import peers, suspicion
from stillwatch.detect.candidates import surge
from stillwatch.detect.candidates.templates import Candidate, crowd
from stillwatch.detect.population import Accounts, Bool
from stillwatch.vocabulary.techniques import CAPABILITIES

#: Fewer accounts, or fewer of them sighted, are a coincidence.
FEWEST, FEWEST_SIGHTED = 6, 2
#: How many times the expected accounts, or the expected sightings.
TIMES = 2.0
#: Share of an account's exchanges in one capability from which it is said to be about that: half of them may be cover.
ABOUT = 0.3


def candidates(population: Accounts, reference: surge.Reference) -> list[Candidate]:
    """All candidates, largest first. ``population`` has the columns of ``peers.laid_over``."""
    found: list[Candidate] = []
    for technique, scale, _ in suspicion.telling(reference):
        mask = surge.inside(population, technique, scale)
        found += _of(population, mask, technique, reference.expected(technique, scale, len(population)))
    distinct = {(tuple(one.accounts.tolist()), one.technique): one for one in found}
    return sorted(distinct.values(), key=lambda one: (-len(one.accounts), one.technique))


def _of(population: Accounts, mask: Bool, technique: str, expected: float) -> Iterator[Candidate]:
    sighted = population[peers.SIGHTED] > 1
    if int(mask.sum()) < FEWEST or int((mask & sighted).sum()) < FEWEST_SIGHTED:
        return
    if int(mask.sum()) >= TIMES * expected:
        yield crowd(population.key[mask], technique, expected)
        return
    total = np.maximum(1, population["exchanges"])
    for code in range(len(CAPABILITIES)):
        about = mask & (population[f"c{code}"] >= ABOUT * total)
        usual = peers.ordinary_rates(population, ~about)[0] * int(about.sum())
        chosen = about & sighted
        if int(chosen.sum()) >= max(FEWEST, TIMES * usual):
            yield replace(crowd(population.key[chosen], technique, usual), sighted=True)
