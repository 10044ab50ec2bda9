"""What a member received, in one SQLite file of its own: objects, where reading goes on, what was turned away.

A page of the forum and the place after it are kept in one transaction, so a crash neither skips an object nor counts
one twice. What ends (expiry, a newer version, a retraction) is deleted for good: ``secure_delete`` overwrites the freed
pages. The row stays without its body, so that an old version sent again is known for what it is.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from stillwatch.adapters.stores.own_sqlite import OwnSqlite
from stillwatch.errors import OutputError, StateError
from stillwatch.share.life.admit import Admitted, Known, Rejected

_VERSION = 1
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SCHEMA = """
CREATE TABLE object (
    id TEXT PRIMARY KEY, type TEXT NOT NULL, version_us INTEGER NOT NULL, digest BLOB NOT NULL,
    collection TEXT NOT NULL, member TEXT NOT NULL, identity TEXT NOT NULL, keyid TEXT NOT NULL,
    first_received_us INTEGER NOT NULL, received_us INTEGER NOT NULL, expires_us INTEGER NOT NULL,
    retracted INTEGER NOT NULL, body BLOB
) STRICT;
CREATE INDEX object_expires ON object (expires_us) WHERE body IS NOT NULL;
CREATE TABLE turned_away (
    digest BLOB NOT NULL, collection TEXT NOT NULL, id TEXT NOT NULL, type TEXT NOT NULL, sender TEXT NOT NULL,
    reason TEXT NOT NULL, received_us INTEGER NOT NULL, PRIMARY KEY (digest, collection)
) STRICT;
CREATE TABLE place (collection TEXT PRIMARY KEY, added_after TEXT NOT NULL, believing TEXT NOT NULL) STRICT;
"""


@dataclass(frozen=True)
class Kept:
    """An object that we hold, with where it came from."""

    id: str
    type: str
    collection: str
    member: str
    keyid: str
    version: datetime
    received_at: datetime
    expires_at: datetime
    retracted: bool
    body: bytes


@dataclass(frozen=True)
class TurnedAway:
    """What was not kept and why. Its content is kept nowhere: it may hold what must not lie here."""

    id: str
    type: str
    sender: str
    collection: str
    reason: str
    received_at: datetime
    digest: bytes


class ReceivedStore(OwnSqlite):
    """Use as a context manager. One process at a time writes; another waits up to 30 seconds."""

    what = "a store of received objects"

    def __init__(self, path: Path) -> None:
        """Makes the folder too. Raises ``OutputError``, or ``StateError`` for a file of another version as well."""
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OutputError(f"{path} can't be written: {error}") from error
        super().__init__(path)

    def place(self, collection: str, believing: str) -> str | None:
        """``added_after`` of the next reading. ``believing`` names the set of keys that we know: when it changed, what
        was turned away before may prove itself now, so reading begins anew."""
        row = self._db.execute(
            "SELECT added_after FROM place WHERE collection = ? AND believing = ?", (collection, believing)
        ).fetchone()
        return None if row is None else str(row[0])

    def known(self, ids: Sequence[str]) -> dict[str, Known]:
        """What we took before under these ids."""
        found = {}
        for id_ in set(ids):
            row = self._db.execute(
                "SELECT version_us, digest, identity, retracted FROM object WHERE id = ?", (id_,)
            ).fetchone()
            if row is not None:
                found[id_] = Known(_moment(row[0]), row[1], row[2], bool(row[3]))
        return found

    def take(
        self,
        collection: str,
        believing: str,
        admitted: Sequence[Admitted],
        rejected: Iterable[Rejected],
        added_after: str | None,
        now: datetime,
    ) -> None:
        """Keep one page and the place after it, all or nothing."""
        with self._transaction():
            self._db.executemany(_KEEP, [_row(one, collection, now) for one in admitted])
            self._db.executemany(
                "DELETE FROM turned_away WHERE digest = ? AND collection = ?",
                [(one.digest, collection) for one in admitted],
            )
            self._db.executemany(
                "INSERT OR IGNORE INTO turned_away VALUES (?, ?, ?, ?, ?, ?, ?)",
                [(one.digest, collection, one.id, one.type, one.sender, one.reason, _us(now)) for one in rejected],
            )
            if added_after is not None:
                self._db.execute("INSERT OR REPLACE INTO place VALUES (?, ?, ?)", (collection, added_after, believing))

    def expire(self, now: datetime) -> int:
        """Delete the content of what has expired. How many objects that were."""
        with self._transaction():
            done = self._db.execute(
                "UPDATE object SET body = NULL WHERE body IS NOT NULL AND expires_us <= ?", (_us(now),)
            )
        return done.rowcount

    def held(self) -> Iterator[Kept]:
        """Every object whose content we hold, in order of arrival."""
        query = (
            "SELECT id, type, collection, member, keyid, version_us, first_received_us, expires_us, retracted, body "
            "FROM object WHERE body IS NOT NULL ORDER BY first_received_us, id"
        )
        for row in self._db.execute(query):
            times = [_moment(us) for us in row[5:8]]
            yield Kept(row[0], row[1], row[2], row[3], row[4], times[0], times[1], times[2], bool(row[8]), row[9])

    def turned_away(self) -> Iterator[TurnedAway]:
        query = (
            "SELECT id, type, sender, collection, reason, received_us, digest FROM turned_away ORDER BY received_us, id"
        )
        for row in self._db.execute(query):
            yield TurnedAway(row[0], row[1], row[2], row[3], row[4], _moment(row[5]), row[6])

    def _prepare(self, path: Path) -> None:
        self._db.execute("PRAGMA journal_mode = DELETE")  # a WAL would keep deleted bodies beside the file
        self._db.execute("PRAGMA synchronous = FULL")
        self._db.execute("PRAGMA secure_delete = ON")
        with self._transaction():
            version = self._db.execute("PRAGMA user_version").fetchone()[0]
            if version == _VERSION:
                return
            if version != 0:
                raise StateError(f"{path} was written by another version of Stillwatch ({version})")
            for statement in filter(str.strip, _SCHEMA.split(";")):
                self._db.execute(statement)
            self._db.execute(f"PRAGMA user_version = {_VERSION}")


#: ``first_received_us`` stays through corrections: it says since when a member could have known.
_KEEP = """
INSERT INTO object VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (id) DO UPDATE SET
    version_us = excluded.version_us, digest = excluded.digest, collection = excluded.collection,
    member = excluded.member, keyid = excluded.keyid, received_us = excluded.received_us,
    expires_us = excluded.expires_us, retracted = excluded.retracted, body = excluded.body
"""


def _row(one: Admitted, collection: str, now: datetime) -> tuple[object, ...]:
    received = _us(now)
    origin = (collection, one.member, one.identity, one.keyid)
    times = (received, received, _us(one.expires_at))
    return (one.id, one.type, _us(one.version), one.digest, *origin, *times, int(one.retracted), one.body)


def _us(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(microseconds=1)


def _moment(us: int) -> datetime:
    return _EPOCH + timedelta(microseconds=us)
