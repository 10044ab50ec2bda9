"""What a provider keeps between scans: one folder of Parquet files per scan, added whole or not at all.

``DIR/state.json`` says the version and which key the sketches are sealed under (a check value, not the key).
``DIR/parts/NNNNNN/`` holds one scan's rows and aggregates, and ``own_groups.parquet``: what all scans so far had judged
when it ended (cumulated, so that only the last is read). ``DIR/campaigns.json`` names the campaigns already known, so
that ids stay. A part is written under a name of its own and renamed when it is whole: a run that dies adds nothing.
"""

import fcntl
import os
import shutil
from pathlib import Path

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from stillwatch.errors import StateError

VERSION = 1
TABLES = ("fresh", "kept_links", "pairs", "hours", "ties", "dictionary", "accounts")
GROUPS = "own_groups.parquet"


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    version: int
    key_check: str


class History:
    """The state folder, locked for one run at a time."""

    def __init__(self, folder: Path, key_check: str) -> None:
        """Open or make ``folder``. Raises ``StateError`` where it is in use, of another version or under another
        key."""
        self._folder = folder
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            (folder / "parts").mkdir(exist_ok=True, mode=0o700)
            self._lock = os.open(folder / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StateError(f"the state folder {folder} can't be used: {(error.strerror or '').lower()}") from error
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(self._lock)
            raise StateError(f"the state folder {folder} is in use by another scan: wait for it to end") from error
        try:
            self._check(key_check)
        except BaseException:
            self.close()
            raise
        for unfinished in (folder / "parts").glob(".new-*"):
            shutil.rmtree(unfinished, ignore_errors=True)

    def _check(self, key_check: str) -> None:
        header = self._folder / "state.json"
        if not header.exists():
            self._write(header, msgspec.json.encode(_Header(VERSION, key_check)))
            return
        try:
            known = msgspec.json.decode(header.read_bytes(), type=_Header)
        except (OSError, msgspec.DecodeError) as error:
            raise StateError(f"{header} can't be read: {error}") from error
        if known.version != VERSION:
            raise StateError(f"{self._folder} was written by format {known.version}; this program reads {VERSION}")
        if known.key_check != key_check:
            raise StateError(f"{self._folder} was written under another key: name it with --key, or start a new folder")

    def parts(self) -> list[Path]:
        """The folders of earlier scans, oldest first."""
        return sorted(path for path in (self._folder / "parts").iterdir() if path.name.isdigit())

    def files(self, table: str) -> list[Path]:
        """The Parquet files of one table over all parts."""
        return [file for part in self.parts() if (file := part / f"{table}.parquet").exists()]

    def groups(self, before: Path) -> pa.Table | None:
        """The groups that scans before the part ``before`` judged; ``None`` where none did.

        A part without them, whose scan died after it was added, is passed over.
        """
        files = [file for part in self.parts() if part < before and (file := part / GROUPS).exists()]
        if not files:
            return None
        try:
            return pq.read_table(files[-1])
        except (OSError, pa.ArrowException) as error:
            raise StateError(f"{files[-1]} can't be read: {error}") from error

    def keep_groups(self, part: Path, groups: pa.Table) -> None:
        """Keep the groups of the scan that added ``part``, once: a scan that added nothing has nothing to say."""
        if not (part / GROUPS).exists():
            data = pa.BufferOutputStream()
            pq.write_table(groups, data, compression="zstd")
            self._write(part / GROUPS, data.getvalue().to_pybytes())

    def begin(self) -> Path:
        """A folder to write a new part into."""
        folder = self._folder / "parts" / f".new-{os.getpid()}"
        try:
            folder.mkdir()
        except OSError as error:
            raise self._unwritable(error) from error
        return folder

    def add(self, folder: Path) -> Path:
        """Make what ``begin`` gave a part of history, all at once."""
        numbers = [int(part.name) for part in self.parts()]
        final = self._folder / "parts" / f"{max(numbers, default=0) + 1:06d}"
        try:
            folder.rename(final)
        except OSError as error:
            raise self._unwritable(error) from error
        return final

    def known_campaigns(self) -> dict[str, frozenset[str]]:
        """Campaigns of earlier runs: id -> account names."""
        file = self._folder / "campaigns.json"
        if not file.exists():
            return {}
        try:
            known = msgspec.json.decode(file.read_bytes(), type=dict[str, list[str]])
        except (OSError, msgspec.DecodeError) as error:
            raise StateError(f"{file} can't be read: {error}") from error
        return {identity: frozenset(accounts) for identity, accounts in known.items()}

    def remember_campaigns(self, campaigns: dict[str, frozenset[str]]) -> None:
        """Keep campaigns for later runs; those not named stay as they were."""
        merged = {**self.known_campaigns(), **campaigns}
        plain = {identity: sorted(accounts) for identity, accounts in sorted(merged.items())}
        self._write(self._folder / "campaigns.json", msgspec.json.encode(plain))

    def _write(self, file: Path, data: bytes) -> None:
        partial = file.with_name(f".{file.name}.{os.getpid()}")
        try:
            partial.write_bytes(data)
            partial.replace(file)
        except OSError as error:
            raise self._unwritable(error) from error

    def _unwritable(self, error: OSError) -> StateError:
        return StateError(f"the state folder {self._folder} can't be written: {(error.strerror or '').lower()}")

    def close(self) -> None:
        """Let the next run in."""
        os.close(self._lock)
