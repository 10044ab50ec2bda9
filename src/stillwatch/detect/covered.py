"""Which accounts stand in groups already: a huge campaign makes hundreds of groups of the same accounts.

A group that says nothing new costs a second look and a replay. It is let go only where nearly all of its accounts stand
in several heavier groups, since one of those may turn out to be a mixture of strangers.
"""

from dataclasses import dataclass

import numpy as np

from stillwatch.detect.group import Group
from stillwatch.detect.population import F64, Accounts

#: Heavier groups an account must stand in, and share of a group's accounts that do.
SEVERAL = 3
NEARLY_ALL = 0.9


@dataclass
class Covered:
    """``best``: F64[accounts, SEVERAL], for each account the weights of its heaviest groups so far, falling."""

    best: F64

    @classmethod
    def of(cls, population: Accounts) -> "Covered":
        """No account stands in any group yet."""
        return cls(np.zeros((len(population), SEVERAL)))

    def by_heavier(self, group: Group, bits: float) -> bool:
        """Whether the group says nothing new; where it does, it is remembered."""
        mine = self.best[group.rows]
        if float(np.mean(mine[:, -1] >= bits)) >= NEARLY_ALL:
            return True
        mine[:, -1] = np.maximum(mine[:, -1], bits)
        self.best[group.rows] = -np.sort(-mine, axis=1)
        return False
