"""Bits are added within a family, each family is capped, and a level follows from the sum and from how many families
speak.

Lines of one family look at the same side of a group and are not independent: the cap keeps one side from deciding
alone. ``act`` needs two families that each speak clearly; one family is at most ``review`` (DESIGN section 6).
The thresholds were set on composed groups of the tuning half; ``calibrate`` adds what innocent groups do by chance.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from stillwatch.detect.evidence.line import Evidence

#: A family can't add more than this.
FAMILY_MOST = 14.0
#: Nor can one fact seen from several sides: one office shares its network, its sign-up
#: address and its client; accounts made together are also young together; one pack of tasks dealt out is also divided.
AXIS_MOST = {"place": 2.0, "made": 5.0, "division": 6.0}
#: A family speaks where it adds at least this.
SPEAKS = 2.5
REVIEW_BITS = 12.0
ACT_BITS = 17.0
WATCH_BITS = 9.0
#: Expected share of false discoveries among the groups that may be acted on, over all groups judged in a run (e-BH).
FALSE_DISCOVERIES = 0.05
#: The family of what other members say. It is somebody else's word, which may be wrong or planted: it is none of the
#: two families of ``act``, and without it a group must have reached ``review``.
PEER = "peer"
#: One payer is one customer, until something says otherwise: a gateway or reseller with tenants of its own has one
#: payer, one way out and even volumes by design, and may put words of its own before everything. Where this much comes
#: from one payer or key, ``act`` needs this much from lines that no gateway explains (set on the tuning half).
ONE_PAYER = ("shared-payment", "shared-credential")
ONE_PAYER_BITS = 4.0
NO_GATEWAY = (
    "signup-burst", "narrow-capability", "two-mode", "template-continuity", "population-surge", "release-pivot",
    "replayed-signature",
)  # fmt: skip
NO_GATEWAY_BITS = 2.5
#: Fewer accounts than this are never decided without a person.
ACT_ACCOUNTS = 8


class Weighed(Protocol):
    """A line of evidence, as detection has it or as a report shows it."""

    @property
    def id(self) -> str: ...

    @property
    def weight_bits(self) -> float: ...


@dataclass(frozen=True)
class Weight:
    """What the evidence adds up to: ``bits`` after the caps, ``level`` or ``None`` (ordinary), each family's bits.

    ``capped`` is what the caps took away. ``p_value`` is set once all groups of a run are known (``calibrate``).
    """

    bits: float
    level: str | None
    families: Mapping[str, float]
    capped: float
    p_value: float | None = None

    @property
    def speaking(self) -> tuple[str, ...]:
        """The families that speak clearly."""
        return tuple(sorted(name for name, bits in self.families.items() if bits >= SPEAKS))


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
    weight = Weight(round(total, 1), None, held, round(sum(axes.values()) - total, 1))
    level = _level(weight, accounts)
    return replace(weight, level="review" if level == "act" and may_be_a_gateway(evidence) else level)


def may_be_a_gateway(evidence: Iterable[Weighed]) -> bool:
    """Whether one payer stands behind the group and nothing that a gateway with tenants would not show."""
    bits = {item.id: item.weight_bits for item in evidence}
    paid = max(bits.get(name, 0.0) for name in ONE_PAYER)
    return paid >= ONE_PAYER_BITS and sum(max(0.0, bits.get(name, 0.0)) for name in NO_GATEWAY) < NO_GATEWAY_BITS


def calibrated(weight: Weight, p_value: float, *, discovered: bool) -> Weight:
    """The weight with its p-value; ``act`` falls to ``review`` where e-BH did not reject the group."""
    level = "review" if weight.level == "act" and not discovered else weight.level
    return replace(weight, p_value=p_value, level=level)


def _level(weight: Weight, accounts: int) -> str | None:
    own = [name for name in weight.speaking if name != PEER]
    own_bits = weight.bits - weight.families.get(PEER, 0.0)
    if weight.bits >= ACT_BITS and own_bits >= REVIEW_BITS and len(own) >= 2 and accounts >= ACT_ACCOUNTS:
        return "act"
    if weight.bits >= REVIEW_BITS and weight.speaking:
        return "review"
    return "watch" if weight.bits >= WATCH_BITS else None
