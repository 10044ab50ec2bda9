"""What was served, per capability: distinct answers by what a student could learn from them, with an interval.

Never "percent copied" (DOMAIN section 3). Refused and failed exchanges served nothing. ``low`` counts distinct
prompts of sure members' core exchanges, ``mid`` weighs every member's by the probability that it belongs, ``high``
counts all that these accounts were served of that capability, cover traffic included.
"""

from collections.abc import Sequence

import numpy as np

from stillwatch.detect.group import Columns
from stillwatch.detect.population import F64, I64, UNKNOWN
from stillwatch.vocabulary.campaigns import PUBLIC_SCALE, Exposure
from stillwatch.vocabulary.sketches import ANSWERS
from stillwatch.vocabulary.techniques import CAPABILITIES

#: Membership from which an account counts for ``low``.
SURE = 0.9
UNITS = {
    "plain": "distinct plain answers",
    "graded": "distinct graded answers",
    "trajectory": "distinct agent trajectories",
    "reasoning": "distinct reasoning traces",
}


def exposures(core: Columns, everything: Columns, accounts: I64, probability: F64) -> tuple[Exposure, ...]:
    """Exposure of a campaign, largest first. ``core`` and ``everything`` have the exchange columns of its accounts."""
    found = []
    for code, capability in enumerate(CAPABILITIES):
        mine = _served(core) & (core["capability"] == code)
        if not mine.any():
            continue
        kind = ANSWERS[int(np.argmax(np.bincount(core["answer"][mine], minlength=len(ANSWERS))))]
        belongs = probability[np.searchsorted(accounts, core["account"][mine])]
        prompts = _prompts(core)[mine]
        all_mine = _served(everything) & (everything["capability"] == code)
        low = len(np.unique(prompts[belongs >= SURE]))
        high = max(len(np.unique(_prompts(everything)[all_mine])), len(np.unique(prompts)))
        mid = int(np.clip(round(_expected(prompts, belongs)), low, high))
        exposure = Exposure(
            capability=capability, low=low, mid=mid, high=high, unit=UNITS[kind], nearest_public_scale=nearest(mid)
        )
        found.append(exposure)
    return tuple(sorted(found, key=lambda exposure: -exposure.mid))


def nearest(count: int) -> str:
    """The public result whose size is nearest on a log scale, with its size."""

    def distance(low: int, high: int) -> float:
        here = np.log10(max(1, count))
        return float(max(np.log10(low) - here, here - np.log10(high), 0.0))

    scale = min(PUBLIC_SCALE, key=lambda known: distance(known.low, known.high))
    size = f"{scale.low:,}" if scale.low == scale.high else f"{scale.low:,} to {scale.high:,}"
    return f"{scale.name} ({size})"


def _served(columns: Columns) -> np.ndarray:
    served: np.ndarray = (columns["answer"] > 0) & ~columns["refused"].astype(bool)
    return served


def _prompts(columns: Columns) -> I64:
    """Whole prompts; an exchange without one counts for itself."""
    prompts: I64 = np.where(columns["prompt"] == UNKNOWN, columns["exchange"], columns["prompt"])
    return prompts


def _expected(prompts: I64, belongs: Sequence[float] | F64) -> float:
    """Expected number of distinct prompts of true members: each prompt counts with the best of its senders' chances."""
    values, position = np.unique(prompts, return_inverse=True)
    best = np.zeros(len(values))
    np.maximum.at(best, position, np.asarray(belongs))
    return float(best.sum())
