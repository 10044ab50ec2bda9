"""Open the database: which engine, which settings, which version of the tables.

SQLite runs in WAL mode with ``synchronous=FULL``: what was committed survives the loss of power, and one commit covers
many requests (``writer.py``), so that it costs little. ``BEGIN IMMEDIATE`` takes the write lock at once; a deferred
transaction that must be upgraded fails under load (SQLite documentation, "Transaction", section 2.2).
"""

import os
import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.pool import ConnectionPoolEntry

from stillwatch.errors import StateError, UnavailableError, UsageError

MIGRATIONS = Path(__file__).parent / "migrations"

#: How long one writer waits for another process that writes, in seconds.
PATIENCE = 30

_SQLITE_SETTINGS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    f"PRAGMA busy_timeout={PATIENCE * 1000}",
    "PRAGMA foreign_keys=ON",
    "PRAGMA secure_delete=ON",  # what expired is overwritten, not only unlinked
    "PRAGMA cache_size=-65536",
    "PRAGMA mmap_size=268435456",
)


def address(url: str) -> sa.URL:
    """The database that ``url`` names: ``sqlite:///FILE``, ``postgresql://...``, or the bare path of a file.

    Raises ``UsageError`` for anything else.
    """
    if "://" not in url:
        url = f"sqlite:///{url}"
    try:
        parsed = sa.make_url(url)
    except sa.exc.ArgumentError as error:
        raise UsageError("--db is no URL: write sqlite:///forum.db or postgresql://user@host/name") from error
    if parsed.get_backend_name() == "sqlite":
        if not parsed.database or parsed.database == ":memory:":
            raise UsageError("--db names no file: a forum in memory would forget what it proved")
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.get_backend_name() in {"postgresql", "postgres"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise UsageError(f"--db {parsed.get_backend_name()}: data is kept in sqlite or postgresql")


def connect(url: str, *, create: bool = False) -> sa.Engine:
    """An engine whose transactions all begin by taking the write lock on SQLite unless ``reading`` says otherwise.

    Raises ``UsageError`` where SQLite's file is missing and ``create`` is not set, or it can't be made;
    ``UnavailableError`` where nobody answers.
    """
    target = address(url)
    if target.get_backend_name() == "sqlite":
        path = Path(str(target.database))
        if not create and not path.is_file():
            raise UsageError(
                f"{path} does not exist: make it with `stillwatch forum init --db {url}`, "
                "or `stillwatch trustee init` for a trustee's"
            )
        if create:
            _make(path)
        engine = sa.create_engine(target, connect_args={"check_same_thread": False}, pool_size=8, max_overflow=16)
        sa.event.listen(engine, "connect", _prepare_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = sa.create_engine(target, pool_size=8, max_overflow=16, pool_pre_ping=True)
    try:
        with engine.connect() as connection:
            connection.execute(sa.text("SELECT 1"))
    except sa.exc.OperationalError as error:
        engine.dispose()
        raise UnavailableError(f"the database {target.render_as_string()} does not answer: {_first(error)}") from error
    return engine


def _make(path: Path) -> None:
    """An empty file for its owner alone, if there is none: members' objects will lie there, and what next tokens are
    signed with. SQLite gives its write-ahead log the same mode; the operator may widen it."""
    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise UsageError(f"--db names {path}, which can't be made: {(error.strerror or str(error)).lower()}") from error


def reading(engine: sa.Engine) -> sa.Connection:
    """A connection that reads one consistent state and takes no lock."""
    return engine.connect().execution_options(stillwatch_reading=True)


def _prepare_sqlite(connection: sqlite3.Connection, _entry: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # transactions begin where _begin_sqlite says so
    for setting in _SQLITE_SETTINGS:
        connection.execute(setting)


def _begin_sqlite(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("stillwatch_reading")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def migrate(engine: sa.Engine) -> None:
    """Bring the tables to this release's version; does nothing where they have it."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def check_version(engine: sa.Engine) -> None:
    """Raises ``StateError`` unless the tables are exactly this release's."""
    with reading(engine) as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if found is None:
        raise StateError("the database holds no forum: run `stillwatch forum init` first")
    if found != wanted:
        raise StateError(
            f"the forum's tables are of version {found}, this release speaks {wanted}: "
            "stop every server, back up, then run `stillwatch forum init` again, which migrates and keeps all data"
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config


def _first(error: Any) -> str:
    return str(error.orig or error).strip().splitlines()[0]
