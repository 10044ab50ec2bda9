"""What has been served under permits, counted by many workers in one SQLite file.

A worker counts in memory, adds its counts to the file every second and reads the others'. So a permit may be passed by
what all workers serve in about a second; nothing is lost but the last second of a worker that is killed.
"""

import sqlite3
import threading
from collections.abc import Mapping
from pathlib import Path

import platformdirs

from stillwatch.errors import StateError

#: Its name in the folder of a gateway's state, or wherever a program that counts itself keeps it.
FILE = "permits.sqlite"
_SCHEMA = "CREATE TABLE IF NOT EXISTS used (reference TEXT PRIMARY KEY, exchanges INTEGER NOT NULL) STRICT"
_ADD = "INSERT INTO used VALUES (?, ?) ON CONFLICT (reference) DO UPDATE SET exchanges = exchanges + excluded.exchanges"


class PermitCounts:
    """A ``decide.permits.Counter``. Use as a context manager, or ``start`` and ``close``."""

    def __init__(self, path: Path, *, every: float = 1.0) -> None:
        """Raises ``StateError`` where the file can't be used."""
        self._path = path
        self._every = every
        self._lock = threading.Lock()
        self._pending: dict[str, int] = {}
        self._known: Mapping[str, int] = {}
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        try:
            with _opened(path) as database:
                database.execute(_SCHEMA)
            self.flush()
        except sqlite3.Error as error:
            raise StateError(f"the counts of permits {path} can't be used: {error}") from error

    def __enter__(self) -> "PermitCounts":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def start(self) -> None:
        self._thread = threading.Thread(target=self._flushing, name="stillwatch-permits", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop, and add what was counted last. Raises ``StateError`` where that fails."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
        try:
            self.flush()
        except sqlite3.Error as error:
            raise StateError(f"the last counts of permits were not added to {self._path}: {error}") from error

    def used(self, reference: str) -> int:
        return self._known.get(reference, 0) + self._pending.get(reference, 0)

    def count(self, reference: str, exchanges: int = 1) -> None:
        with self._lock:
            self._pending[reference] = self._pending.get(reference, 0) + exchanges

    def flush(self) -> None:
        """Add what was counted to the file and read what others did. What can't be added stays counted here."""
        with self._lock:
            adding = dict(self._pending)
        with _opened(self._path) as database:
            database.execute("BEGIN IMMEDIATE")
            database.executemany(_ADD, sorted(adding.items()))
            known = dict(database.execute("SELECT reference, exchanges FROM used"))
            database.execute("COMMIT")
        with self._lock:
            self._known = known
            for reference, exchanges in adding.items():
                self._pending[reference] -= exchanges

    def _flushing(self) -> None:
        while not self._stop.wait(self._every):
            try:
                self.flush()
            except sqlite3.Error:
                continue  # counted in memory until the file answers again


def usual_state() -> Path:
    """The folder where a gateway keeps its state when it is told nothing."""
    return platformdirs.user_state_path("stillwatch") / "gateway"


def counted(path: Path) -> dict[str, int]:
    """What was served under each permit, by its reference; nothing where no gateway has counted yet."""
    if not path.exists():
        return {}
    try:
        with _opened(path) as database:
            return dict(database.execute("SELECT reference, exchanges FROM used"))
    except sqlite3.Error as error:
        raise StateError(f"the counts of permits {path} can't be read: {error}") from error


class _opened:
    """A connection that is closed at the end: sqlite3's own context manager ends a transaction and leaves it open."""

    def __init__(self, path: Path) -> None:
        self._database = sqlite3.connect(path, timeout=5.0, isolation_level=None)

    def __enter__(self) -> sqlite3.Connection:
        return self._database

    def __exit__(self, *_: object) -> None:
        self._database.close()
