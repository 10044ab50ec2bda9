"""Worlds for the tests of the protocol: both holders in one process, one epoch or two."""

from datetime import UTC, datetime, timedelta
from random import Random

from stillwatch.match.epochs import Epoch, PublicKeys
from stillwatch.match.holder import Holder
from stillwatch.match.identifiers import VERSION, list_version
from stillwatch.match.keys import HolderKey
from stillwatch.match.local import BothHoldersInOneProcess
from stillwatch.match.payload import Note
from stillwatch.match.session import Item, Outgoing, Session, begin
from stillwatch.match.wire import Check, Evaluate, Receipt, commitment, encode, request

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
SIDES = ("forum", "trustee")


def world(seed: int = 1, threshold: int = 2) -> BothHoldersInOneProcess:
    """An open epoch for domains."""
    return BothHoldersInOneProcess(
        "2026-03", ("domain",), opens=NOW - timedelta(days=1), closes=NOW + timedelta(days=6),
        chance=Random(seed).randbytes, threshold=threshold,
    )  # fmt: skip


def items(*names: str) -> list[Item]:
    """These identifiers, each with the same note."""
    return [Item(name.encode(), Note.of(12, 4000, 20500, 20510)) for name in names]


def matched(session: Session) -> set[str]:
    """Which of its own identifiers a member found with others."""
    found = {one.label for one in session.found}
    return {item.value.decode() for item, label in zip(session.items, session.labels, strict=True) if label in found}


def started(epoch: Epoch, values: list[Item], *, since: Epoch | None = None, audit: bool = False) -> Session:
    """A session of one member, before anything is sent."""
    return begin(
        id=b"session-00000001", secret=bytes(range(32)), pseudonym=bytes(32), member_name="member-1", epoch=epoch,
        kind="domain", items=values, now=NOW, since=since, audit=audit,
    )  # fmt: skip


class TwoEpochs:
    """Both holders with the keys of an old and a new epoch."""

    def __init__(self) -> None:
        self.keys = {
            (side, epoch): HolderKey.generated(epoch, "domain", f"{side} {epoch}".ljust(32).encode())
            for side in SIDES
            for epoch in ("2026-03", "2026-04")
        }
        self.epochs = {name: self._epoch(name) for name in ("2026-03", "2026-04")}
        self.holders = {
            side: self.holder([key for (own, _), key in self.keys.items() if own == side]) for side in SIDES
        }

    def holder(self, keys: list[HolderKey]) -> Holder:
        """A holder of these keys."""
        return Holder(keys, {name: epoch.digest() for name, epoch in self.epochs.items()})

    def _epoch(self, name: str) -> Epoch:
        publics = PublicKeys(*(self.keys[side, name].public.hex() for side in SIDES))
        return Epoch(
            forum="forum", id=name, opens=NOW - timedelta(days=1), closes=NOW + timedelta(days=60), threshold=2,
            agreement="sha256:" + "0" * 64, keys={"domain": publics}, spelling=VERSION, suffixes=list_version(),
        )  # fmt: skip

    def evaluated(self, epoch: str, values: list[bytes], since: str = "", *, audit: bool = False) -> Session:
        """A session up to its upload."""
        old = self.epochs[since] if since else None
        notes = [Item(value, Note.of(1, 1, 1, 1)) for value in values]
        session = started(self.epochs[epoch], notes, since=old, audit=audit)
        while session.step != "upload":
            session = session.received(self._send(session.outgoing()))
        return session

    def _send(self, out: Outgoing) -> bytes:
        asked = request(out.body)
        assert isinstance(asked, Evaluate | Check)
        return encode(self.holders[out.party].answer(asked, Receipt(out.party, 0, commitment(asked)), bytes(32)))
