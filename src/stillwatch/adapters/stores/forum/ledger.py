"""Keep a log's leaves and the hashes over them, in the transaction of what they prove.

Only inner nodes are stored: a leaf's own hash is computed from its body when a proof wants it.
"""

from collections.abc import Iterator, Mapping, Sequence

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.tables import checkpoints, cosignatures, leaves, logs, members, nodes
from stillwatch.guard.ledger import Log, NodeKey, leaf_hash


class StoredNodes:
    """``Nodes`` over the tables of one log, on an open connection."""

    def __init__(self, connection: sa.Connection, log: str) -> None:
        self._connection = connection
        self._log = log

    def get(self, keys: Sequence[NodeKey]) -> dict[NodeKey, bytes]:
        found: dict[NodeKey, bytes] = {}
        for level, position in keys:  # at most 2·log2(n) of them, each one look into an index
            if level == 0:
                query = sa.select(leaves.c.body).where(leaves.c.log == self._log, leaves.c.number == position)
                body = self._connection.execute(query).scalar()
                if body is not None:
                    found[0, position] = leaf_hash(body)
                continue
            query = sa.select(nodes.c.hash).where(
                nodes.c.log == self._log, nodes.c.level == level, nodes.c.position == position
            )
            value = self._connection.execute(query).scalar()
            if value is not None:
                found[level, position] = value
        return found

    def put(self, hashes: Mapping[NodeKey, bytes]) -> None:
        rows = [
            {"log": self._log, "level": level, "position": position, "hash": value}
            for (level, position), value in hashes.items()
            if level > 0
        ]
        if rows:
            self._connection.execute(sa.insert(nodes), rows)


def opened(connection: sa.Connection, log: str) -> Log:
    """The tree of ``log`` as it stands."""
    size = connection.execute(sa.select(logs.c.size).where(logs.c.name == log)).scalar_one()
    return Log(StoredNodes(connection, log), size)


def append(connection: sa.Connection, log: str, found: Sequence[tuple[bytes, int | None, str | None]]) -> None:
    """Add leaves ``(body, member, object)`` at the end."""
    tree = opened(connection, log)
    start = tree.size
    rows = [
        {"log": log, "number": start + step, "body": body, "member_id": member_id, "object_id": object_id}
        for step, (body, member_id, object_id) in enumerate(found)
    ]
    connection.execute(sa.insert(leaves), rows)
    tree.append([body for body, _, _ in found])
    connection.execute(sa.update(logs).where(logs.c.name == log).values(size=tree.size))


def read(connection: sa.Connection, log: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """The leaves of a log in order, read in blocks."""
    size = connection.execute(sa.select(logs.c.size).where(logs.c.name == log)).scalar_one()
    stop = size if stop is None else min(stop, size)
    for first in range(start, stop, 1_000):
        query = (
            sa.select(leaves.c.body)
            .where(leaves.c.log == log, leaves.c.number >= first, leaves.c.number < min(first + 1_000, stop))
            .order_by(leaves.c.number)
        )
        yield from connection.execute(query).scalars()


def witnessed(connection: sa.Connection, log: str, size: int) -> list[str]:
    """The cosignature lines that members gave for the checkpoint of this size."""
    query = (
        sa.select(cosignatures.c.line)
        .join(members, members.c.id == cosignatures.c.member_id)
        .where(cosignatures.c.log == log, cosignatures.c.size == size)
        .order_by(members.c.name)
    )
    return list(connection.execute(query).scalars())


def checkpoint_notes(connection: sa.Connection, log: str) -> list[tuple[int, str]]:
    """Every checkpoint that was signed, the oldest first."""
    query = sa.select(checkpoints.c.size, checkpoints.c.note).where(checkpoints.c.log == log)
    return [(row.size, row.note) for row in connection.execute(query.order_by(checkpoints.c.size))]
