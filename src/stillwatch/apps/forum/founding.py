"""Found a forum and run it from the command line: tables, log keys, the first collections, members.

Each function is one command. They work beside a running server, which notices the change within a moment.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from stillwatch.adapters.stores.forum import database, directory, ledger
from stillwatch.adapters.stores.forum.explaining import explain
from stillwatch.adapters.stores.forum.records import Collection
from stillwatch.adapters.stores.forum.signing import KeyFile, beside, settle
from stillwatch.adapters.stores.forum.tables import collections, forum, logs, members
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.apps.forum.agreements import read_agreement, usable
from stillwatch.apps.forum.beside import explained
from stillwatch.apps.forum.service import now_us
from stillwatch.apps.forum.taxii import API_ROOT
from stillwatch.errors import UsageError
from stillwatch.guard.ledger import LOG_KEY, Signer, VerifierKey
from stillwatch.guard.ledger import digest as ledger_digest
from stillwatch.guard.ledger.leaves import MembershipChanged

#: Ten megabytes: a large bundle, and little enough to hold for each of many clients at once.
MAX_CONTENT_LENGTH = 10 * 1024 * 1024

#: (title, description, agreement) of the collections that a new forum has, both open to every member.
FIRST = (
    (
        "Threat signatures",
        "What members saw of adversarial distillation, under the forum's agreement.",
        "threat-signatures",
    ),
    ("Open STIX", "Any valid STIX 2.1: general threat intelligence.", "open-stix"),
)

Result = TypeVar("Result")


def found(
    url: str, title: str, max_content_length: int = MAX_CONTENT_LENGTH, ledger_key: Path | None = None
) -> dict[str, Any]:
    """Make the tables (or bring them up to date) and, in a new database, the forum and its first collections."""
    engine = database.connect(url, create=True)
    signing = KeyFile(ledger_key or beside(engine.url))
    try:
        database.migrate(engine)
        with engine.begin() as connection:
            if connection.execute(sa.select(forum.c.id)).first() is None:
                begin(connection, title, max_content_length, signing=signing)
                for name, description, agreement in FIRST:
                    _add_collection(connection, name, description, agreement, everyone=True)
        with database.reading(engine) as connection:
            return {**_described(connection), "ledger_key": str(signing.path)}
    finally:
        engine.dispose()


def begin(
    connection: sa.Connection,
    title: str,
    max_content_length: int,
    holder: str = directory.MAIN_LOG,
    signing: KeyFile | None = None,
) -> None:
    """Who this is, and its main log, which is signed for under the name of ``holder`` with a new key in ``signing``."""
    now = now_us()
    connection.execute(
        sa.insert(forum).values(
            id=1,
            title=title,
            created_us=now,
            max_content_length=max_content_length,
            government=False,
            secret=secrets.token_bytes(32),
            clock_us=now,
            generation=0,
        )
    )
    add_log(connection, directory.MAIN_LOG, holder, signing)


def add_log(connection: sa.Connection, name: str, holder: str, signing: KeyFile | None = None) -> None:
    """A log with a key of its own. Its origin is random: two forums never sign for the same one.

    The private half is on disk in ``signing`` (default: beside the database) before the log is; a transaction that
    then fails leaves a key that signs nothing.
    """
    signer = Signer.of(f"stillwatch/{holder}/{secrets.token_hex(8)}", LOG_KEY, secrets.token_bytes(32))
    (signing or KeyFile(beside(connection.engine.url))).keep(signer)
    row = {"name": name, "origin": signer.key.name, "key": str(signer.key), "signing_key": "", "size": 0}
    connection.execute(sa.insert(logs).values(row))


def _described(connection: sa.Connection) -> dict[str, Any]:
    places = connection.execute(sa.select(collections).order_by(collections.c.id)).all()
    return {
        "title": connection.execute(sa.select(forum.c.title)).scalar_one(),
        "discovery": "/taxii2/",
        "api_root": API_ROOT,
        "collections": [_shown(place) for place in places],
        "logs": {name: str(key) for name, key in ledger.keys(connection).items()},
    }


def _shown(place: Any) -> dict[str, Any]:
    return {"id": place.uuid, "title": place.title, "alias": place.alias, "agreement": place.agreement}


def add_member(url: str, name: str, role: str) -> str:
    """A new member. Its credential, which is shown once."""

    def work(transaction: Transaction) -> str:
        number, credential = directory.add_member(transaction.connection, name, role, transaction.now_us)
        _record(transaction, number, "admitted", role)
        return credential

    return changed(url, work)


def rotate_member(url: str, name: str) -> str:
    """Revoke a member's credentials; its new one, shown once."""

    def work(transaction: Transaction) -> str:
        credential = directory.rotate(transaction.connection, name, transaction.now_us)
        _record(transaction, _number(transaction, name), "credential")
        return credential

    return changed(url, work)


def suspend_member(url: str, name: str, *, restore: bool = False) -> None:
    """Keep a member out (or let it in again). Its objects stay."""

    def work(transaction: Transaction) -> None:
        number = directory.suspend(transaction.connection, name, "active" if restore else "suspended")
        _record(transaction, number, "restored" if restore else "suspended")

    changed(url, work)


def set_witness(url: str, name: str, key: str) -> None:
    """The public witness key with which a member cosigns the ledger."""
    parsed = VerifierKey.parse(key)

    def work(transaction: Transaction) -> None:
        directory.set_witness_key(transaction.connection, name, str(parsed))
        _record(transaction, _number(transaction, name), "key", key=ledger_digest(str(parsed).encode()))

    changed(url, work)


def add_collection(url: str, title: str, agreement: str, description: str, *, private: bool) -> dict[str, Any]:
    """A new sharing group."""

    def work(transaction: Transaction) -> dict[str, Any]:
        connection = transaction.connection
        place = _add_collection(connection, title, description, agreement, everyone=not private)
        return {"api_root": API_ROOT, **_shown(place)}

    return changed(url, work)


def _add_collection(
    connection: sa.Connection, title: str, description: str, agreement: str, *, everyone: bool
) -> Collection:
    text, read = read_agreement(agreement)
    government = read.recipients == "government"
    if government and not connection.execute(sa.select(forum.c.government)).scalar_one():
        raise UsageError("the government route is off: `stillwatch forum government on` opens it, with two approvals")
    values = {
        "title": title,
        "description": description,
        "agreement": read.name,
        "agreement_text": text,
        # Nobody is let in by a role where a government reads: each member is, by a grant.
        "everyone": everyone and not government,
        "log": directory.GOVERNMENT_LOG if government else directory.MAIN_LOG,
    }
    return directory.add_collection(connection, values, now_us())


def restore_agreement(url: str, place: str, agreement: str) -> None:
    """Put back an agreement's text that is damaged in the database. A text that can be used is never replaced.

    Raises ``UsageError`` where it is not damaged, or where the text is that of another agreement.
    """
    text, read = read_agreement(agreement)

    def work(transaction: Transaction) -> None:
        row = directory.place_of(transaction.connection, place)
        if usable(row.agreement_text):
            raise UsageError(f"the agreement of {place} is not damaged: a collection keeps the text that was signed")
        if read.name != row.agreement:
            raise UsageError(f"{place} is bound to the agreement {row.agreement}, and this is {read.name}")
        directory.put_agreement(transaction.connection, row.id, text)

    changed(url, work)


def grant(url: str, place: str, name: str, *, can_read: bool, can_write: bool) -> None:
    """What one member may do in one collection."""
    changed(url, lambda transaction: directory.grant(transaction.connection, place, name, can_read, can_write))


def open_government_route(url: str, approved_by: tuple[str, str], ledger_key: Path | None = None) -> None:
    """Allow collections under the ``government`` agreement, proved in a log of their own. Two people put their names.

    Raises ``UsageError`` unless the names differ.
    """
    if len({name.strip().casefold() for name in approved_by if name.strip()}) < 2:
        raise UsageError("the government route needs two different people: --approved-by A --approved-by B")

    def work(transaction: Transaction) -> None:
        connection = transaction.connection
        connection.execute(sa.update(forum).values(government=True, generation=forum.c.generation + 1))
        if not directory.log_exists(connection, directory.GOVERNMENT_LOG):
            signing = KeyFile(ledger_key or beside(connection.engine.url))
            add_log(connection, directory.GOVERNMENT_LOG, directory.GOVERNMENT_LOG, signing)

    changed(url, work)


def close_government_route(url: str) -> None:
    """No further collections under the government agreement. What is there stays until its grants are taken away."""

    def work(transaction: Transaction) -> None:
        transaction.connection.execute(sa.update(forum).values(government=False, generation=forum.c.generation + 1))

    changed(url, work)


def _record(
    transaction: Transaction, number: int, change: Any, role: str | None = None, key: str | None = None
) -> None:
    row = transaction.connection.execute(sa.select(members).where(members.c.id == number)).one()
    who = directory.member_of(row)
    leaf = MembershipChanged(
        time=moment(transaction.now_us), actor="forum", member=who.ledger_id, change=change, role=role, key=key
    )
    transaction.record(directory.MAIN_LOG, leaf, number)


def _number(transaction: Transaction, name: str) -> int:
    query = sa.select(members.c.id).where(members.c.name == name)
    return int(transaction.connection.execute(query).scalar_one())


def changed(url: str, work: Callable[[Transaction], Result]) -> Result:
    """Run ``work`` in a transaction of the database at ``url``, which has this release's tables."""
    engine = database.connect(url)
    try:
        database.check_version(engine)
        with engine.begin() as connection:
            transaction = Transaction(connection, now_us())
            result = work(transaction)
            transaction.finish()
            return result
    finally:
        engine.dispose()


def why_can(url: str, name: str, stix_id: str) -> dict[str, Any]:
    """May this member see that object, and why: the operator's own question, so nothing is held back."""
    with opened(url) as connection:
        found = directory.load(connection)
        who = found.named(name)
        if who is None:
            raise UsageError(f"there is no member {name}")
        return explained(who, stix_id, explain(connection, found, who, stix_id, now_us()))


def export_ledger(url: str, log: str, write: Callable[[bytes], Any], ledger_key: Path | None = None) -> None:
    """Sign the log as it stands and write it out, line by line."""

    engine = database.connect(url)
    signing = KeyFile(ledger_key or beside(engine.url))
    try:
        database.check_version(engine)
        settle(engine, signing)
    finally:
        engine.dispose()

    def sign(transaction: Transaction) -> None:
        known = ledger.keys(transaction.connection)
        if log not in known:
            raise UsageError(f"there is no log {log}: this forum has {', '.join(known)}")
        ledger.sign(transaction.connection, log, signing)

    changed(url, sign)
    with opened(url) as connection:
        for line in ledger.exported(connection, log):
            write(line)


@contextmanager
def opened(url: str) -> Iterator[sa.Connection]:
    """A connection that reads the database at ``url``, which has this release's tables."""
    engine = database.connect(url)
    try:
        database.check_version(engine)
        with database.reading(engine) as connection:
            yield connection
    finally:
        engine.dispose()
