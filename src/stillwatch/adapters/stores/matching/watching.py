"""Who asks as if it were searching: canaries that nobody honest asks about, and much asked with little in common."""

from collections.abc import Iterable

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.directory import MAIN_LOG
from stillwatch.adapters.stores.forum.records import Member
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching import steps
from stillwatch.adapters.stores.matching.tables import budgets, canaries, shares
from stillwatch.guard.ledger.leaves import MatchingAlarmed
from stillwatch.match.alarm import Asked


def set_canaries(connection: sa.Connection, epoch: str, kind: str, labels: Iterable[bytes]) -> int:
    """Keep the labels that an auditor gave; how many there are now."""
    known = _canaries(connection, epoch, kind)
    rows = [{"epoch": epoch, "type": kind, "label": label} for label in sorted(set(labels) - known)]
    if rows:
        connection.execute(sa.insert(canaries), rows)
    return len(known) + len(rows)


def places(connection: sa.Connection) -> list[tuple[str, str]]:
    """The epochs and types in which anybody asked."""
    query = sa.select(budgets.c.epoch, budgets.c.type).distinct().order_by(budgets.c.epoch, budgets.c.type)
    return [(row.epoch, row.type) for row in connection.execute(query)]


def asked(connection: sa.Connection, epoch: str, kind: str, threshold: int, names: dict[int, str]) -> dict[str, Asked]:
    """What each member asked, and how many of its labels reached the threshold."""
    here = (shares.c.epoch == epoch, shares.c.type == kind)
    enough = sa.select(shares.c.label).where(*here).group_by(shares.c.label).having(sa.func.count() >= threshold)
    counted = (
        sa.select(shares.c.member_id, sa.func.count().label("found"))
        .where(*here, shares.c.label.in_(enough))
        .group_by(shares.c.member_id)
    )
    found = {row.member_id: row.found for row in connection.execute(counted)}
    spent = sa.select(budgets.c.member_id, budgets.c.used).where(budgets.c.epoch == epoch, budgets.c.type == kind)
    return {
        names[row.member_id]: Asked(
            row.used, steps.allowance(connection, row.member_id, kind), int(found.get(row.member_id, 0))
        )
        for row in connection.execute(spent)
    }


def hits(connection: sa.Connection, epoch: str, kind: str, names: dict[int, str]) -> dict[str, list[bytes]]:
    """Labels of canaries that each member uploaded."""
    query = sa.select(shares.c.member_id, shares.c.label).where(
        shares.c.epoch == epoch,
        shares.c.type == kind,
        shares.c.label.in_(sa.select(canaries.c.label).where(canaries.c.epoch == epoch, canaries.c.type == kind)),
    )
    found: dict[str, list[bytes]] = {}
    for row in connection.execute(query):
        found.setdefault(names[row.member_id], []).append(bytes(row.label))
    return found


def alarm(transaction: Transaction, member: Member, epoch: str, kind: str, rule: str) -> None:
    """Write an alarm into the ledger."""
    leaf = MatchingAlarmed(
        time=moment(transaction.now_us), actor="forum", member=member.ledger_id, epoch=epoch, type=kind, rule=rule
    )
    # Not under the member's own number: whoever is suspected need not hear of it from its record first.
    transaction.record(MAIN_LOG, leaf, None, ledger_name(member, epoch, kind, rule))


def ledger_name(member: Member, epoch: str, kind: str, rule: str) -> str:
    """Under which name an alarm stands in the ledger."""
    return f"matching/{epoch}/{kind}/alarm/{rule}/{member.id}"


def _canaries(connection: sa.Connection, epoch: str, kind: str) -> set[bytes]:
    query = sa.select(canaries.c.label).where(canaries.c.epoch == epoch, canaries.c.type == kind)
    return {bytes(label) for label in connection.execute(query).scalars()}
