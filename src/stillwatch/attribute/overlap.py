"""Do two campaigns have one hand behind them? Shared identifiers and timing, against innocent ways to share them.

Four hypotheses: ``one-hand``; ``common-tool`` (strangers with the same wording); ``common-way-out`` (strangers behind
the same addresses); ``unrelated``. Null of ``unrelated``: each value of the smaller campaign stands in the other one by
coincidence with probability q of its type, independently, so that at least one of m does with 1 - (1 - q)^m: a large
campaign meets others by accident, and that is counted. Only *whether* a type is shared counts, never how many values:
values of one type are not independent. One type speaks for each side of the operator (``inputs.SIDES``), the most
specific that both campaigns have; sides are independent given the hypothesis, which is the assumption to doubt.

Timing. Where a campaign was shut out or ended before its scan did, the other's beginning is drawn, under ``one-hand``,
with probability ``REPLACES`` from an exponential after that end (mean ``LATENCY_HOURS``), else uniformly over the time
that both scans cover; under every other hypothesis uniformly. A shared release day is no link: everybody has it.

The numbers are judgements, not estimates. They are shown with every link, and priors are arguments.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from stillwatch.attribute.inputs import SIDES

#: Hypotheses about a pair, and the prior that is used unless another is given.
PRIOR: dict[str, float] = {"one-hand": 0.1, "common-tool": 0.1, "common-way-out": 0.1, "unrelated": 0.7}


class Rates(NamedTuple):
    """Of one identifier type: ``chance`` that a value of strangers coincides (q), ``again`` that one hand uses it twice
    (at least one value in common)."""

    chance: float
    again: float


RATES: dict[str, Rates] = {
    "payment-fingerprint": Rates(1e-5, 0.35),
    "email": Rates(1e-5, 0.2),
    "signup-print": Rates(1e-4, 0.35),
    "domain": Rates(1e-3, 0.3),
    "ipv4": Rates(5e-4, 0.45),
    "ipv6-64": Rates(5e-4, 0.45),
    "ipv4-24": Rates(2e-3, 0.55),
    "asn": Rates(5e-2, 0.8),
    "client-shape": Rates(1e-1, 0.75),
    "template": Rates(2e-4, 0.5),
}
#: Sides that an innocent hypothesis shares, and how often at least one value is then in common.
INNOCENT: dict[str, dict[str, float]] = {
    "common-tool": {"words": 0.9, "client": 0.6},
    "common-way-out": {"network": 0.9},
    "unrelated": {},
}
#: How often one hand replaces a campaign at once, and how long it takes on average.
REPLACES, LATENCY_HOURS = 0.35, 12.0
#: No single side or moment says more than this either way: a wrong rate must not decide alone.
MOST_BITS = 7.0


@dataclass(frozen=True)
class Trail:
    """What one campaign leaves: values by identifier type, its first and last moment, and the scan's.

    ``blocked_at``: when the member shut it out, if it did.
    """

    values: Mapping[str, frozenset[str]]
    first: datetime
    last: datetime
    scan_first: datetime
    scan_last: datetime
    blocked_at: datetime | None = None


class Sign(NamedTuple):
    """One observation on a pair: a sentence, and log2 likelihoods by hypothesis against ``unrelated``."""

    side: str
    text: str
    bits: Mapping[str, float]


def signs(one: Trail, other: Trail) -> list[Sign]:
    """All that can be said about a pair. A side that one of them does not show says nothing."""
    found = [sign for side, types in SIDES.items() if (sign := _side(side, types, one, other)) is not None]
    earlier, later = (one, other) if one.first <= other.first else (other, one)
    timing = replaced(earlier, later)
    return [*found, timing] if timing is not None else found


def linked(found: list[Sign], prior: Mapping[str, float] | None = None) -> dict[str, float]:
    """Probabilities by pair hypothesis."""
    start = prior or PRIOR
    logs = {one: math.log2(start[one]) + sum(sign.bits[one] for sign in found) for one in PRIOR if start[one] > 0}
    most = max(logs.values())
    weights = {one: 2.0 ** (value - most) for one, value in logs.items()}
    return {one: weights.get(one, 0.0) / sum(weights.values()) for one in PRIOR}


def gap_hours(earlier: Trail, later: Trail) -> float | None:
    """Hours from the earlier one's end (its block, if there was one) to the later one's beginning.

    ``None`` where the earlier one may still be running: its scan ended within a day of its last exchange.
    """
    if earlier.blocked_at is not None:
        return (later.first - earlier.blocked_at).total_seconds() / 3600
    if (earlier.scan_last - earlier.last).total_seconds() < 86_400:
        return None
    return (later.first - earlier.last).total_seconds() / 3600


def replaced(earlier: Trail, later: Trail) -> Sign | None:
    """The timing of a replacement."""
    gap = gap_hours(earlier, later)
    if gap is None:
        return None
    span = max(earlier.scan_last, later.scan_last) - min(earlier.scan_first, later.scan_first)
    hours = max(24.0, span.total_seconds() / 3600)
    density = math.exp(-gap / LATENCY_HOURS) / LATENCY_HOURS if gap >= 0 else 0.0
    bits = math.log2((1 - REPLACES) + REPLACES * density * hours)
    end = "was shut out" if earlier.blocked_at is not None else "ended"
    when = f"{gap:.0f} hours after" if gap >= 0 else f"{-gap:.0f} hours before"
    return Sign("timing", f"one began {when} the other {end}", _against_unrelated({"one-hand": bits}))


def _side(side: str, types: tuple[str, ...], one: Trail, other: Trail) -> Sign | None:
    type_ = next((name for name in types if one.values.get(name) and other.values.get(name)), None)
    if type_ is None:
        return None
    mine, theirs = one.values[type_], other.values[type_]
    common, fewer = len(mine & theirs), min(len(mine), len(theirs))
    chance = min(0.95, -math.expm1(fewer * math.log1p(-RATES[type_].chance)))
    shared = {name: max(chance, INNOCENT[name].get(side, 0.0)) for name in INNOCENT}
    shared["one-hand"] = max(chance, RATES[type_].again)
    bits = {
        name: math.log2(share / chance) if common else math.log2((1 - share) / (1 - chance))
        for name, share in shared.items()
    }
    what = f"{common} of {fewer}" if common else f"none of {fewer}"
    return Sign(side, f"{what} {type_} values in common; by coincidence {chance:.1%} of pairs have one", _capped(bits))


def _against_unrelated(bits: Mapping[str, float]) -> dict[str, float]:
    return _capped({name: bits.get(name, 0.0) for name in PRIOR})


def _capped(bits: Mapping[str, float]) -> dict[str, float]:
    return {name: max(-MOST_BITS, min(MOST_BITS, value)) for name, value in bits.items()}
