"""One small SQLite file that holds what is its owner's alone: mode 0600, and every change all or nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from stillwatch.errors import OutputError, StateError


class OwnSqlite:
    """Use as a context manager. One process at a time writes; another waits up to 30 seconds."""

    #: What the file is, for whoever gives another: "a book of cases".
    what: str

    def __init__(self, path: Path) -> None:
        """Open or make the file. Raises ``OutputError``, or ``StateError`` for a file that is not ``what``."""
        try:
            self._db = sqlite3.connect(path, timeout=30.0, isolation_level=None)
            path.chmod(0o600)
            self._prepare(path)
        except (OSError, sqlite3.OperationalError) as error:
            raise OutputError(f"{path} can't be written: {error}") from error
        except sqlite3.DatabaseError as error:
            raise StateError(f"{path} is not {self.what}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _prepare(self, path: Path) -> None:
        """Set what the file needs, and make its tables where they are missing."""
        raise NotImplementedError

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")
