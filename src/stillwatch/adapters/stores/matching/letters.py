"""The forum as a blind relay: wishes, consents and identities that members seal for each other (``match.consent``).

The forum sees who writes about which label, and routes by that; what stands in a letter it can't read, and can't make
up, since every letter carries a code under a key that follows from the tag. A wish goes to the other holders of its
label without a name; nobody but the forum can tell who holds what before both have agreed. Of a hand-over, neither half
is delivered before both are here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Literal

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.directory import MAIN_LOG
from stillwatch.adapters.stores.forum.records import Member
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching.tables import letters, shares
from stillwatch.guard.ledger.leaves import MatchingCommitted
from stillwatch.match.consent import Agreed, Letter, Wish, digest, encode
from stillwatch.match.epochs import Epoch

#: Letters of one member in one epoch: wishes are rare, and a flood of them would ask people to read.
MOST = 1_000

Fate = Literal["kept", "known", "unheld", "unasked", "flood"]


@dataclass(frozen=True, slots=True)
class Post:
    """Letters for one member, oldest first, where the next reading goes on, and who gave each half of a hand-over:
    the number of the member, none for letters that name nobody."""

    bodies: tuple[bytes, ...]
    last: int
    givers: tuple[int | None, ...]


def post(transaction: Transaction, member: Member, letter: Letter, epoch: Epoch) -> Fate:
    """Keep a letter. ``unheld``: the sender does not hold the label. ``unasked``: it answers nothing sent to it."""
    connection = transaction.connection
    if connection.execute(sa.select(letters.c.id).where(letters.c.digest == digest(letter))).first() is not None:
        return "known"
    if not _holds(connection, member.id, letter):
        return "unheld"
    mine = (letters.c.sender_id == member.id, letters.c.epoch == letter.epoch)
    if connection.execute(sa.select(sa.func.count()).select_from(letters).where(*mine)).scalar_one() >= MOST:
        return "flood"
    recipient = _recipient(connection, member, letter)
    if recipient is None and not isinstance(letter, Wish):
        return "unasked"
    _record(transaction, member, letter)
    connection.execute(
        sa.insert(letters).values(
            epoch=letter.epoch,
            type=letter.kind,
            label=letter.label,
            sender_id=member.id,
            recipient_id=recipient,
            kind=type(letter).__name__.lower(),
            digest=digest(letter),
            body=encode(letter),
            answers=_answers(letter),
            created_us=transaction.now_us,
            expires_us=int(epoch.closes.timestamp() * 1_000_000),
        )
    )
    return "kept"


def delivered(
    connection: sa.Connection, member: Member, after: int, now_us: int, active: Sequence[int], limit: int = 500
) -> Post:
    """Letters to this member by ``active`` ones: wishes about labels that it holds, and answers to its own letters.

    A half of a hand-over waits until the member's own half of it is here. So a letter may be delivered that has a lower
    number than one that was delivered before: whoever reads, reads from the beginning.
    """
    own = letters.alias()
    both = (
        sa.select(own.c.id)
        .where(own.c.kind == "given", own.c.answers == letters.c.answers, own.c.sender_id == member.id)
        .exists()
    )
    held = (
        sa.select(shares.c.label)
        .where(
            shares.c.member_id == member.id,
            shares.c.epoch == letters.c.epoch,
            shares.c.type == letters.c.type,
            shares.c.label == letters.c.label,
        )
        .exists()
    )
    to_all = sa.and_(letters.c.recipient_id.is_(None), letters.c.sender_id != member.id, held)
    query = (
        sa.select(letters.c.id, letters.c.body, letters.c.kind, letters.c.sender_id)
        .where(
            letters.c.id > after,
            letters.c.expires_us > now_us,
            letters.c.sender_id.in_(active),
            sa.or_(letters.c.recipient_id == member.id, to_all),
            sa.or_(letters.c.kind != "given", both),
        )
        .order_by(letters.c.id)
        .limit(limit)
    )
    rows = connection.execute(query).all()
    givers = tuple(row.sender_id if row.kind == "given" else None for row in rows)
    return Post(tuple(bytes(row.body) for row in rows), rows[-1].id if rows else after, givers)


def sweep(transaction: Transaction) -> None:
    """Drop what expired."""
    transaction.connection.execute(sa.delete(letters).where(letters.c.expires_us <= transaction.now_us))


def _record(transaction: Transaction, member: Member, letter: Letter) -> None:
    """The ledger says that a letter was taken, under its digest, and neither what it says nor about which label."""
    leaf = MatchingCommitted(
        time=moment(transaction.now_us),
        actor=member.ledger_id,
        epoch=letter.epoch,
        type=letter.kind,
        session=digest(letter).hex(),
        step=f"letter/{type(letter).__name__.lower()}",
        units=0,
        batch=f"sha256:{sha256(encode(letter)).hexdigest()}",
    )
    transaction.record(MAIN_LOG, leaf, member.id, f"matching/letters/{digest(letter).hex()}")


def _holds(connection: sa.Connection, member_id: int, letter: Letter) -> bool:
    query = sa.select(shares.c.label).where(
        shares.c.member_id == member_id,
        shares.c.epoch == letter.epoch,
        shares.c.type == letter.kind,
        shares.c.label == letter.label,
    )
    return connection.execute(query).first() is not None


def _answers(letter: Letter) -> bytes | None:
    """The digest of the letter that this one answers."""
    return None if isinstance(letter, Wish) else letter.wish if isinstance(letter, Agreed) else letter.agreed


def _recipient(connection: sa.Connection, member: Member, letter: Letter) -> int | None:
    """Who this is for. None for a wish, and for an answer to a letter that was neither to this member nor its own.

    A consent goes to whoever wished. A half of a hand-over goes to the other of the two that the consent is between;
    each gives one.
    """
    if isinstance(letter, Wish):
        return None
    query = sa.select(letters.c.sender_id, letters.c.recipient_id).where(
        letters.c.digest == _answers(letter),
        letters.c.kind == ("wish" if isinstance(letter, Agreed) else "agreed"),
        letters.c.epoch == letter.epoch,
        letters.c.type == letter.kind,
        letters.c.label == letter.label,
    )
    row = connection.execute(query).first()
    if row is None:
        return None
    if isinstance(letter, Agreed):
        return None if row.sender_id == member.id else int(row.sender_id)
    given = sa.select(letters.c.id).where(
        letters.c.kind == "given", letters.c.answers == letter.agreed, letters.c.sender_id == member.id
    )
    if member.id not in (row.sender_id, row.recipient_id) or connection.execute(given).first() is not None:
        return None
    return int(row.recipient_id if member.id == row.sender_id else row.sender_id)
