"""The provider's own accounts: what is ordinary here is read off them, never off shuffled requests (DESIGN section
6)."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

I64 = npt.NDArray[np.int64]
F64 = npt.NDArray[np.float64]
Bool = npt.NDArray[np.bool_]

#: Stands for "not known" in integer columns: no sealed value and no time equals it.
UNKNOWN = np.iinfo(np.int64).min


@dataclass(frozen=True)
class Accounts:
    """One row per account, ordered by ``key``; every column has the same length. ``UNKNOWN`` marks missing integers.

    ``suspected`` are accounts that a first pass found in heavy groups: what they do is no measure of what is ordinary.
    """

    key: I64
    columns: Mapping[str, I64]
    suspected: I64 = field(default_factory=lambda: np.zeros(0, dtype=np.int64), compare=False)
    _orders: dict[str, I64] = field(default_factory=dict, repr=False, compare=False)
    # Made anew by ``replace``: it depends on ``suspected``.
    _living: dict[str, tuple[Bool, Bool]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.key)

    def __getitem__(self, name: str) -> I64:
        return self.columns[name]

    def living_by(self, technique: str) -> tuple[Bool, Bool]:
        """Accounts most of whose requests show a technique, and accounts with enough requests to tell (three)."""
        if technique not in self._living:
            busy = (self.columns["exchanges"] >= 3) & ~np.isin(self.key, self.suspected)
            self._living[technique] = (busy & (2 * self.columns[technique] >= self.columns["exchanges"]), busy)
        return self._living[technique]

    def order_by(self, name: str) -> I64:
        """Row numbers in order of a column."""
        if name not in self._orders:
            self._orders[name] = np.argsort(self.columns[name], kind="stable").astype(np.int64)
        return self._orders[name]

    def rows(self, keys: I64) -> I64:
        """Row numbers of account keys; all must be present."""
        return np.searchsorted(self.key, keys).astype(np.int64)


@dataclass(frozen=True)
class Ties:
    """Who shares what beside words: one row per account and value, for values that two accounts or more show.

    ``name`` indexes ``names`` (network, client, payment, ...); ``reach`` is how many accounts show the value at all;
    ``first_us`` is when the account first showed it. Rows are ordered by account.
    """

    names: tuple[str, ...]
    name: npt.NDArray[np.int8]
    entity: I64
    account: I64
    reach: I64
    first_us: I64

    def of(self, accounts: I64) -> "Ties":
        """Only the rows of these accounts (sorted keys)."""
        if not len(accounts):
            return self.only(np.zeros(len(self.account), dtype=bool))
        first = np.searchsorted(self.account, accounts, side="left")
        last = np.searchsorted(self.account, accounts, side="right")
        counts = last - first
        starts = np.repeat(first - np.r_[0, np.cumsum(counts)[:-1]], counts)
        return self.at(starts + np.arange(int(counts.sum())))

    def until(self, ts_us: int) -> "Ties":
        """The rows that had been seen by then. ``reach`` stays that of the whole log, which can only hide a tie."""
        return self.only(self.first_us <= ts_us)

    def only(self, mine: Bool) -> "Ties":
        """The rows of a mask."""
        return self.at(np.flatnonzero(mine).astype(np.int64))

    def at(self, mine: I64) -> "Ties":
        """The rows of these numbers, in order."""
        return Ties(
            self.names, self.name[mine], self.entity[mine], self.account[mine], self.reach[mine], self.first_us[mine]
        )


def spread_rank(reference: I64, values: I64) -> F64:
    """Where ``values`` fall among ``reference`` (sorted), 0..1: times become ranks, so a busy hour is no surprise.

    Ties share the middle of their range. Under the null (values drawn like the reference) ranks are uniform.
    """
    if not len(reference):
        return np.full(len(values), np.nan)
    low = np.searchsorted(reference, values, side="left")
    high = np.searchsorted(reference, values, side="right")
    return np.asarray((low + high) / (2.0 * len(reference)), dtype=np.float64)


def narrowest(ranks: F64, share: float) -> float:
    """Width of the narrowest interval that holds ``share`` of the ranks (at least two of them)."""
    ordered = np.sort(ranks[~np.isnan(ranks)])
    hold = max(2, int(np.ceil(share * len(ordered))))
    if len(ordered) < hold:
        return 1.0
    return float(np.min(ordered[hold - 1 :] - ordered[: len(ordered) - hold + 1]))
