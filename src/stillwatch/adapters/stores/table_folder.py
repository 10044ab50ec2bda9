"""Bringing a table into force, and taking it back: numbered, signed, whole or not at all.

The order of writing is what keeps readers safe: entries under a name of their own and flushed to disk, then the
manifest into ``past/``, then ``current`` renamed over. Whoever dies in between leaves the old table in force.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from stillwatch.adapters.stores.table import CURRENT, ENTRIES, PAST, read_manifest, signed, write_entries
from stillwatch.decide.compile import Compiled
from stillwatch.decide.snapshot import FORMAT, Manifest, version
from stillwatch.errors import OutputError, StateError, UsageError

#: So many tables back can be brought into force again; older entries are removed.
KEPT = 20


class TableFolder:
    """The folder of a table, for whoever publishes. Only one publishes at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def current(self, trusted: Iterable[Ed25519PublicKey]) -> Manifest | None:
        """The manifest in force, ``None`` where there is none yet."""
        return read_manifest(self.path / CURRENT, trusted) if (self.path / CURRENT).exists() else None

    def past(self, trusted: Iterable[Ed25519PublicKey]) -> list[Manifest]:
        """Every manifest that can be brought back, the newest first."""
        keys = tuple(trusted)
        return [read_manifest(file, keys) for file in sorted((self.path / PAST).glob("*.json"), reverse=True)]

    def publish(
        self,
        compiled: Compiled,
        key: Ed25519PrivateKey,
        now_us: int,
        by: str,
        *,
        shadow: bool = False,
        before: Callable[[Manifest], object] | None = None,
    ) -> Manifest:
        """Make ``compiled`` the table in force. ``before`` is called first: a case must stand in the book by the time
        that somebody can be told its reference. Raises ``OutputError`` where the folder can't be made or written."""
        try:
            for folder in (self.path, self.path / ENTRIES, self.path / PAST):
                folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise self._unwritable(error) from error
        with self._alone():
            old = self.current((key.public_key(),))
            digest, size, name = self._entries(compiled)
            serial = 1 if old is None else old.serial + 1
            manifest = Manifest(
                format=FORMAT,
                serial=serial,
                version=version(serial, digest),
                entries=name,
                sha256=digest,
                size=size,
                accounts=len(compiled.accounts),
                organizations=len(compiled.organizations),
                made_us=now_us,
                stale_us=compiled.stale_us,
                rules=compiled.rules,
                by=by,
                shadow=shadow,
                previous="" if old is None else old.version,
            )
            if before is not None:
                before(manifest)
            self._enforce(manifest, key)
            return manifest

    def rollback(self, to: str | None, key: Ed25519PrivateKey, now_us: int, by: str) -> Manifest:
        """Bring the entries of an earlier version (``None``: the one before) into force again, under a new number.

        Raises ``UsageError`` where there is no such version, ``StateError`` where there is no table.
        """
        with self._alone():
            trusted = (key.public_key(),)
            before = self.current(trusted)
            if before is None:
                raise self._empty()
            wanted = before.previous if to is None else to
            found = next((one for one in self.past(trusted) if one.version == wanted), None)
            if found is None or not (self.path / ENTRIES / found.entries).exists():
                raise UsageError(f"{self.path} holds no version {wanted or 'before the first'} to go back to")
            serial = before.serial + 1
            manifest = msgspec.structs.replace(
                found,
                serial=serial,
                version=version(serial, found.sha256),
                made_us=now_us,
                by=by,
                previous=before.version,
                rolled_back_to=found.version,
            )
            self._enforce(manifest, key)
            return manifest

    def _entries(self, compiled: Compiled) -> tuple[str, int, str]:
        """Write entries; their SHA-256, size in bytes and file name."""
        partial = self.path / ENTRIES / f".new-{os.getpid()}"
        with suppress(FileNotFoundError):
            partial.unlink()
        try:
            write_entries(partial, compiled)
            with partial.open("rb") as stream:
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
            name = f"{digest[:32]}.mdb"
            size = partial.stat().st_size
            partial.replace(self.path / ENTRIES / name)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            partial.unlink(missing_ok=True)
        return digest, size, name

    def _enforce(self, manifest: Manifest, key: Ed25519PrivateKey) -> None:
        data = signed(manifest, key)
        _put(self.path / PAST / f"{manifest.serial:08d}.json", data)
        _put(self.path / CURRENT, data)
        self._forget(key)

    def _forget(self, key: Ed25519PrivateKey) -> None:
        """Remove what nobody can go back to any more. Whoever still maps a file keeps it until they let go."""
        files = sorted((self.path / PAST).glob("*.json"), reverse=True)
        for file in files[KEPT:]:
            file.unlink(missing_ok=True)
        named = {read_manifest(file, (key.public_key(),)).entries for file in files[:KEPT]}
        for entries in (self.path / ENTRIES).glob("*.mdb"):
            if entries.name not in named:
                entries.unlink(missing_ok=True)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        try:
            lock = os.open(self.path / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except FileNotFoundError:
            raise self._empty() from None
        except OSError as error:
            raise self._unwritable(error) from error
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _empty(self) -> StateError:
        return StateError(f"{self.path} holds no table yet: there is nothing to go back from")

    def _unwritable(self, error: OSError) -> OutputError:
        return OutputError(f"the table {self.path} can't be written: {(error.strerror or '').lower()}")


def _put(file: Path, data: bytes) -> None:
    """Write ``file`` whole and flushed, or leave it as it was."""
    partial = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        with partial.open("wb") as stream:
            stream.write(data)
            stream.flush()
            os.fsync(stream.fileno())
        partial.replace(file)
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except OSError as error:
        raise OutputError(f"{file} can't be written: {(error.strerror or '').lower()}") from error
