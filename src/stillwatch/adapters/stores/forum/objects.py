"""Add and delete objects. Every change leaves a leaf in the collection's log, in the same transaction."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from stillwatch.adapters.stores.forum.records import Arrival, Audience, Collection, Member, Outcome, Refused
from stillwatch.adapters.stores.forum.tables import named, objects
from stillwatch.adapters.stores.forum.times import moment, timestamp
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.forum.visibility import SHARED, alive, versions, visible
from stillwatch.guard.canonical import canonical
from stillwatch.guard.ledger import digest
from stillwatch.guard.ledger.leaves import Received, Retracted
from stillwatch.guard.ledger.leaves import Refused as RefusedLeaf

#: SQLite takes 32,766 parameters in a statement, PostgreSQL 65,535.
CHUNK = 5_000

#: Who acts in a leaf where the forum does.
FORUM = "forum"

#: What a leaf can name (``guard.ledger.leaves.Id``).
_NAMEABLE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,199}")


_WANTED = ("seq", "stix_id", "version_us", "scope", "owner_id", "digest")
_LOOK_UP = sa.select(*(objects.c[name] for name in _WANTED)).where(
    objects.c.collection_id == sa.bindparam("collection"), objects.c.stix_id.in_(sa.bindparam("ids", expanding=True))
)


def look_up(transaction: Transaction, collection_id: int, ids: Iterable[str]) -> None:
    """Read what the collection holds under these ids into ``transaction.known``; once for all that a group brings."""
    known = transaction.known
    missing = list({stix_id for stix_id in ids if (collection_id, stix_id) not in known})
    for stix_id in missing:
        known[collection_id, stix_id] = []
    for start in range(0, len(missing), CHUNK):
        asked = {"collection": collection_id, "ids": missing[start : start + CHUNK]}
        for row in transaction.connection.execute(_LOOK_UP, asked):
            known[collection_id, row.stix_id].append(row)


class _New:
    """A row that this transaction adds, with the names that rows of ``look_up`` have."""

    __slots__ = ("digest", "owner_id", "row", "scope", "stix_id", "version_us")

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.stix_id: str = row["stix_id"]
        self.version_us: int = row["version_us"]
        self.scope: int = row["scope"]
        self.owner_id: int = row["owner_id"]
        self.digest: bytes = row["digest"]


def add(
    transaction: Transaction, collection: Collection, member: Member, arrivals: Sequence[Arrival], owned: bool
) -> list[Outcome]:
    """Add what is not there yet. With ``owned``, only who brought an object may bring another version of it."""
    addition = _Addition(transaction, collection, member, owned)
    addition.load(arrivals)
    return addition.run(arrivals)


class _Addition:
    def __init__(self, transaction: Transaction, collection: Collection, member: Member, owned: bool) -> None:
        self._transaction = transaction
        self._collection = collection
        self._member = member
        self._owned = owned
        self._overtaken: list[int] = []  # rows that are no longer the last version
        self._undercut: list[int] = []  # rows that are no longer the first

    def load(self, arrivals: Sequence[Arrival]) -> None:
        ids = {arrival.stix_id for arrival in arrivals}
        look_up(self._transaction, self._collection.id, ids)
        self._hidden = self._hidden_from_member(ids)

    def _known(self, stix_id: str) -> list[Any]:
        return self._transaction.known[self._collection.id, stix_id]

    def _hidden_from_member(self, ids: Iterable[str]) -> set[int]:
        """Known rows that the sender may not see: nothing it is told may depend on them.

        What is for named members only is written as soon as it is added (``_name``), so these rows all have numbers.
        """
        mine = (SHARED, self._member.id)
        others = [row.seq for stix_id in ids for row in self._known(stix_id) if row.scope not in mine]
        if not others:
            return set()
        query = sa.select(named.c.seq).where(named.c.member_id == self._member.id, named.c.seq.in_(others))
        return set(others) - set(self._transaction.connection.execute(query).scalars())

    def run(self, arrivals: Sequence[Arrival]) -> list[Outcome]:
        outcomes = []
        rows: list[_New] = []
        for arrival, date_added in zip(arrivals, self._transaction.ticks(len(arrivals)), strict=True):
            outcome, row = self._one(arrival, date_added)
            outcomes.append(outcome)
            if row is not None:
                rows.append(row)
                self._prove(arrival, row)
        self._write(rows, arrivals)
        return outcomes

    def _one(self, arrival: Arrival, date_added: int) -> tuple[Outcome, _New | None]:
        scope = self._member.id if arrival.audience is Audience.NAMED else SHARED
        others = self._known(arrival.stix_id)
        seen = [other for other in others if getattr(other, "seq", None) not in self._hidden]
        if self._owned and any(other.owner_id != self._member.id for other in seen):
            # What everybody can work out (markings, techniques) comes from many, and is the same from each.
            if any(other.scope == scope and self._same(other, arrival) for other in seen):
                return Outcome(arrival.stix_id, arrival.version or timestamp(date_added), present_before=True), None
            reason = (
                "another member brought this object: only it may bring a new version; send a sighting or an opinion"
            )
            return Outcome(arrival.stix_id, arrival.version or timestamp(date_added), reason=reason), None
        for other in others:
            if other.scope != scope:
                continue
            same = (
                other.digest == arrival.digest if arrival.version_us is None else other.version_us == arrival.version_us
            )
            if same:
                return Outcome(
                    arrival.stix_id, arrival.version or timestamp(other.version_us), present_before=True
                ), None
        row = _New(self._row(arrival, date_added, scope, others))
        others.append(row)
        return Outcome(arrival.stix_id, row.row["version"]), row

    def _same(self, other: Any, arrival: Arrival) -> bool:
        """Whether a known row says what ``arrival`` says, in whatever order its keys stand."""
        if other.digest == arrival.digest:
            return True
        if arrival.version_us is not None and other.version_us != arrival.version_us:
            return False
        if isinstance(other, _New):
            body = other.row["body"]
        else:
            query = sa.select(objects.c.body).where(objects.c.seq == other.seq)
            body = self._transaction.connection.execute(query).scalar_one()
        try:
            return canonical(msgspec.json.decode(body)) == canonical(msgspec.json.decode(arrival.body))
        except ValueError:
            return False

    def _row(self, arrival: Arrival, date_added: int, scope: int, others: Sequence[Any]) -> dict[str, Any]:
        version_us = date_added if arrival.version_us is None else arrival.version_us
        for other in others:
            if other.version_us < version_us:
                self._demote(other, "is_last", self._overtaken)
            elif other.version_us > version_us:
                self._demote(other, "is_first", self._undercut)
        return {
            "collection_id": self._collection.id,
            "date_added": date_added,
            "stix_id": arrival.stix_id,
            "type": arrival.type,
            "version_us": version_us,
            "version": arrival.version or timestamp(version_us),
            "owner_id": self._member.id,
            "audience": int(arrival.audience),
            "scope": scope,
            "expires_us": arrival.expires_us,
            "is_last": all(other.version_us < version_us for other in others),
            "is_first": all(other.version_us > version_us for other in others),
            "is_alone": all(other.version_us != version_us for other in others),
            "digest": arrival.digest,
            "body": arrival.body,
        }

    @staticmethod
    def _demote(other: Any, flag: str, stored: list[int]) -> None:
        if isinstance(other, _New):
            other.row[flag] = False
        else:
            stored.append(other.seq)

    def _write(self, rows: list[_New], arrivals: Sequence[Arrival]) -> None:
        connection = self._transaction.connection
        for flag, stored in ((objects.c.is_last, self._overtaken), (objects.c.is_first, self._undercut)):
            for start in range(0, len(stored), CHUNK):
                chunk = stored[start : start + CHUNK]
                connection.execute(sa.update(objects).where(objects.c.seq.in_(chunk)).values({flag: False}))
        self._transaction.later(objects, [row.row for row in rows])
        secret = [row for row in rows if row.scope != SHARED]
        if secret:
            self._name(secret, arrivals)

    def _name(self, rows: list[_New], arrivals: Sequence[Arrival]) -> None:
        """List who may see what is for named members only, the sender among them."""
        self._transaction.flush()
        connection = self._transaction.connection
        readers = {(arrival.stix_id, arrival.digest): arrival.named for arrival in arrivals}
        entries = []
        for row in rows:
            place = sa.select(objects.c.seq).where(
                objects.c.collection_id == self._collection.id,
                objects.c.scope == row.scope,
                objects.c.date_added == row.row["date_added"],
            )
            seq = connection.execute(place).scalar_one()
            for member_id in readers[row.stix_id, row.digest] | {self._member.id}:
                entries.append(
                    {
                        "member_id": member_id,
                        "collection_id": self._collection.id,
                        "date_added": row.row["date_added"],
                        "seq": seq,
                    }
                )
        connection.execute(sa.insert(named), entries)

    def _prove(self, arrival: Arrival, row: _New) -> None:
        # Who sees the ledger could guess a body and compare its hash; what is for named members only gets a keyed one.
        key = self._transaction.secret if row.scope != SHARED else None
        leaf = Received(
            time=moment(row.row["date_added"]),
            actor=FORUM,
            item=arrival.stix_id,
            body=digest(arrival.body, key),
            collection=self._collection.uuid,
            sender=self._member.ledger_id,
        )
        self._transaction.record(self._collection.log, leaf, self._member.id, arrival.stix_id)


def refuse(transaction: Transaction, collection: Collection, member: Member, refusals: Iterable[Refused]) -> int:
    """Prove what was refused, by which clauses. The number of refusals."""
    count = 0
    for refusal in refusals:
        leaf = RefusedLeaf(
            time=moment(transaction.now_us),
            actor=FORUM,
            item=refusal.stix_id if _NAMEABLE.fullmatch(refusal.stix_id) else "unreadable",
            body=digest(refusal.body, transaction.secret),
            agreement=collection.agreement,
            clauses=refusal.clauses,
            recipient=collection.uuid,
            held=refusal.held,
        )
        transaction.record(collection.log, leaf, member.id, refusal.stix_id[:200])
        count += 1
    return count


def delete(
    transaction: Transaction,
    collection: Collection,
    member: Member,
    stix_id: str,
    keywords: tuple[str, ...],
    exact: tuple[int, ...],
) -> Literal["deleted", "absent", "other"]:
    """Delete the versions asked for. ``absent``: not there, or not to be seen; ``other``: another member's."""
    transaction.flush()
    seen = sa.select(*_REMOVED).where(
        objects.c.collection_id == collection.id,
        objects.c.stix_id == stix_id,
        alive(objects, transaction.now_us),
        visible(objects, member.viewer),
    )
    if keywords != ("all",):
        seen = seen.where(versions(member.viewer, keywords, exact))
    rows = transaction.connection.execute(seen).all()
    if not rows:
        return "absent"
    if any(row.owner_id != member.id for row in rows):
        return "other"
    _remove(transaction, rows, {collection.id: collection.log}, member.ledger_id)
    return "deleted"


def expire(transaction: Transaction, log_of: Mapping[int, str], most: int = CHUNK) -> int:
    """Delete what has expired, and older versions of it by the same member: a retraction that expires must not bring
    back what it retracted, and nobody may delete what another brought, by an expiry as little as by a request. The
    number of rows deleted; the caller goes on until it is 0."""
    transaction.flush()
    due = sa.select(*_REMOVED).where(objects.c.expires_us <= transaction.now_us).order_by(objects.c.expires_us)
    rows = transaction.connection.execute(due.limit(most)).all()
    older = objects.alias("older")
    behind = (
        sa.select(*(older.c[column.name] for column in _REMOVED))
        .join(
            objects,
            sa.and_(
                objects.c.collection_id == older.c.collection_id,
                objects.c.stix_id == older.c.stix_id,
                objects.c.scope == older.c.scope,
                objects.c.owner_id == older.c.owner_id,
                objects.c.version_us > older.c.version_us,
            ),
        )
        .where(objects.c.seq.in_([row.seq for row in rows]))
    )
    every = {row.seq: row for row in [*rows, *(transaction.connection.execute(behind).all() if rows else ())]}
    _remove(transaction, list(every.values()), log_of, FORUM)
    return len(every)


_REMOVED = (
    objects.c.seq,
    objects.c.collection_id,
    objects.c.stix_id,
    objects.c.owner_id,
    objects.c.scope,
    objects.c.digest,
    objects.c.body,
)


def _remove(transaction: Transaction, rows: Sequence[Any], log_of: Mapping[int, str], actor: str) -> None:
    numbers = [row.seq for row in rows]
    for start in range(0, len(numbers), CHUNK):
        chunk = numbers[start : start + CHUNK]
        transaction.connection.execute(sa.delete(named).where(named.c.seq.in_(chunk)))
        transaction.connection.execute(sa.delete(objects).where(objects.c.seq.in_(chunk)))
    for row in rows:
        key = transaction.secret if row.scope != SHARED else None
        leaf = Retracted(time=moment(transaction.now_us), actor=actor, item=row.stix_id, replaces=digest(row.body, key))
        transaction.record(log_of[row.collection_id], leaf, row.owner_id, row.stix_id)
