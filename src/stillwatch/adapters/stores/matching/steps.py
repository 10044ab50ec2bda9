"""Charge a step of a session to its member's budget and commit to it in the ledger, once, before it is answered.

A step is what a member sends in one request. It is begun in one transaction, which charges the budget and writes the
commitment, then answered outside, and the answer is kept. Whoever is killed between the two finds the step begun: the
same request is answered without a second charge, and no answer ever leaves without its commitment, since an answer is
computed only after the first transaction is on disk. Another request under the same name is refused: a member could
otherwise have two batches for the price of one.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Any

import sqlalchemy as sa

from stillwatch.adapters.stores.forum import ledger
from stillwatch.adapters.stores.forum.directory import MAIN_LOG
from stillwatch.adapters.stores.forum.records import Member
from stillwatch.adapters.stores.forum.tables import logs
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching.tables import allowances, budgets, steps
from stillwatch.errors import IntegrityError
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match.budget import ALLOWANCES, Declined, charge
from stillwatch.match.wire import Receipt


@dataclass(frozen=True, slots=True)
class Step:
    """One request of a member. ``batch`` is the digest that stands for all of it; ``units`` is what it costs."""

    session: bytes
    name: str
    epoch: str
    type: str
    units: int
    batch: bytes

    @property
    def ledger_name(self) -> str:
        """How its leaf can be looked up: ``/forum/ledger/forum/inclusion/?object=…``."""
        return f"matching/{self.session.hex()}/{self.name}"


class Standing(Enum):
    """What became of a step that was begun."""

    CHARGED = "charged"  #: it is new; budget and ledger know of it now
    BEGUN = "begun"  #: it was charged before and never answered
    ANOTHER = "another"  #: the session has another request under this name
    EXHAUSTED = "exhausted"  #: it would pass the budget; nothing was charged


@dataclass(frozen=True, slots=True)
class Begun:
    """How a step stands. ``answer`` is what it was answered before; ``why`` says how to be let in."""

    standing: Standing
    answer: bytes | None = None
    why: str = ""


def known(connection: sa.Connection, member: Member, step: Step) -> Begun | None:
    """How a step stands that was begun before; None for a new one."""
    row = connection.execute(sa.select(steps.c.batch, steps.c.answer).where(*_place(member, step))).first()
    if row is None:
        return None
    if row.batch != step.batch:
        return Begun(Standing.ANOTHER)
    return Begun(Standing.BEGUN, row.answer)


def begin(transaction: Transaction, member: Member, step: Step) -> Begun:
    """Charge and commit to a new step; a step of no units is committed to and costs nothing."""
    connection = transaction.connection
    declined = _charge(connection, member, step) if step.units else None
    if declined is not None:
        return Begun(Standing.EXHAUSTED, why=declined.reason)
    connection.execute(
        sa.insert(steps).values(
            member_id=member.id,
            session=step.session,
            step=step.name,
            batch=step.batch,
            epoch=step.epoch,
            type=step.type,
            units=step.units,
            created_us=transaction.now_us,
        )
    )
    leaf = MatchingCommitted(
        time=moment(transaction.now_us),
        actor=member.ledger_id,
        epoch=step.epoch,
        type=step.type,
        session=step.session.hex(),
        step=step.name,
        units=step.units,
        batch=f"sha256:{step.batch.hex()}",
    )
    transaction.record(MAIN_LOG, leaf, member.id, step.ledger_name)
    return Begun(Standing.CHARGED)


def committed(connection: sa.Connection, member: Member, step: Step) -> Receipt:
    """Where the ledger holds the commitment to a step that was begun. Raises ``IntegrityError`` where it does not."""
    origin = connection.execute(sa.select(logs.c.origin).where(logs.c.name == MAIN_LOG)).scalar_one()
    batch = f"sha256:{step.batch.hex()}".encode()
    for number, leaf, member_id in ledger.leaves_about(connection, MAIN_LOG, step.ledger_name):
        if member_id == member.id and batch in leaf:
            return Receipt(origin, number, step.batch)
    raise IntegrityError(f"the ledger holds no commitment to {step.ledger_name}: nothing is answered")


def answered(transaction: Transaction, member: Member, step: Step, answer: bytes) -> bytes:
    """Keep the answer, and hand back the one that was kept first: two replays at once get the same."""
    connection = transaction.connection
    empty = sa.and_(*_place(member, step), steps.c.answer.is_(None))
    connection.execute(sa.update(steps).where(empty).values(answer=answer))
    return bytes(connection.execute(sa.select(steps.c.answer).where(*_place(member, step))).scalar_one())


def paid(connection: sa.Connection, member: Member, step: Step) -> int:
    """Units that a member paid in the session, epoch and type of a step."""
    query = sa.select(sa.func.coalesce(sa.func.sum(steps.c.units), 0)).where(
        steps.c.member_id == member.id,
        steps.c.session == step.session,
        steps.c.epoch == step.epoch,
        steps.c.type == step.type,
    )
    return int(connection.execute(query).scalar_one())


def allowance(connection: sa.Connection, member_id: int, type_: str) -> int:
    """What one member may ask of a type in an epoch: its own allowance, or everybody's."""
    query = sa.select(allowances.c.amount).where(allowances.c.member_id == member_id, allowances.c.type == type_)
    found = connection.execute(query).scalar()
    return ALLOWANCES.get(type_, 0) if found is None else int(found)


def allow(connection: sa.Connection, member_id: int, type_: str, amount: int) -> None:
    """Give one member an allowance of its own."""
    place = (allowances.c.member_id == member_id, allowances.c.type == type_)
    connection.execute(sa.delete(allowances).where(*place))
    connection.execute(sa.insert(allowances).values(member_id=member_id, type=type_, amount=amount))


def used(connection: sa.Connection, member_id: int | None = None) -> list[dict[str, Any]]:
    """What was charged, by member, epoch and type."""
    query = sa.select(budgets).order_by(budgets.c.epoch, budgets.c.type, budgets.c.member_id)
    rows = [dict(row) for row in connection.execute(query).mappings()]
    if member_id is None:
        return rows
    return [
        {name: value for name, value in row.items() if name != "member_id"}
        for row in rows
        if row["member_id"] == member_id
    ]


def forget(transaction: Transaction, kept_us: int) -> None:
    """Drop answers that were kept long enough for whoever was killed. What they cost stays charged."""
    old = steps.c.created_us < transaction.now_us - kept_us
    transaction.connection.execute(sa.delete(steps).where(old))


def _charge(connection: sa.Connection, member: Member, step: Step) -> Declined | None:
    """Charge a step; None if that went well, and if not, nothing was charged. The write lock is held."""
    place = (budgets.c.member_id == member.id, budgets.c.epoch == step.epoch, budgets.c.type == step.type)
    before = connection.execute(sa.select(budgets.c.used).where(*place)).scalar()
    found = charge(before or 0, step.units, allowance(connection, member.id, step.type))
    if isinstance(found, Declined):
        return found
    if before is None:
        row = {"member_id": member.id, "epoch": step.epoch, "type": step.type, "used": found.spent}
        connection.execute(sa.insert(budgets).values(row))
    else:
        connection.execute(sa.update(budgets).where(*place).values(used=found.spent))
    return None


def _place(member: Member, step: Step) -> "tuple[sa.ColumnElement[bool], ...]":
    return (steps.c.member_id == member.id, steps.c.session == step.session, steps.c.step == step.name)
