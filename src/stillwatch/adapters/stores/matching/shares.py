"""The forum's table of uploads: what members hold, as labels, shares and sealed notes.

Below the threshold all three are noise. ``match.pool.Pool`` is the same table in memory. A member is told about its
own labels alone: whoever has not shown that it holds an identifier can't ask about it.
"""

from collections.abc import Iterator, Mapping
from itertools import groupby

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.records import Member
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching.tables import budgets, canaries, shares
from stillwatch.match.common import everybodys
from stillwatch.match.epochs import Epoch
from stillwatch.match.pool import rows_of
from stillwatch.match.threshold import Row, found, open_label
from stillwatch.match.wire import Answers, Ask, Upload, Uploaded

#: Labels in one statement: databases bound the number of parameters.
_AT_ONCE = 500


def store(transaction: Transaction, member: Member, upload: Upload, epoch: Epoch) -> Uploaded | None:
    """Keep the rows; a later row of a member for a label replaces its earlier one. They expire with the epoch.

    None where the member would hold more labels than points it had evaluated: those labels are not its own.
    """
    connection = transaction.connection
    rows = rows_of(upload)
    labels = list(rows)
    mine = _mine(member, upload.epoch, upload.kind)
    for start in range(0, len(labels), _AT_ONCE):
        connection.execute(sa.delete(shares).where(*mine, shares.c.label.in_(labels[start : start + _AT_ONCE])))
    held = connection.execute(sa.select(sa.func.count()).select_from(shares).where(*mine)).scalar_one()
    if held + len(rows) > _evaluated(connection, member, upload):
        return None
    expires_us = int(epoch.closes.timestamp() * 1_000_000)
    connection.execute(
        sa.insert(shares),
        [
            {
                "epoch": upload.epoch,
                "type": upload.kind,
                "label": label,
                "member_id": member.id,
                "share": row.share,
                "nonce": row.nonce,
                "sealed": row.sealed,
                "evidence": row.evidence,
                "created_us": transaction.now_us,
                "expires_us": expires_us,
            }
            for label, row in rows.items()
        ],
    )
    return Uploaded(upload.session, len(rows))


def answer(
    connection: sa.Connection,
    member: Member,
    asked: Ask,
    epoch: Epoch,
    names: Mapping[int, str],
    now_us: int,
) -> Answers:
    """What this member is told: of its own labels, those that enough members hold.

    ``names``: of the members that may match. What a suspended member uploaded counts no more. Nothing is told of a
    canary, which nobody saw, nor of what half of all members hold, which marks nobody.
    """
    told = []
    for label, rows in _reached(connection, member, asked, epoch.threshold, names, now_us):
        if everybodys(len(rows), len(names)):
            continue
        opened = open_label(label, rows, epoch.threshold, asked.epoch, asked.kind)
        one = found(label, opened, member.name) if opened else None
        if one is not None:
            told.append(one)
    return Answers(asked.session, asked.epoch, asked.kind, tuple(told))


def evidence(connection: sa.Connection, member: Member, epoch: str, kind: str) -> list[tuple[bytes, bytes]]:
    """(label, digest of the evidence) of every row of a member, in the order of labels."""
    query = sa.select(shares.c.label, shares.c.evidence).where(*_mine(member, epoch, kind)).order_by(shares.c.label)
    return [(bytes(row.label), bytes(row.evidence)) for row in connection.execute(query)]


def sweep(transaction: Transaction) -> None:
    """Drop what expired."""
    transaction.connection.execute(sa.delete(shares).where(shares.c.expires_us <= transaction.now_us))


def _reached(
    connection: sa.Connection, member: Member, asked: Ask, threshold: int, names: Mapping[int, str], now_us: int
) -> Iterator[tuple[bytes, dict[str, Row]]]:
    """The labels of this member that enough members hold, with everybody's rows."""
    alive = (
        shares.c.epoch == asked.epoch,
        shares.c.type == asked.kind,
        shares.c.expires_us > now_us,
        shares.c.member_id.in_(names),
        shares.c.label.not_in(
            sa.select(canaries.c.label).where(canaries.c.epoch == asked.epoch, canaries.c.type == asked.kind)
        ),
    )
    mine = sa.select(shares.c.label).where(*alive, shares.c.member_id == member.id)
    enough = sa.select(shares.c.label).where(*alive).group_by(shares.c.label).having(sa.func.count() >= threshold)
    query = (
        sa.select(shares)
        .where(*alive, shares.c.label.in_(mine), shares.c.label.in_(enough))
        .order_by(shares.c.label, shares.c.member_id)
    )
    for label, rows in groupby(connection.execute(query), key=lambda row: bytes(row.label)):
        yield (
            label,
            {names[row.member_id]: Row(row.share, row.nonce, row.sealed, row.evidence) for row in rows},
        )


def _evaluated(connection: sa.Connection, member: Member, upload: Upload) -> int:
    query = sa.select(budgets.c.used).where(
        budgets.c.member_id == member.id, budgets.c.epoch == upload.epoch, budgets.c.type == upload.kind
    )
    return int(connection.execute(query).scalar() or 0)


def _mine(member: Member, epoch: str, kind: str) -> "tuple[sa.ColumnElement[bool], ...]":
    return (shares.c.member_id == member.id, shares.c.epoch == epoch, shares.c.type == kind)
