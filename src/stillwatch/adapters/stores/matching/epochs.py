"""Epochs of a key holder: which are open, under which public keys, and which are destroyed.

An epoch's keys are drawn first, by each holder for itself. It opens once there is one description that names both
holders' keys, and both have it: the digest of that description is what members consent to.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

import msgspec
import sqlalchemy as sa

from stillwatch.adapters.stores.forum.directory import MAIN_LOG
from stillwatch.adapters.stores.forum.times import moment
from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching.tables import canaries, descriptions, epochs, letters, settings, shares, steps
from stillwatch.errors import UsageError
from stillwatch.guard.ledger.leaves import MatchingKeyChanged
from stillwatch.match.epochs import Epoch

State = Literal["drawn", "open", "closed", "destroyed"]


@dataclass(frozen=True, slots=True)
class EpochKey:
    """The public key of one epoch and type of identifiers. ``public_key``: 32 bytes (RFC 9496)."""

    epoch: str
    type: str
    public_key: bytes
    state: State
    moved_us: int


def every(connection: sa.Connection) -> list[EpochKey]:
    """All epochs that ever were, in the order in which their keys were drawn."""
    rows = connection.execute(sa.select(epochs).order_by(epochs.c.drawn_us, epochs.c.epoch, epochs.c.type))
    return [EpochKey(row.epoch, row.type, row.public_key, cast(State, row.state), row.moved_us) for row in rows]


def keys_of(connection: sa.Connection, epoch: str) -> list[EpochKey]:
    """The keys of one epoch. Raises ``UsageError`` where it never was."""
    found = [key for key in every(connection) if key.epoch == epoch]
    if not found:
        raise UsageError(f"there is no epoch {epoch} here")
    return found


def described(connection: sa.Connection) -> dict[str, Epoch]:
    """The descriptions of all epochs that have one."""
    rows = connection.execute(sa.select(descriptions).order_by(descriptions.c.epoch))
    return {row.epoch: msgspec.json.decode(row.body, type=Epoch) for row in rows}


def draw(transaction: Transaction, epoch: str, keys: Mapping[str, bytes]) -> None:
    """Note the public keys of a new epoch, by type."""
    rows = [
        {
            "epoch": epoch,
            "type": type_,
            "public_key": key,
            "state": "drawn",
            "drawn_us": transaction.now_us,
            "moved_us": transaction.now_us,
        }
        for type_, key in sorted(keys.items())
    ]
    transaction.connection.execute(sa.insert(epochs), rows)


def open_(transaction: Transaction, description: Epoch, actor: Literal["forum", "trustee"]) -> None:
    """Open an epoch whose keys are drawn. Raises ``UsageError`` unless the description names exactly our keys."""
    found = keys_of(transaction.connection, description.id)
    ours = {key.type: key.public_key.hex() for key in found}
    named = {type_: getattr(both, actor) for type_, both in description.keys.items()}
    if named != ours:
        raise UsageError(f"the description of epoch {description.id} names other keys than the {actor}'s own")
    if {key.state for key in found} != {"drawn"}:
        raise UsageError(f"epoch {description.id} was opened before, and its description never changes")
    row = {"epoch": description.id, "body": msgspec.json.encode(description)}
    transaction.connection.execute(sa.insert(descriptions).values(row))
    _move(transaction, description.id, "open", actor)


def end(transaction: Transaction, epoch: str, state: Literal["closed", "destroyed"], actor: str) -> bool:
    """Close an epoch, or mark it destroyed once its key file is; False where it was so already.

    With the key goes all that hangs on it: stored answers, shares, letters, canaries. Raises ``UsageError`` for an
    epoch that never was, or that is to be closed after it was destroyed or before it was opened.
    """
    before = {key.state for key in keys_of(transaction.connection, epoch)}
    if before == {state}:
        return False
    if state == "closed" and before != {"open"}:
        raise UsageError(f"epoch {epoch} is {', '.join(before)}: only an open one can be closed")
    if state == "destroyed":
        for table in (steps, shares, letters, canaries):
            transaction.connection.execute(sa.delete(table).where(table.c.epoch == epoch))
    _move(transaction, epoch, state, actor)
    return True


def setting(connection: sa.Connection, name: str, otherwise: str) -> str:
    """A setting of this holder."""
    found = connection.execute(sa.select(settings.c.value).where(settings.c.name == name)).scalar()
    return otherwise if found is None else str(found)


def set_setting(connection: sa.Connection, name: str, value: str) -> None:
    """Write a setting."""
    connection.execute(sa.delete(settings).where(settings.c.name == name))
    connection.execute(sa.insert(settings).values(name=name, value=value))


def _move(transaction: Transaction, epoch: str, state: Literal["open", "closed", "destroyed"], actor: str) -> None:
    connection = transaction.connection
    values = {"state": state, "moved_us": transaction.now_us}
    connection.execute(sa.update(epochs).where(epochs.c.epoch == epoch).values(values))
    description = described(connection).get(epoch)
    if description is None:  # keys that were drawn and never used: nobody was told of them
        return
    for key in keys_of(connection, epoch):
        leaf = MatchingKeyChanged(
            time=moment(transaction.now_us),
            actor=actor,
            epoch=epoch,
            type=key.type,
            change="opened" if state == "open" else state,
            key=key.public_key.hex(),
            description=f"sha256:{description.digest().hex()}",
        )
        transaction.record(MAIN_LOG, leaf, object_id=f"matching/{epoch}/{key.type}")
