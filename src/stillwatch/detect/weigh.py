"""Bits are added within a family, each family is capped, and a level follows from the sum and from how many families
speak.

Lines of one family look at the same side of a group and are not independent: the cap keeps one side from deciding
alone. ``act`` needs two families that each speak clearly; one family is at most ``review`` (DESIGN section 6).
The thresholds here are the house's first ones, set on composed groups; calibration on null weeks replaces them.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from stillwatch.detect.evidence.line import Evidence

#: A family can't add more than this.
FAMILY_MOST = 12.0
#: Nor can one fact seen from several sides: one office shares its network, its sign-up
#: address and its client; accounts made together are also young together.
AXIS_MOST = {"place": 2.0, "made": 5.0}
#: A family speaks where it adds at least this.
SPEAKS = 2.5
REVIEW_BITS = 12.0
ACT_BITS = 17.0
WATCH_BITS = 9.0
#: Fewer accounts than this are never decided without a person.
ACT_ACCOUNTS = 8


@dataclass(frozen=True)
class Weight:
    """What the evidence adds up to: ``bits`` after the caps, ``level`` or ``None`` (ordinary), the families that
    speak."""

    bits: float
    level: str | None
    families: tuple[str, ...]
    capped: float


def weigh(evidence: Sequence[Evidence], accounts: int) -> Weight:
    """Add up the evidence on a group of so many accounts."""
    axes: dict[tuple[str, str], float] = defaultdict(float)
    for item in evidence:
        axes[item.family, item.axis] += item.weight_bits
    families: dict[str, float] = defaultdict(float)
    for (family, axis), bits in axes.items():
        families[family] += min(bits, AXIS_MOST.get(axis, FAMILY_MOST))
    held = {name: min(bits, FAMILY_MOST) for name, bits in families.items()}
    total = sum(held.values())
    speaking = tuple(sorted(name for name, bits in held.items() if bits >= SPEAKS))
    return Weight(round(total, 1), _level(total, speaking, accounts), speaking, round(sum(axes.values()) - total, 1))


def _level(total: float, speaking: tuple[str, ...], accounts: int) -> str | None:
    if total >= ACT_BITS and len(speaking) >= 2 and accounts >= ACT_ACCOUNTS:
        return "act"
    if total >= REVIEW_BITS and speaking:
        return "review"
    return "watch" if total >= WATCH_BITS else None
