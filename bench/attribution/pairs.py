"""Pairs of campaigns with known hands: does ``overlap`` say how sure it may be?

A generator of its own, with distributions that are not those of the room. An operator draws how careful it is (a share
Beta(2, 2) of its values is fresh in the next campaign, by side; some sides it keeps apart altogether) and how fast it
replaces (log-normal, median 9 hours). Innocent crowds may share a tool or a way out. What is common by accident comes
from common pools: carriers, popular clients, sign-up addresses.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import numpy as np

from stillwatch.attribute.overlap import PRIOR, Trail

START = datetime(2026, 6, 1, tzinfo=UTC)
SPAN_DAYS = 28.0
#: How many of the values of a strangers' campaign come from common pools, and how large those are.
COMMON = {"ipv4": (0.06, 3_000), "client-shape": (0.7, 60), "signup-print": (0.03, 20_000)}
#: How often a provider records a side at all.
RECORDED = {"payment-fingerprint": 0.7, "signup-print": 0.7, "ipv4": 0.9, "client-shape": 0.8, "template": 0.9}


class Pair(NamedTuple):
    """Two trails and the truth about them, one of ``overlap.PRIOR``."""

    truth: str
    one: Trail
    other: Trail


def pairs(seed: int, count: int) -> Iterator[Pair]:
    """``count`` pairs, their truths drawn from the prior that the room uses."""
    rng = np.random.default_rng(seed)
    truths = list(PRIOR)
    for _ in range(count):
        truth = str(rng.choice(truths, p=list(PRIOR.values())))
        yield _pair(rng, truth)


def _pair(rng: np.random.Generator, truth: str) -> Pair:
    first, second = _values(rng), _values(rng)
    if truth == "one-hand":
        for type_ in first:
            fresh = float(rng.beta(2, 2))
            again = [value for value in first[type_] if rng.random() > fresh]
            second[type_] = set(again) | set(list(second[type_])[: max(1, int(len(second[type_]) * fresh))])
            if rng.random() < fresh * 0.9:  # this side was kept apart altogether
                second[type_] = _values(rng)[type_]
    if truth == "common-tool":
        second["template"] |= first["template"] if rng.random() < 0.85 else set()
        if rng.random() < 0.5:
            second["client-shape"] |= set(list(first["client-shape"])[:2])
    if truth == "common-way-out" and rng.random() < 0.9:
        second["ipv4"] |= set(list(first["ipv4"])[:3])
    return Pair(truth, *_dated(rng, truth, _recorded(rng, first), _recorded(rng, second)))


def _values(rng: np.random.Generator) -> dict[str, set[str]]:
    """What one operator or crowd leaves: some of it from pools that everybody draws from."""
    found: dict[str, set[str]] = {}
    for type_, most in (("payment-fingerprint", 8), ("signup-print", 12), ("ipv4", 40), ("client-shape", 3),
                        ("template", 3)):  # fmt: skip
        share, pool = COMMON.get(type_, (0.0, 1))
        found[type_] = {
            f"common-{int(pool * rng.random() ** 2)}" if rng.random() < share else f"own-{rng.integers(1 << 60)}"
            for _ in range(1 + int(rng.integers(most)))
        }
    return found


def _recorded(rng: np.random.Generator, values: dict[str, set[str]]) -> dict[str, frozenset[str]]:
    return {type_: frozenset(mine) for type_, mine in values.items() if rng.random() < RECORDED[type_]}


def _dated(
    rng: np.random.Generator, truth: str, one: dict[str, frozenset[str]], other: dict[str, frozenset[str]]
) -> tuple[Trail, Trail]:
    begin = rng.uniform(0, SPAN_DAYS - 8)
    end = begin + rng.uniform(2, 8)
    blocked = bool(rng.random() < 0.4)
    follows = rng.uniform(0, SPAN_DAYS - 2)
    if truth == "one-hand" and rng.random() < (0.5 if blocked else 0.25):
        follows = end + float(rng.lognormal(np.log(9 / 24), 0.9))
    first, last = _at(begin), _at(end)
    scan = (START, _at(SPAN_DAYS))
    return (
        Trail(one, first, last, *scan, blocked_at=last if blocked else None),
        Trail(other, _at(follows), min(scan[1], _at(follows + rng.uniform(1, 6))), *scan),
    )


def _at(days: float) -> datetime:
    return START + timedelta(days=float(days))
