"""Appeals on disk: a folder, a file for each appeal, a line for each event, only ever appended to.

A person can read it without us, and a gateway of several processes can write to it: every change takes the file's lock,
reads what stands there, asks the rules, and appends one line with ``fsync``. A line that was cut off by a crash was
never answered for: it is dropped when the file is next written.

An appeal's reference is a keyed digest of case and account, so there is one appeal for each decision, whoever asks
again finds the first one, and nobody can compute the reference of somebody else's. The key is a file in the folder.
"""

import base64
import fcntl
import hmac
import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from stillwatch.adapters.stores.keyfile import load_or_create
from stillwatch.decide.appeals import Appeal, Event, advanced, file
from stillwatch.errors import OutputError, StateError, UsageError

_KEY = "appeals.key"
_SUFFIX = ".jsonl"
#: Twelve letters and digits: 60 bits of a keyed digest.
_REFERENCE = re.compile(r"A-[A-Z2-7]{12}")


class _Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """First line of a file: what the appeal is about."""

    case: str
    account: str
    organization: str | None
    decided_by: str


class AppealStore:
    """The folder. Who only reads makes nothing."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._key: bytes | None = None

    def opened(self) -> bytes:
        """The key of references. Folder and key are made where they are missing, for the owner only.

        Raises ``OutputError`` where that fails, ``StateError`` for a file that is no key.
        """
        if self._key is None:
            try:
                self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            except OSError as error:
                raise OutputError(
                    f"the folder of appeals {self.folder} can't be made: {(error.strerror or '').lower()}"
                ) from error
            self._key, _ = load_or_create(self.folder / _KEY)
        return self._key

    def reference(self, case: str, account: str) -> str:
        """The one reference of an appeal against this case by this account."""
        message = msgspec.json.encode([case, account])
        return "A-" + base64.b32encode(hmac.digest(self.opened(), message, "sha256"))[:12].decode()

    def file(
        self, case: str, account: str, organization: str | None, decided_by: str, statement: str, at_us: int
    ) -> tuple[Appeal, bool]:
        """The appeal, and whether it is new. One that was filed before is found, not filed twice."""
        reference = self.reference(case, account)
        new = file(reference, case, account, organization, decided_by, statement, at_us)
        with self._locked(reference) as handle:
            held = self._read(reference, handle)
            if held is not None:
                return held, False
            head = _Head(case, account, organization, decided_by)
            _append(handle, msgspec.json.encode(head) + b"\n" + msgspec.json.encode(new.events[0]) + b"\n")
        return new, True

    def advance(self, reference: str, event: Event | Callable[[Appeal], Event]) -> Appeal:
        """Add an event. Raises ``UsageError`` where there is no such appeal or the event can't happen now."""
        self._known(reference)
        with self._locked(reference) as handle:
            held = self._read(reference, handle)
            if held is None:
                raise UsageError(f"there is no appeal {reference}")
            happened = event if isinstance(event, Event) else event(held)
            moved = advanced(held, happened)
            _append(handle, msgspec.json.encode(happened) + b"\n")
        return moved

    def find(self, reference: str) -> Appeal | None:
        """The appeal of this reference; ``None``: there is none."""
        if _REFERENCE.fullmatch(reference) is None or not self._path(reference).is_file():
            return None
        with self._locked(reference) as handle:
            return self._read(reference, handle)

    def every(self) -> Iterator[Appeal]:
        """All appeals, in order of reference."""
        for path in sorted(self.folder.glob(f"A-*{_SUFFIX}")):
            found = self.find(path.stem)
            if found is not None:
                yield found

    def _known(self, reference: str) -> None:
        if _REFERENCE.fullmatch(reference) is None or not self._path(reference).is_file():
            raise UsageError(f"there is no appeal {reference}: `stillwatch appeal list` shows those there are")

    def _path(self, reference: str) -> Path:
        return self.folder / f"{reference}{_SUFFIX}"

    @contextmanager
    def _locked(self, reference: str) -> Iterator[int]:
        try:
            handle = os.open(self._path(reference), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise OutputError(
                f"the appeal {reference} can't be written: {(error.strerror or '').lower()}: see {self.folder}"
            ) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        finally:
            os.close(handle)

    def _read(self, reference: str, handle: int) -> Appeal | None:
        """What the file says; a last line without its end is cut off, since nobody was told that it was written."""
        size = os.fstat(handle).st_size
        data = os.pread(handle, size, 0)
        whole = data[: data.rfind(b"\n") + 1]
        if len(whole) < size:
            os.ftruncate(handle, len(whole))
        lines = whole.splitlines()
        if len(lines) < 2:  # a head alone: the filing was cut off
            os.ftruncate(handle, 0)
            return None
        try:
            head = msgspec.json.decode(lines[0], type=_Head)
            events = tuple(msgspec.json.decode(line, type=Event) for line in lines[1:])
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise StateError(
                f"{self._path(reference)} is damaged ({error}): mend it from a backup; other appeals are not touched"
            ) from error
        return Appeal(
            reference=reference,
            case=head.case,
            account=head.account,
            organization=head.organization,
            decided_by=head.decided_by,
            events=events,
        )


def _append(handle: int, data: bytes) -> None:
    rest = memoryview(data)
    try:
        os.lseek(handle, 0, os.SEEK_END)
        while rest:
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    except OSError as error:
        raise OutputError(f"the appeal can't be written: {(error.strerror or '').lower()}") from error
