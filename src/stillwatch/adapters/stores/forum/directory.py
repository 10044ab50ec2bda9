"""Members, credentials, collections and grants: who is who, and what each may do where.

A credential is 256 random bits, so its plain SHA-256 at rest can't be searched, and a call costs one hash. Every change
adds one to ``forum.generation``; a running server looks at that number and reads the directory again when it moved.
"""

import hashlib
import re
import secrets
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.records import OVERSEERS, Collection, Member
from stillwatch.adapters.stores.forum.tables import collections, credentials, forum, grants, logs, members
from stillwatch.errors import UsageError

Role = Literal["member", "analyst", "counsel", "operator", "auditor"]
ROLES: tuple[Role, ...] = get_args(Role)

#: (read, write) in a collection that is open to every member. Who runs or audits the forum does not read it.
STANDING: dict[str, tuple[bool, bool]] = {
    "member": (True, True),
    "analyst": (True, True),
    "counsel": (True, False),
    "operator": (False, False),
    "auditor": (False, False),
}

CREDENTIAL_BYTES = 32
MAIN_LOG = "forum"
GOVERNMENT_LOG = "government"


@dataclass(frozen=True)
class Directory:
    """Everything about access at one generation. A value: a server swaps it whole."""

    generation: int
    title: str
    max_content_length: int
    government: bool
    secret: bytes
    members: Mapping[int, Member]
    by_credential: Mapping[bytes, int]
    collections: Mapping[str, Collection]  # by id and by alias
    grants: Mapping[tuple[int, int], tuple[bool, bool]]

    def member(self, credential: str) -> Member | None:
        """Who holds this credential; None for a wrong, revoked or suspended one."""
        found = self.by_credential.get(digest(credential))
        return None if found is None else self.members[found]

    def named(self, name: str) -> Member | None:
        return next((member for member in self.members.values() if member.name == name), None)

    def standing(self, member: Member, collection: Collection) -> tuple[bool, bool]:
        """(may read, may write): the grant if there is one, else what the role has in an open collection.

        Who oversees the forum never writes, whatever was granted: the answer to a posting would tell whether an object
        is there already that overseers may not see (AMBER+STRICT).
        """
        granted = self.grants.get((collection.id, member.id))
        if granted is not None:
            return granted[0], granted[1] and member.role not in OVERSEERS
        return STANDING[member.role] if collection.everyone else (False, False)

    def shown_to(self, member: Member) -> list[Collection]:
        """The collections that this member may read or write, in a fixed order."""
        every = {collection.id: collection for collection in self.collections.values()}
        return [every[number] for number in sorted(every) if any(self.standing(member, every[number]))]


def member_of(row: Any) -> Member:
    return Member(row.id, row.name, row.role, row.status, row.witness_key)


def digest(credential: str) -> bytes:
    return hashlib.sha256(credential.encode()).digest()


def generation(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(forum.c.generation)).scalar_one())


def load(connection: sa.Connection) -> Directory:
    """Read the whole directory."""
    row = connection.execute(sa.select(forum)).one()
    everyone = {found.id: member_of(found) for found in connection.execute(sa.select(members))}
    live = sa.select(credentials.c.digest, credentials.c.member_id).where(credentials.c.revoked_us.is_(None))
    places: dict[str, Collection] = {}
    for found in connection.execute(sa.select(collections).order_by(collections.c.id)):
        place = _collection(found)
        places[place.uuid] = places[place.alias] = place
    return Directory(
        generation=row.generation,
        title=row.title,
        max_content_length=row.max_content_length,
        government=row.government,
        secret=row.secret,
        members=everyone,
        by_credential={
            found.digest: found.member_id
            for found in connection.execute(live)
            if everyone[found.member_id].status == "active"
        },
        collections=places,
        grants={
            (found.collection_id, found.member_id): (found.can_read, found.can_write)
            for found in connection.execute(sa.select(grants))
        },
    )


def add_member(connection: sa.Connection, name: str, role: str, now_us: int) -> tuple[int, str]:
    """A new member and its credential, which is shown once and kept nowhere."""
    _check_name(name)
    if role not in ROLES:
        raise UsageError(f"--role {role}: it is one of {', '.join(ROLES)}")
    if connection.execute(sa.select(members.c.id).where(members.c.name == name)).first():
        raise UsageError(f"{name} is a member already; `member rotate` gives it a new credential")
    row = {"name": name, "role": role, "status": "active", "created_us": now_us}
    connection.execute(sa.insert(members).values(row))
    number = _number(connection, name)
    return number, _issue(connection, number, now_us)


def suspend(connection: sa.Connection, name: str, status: Literal["active", "suspended"]) -> int:
    """Suspend or restore a member. Its objects stay."""
    number = _number(connection, name)
    connection.execute(sa.update(members).where(members.c.id == number).values(status=status))
    _moved(connection)
    return number


def rotate(connection: sa.Connection, name: str, now_us: int) -> str:
    """Revoke every credential of a member and give a new one."""
    number = _number(connection, name)
    live = sa.and_(credentials.c.member_id == number, credentials.c.revoked_us.is_(None))
    connection.execute(sa.update(credentials).where(live).values(revoked_us=now_us))
    return _issue(connection, number, now_us)


def set_witness_key(connection: sa.Connection, name: str, key: str | None) -> None:
    """The key with which a member cosigns checkpoints."""
    connection.execute(sa.update(members).where(members.c.id == _number(connection, name)).values(witness_key=key))
    _moved(connection)


def add_collection(connection: sa.Connection, values: Mapping[str, Any], now_us: int) -> Collection:
    """A new collection. ``values``: title, description, agreement, agreement_text, everyone, log."""
    alias = _alias(connection, str(values["title"]))
    row = {"uuid": str(uuid.uuid4()), "alias": alias, "created_us": now_us, **values}
    connection.execute(sa.insert(collections).values(row))
    _moved(connection)
    return _collection(connection.execute(sa.select(collections).where(collections.c.alias == alias)).one())


def place_of(connection: sa.Connection, name: str) -> Collection:
    """The collection of that id or alias. Raises ``UsageError``."""
    query = sa.select(collections).where(sa.or_(collections.c.uuid == name, collections.c.alias == name))
    row = connection.execute(query).first()
    if row is None:
        raise UsageError(f"there is no collection {name}")
    return _collection(row)


def put_agreement(connection: sa.Connection, collection_id: int, text: str) -> None:
    """Replace the text of a collection's agreement. Whether that may be is for the caller to say."""
    connection.execute(sa.update(collections).where(collections.c.id == collection_id).values(agreement_text=text))
    _moved(connection)


def grant(connection: sa.Connection, place: str, name: str, can_read: bool, can_write: bool) -> None:
    """Say what one member may do in one collection, whatever its role has."""
    key = {"collection_id": place_of(connection, place).id, "member_id": _number(connection, name)}
    connection.execute(sa.delete(grants).where(*(grants.c[part] == value for part, value in key.items())))
    connection.execute(sa.insert(grants).values(**key, can_read=can_read, can_write=can_write))
    _moved(connection)


def log_exists(connection: sa.Connection, name: str) -> bool:
    return connection.execute(sa.select(logs.c.name).where(logs.c.name == name)).first() is not None


def _collection(row: Any) -> Collection:
    fields = ("id", "uuid", "alias", "title", "description", "agreement", "agreement_text", "everyone", "log")
    return Collection(*(getattr(row, field) for field in fields))


def _number(connection: sa.Connection, name: str) -> int:
    number = connection.execute(sa.select(members.c.id).where(members.c.name == name)).scalar()
    if number is None:
        raise UsageError(f"there is no member {name}")
    return int(number)


def _issue(connection: sa.Connection, number: int, now_us: int) -> str:
    credential = "sw_" + secrets.token_urlsafe(CREDENTIAL_BYTES)
    row = {"digest": digest(credential), "member_id": number, "created_us": now_us}
    connection.execute(sa.insert(credentials).values(row))
    _moved(connection)
    return credential


def _moved(connection: sa.Connection) -> None:
    connection.execute(sa.update(forum).values(generation=forum.c.generation + 1))


def _check_name(name: str) -> None:
    if name != name.strip() or not 0 < len(name) <= 200 or not name.isprintable() or "," in name:
        raise UsageError("a member's name is 1 to 200 printable characters, without commas or spaces around it")


def _alias(connection: sa.Connection, title: str) -> str:
    """A readable name in URLs, unique in this forum: the title in small ASCII letters, numbered where it is taken."""
    if not title.strip() or len(title) > 200 or not title.isprintable():
        raise UsageError("a collection's title is 1 to 200 printable characters")
    base = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-") or "collection"
    taken = set(connection.execute(sa.select(collections.c.alias)).scalars())
    return next(alias for alias in _numbered(base) if alias not in taken)


def _numbered(base: str) -> Iterator[str]:
    yield base
    number = 2
    while True:
        yield f"{base}-{number}"
        number += 1
