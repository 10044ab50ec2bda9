"""What waits to be sent: a folder of files, so that a forum that is down for a day costs nothing and loses nothing.

``queued/`` holds one file for each act of sharing (a *parcel*), ``sent/`` what the forum answered for, ``held/`` what
it or the guard refused, ``drafts/`` what waits for approvals before it may even be queued. A file comes into being
whole (written aside, fsync, rename, fsync of the folder) and its name begins with the time, so that a retraction never
overtakes what it retracts.

A parcel is settled in two steps: the file in ``sent/`` first, then the one in ``queued/`` goes. After a crash between
the two, ``waiting`` sees both and finishes the second. A crash between the forum's answer and the first step posts once
more, which makes no second copy there: TAXII counts a version it has as added.

A file here is *not* a release: whoever writes to the folder could have made it. When it leaves, the guard clears it
anew, and it must come to the same bytes.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal, TypeVar

import msgspec

from stillwatch.errors import OutputError, StateError, UsageError
from stillwatch.share.life.transparency import Left

Kind = Literal["campaign", "sighting", "dispute", "retraction", "correction", "advisory"]

_File = TypeVar("_File", "Parcel", "Settled")
_QUEUED, _SENT, _HELD, _DRAFTS = "queued", "sent", "held", "drafts"


class Parcel(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One act of sharing: the objects as the guard was asked about them, and the digest of each body it let go.

    A draft is one without digests: nothing was let go yet.
    """

    group: str
    kind: Kind
    queued_at: str
    #: What a person reads in the queue: "Campaign 1".
    about: str
    items: tuple[dict[str, Any], ...]
    #: SHA-256 of each signed body in hexadecimal, in the order of ``items``.
    digests: tuple[str, ...] = ()
    #: A digest of what it was made from, so that the same thing, unchanged, is not shared twice. Empty: no such thing.
    source: str = ""
    #: The person who wrote it, whose own approval does not count. Empty: no person wrote it.
    author: str = ""
    #: Approvals as the guard wants them, one list for all items.
    approvals: tuple[dict[str, Any], ...] = ()


class Settled(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What became of a parcel. ``failures`` are pairs of object id and reason; empty where all of it arrived."""

    parcel: Parcel
    settled_at: str
    #: Ids of the forum's status resources: what to ask its operator about.
    statuses: tuple[str, ...] = ()
    left: tuple[Left, ...] = ()
    failures: tuple[tuple[str, str], ...] = ()


class Outbox:
    """The folder. Every method may be called again after a crash."""

    def __init__(self, folder: Path) -> None:
        """Make the folders where they are missing, for the owner only. Raises ``OutputError``."""
        self.folder = folder
        try:
            for name in (_QUEUED, _SENT, _HELD, _DRAFTS):
                (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise OutputError(_unwritable(folder, error)) from error

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the outbox for this process: two that flush at once would send twice. Waits for the other."""
        try:
            handle = os.open(self.folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise OutputError(_unwritable(self.folder, error)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def put(self, parcel: Parcel) -> Path | None:
        """Queue ``parcel``; ``None`` where the same bytes to the same group wait already or went out before."""
        name = hashlib.sha256(msgspec.json.encode((parcel.group, parcel.digests))).hexdigest()[:24]
        if any(self.folder.glob(f"{_QUEUED}/*-{name}.json")) or any(self.folder.glob(f"{_SENT}/*-{name}.json")):
            return None
        stamp = "".join(sign for sign in parcel.queued_at if sign.isalnum())
        path = self.folder / _QUEUED / f"{stamp}-{name}.json"
        write_whole(path, _readable(parcel))
        return path

    def already(self, group: str, source: str) -> bool:
        """Whether something made from ``source`` waits for ``group`` or went out to it."""
        parcels = [self.read(path) for path in self.waiting()]
        parcels += [settled.parcel for whole, settled in self.settled() if whole]
        return any(parcel.group == group and parcel.source == source for parcel in parcels)

    def latest(self, id_: str, group: str) -> dict[str, Any] | None:
        """The newest version of our own object ``id_`` that waits for ``group`` or went out to it."""
        parcels = [settled.parcel for whole, settled in self.settled() if whole]
        parcels += [self.read(path) for path in self.waiting()]
        found = [item for parcel in parcels if parcel.group == group for item in parcel.items if item.get("id") == id_]
        return found[-1] if found else None

    def draft(self, parcel: Parcel) -> str:
        """Keep what waits for approvals; its name is short, to be typed."""
        name = hashlib.sha256(msgspec.json.encode((parcel.group, parcel.items))).hexdigest()[:8]
        write_whole(self.folder / _DRAFTS / f"{name}.json", _readable(parcel))
        return name

    def drafts(self) -> dict[str, Parcel]:
        return {path.stem: _load(path, Parcel) for path in sorted((self.folder / _DRAFTS).glob("*.json"))}

    def drop_draft(self, name: str) -> None:
        _remove(self.folder / _DRAFTS / f"{name}.json")

    def read_draft(self, name: str) -> Parcel:
        """Raises ``UsageError`` where there is no such draft."""
        found = self.drafts()
        if name not in found:
            raise UsageError(f"no draft {name} waits for approval; there is: {', '.join(found) or 'none'}")
        return found[name]

    def waiting(self) -> list[Path]:
        """What waits, oldest first."""
        found = sorted((self.folder / _QUEUED).glob("*.json"))
        return [path for path in found if not self._was_settled(path)]

    def read(self, path: Path) -> Parcel:
        """Raises ``StateError`` where the file is damaged: a person must look, nothing is thrown away."""
        return _load(path, Parcel)

    def settle(self, path: Path, settled: Settled) -> None:
        """Move a parcel out of the queue: to ``held`` where something failed, else to ``sent``."""
        write_whole(self.folder / (_HELD if settled.failures else _SENT) / path.name, _readable(settled))
        _remove(path)

    def settled(self) -> list[tuple[bool, Settled]]:
        """Everything that was settled, oldest first, and whether all of it was sent."""
        found = [(path.name, True, path) for path in (self.folder / _SENT).glob("*.json")]
        found += [(path.name, False, path) for path in (self.folder / _HELD).glob("*.json")]
        return [(whole, _load(path, Settled)) for _, whole, path in sorted(found)]

    def _was_settled(self, path: Path) -> bool:
        if not any((self.folder / name / path.name).exists() for name in (_SENT, _HELD)):
            return False
        _remove(path)
        return True


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that after a crash it is there whole or not at all. Raises ``OutputError``."""
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        handle = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise OutputError(_unwritable(path, error)) from error


def digests_of(bodies: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(hashlib.sha256(body).hexdigest() for body in bodies)


def _remove(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
        _sync_folder(path.parent)
    except OSError as error:
        raise OutputError(_unwritable(path, error)) from error


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _load(path: Path, kind: type[_File]) -> _File:
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except (OSError, msgspec.DecodeError, msgspec.ValidationError) as error:
        raise StateError(f"{path} in the outbox can't be read: {error}; nothing after it was sent") from error


def _readable(value: Parcel | Settled) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=1) + b"\n"


def _unwritable(path: Path, error: OSError) -> str:
    return f"the outbox can't be written at {path}: {(error.strerror or str(error)).lower()}"
