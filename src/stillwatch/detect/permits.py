"""Written permission to distil: traffic inside a permit is never a finding; traffic beyond says which limit was
passed."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stillwatch.detect.group import Columns
from stillwatch.detect.population import I64, UNKNOWN
from stillwatch.vocabulary.techniques import CAPABILITIES

#: What an exchange is for is read off a few words: of public maths tasks one in eight is not recognised, of public
#: programming contests three in ten are read as maths. So what is not recognised passes no limit, and what is read as
#: something else passes it where it is more than this share.
UNREAD = CAPABILITIES.index("other")
MISREAD = 1 / 3
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
            passed, beyond = _limits_passed(permit, core, np.isin(core["account"], holders), one_in)
            if passed:
                notes.append(f"Permit {permit.reference}: traffic beyond its {' and '.join(passed)}.")
            covered.append(np.setdiff1d(holders, beyond))
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


def _limits_passed(permit: Permit, core: Columns, mine: np.ndarray, one_in: int) -> tuple[list[str], I64]:
    """The limits that holders' exchanges (``mine``) passed, and whose did; everybody's where that is not to be told.

    Volume and capabilities are limits of all holders together. A sample of the core does not hold all of anybody's.
    """
    ts, holders = core["ts_us"], np.unique(core["account"][mine])
    late = np.zeros(len(ts), dtype=bool)
    if permit.from_us is not None:
        late |= ts < permit.from_us
    if permit.until_us is not None:
        late |= ts >= permit.until_us
    other = np.zeros(len(ts), dtype=bool)
    if permit.models is not None:  # a log that names no model says nothing of this limit
        other = (core["model"] != UNKNOWN) & ~np.isin(core["model"], list(permit.models))
    passed = [name for name, beyond in (("term", late), ("models", other)) if np.any(beyond & mine)]
    theirs = np.unique(core["account"][(late | other) & mine]) if one_in == 1 else holders
    if permit.capabilities is not None and np.any(mine):
        read = core["capability"][mine]
        if np.mean((read != UNREAD) & ~np.isin(read, list(permit.capabilities))) > MISREAD:
            passed, theirs = [*passed, "capabilities"], holders
    if permit.max_exchanges is not None and int(mine.sum()) * one_in > permit.max_exchanges:
        passed, theirs = [*passed, "volume"], holders
    return passed, theirs if passed else np.zeros(0, dtype=np.int64)
