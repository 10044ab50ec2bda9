"""Status resources as they were answered, for who asked (TAXII 2.1 section 4.3)."""

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.tables import statuses
from stillwatch.adapters.stores.forum.transaction import Transaction


def keep(transaction: Transaction, status_id: str, member_id: int, body: bytes) -> None:
    """Keep the answer, in the transaction that it speaks of."""
    row = {"id": status_id, "member_id": member_id, "created_us": transaction.now_us, "body": body}
    transaction.later(statuses, [row])


def read(connection: sa.Connection, status_id: str, member_id: int) -> bytes | None:
    """The answer; None where there is none or it is another member's."""
    query = sa.select(statuses.c.body).where(statuses.c.id == status_id, statuses.c.member_id == member_id)
    found = connection.execute(query).scalar()
    return None if found is None else bytes(found)
