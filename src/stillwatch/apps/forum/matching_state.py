"""What a running server keeps at hand for matching: its keys, the descriptions of its epochs, the budget.

It is read again whenever an epoch changed, so that commands work beside a running server.
"""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import sqlalchemy as sa
from starlette.requests import Request

from stillwatch.adapters.stores.forum.transaction import Transaction
from stillwatch.adapters.stores.matching import database as matching
from stillwatch.adapters.stores.matching import epochs, keyfiles, letters, shares, steps
from stillwatch.adapters.stores.matching.epochs import EpochKey
from stillwatch.apps.forum.answers import not_found
from stillwatch.apps.forum.matching_keys import shown
from stillwatch.apps.forum.service import Service, service_of
from stillwatch.errors import StateError
from stillwatch.match.epochs import Epoch
from stillwatch.match.holder import Holder
from stillwatch.match.keys import HolderKey

#: Whoever was killed in the middle of a session finds the answers for this long.
KEPT_US = 7 * 24 * 3600 * 1_000_000


@dataclass(frozen=True)
class Holding:
    """One half of a match. A value: a server swaps it whole."""

    name: str
    folder: Path
    keys: tuple[EpochKey, ...]
    described: dict[str, Epoch] = field(default_factory=dict)
    secrets: tuple[HolderKey, ...] = field(default=(), repr=False)
    _holder: Holder | None = field(default=None, repr=False)
    #: By member: who asks waits for its own question before.
    asking: dict[int, asyncio.Lock] = field(default_factory=dict, repr=False)
    #: What is being computed: by member, session and step. A second request for the same waits for the first.
    at_work: dict[tuple[int, bytes, str], asyncio.Future[bytes]] = field(default_factory=dict, repr=False)

    def holder(self) -> Holder:
        """The keys at work."""
        assert self._holder is not None
        return self._holder

    def announcement(self) -> dict[str, Any]:
        """What members are told: descriptions and states."""
        return {
            "holder": self.name,
            "epochs": {name: msgspec.to_builtins(epoch) for name, epoch in self.described.items()},
            "keys": [shown(key) for key in self.keys if key.epoch in self.described],
        }


async def holding_of(http: Request) -> Holding:
    """The half that this server holds, as it stands. 404 where it holds none."""
    service = service_of(http)
    before: Holding | None = getattr(http.app.state, "holding", None)

    def work(connection: sa.Connection) -> Holding:
        return _current(service, connection, before)

    found = await service.read(work)
    http.app.state.holding = found
    return found


def _current(service: Service, connection: sa.Connection, before: Holding | None) -> Holding:
    if before is None:
        if not matching.present(service.engine):
            raise not_found()
        service.chores.update(matching=_chore)
    keys = tuple(epochs.every(connection))
    if before is not None and before.keys == keys:
        return before
    folder = Path(epochs.setting(connection, "keys", ""))
    described = epochs.described(connection)
    if before is not None:
        _forget(before, keys)
    loaded = _loaded(folder, keys)
    holder = Holder(loaded, {name: epoch.digest() for name, epoch in described.items()})
    return Holding(epochs.setting(connection, "holder", ""), folder, keys, described, tuple(loaded), holder)


def _forget(before: Holding, keys: tuple[EpochKey, ...]) -> None:
    """Overwrite in memory what the table says is destroyed. A request that is under way with it finds it stale."""
    gone = {key.epoch for key in keys if key.state == "destroyed"}
    for secret in before.secrets:
        if secret.epoch in gone:
            secret.destroy()


def _chore(transaction: Transaction) -> None:
    """Drop stored answers that nobody will ask for again, and uploads of epochs that are over."""
    steps.forget(transaction, KEPT_US)
    shares.sweep(transaction)
    letters.sweep(transaction)


def _loaded(folder: Path, keys: tuple[EpochKey, ...]) -> list[HolderKey]:
    """The secret keys of every epoch that is still in use. Raises ``StateError`` where a file and the table differ."""
    found = []
    for name in sorted({key.epoch for key in keys if key.state in ("open", "closed")}):
        seeds = keyfiles.load(folder, name) or {}  # none: the file is destroyed, and the table is about to say so
        for key in keys:
            if key.epoch == name and key.type in seeds:
                made = HolderKey.generated(name, key.type, seeds[key.type])
                if made.public != key.public_key:
                    raise StateError(f"the key file of epoch {name} is not the one whose public keys were published")
                found.append(made)
    return found
