"""Which single accounts are worth asking other members about, though nothing that they do reaches a level.

An account alone proves nothing, so this is no finding: it chooses what goes onto our own watch-list, which other
members see only where they have the same identifier on theirs. The measure is how rare the account's habit is here:
log2(P(a campaign's account lives like this) / P(an ordinary account does)), with the same neighbourhoods and the same
reference weeks as a surge has.
"""

from collections.abc import Iterator

import numpy as np

from stillwatch.detect.candidates import surge
from stillwatch.detect.population import F64, Accounts, Bool
from stillwatch.vocabulary.sketches import SCORE_COLUMNS

#: Share of a campaign's accounts that live in any one such neighbourhood: a campaign has a technique, or two.
OF_A_CAMPAIGN = 0.5
#: From so many bits on an account is asked about. A habit that a sixth of all ordinary accounts may have is below.
ASKED_BITS = 1.5


def telling(reference: surge.Reference) -> Iterator[tuple[str, str, float]]:
    """The neighbourhoods that are rare enough to ask about: (technique column, scale, bits)."""
    for technique in SCORE_COLUMNS:
        for scale in surge.SCALES:
            usual = reference.expected(technique, scale, 1)
            bits = float(np.log2(OF_A_CAMPAIGN / usual)) if usual > 0 else 0.0
            if bits >= ASKED_BITS:
                yield technique, scale, bits


def bits(population: Accounts, reference: surge.Reference) -> F64:
    """For each account the bits of the rarest neighbourhood that it lies in; 0 where it lies in none."""
    found = np.zeros(len(population))
    for technique, scale, weight in telling(reference):
        found = np.maximum(found, np.where(surge.inside(population, technique, scale), weight, 0.0))
    return found


def asked(population: Accounts, reference: surge.Reference) -> Bool:
    """Which accounts are asked about for what they do alone."""
    return bits(population, reference) >= ASKED_BITS
