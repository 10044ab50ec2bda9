"""The member's folder: sessions, one file each, and its two lasting secrets. For its own eyes only.

A session is written before each request and after each answer, whole or not at all, so that whoever is killed sends the
same bytes again. Sessions hold identifiers and blinding factors: the folder never leaves the member's own disk.
"""

import fcntl
import hmac
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from stillwatch.adapters.stores.keyfile import load_or_create
from stillwatch.apps.member.outbox import write_whole
from stillwatch.errors import OutputError, StateError, UsageError
from stillwatch.match.consent import Letter, decode, digest
from stillwatch.match.faults import MalformedError
from stillwatch.match.group import columns
from stillwatch.match.session import Session, resumed

_ENDING = ".session"


class Kept(msgspec.Struct, frozen=True):
    """A letter of ours, and the private key that the answer to it opens with. ``sent``: the forum has taken it."""

    body: bytes
    private: bytes
    sent: bool = False

    def __repr__(self) -> str:
        """No key gets into a log by accident."""
        return f"<Kept {digest(decode(self.body)).hex()}>"


class Folder:
    """The sessions of one member with one forum and trustee."""

    def __init__(self, path: Path) -> None:
        """Raises ``OutputError`` where it can't be made, ``StateError`` where others may read it."""
        self.path = path
        try:
            path.mkdir(parents=True, exist_ok=True, mode=0o700)
            mode = path.stat().st_mode
            self._lock = (path / "lock").open("wb")
        except OSError as error:
            raise OutputError(f"the folder {path} can't be made: {(error.strerror or '').lower()}") from error
        if mode & 0o077:
            self._lock.close()
            raise StateError(f"the folder {path} may be read by others: chmod 700 it, for it holds identifiers")
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            self._lock.close()
            raise UsageError(f"another `stillwatch match` is at work in {path}: two would pay twice") from error
        self._secret = load_or_create(path / "member.key")[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self._lock.close()

    def pseudonym(self, epoch: str) -> bytes:
        """32 bytes for the pseudonyms of one epoch: two epochs can't be joined by them."""
        return hmac.digest(self._secret, b"stillwatch match pseudonym v1|" + epoch.encode(), "sha256")

    @property
    def evidence(self) -> bytes:
        """32 bytes that open the member's evidence in an audit."""
        return hmac.digest(self._secret, b"stillwatch match evidence v1", "sha256")

    def sessions(self, epoch: str, kind: str) -> Iterator[Session]:
        """The sessions of an epoch and type, in the order in which they were begun."""
        return (found for found in self.every_session() if (found.epoch.id, found.kind) == (epoch, kind))

    def every_session(self) -> Iterator[Session]:
        """All sessions, the one that was touched last at the end."""
        for path in sorted(self.path.glob(f"*{_ENDING}"), key=lambda path: path.stat().st_mtime_ns):
            yield self._read(path)

    def messages(self) -> dict[bytes, bytes]:
        """What each kept evaluation stands for: an identifier, or the evaluation that it was moved from."""
        return {
            kept: item.value
            for session in self.every_session()
            for item, kept in zip(session.items, columns(session.kept), strict=False)  # none before the check held
        }

    def keep_records(self, session: Session, records: Sequence[bytes]) -> None:
        """Write what opens the evidence of a session's items, in their order, for audits. Raises ``OutputError``."""
        write_whole(self.path / f"{session.id.hex()}.records", msgspec.msgpack.encode(tuple(records)))

    def records(self, session: Session) -> tuple[bytes, ...]:
        """The records of a session's items. Raises ``StateError``."""
        path = self.path / f"{session.id.hex()}.records"
        try:
            return msgspec.msgpack.decode(path.read_bytes(), type=tuple[bytes, ...])
        except (OSError, ValueError, RecursionError) as error:
            raise StateError(f"the records {path} can't be read: {error}") from error

    def keep_letter(self, name: str, kept: Kept) -> None:
        """Write a letter of ours with its key. Raises ``OutputError``."""
        write_whole(self.path / f"{name}.letter", msgspec.msgpack.encode(kept))

    def letters(self) -> Iterator[tuple[Letter, Kept]]:
        """The letters of ours. Raises ``StateError``."""
        for path in sorted(self.path.glob("*.letter")):
            try:
                kept = msgspec.msgpack.decode(path.read_bytes(), type=Kept)
                letter = decode(kept.body)
            except (OSError, ValueError, RecursionError, MalformedError) as error:
                raise StateError(f"the letter {path} can't be read: {error}") from error
            yield letter, kept

    def save(self, session: Session) -> None:
        """Write a session. Raises ``OutputError``."""
        write_whole(self.path / f"{session.id.hex()}{_ENDING}", session.encoded())

    def pinned(self, name: str, otherwise: str) -> str:
        """What was seen under this name before; ``otherwise`` the first time."""
        path = self.path / f"{name}.pin"
        try:
            return path.read_text("utf-8")
        except FileNotFoundError:
            return otherwise
        except (OSError, UnicodeDecodeError) as error:
            raise StateError(f"{path} can't be read") from error

    def pin(self, name: str, value: str) -> None:
        """Keep what was seen under this name."""
        write_whole(self.path / f"{name}.pin", value.encode())

    def _read(self, path: Path) -> Session:
        try:
            return resumed(path.read_bytes())
        except (OSError, MalformedError) as error:
            raise StateError(f"the session file {path} can't be read: {error}") from error


def meaning(value: bytes, messages: Mapping[bytes, bytes]) -> bytes:
    """The identifier that an item of a session stands for, through all epochs that it was moved through."""
    while value in messages:
        value = messages[value]
    return value
