"""Housekeeping: counters, old status resources, and deleted bytes that must not lie about in SQLite's log."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.counting import Count
from stillwatch.adapters.stores.forum.tables import counters, statuses
from stillwatch.adapters.stores.forum.transaction import Transaction


def add_counts(transaction: Transaction, counts: Mapping[tuple[int, int], Count]) -> None:
    """Add what was counted to the table."""
    for (member_id, collection_id), count in counts.items():
        found = {
            "given": count.given,
            "given_to_named": count.given_to_named,
            "refused": count.refused,
            "taken": count.taken,
        }
        place = sa.and_(counters.c.member_id == member_id, counters.c.collection_id == collection_id)
        grown: dict[Any, Any] = {name: counters.c[name] + number for name, number in found.items()}
        if transaction.connection.execute(sa.update(counters).where(place).values(grown)).rowcount == 0:
            row = {"member_id": member_id, "collection_id": collection_id, **found}
            transaction.connection.execute(sa.insert(counters).values(row))


def drop_statuses(transaction: Transaction, kept_us: int) -> None:
    """Forget the status of requests that were finished long ago."""
    transaction.connection.execute(sa.delete(statuses).where(statuses.c.created_us < transaction.now_us - kept_us))


def forget(engine: sa.Engine) -> None:
    """On SQLite, fold the write-ahead log into the file, so that no copy of what was deleted stays in it.

    The file itself is overwritten (``secure_delete``). PostgreSQL does the same by vacuuming on its own; its archived
    logs and every back-up are the operator's to expire.
    """
    if engine.dialect.name != "sqlite":
        return
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()
