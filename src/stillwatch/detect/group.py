"""A group: accounts that may work together, and all that the evidence lines may look at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from stillwatch.detect.population import I64, UNKNOWN, Accounts, Ties

#: Columns of the core exchanges; ``content`` is [rows, 64] signed bytes.
Columns = Mapping[str, npt.NDArray[Any]]


@dataclass(frozen=True)
class Group:
    """A hypothesis: these accounts work together. ``core`` are the exchanges that made us ask.

    members     I64[m]  account keys, sorted
    counts      I64[m]  core exchanges of each member (all of them, also where ``core`` is a sample)
    onsets      I64[m]  time of each member's first core exchange, microseconds
    core        columns of the core exchanges, in order of time; ``one_in`` > 1: a sample by whole prompt
    origin      the direction the candidate came from: ``templates``, ``ties`` or ``surge``
    technique   column of the technique that defines the core of a surge; ``expected``: accounts that ordinarily show it
    entities    I64[e]  fingerprints that define the core (none for ties)
    reuse       I64 per core exchange: passages beside the template shared with other members; ``None``: not looked at
    passing     most members show the core but once: their exchanges taken together are all that is known of them
    sighted     the members were chosen for what other members see; ``expected``: as many would be seen by chance
    pieces      of so many templates that interlock it was put together; 0: it is one template, or none
    fringe      I64[f]  accounts that show the core but once or by the way; no members
    """

    origin: str
    population: Accounts
    ties: Ties
    members: I64
    counts: I64
    onsets: I64
    core: Columns
    entities: I64
    kinds: npt.NDArray[np.int8]
    fringe: I64
    fringe_counts: I64
    one_in: int = 1
    passing: bool = False
    technique: str = ""
    expected: float = 0.0
    sighted: bool = False
    pieces: int = 0
    # What several lines ask of the ties, worked out once; made anew by ``replace``.
    tied: dict[str, tuple[int, int]] = field(default_factory=dict, init=False, repr=False, compare=False)
    reuse: I64 | None = None

    @cached_property
    def rows(self) -> I64:
        """Row numbers of the members in the population."""
        return self.population.rows(self.members)

    @cached_property
    def outside(self) -> npt.NDArray[np.bool_]:
        """Which rows of the population are no members, and no suspects of a first pass: the ordinary ones."""
        mask = ~np.isin(self.population.key, self.population.suspected)
        mask[self.rows] = False
        return mask

    def account(self, name: str) -> I64:
        """A column of the population for the members."""
        column: I64 = self.population[name][self.rows]
        return column

    def outsiders(self, name: str) -> I64:
        """A column of the population for everyone but the members."""
        column: I64 = self.population[name][self.outside]
        return column

    def others_in_order(self, name: str) -> I64:
        """The known values of everyone but the members in a column, sorted."""
        order = self.population.order_by(name)
        column: I64 = self.population[name][order[self.outside[order]]]
        return column[int(np.searchsorted(column, UNKNOWN, side="right")) :]

    def known(self, name: str) -> I64:
        """The members' values in a column, without the missing ones."""
        column = self.account(name)
        present: I64 = column[column != UNKNOWN]
        return present
