"""What one transaction holds: the connection, the forum's clock, and the leaves that prove what it does.

Leaves are gathered and appended at the end, in one batch a log, inside the same transaction as what they prove.
"""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from stillwatch.adapters.stores.forum import ledger
from stillwatch.adapters.stores.forum.tables import forum, objects, statuses
from stillwatch.guard.ledger import Leaf, encode

#: Objects of one request lie 1 to this many microseconds apart, at random: a gap does not tell that one is hidden.
STRIDE = 16


@dataclass(frozen=True, slots=True)
class _Entry:
    """A leaf on its way to a log. ``member_id`` and ``object_id`` say who may look it up."""

    log: str
    leaf: Leaf
    member_id: int | None
    object_id: str | None


_OPEN = sa.select(forum.c.clock_us, forum.c.secret).where(forum.c.id == 1).with_for_update()
_TICK = sa.update(forum).where(forum.c.id == 1).values(clock_us=sa.bindparam("now"))
_INSERT = {table: sa.insert(table) for table in (objects, statuses)}


@dataclass
class Transaction:
    """An open transaction that holds the forum's write lock. ``now_us`` was read once, when it began.

    Rows that jobs add are written together, by ``flush`` or at the end: many small requests then cost little more than
    one large one. ``known`` is what was looked up or added since, for whoever comes later in the same transaction.
    """

    connection: sa.Connection
    now_us: int
    secret: bytes = field(init=False, repr=False)  #: the forum's own key, for digests that nobody shall search
    _clock_us: int = field(init=False)
    _moved: bool = field(init=False, default=False)
    known: dict[tuple[int, str], list[Any]] = field(init=False, default_factory=dict)  #: by (collection, STIX id)
    _rows: dict[sa.Table, list[dict[str, Any]]] = field(init=False, default_factory=dict)
    _leaves: list[_Entry] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        self._clock_us, self.secret = self.connection.execute(_OPEN).one()

    def ticks(self, count: int) -> list[int]:
        """``count`` new values of ``date_added``: strictly greater than every one ever given out, never before now."""
        values = []
        clock = max(self._clock_us, self.now_us)
        for step in secrets.token_bytes(count):
            clock += 1 + step % STRIDE
            values.append(clock)
        if values:
            self._clock_us = clock
            self._moved = True
        return values

    def record(self, log: str, leaf: Leaf, member_id: int | None = None, object_id: str | None = None) -> None:
        """Prove this in its log when the transaction ends."""
        self._leaves.append(_Entry(log, leaf, member_id, object_id))

    def later(self, table: sa.Table, rows: Iterable[dict[str, Any]]) -> None:
        """Insert ``rows`` when the transaction ends, or before anybody reads the tables with ``flush``."""
        self._rows.setdefault(table, []).extend(rows)

    def flush(self) -> None:
        """Write the rows that wait. Call it before reading or deleting objects by anything but ``known``."""
        for table, rows in self._rows.items():
            if rows:
                self.connection.execute(_INSERT[table], rows)
        self._rows.clear()
        self.known.clear()

    def finish(self) -> None:
        """Write the rows, the clock and the leaves. Called once, before the commit."""
        self.flush()
        if self._moved:
            self.connection.execute(_TICK, {"now": self._clock_us})
        by_log: dict[str, list[_Entry]] = {}
        for entry in self._leaves:
            by_log.setdefault(entry.log, []).append(entry)
        for log, found in by_log.items():
            rows = [(encode(entry.leaf), entry.member_id, entry.object_id) for entry in found]
            ledger.append(self.connection, log, rows)
