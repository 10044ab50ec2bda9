"""The book of cases: who quotes a reference can be told why, for as long as the book is kept. It stays with staff.

A case keeps its first day and every change of its course. The book lies beside the table, readable by its owner alone,
and no gateway needs it: a gateway's copy of the table holds references and courses, no grounds.
"""

from collections.abc import Iterable
from pathlib import Path

import msgspec

from stillwatch.adapters.stores.own_sqlite import OwnSqlite
from stillwatch.decide.order import Case

FILE = "cases.sqlite"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS ruling (
    reference TEXT NOT NULL, decided_us INTEGER NOT NULL, version TEXT NOT NULL, told TEXT NOT NULL, body BLOB NOT NULL,
    PRIMARY KEY (reference, decided_us)
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS account (
    account TEXT NOT NULL, reference TEXT NOT NULL, PRIMARY KEY (account, reference)
) STRICT, WITHOUT ROWID;
"""


class Ruled(msgspec.Struct, frozen=True, kw_only=True):
    """A case as it stood from one table on."""

    version: str
    case: Case


class CaseBook(OwnSqlite):
    """The cases of one table's folder."""

    what = "a book of cases"

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE)

    def _prepare(self, path: Path) -> None:
        self._db.executescript(_SCHEMA)

    def enter(self, cases: Iterable[Case], version: str) -> int:
        """Write down the cases of a table; one whose course, author and accounts are as before only moves its end.

        How many are new or changed.
        """
        changed = 0
        with self._transaction():
            for case in cases:
                told = _told(case)
                last = self._db.execute(
                    "SELECT decided_us, told FROM ruling WHERE reference = ? ORDER BY decided_us DESC LIMIT 1",
                    (case.reference,),
                ).fetchone()
                if last is not None and last[1] == told:
                    kept = msgspec.structs.replace(case, decided_us=last[0])
                    self._db.execute(
                        "UPDATE ruling SET body = ? WHERE reference = ? AND decided_us = ?",
                        (msgspec.json.encode(kept), case.reference, last[0]),
                    )
                    continue
                changed += 1
                self._db.execute(
                    "INSERT OR REPLACE INTO ruling VALUES (?, ?, ?, ?, ?)",
                    (case.reference, case.decided_us, version, told, msgspec.json.encode(case)),
                )
                self._db.executemany(
                    "INSERT OR IGNORE INTO account VALUES (?, ?)", [(name, case.reference) for name in case.accounts]
                )
        return changed

    def rulings(self, reference: str) -> list[Ruled]:
        """How a case was decided, from its first day on; empty for an unknown reference."""
        rows = self._db.execute(
            "SELECT version, body FROM ruling WHERE reference = ? ORDER BY decided_us", (reference,)
        )
        return [Ruled(version=version, case=msgspec.json.decode(body, type=Case)) for version, body in rows]

    def find(self, reference: str) -> Case | None:
        """The case as it stands now."""
        rulings = self.rulings(reference)
        return rulings[-1].case if rulings else None

    def of_account(self, account: str) -> list[str]:
        """The references of every case that ever named an account."""
        rows = self._db.execute("SELECT reference FROM account WHERE account = ? ORDER BY reference", (account,))
        return [row[0] for row in rows]


def _told(case: Case) -> str:
    """What makes a ruling another one: not its grounds' figures, which move with every scan, nor its end."""
    whole = (case.course, case.reason, case.author, case.shadow, case.whole_organization, sorted(case.accounts))
    return msgspec.json.encode(whole).decode()
