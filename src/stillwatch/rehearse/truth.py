"""Who was planted in a log, and when they asked: what a scan's findings are held against."""

from collections.abc import Mapping
from datetime import datetime

import msgspec
import numpy as np
from numpy.typing import NDArray

from stillwatch.rehearse.population import Population


class Planted(msgspec.Struct, frozen=True, kw_only=True):
    """One campaign as it was injected. ``times``: its own exchanges (no cover) in sorted microseconds since 1970."""

    name: str
    accounts: frozenset[str]
    times: NDArray[np.int64]

    def until(self, moment: str) -> int:
        """Own exchanges up to ``moment`` (RFC 3339), that one's whole millisecond included."""
        cut = int(datetime.fromisoformat(moment).timestamp() * 1000) * 1000 + 999
        return int(np.searchsorted(self.times, cut, side="right"))


class Truth(msgspec.Struct, frozen=True, kw_only=True):
    """``innocent``: account -> its kind and group. ``composed``: every account is known; else the log was a user's."""

    campaigns: tuple[Planted, ...]
    innocent: Mapping[str, tuple[str, str]]
    composed: bool = True


def known(population: Population, *, composed: bool = True) -> Truth:
    """The truth about a population; ``composed`` is false where it is added to a log of the user's own."""
    accounts: dict[str, set[str]] = {}
    innocent: dict[str, tuple[str, str]] = {}
    for name, actor in zip(population.names, population.actors, strict=True):
        if actor.campaign:
            accounts.setdefault(actor.campaign, set()).add(name)
        else:
            innocent[name] = (actor.kind, actor.group)
    campaigns = tuple(
        Planted(name=name, accounts=frozenset(members), times=population.own_times(name))
        for name, members in accounts.items()
    )
    return Truth(campaigns=campaigns, innocent=innocent, composed=composed)
