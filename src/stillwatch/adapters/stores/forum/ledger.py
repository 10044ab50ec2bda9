"""Keep a log's leaves and the hashes over them, in the transaction of what they prove.

Only inner nodes are stored: a leaf's own hash is computed from its body when a proof wants it.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Protocol

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.tables import checkpoints, cosignatures, leaves, logs, members, nodes
from stillwatch.guard.ledger import Checkpoint, Log, NodeKey, Signer, VerifierKey, leaf_hash, signed
from stillwatch.guard.ledger.export import export

#: Hashes asked for in one statement; an append asks for log2(n) of them.
_KEYS = 1_000

# Statements that every request needs are made once: making one costs more than running it.
_SIZE = sa.select(logs.c.size).where(logs.c.name == sa.bindparam("log"))
_LEAVES = sa.select(leaves.c.number, leaves.c.body).where(
    leaves.c.log == sa.bindparam("log"), leaves.c.number.in_(sa.bindparam("numbers", expanding=True))
)
_NODES = sa.select(nodes.c.level, nodes.c.position, nodes.c.hash).where(
    nodes.c.log == sa.bindparam("log"),
    sa.tuple_(nodes.c.level, nodes.c.position).in_(sa.bindparam("keys", expanding=True)),
)
_PUT_NODES = sa.insert(nodes)
_PUT_LEAVES = sa.insert(leaves)
_GROW = sa.update(logs).where(logs.c.name == sa.bindparam("log")).values(size=sa.bindparam("grown"))


class StoredNodes:
    """``Nodes`` over the tables of one log, on an open connection."""

    def __init__(self, connection: sa.Connection, log: str) -> None:
        self._connection = connection
        self._log = log

    def get(self, keys: Sequence[NodeKey]) -> dict[NodeKey, bytes]:
        found: dict[NodeKey, bytes] = {}
        lowest = [position for level, position in keys if level == 0]
        inner = [(level, position) for level, position in keys if level > 0]
        for start in range(0, len(lowest), _KEYS):
            asked = {"log": self._log, "numbers": lowest[start : start + _KEYS]}
            for position, body in self._connection.execute(_LEAVES, asked):
                found[0, position] = leaf_hash(body)
        for start in range(0, len(inner), _KEYS):
            asked = {"log": self._log, "keys": inner[start : start + _KEYS]}
            for level, position, value in self._connection.execute(_NODES, asked):
                found[level, position] = value
        return found

    def put(self, hashes: Mapping[NodeKey, bytes]) -> None:
        rows = [
            {"log": self._log, "level": level, "position": position, "hash": value}
            for (level, position), value in hashes.items()
            if level > 0
        ]
        if rows:
            self._connection.execute(_PUT_NODES, rows)


def opened(connection: sa.Connection, log: str) -> Log:
    """The tree of ``log`` as it stands."""
    size = connection.execute(_SIZE, {"log": log}).scalar_one()
    return Log(StoredNodes(connection, log), size)


def append(connection: sa.Connection, log: str, found: Sequence[tuple[bytes, int | None, str | None]]) -> None:
    """Add leaves ``(body, member, object)`` at the end."""
    tree = opened(connection, log)
    start = tree.size
    rows = [
        {"log": log, "number": start + step, "body": body, "member_id": member_id, "object_id": object_id}
        for step, (body, member_id, object_id) in enumerate(found)
    ]
    connection.execute(_PUT_LEAVES, rows)
    tree.append([body for body, _, _ in found])
    connection.execute(_GROW, {"log": log, "grown": tree.size})


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


def keys(connection: sa.Connection) -> dict[str, VerifierKey]:
    """The public key of each log."""
    rows = connection.execute(sa.select(logs.c.name, logs.c.key).order_by(logs.c.name))
    return {row.name: VerifierKey.parse(row.key) for row in rows}


class Signers(Protocol):
    """Where the private keys are."""

    def signer(self, key: VerifierKey) -> Signer:
        """The private half of ``key``. Raises ``StateError``."""
        ...


def sign(connection: sa.Connection, log: str, private: Signers) -> Checkpoint:
    """The checkpoint of the log as it stands, signed now unless it was before. Needs a writing transaction."""
    head = opened(connection, log).head()
    before = checkpoint(connection, log, head.size)
    if before is not None:
        return before
    made = signed(head, private.signer(keys(connection)[log]))
    connection.execute(sa.insert(checkpoints).values(log=log, size=head.size, note=str(made)))
    return made


def checkpoint(connection: sa.Connection, log: str, size: int) -> Checkpoint | None:
    """The signed checkpoint of this size with its cosignatures; None where none was signed."""
    query = sa.select(checkpoints.c.note).where(checkpoints.c.log == log, checkpoints.c.size == size)
    note = connection.execute(query).scalar()
    return None if note is None else _witnessed(connection, log, Checkpoint.parse(note))


def _witnessed(connection: sa.Connection, log: str, found: Checkpoint) -> Checkpoint:
    query = sa.select(cosignatures.c.line).where(cosignatures.c.log == log, cosignatures.c.size == found.size)
    return found.with_signatures(connection.execute(query.order_by(cosignatures.c.member_id)).scalars())


def cosign(connection: sa.Connection, log: str, size: int, member_id: int, line: str) -> bool:
    """Keep a member's cosignature; False where it gave one for this checkpoint already."""
    place = {"log": log, "size": size, "member_id": member_id}
    conditions = (cosignatures.c[name] == value for name, value in place.items())
    if connection.execute(sa.select(cosignatures.c.line).where(*conditions)).first() is not None:
        return False
    connection.execute(sa.insert(cosignatures).values(**place, line=line))
    return True


def exported(connection: sa.Connection, log: str) -> Iterator[bytes]:
    """The log as JSON Lines that anybody can verify offline (``guard.ledger.export``), up to its newest checkpoint.
    What was written since is in the next export; a file that goes on behind its last checkpoint was tampered with."""
    query = sa.select(checkpoints.c.note).where(checkpoints.c.log == log).order_by(checkpoints.c.size)
    notes = [Checkpoint.parse(note) for note in connection.execute(query).scalars()]
    witnesses = sa.select(members.c.witness_key).where(members.c.witness_key.is_not(None)).order_by(members.c.id)
    return export(
        keys(connection)[log],
        read(connection, log, stop=notes[-1].size if notes else None),
        (_witnessed(connection, log, note) for note in notes),
        [VerifierKey.parse(key) for key in connection.execute(witnesses).scalars()],
    )


def leaves_of(connection: sa.Connection, member_id: int) -> Iterator[tuple[str, int, bytes]]:
    """(log, number, leaf) of all that one member did or had refused, in the order of each log."""
    query = (
        sa.select(leaves.c.log, leaves.c.number, leaves.c.body)
        .where(leaves.c.member_id == member_id)
        .order_by(leaves.c.log, leaves.c.number)
    )
    for row in connection.execute(query):
        yield row.log, row.number, row.body


def leaves_about(connection: sa.Connection, log: str, object_id: str) -> list[tuple[int, bytes, int | None]]:
    """(number, leaf, member) of the leaves that name an object. Who may see them is for the caller to say."""
    query = (
        sa.select(leaves.c.number, leaves.c.body, leaves.c.member_id)
        .where(leaves.c.log == log, leaves.c.object_id == object_id)
        .order_by(leaves.c.number)
    )
    return [(row.number, row.body, row.member_id) for row in connection.execute(query)]
