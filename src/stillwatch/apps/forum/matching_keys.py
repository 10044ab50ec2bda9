"""Run one half of private matching from the command line: epochs, keys, allowances. The forum's half or the trustee's.

Each function is one command. They work beside a running server, which notices the change at the next request. A key
is written to its file before anybody is told of it, and its file is gone before the ledger says so: whatever is
interrupted is finished by the same command again, and no leaf ever says what is not true yet.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import msgspec
import sqlalchemy as sa

from stillwatch.adapters.stores.forum import database, directory
from stillwatch.adapters.stores.forum.tables import logs
from stillwatch.adapters.stores.forum.times import timestamp
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching import database as matching
from stillwatch.adapters.stores.matching import epochs, keyfiles, steps
from stillwatch.adapters.stores.matching.epochs import EpochKey
from stillwatch.apps.forum.agreements import read_agreement
from stillwatch.apps.forum.founding import changed, opened
from stillwatch.errors import UsageError
from stillwatch.guard.ledger import digest
from stillwatch.match.epochs import NAME, Epoch, PublicKeys
from stillwatch.match.faults import MatchError
from stillwatch.match.identifiers import TYPES, VERSION, list_version
from stillwatch.match.keys import HolderKey


class _Drawn(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the trustee's ``draw_epoch`` tells the forum."""

    holder: Literal["trustee"]
    epoch: str
    keys: dict[str, str]


def prepare(url: str, folder: Path, holder: str) -> dict[str, Any]:
    """Make the matching tables and the folder for keys. ``holder``: ``forum`` or ``trustee``."""
    engine = database.connect(url)
    try:
        database.check_version(engine)
        matching.migrate(engine)
        with engine.begin() as connection:
            before = epochs.setting(connection, "holder", holder)
            if before != holder:
                raise UsageError(f"this database is a {before}'s: forum and trustee are never one")
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            if folder.stat().st_mode & 0o077:
                raise UsageError(f"the folder {folder} may be read by others: chmod 700 it, for it will hold keys")
            epochs.set_setting(connection, "holder", holder)
            epochs.set_setting(connection, "keys", str(folder.resolve()))
    except OSError as error:
        raise UsageError(f"the folder {folder} can't be made: {(error.strerror or '').lower()}") from error
    finally:
        engine.dispose()
    return status(url)


def check(url: str, holder: str) -> None:
    """Raises ``UsageError`` unless this is that holder's database: a command meant for one would harm the other."""
    with opened(url) as connection:
        _must_be(connection, holder)


def draw_epoch(url: str, epoch: str, types: Sequence[str]) -> dict[str, Any]:
    """Draw keys for a new epoch. Prints their public halves, for the other holder; nobody can use the epoch yet."""
    if NAME.fullmatch(epoch) is None:
        raise UsageError(f"an epoch's name is 1 to 64 letters, digits, dots and hyphens, as in 2026-11: not {epoch!r}")
    unknown = set(types) - set(TYPES)
    if unknown:
        raise UsageError(f"no such type of identifiers: {', '.join(sorted(unknown))}; there are {', '.join(TYPES)}")

    def work(transaction: Transaction) -> dict[str, Any]:
        connection = transaction.connection
        holder, folder = _holder(connection), _folder(connection)
        if any(key.epoch == epoch for key in epochs.every(connection)):
            raise UsageError(f"the keys of epoch {epoch} were drawn before; a key is never used for two epochs")
        # A file without a row: a drawing that was interrupted before anybody heard of it.
        keyfiles.destroy(folder, epoch)
        seeds = {type_: secrets.token_bytes(keyfiles.KEY_BYTES) for type_ in types or TYPES}
        keyfiles.keep(folder, epoch, seeds)
        publics = {type_: bytes(HolderKey.generated(epoch, type_, seed).public) for type_, seed in seeds.items()}
        epochs.draw(transaction, epoch, publics)
        return {"holder": holder, "epoch": epoch, "keys": {type_: key.hex() for type_, key in sorted(publics.items())}}

    return changed(url, work)


def describe_epoch(
    url: str, printed: bytes, *, opens: datetime, closes: datetime, threshold: int, agreement: str
) -> dict[str, Any]:
    """The forum joins its keys and the trustee's into the description that members consent to, and opens the epoch.

    ``printed``: what ``trustee epoch draw`` printed. ``agreement``: a shipped one's name or a .toml file.
    """
    try:
        theirs = msgspec.json.decode(printed, type=_Drawn)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is not what `stillwatch trustee epoch draw` printed: {error}") from error
    name = theirs.epoch
    text, _ = read_agreement(agreement)
    if closes <= opens:
        raise UsageError("the epoch would close before it opens")

    def work(transaction: Transaction) -> dict[str, Any]:
        connection = transaction.connection
        _must_be(connection, "forum")
        ours = {key.type: key.public_key.hex() for key in epochs.keys_of(connection, name)}
        if set(ours) != set(theirs.keys):
            raise UsageError("forum and trustee drew keys for different types of identifiers")
        origin = connection.execute(sa.select(logs.c.origin).where(logs.c.name == directory.MAIN_LOG)).scalar_one()
        found = Epoch(
            forum=origin,
            id=name,
            opens=opens,
            closes=closes,
            threshold=threshold,
            agreement=digest(text.encode()),
            keys={type_: PublicKeys(ours[type_], theirs.keys[type_]) for type_ in sorted(ours)},
            spelling=VERSION,
            suffixes=list_version(),
        )
        epochs.open_(transaction, _checked(found), "forum")
        described: dict[str, Any] = msgspec.to_builtins(found)
        return described

    return changed(url, work)


def adopt_epoch(url: str, description: bytes) -> dict[str, Any]:
    """The trustee opens an epoch by the forum's description, if that names the trustee's own keys and no others."""
    try:
        found = _checked(msgspec.json.decode(description, type=Epoch))
    except (ValueError, RecursionError) as error:
        raise UsageError(f"this is no description of an epoch: {error}") from error

    def work(transaction: Transaction) -> None:
        _must_be(transaction.connection, "trustee")
        epochs.open_(transaction, found, "trustee")

    changed(url, work)
    return status(url)


def close_epoch(url: str, epoch: str) -> dict[str, Any]:
    """No further questions in this epoch. Its key is kept, so that members can move their tags on."""
    changed(url, lambda transaction: _ended(transaction, epoch, "closed"))
    return status(url)


def destroy_epoch(url: str, epoch: str) -> dict[str, Any]:
    """Overwrite an epoch's keys, drop what hangs on them, and say so in the ledger. Nobody can make its tags again."""
    with opened(url) as connection:
        folder = _folder(connection)
        epochs.keys_of(connection, epoch)
    keyfiles.destroy(folder, epoch)
    changed(url, lambda transaction: _ended(transaction, epoch, "destroyed"))
    return status(url)


def allow(url: str, name: str, type_: str, amount: int) -> None:
    """Give a member an allowance of its own for one type, in every epoch."""
    if type_ not in TYPES:
        raise UsageError(f"no such type of identifiers: {type_}; there are {', '.join(TYPES)}")

    def work(transaction: Transaction) -> None:
        member = directory.load(transaction.connection).named(name)
        if member is None:
            raise UsageError(f"there is no member {name}")
        _holder(transaction.connection)
        steps.allow(transaction.connection, member.id, type_, amount)

    changed(url, work)


def status(url: str) -> dict[str, Any]:
    """The epochs, their public keys and states, and what every member has used of its budgets."""
    with opened(url) as connection:
        holder = _holder(connection)
        names = {member.id: member.name for member in directory.load(connection).members.values()}
        return {
            "holder": holder,
            "keys": str(_folder(connection)),
            "epochs": [shown(key) for key in epochs.every(connection)],
            "used": [
                {"member": names[row["member_id"]], "epoch": row["epoch"], "type": row["type"], "used": row["used"]}
                for row in steps.used(connection)
            ],
        }


def shown(key: EpochKey) -> dict[str, Any]:
    """An epoch's key as JSON."""
    return {
        "epoch": key.epoch,
        "type": key.type,
        "key": key.public_key.hex(),
        "state": key.state,
        "since": timestamp(key.moved_us),
    }


def _ended(transaction: Transaction, epoch: str, state: Any) -> bool:
    return epochs.end(transaction, epoch, state, _holder(transaction.connection))


def _checked(found: Epoch) -> Epoch:
    """Raises ``UsageError`` where a key in it is none."""
    for type_ in found.keys:
        try:
            found.public(type_)
        except MatchError as error:
            raise UsageError(f"the description's key for {type_} is no key: {error}") from error
    return found


def _must_be(connection: sa.Connection, holder: str) -> None:
    if _holder(connection) != holder:
        raise UsageError(
            f"this database is a {_holder(connection)}'s and no {holder}'s: forum and trustee are never one"
        )


def _holder(connection: sa.Connection) -> str:
    try:
        found = epochs.setting(connection, "holder", "")
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        found = ""
    if not found:
        raise UsageError(
            "this database holds no half of a match yet: `stillwatch forum match init` (or `trustee init`)"
        )
    return found


def _folder(connection: sa.Connection) -> Path:
    _holder(connection)
    return Path(epochs.setting(connection, "keys", ""))
