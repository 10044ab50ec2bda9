"""Written permission to distil: traffic inside a permit is never a finding; traffic beyond says which limit was
passed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillwatch.detect.group import Columns
from stillwatch.detect.population import I64

#: References that a note names at most.
NAMED = 5


@dataclass(frozen=True)
class Permit:
    """One permit with sealed identifiers. ``None`` means no limit; times are microseconds."""

    reference: str
    organization: int
    accounts: frozenset[int] | None
    from_us: int | None
    until_us: int | None
    models: frozenset[int] | None
    capabilities: frozenset[int] | None
    max_exchanges: int | None


class Permits:
    """All permits of a provider, asked about the accounts of one group at a time."""

    def __init__(self, permits: Sequence[Permit], organizations: dict[int, int], programme: I64) -> None:
        """``organizations`` maps accounts to organisations; ``programme`` are accounts in a permit programme by
        record."""
        self._permits = permits
        self._organizations = organizations
        self._programme = programme

    def cover(self, accounts: I64, core: Columns, one_in: int = 1) -> tuple[I64, tuple[str, ...]]:
        """Accounts all of whose core exchanges are permitted, and notes on limits that others of them passed.

        ``one_in``: the core is a sample, so volumes count so many times over.
        """
        covered = [np.intersect1d(accounts, self._programme)]
        notes: list[str] = []
        for permit in self._permits:
            holders = np.array([a for a in accounts.tolist() if self._holds(permit, a)], dtype=np.int64)
            if not len(holders):
                continue
            passed = _limits_passed(permit, core, np.isin(core["account"], holders), one_in)
            if passed:
                notes.append(f"Permit {permit.reference}: traffic beyond its {' and '.join(passed)}.")
            else:
                covered.append(holders)
        return np.unique(np.concatenate(covered)), tuple(notes)

    def holders(self, accounts: I64) -> I64:
        """Accounts with any permit, by file or by record: nobody is asked about for what is allowed."""
        held = [account for account in accounts.tolist() if any(self._holds(one, account) for one in self._permits)]
        return np.union1d(np.array(held, dtype=np.int64), np.intersect1d(accounts, self._programme))

    def unheld(self, accounts: I64) -> tuple[str, ...]:
        """A note on permits that none of all ``accounts`` holds: where a name differs, a permit protects nobody."""
        here = set(accounts.tolist())
        at = {self._organizations.get(account) for account in here}
        idle = [
            one.reference
            for one in self._permits
            if (one.organization not in at if one.accounts is None else here.isdisjoint(one.accounts))
        ]
        if not idle:
            return ()
        named = ", ".join(idle[:NAMED]) + (f" and {len(idle) - NAMED:,} more" if len(idle) > NAMED else "")
        return (
            f"{len(idle):,} of {len(self._permits):,} permits cover no account here ({named}): neither the logs nor "
            "--accounts have the organisation or the accounts that they name.",
        )

    def _holds(self, permit: Permit, account: int) -> bool:
        if permit.accounts is not None:
            return account in permit.accounts
        return self._organizations.get(account) == permit.organization


def _limits_passed(permit: Permit, core: Columns, mine: np.ndarray, one_in: int) -> list[str]:
    passed = []
    ts = core["ts_us"][mine]
    if (permit.from_us is not None and np.any(ts < permit.from_us)) or (
        permit.until_us is not None and np.any(ts >= permit.until_us)
    ):
        passed.append("term")
    if permit.models is not None and not np.isin(core["model"][mine], list(permit.models)).all():
        passed.append("models")
    if permit.capabilities is not None and not np.isin(core["capability"][mine], list(permit.capabilities)).all():
        passed.append("capabilities")
    if permit.max_exchanges is not None and len(ts) * one_in > permit.max_exchanges:
        passed.append("volume")
    return passed
