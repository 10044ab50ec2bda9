"""The ledger's private keys lie in a file of their own, apart from the database and its back-ups.

Who copies the database can then read what was shared, but can't sign a log that never was. The file has a line for each
log, as ``Signer.secret`` writes it, and is for its owner alone; the database knows the public halves, so a file of
another forum is noticed before anything is signed with it.
"""

import os
import stat
from pathlib import Path

import sqlalchemy as sa

from stillwatch.adapters.stores.forum import upkeep
from stillwatch.adapters.stores.forum.tables import logs
from stillwatch.errors import OutputError, StateError, UsageError
from stillwatch.guard.ledger import Signer, VerifierKey

SUFFIX = ".ledger-key"


def beside(url: sa.URL) -> Path:
    """Where the file lies if nobody says: next to SQLite's; for PostgreSQL, in the working folder under its name."""
    name = Path(url.database or "forum")
    return name.with_name(name.name + SUFFIX)


class KeyFile:
    """The file at ``path``. Reads it when a key is first asked for; a key that was put in later is found as well."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._known: dict[VerifierKey, Signer] = {}

    def signer(self, key: VerifierKey) -> Signer:
        """The private half of ``key``. Raises ``StateError`` where it is not here, or where others may read it."""
        if key not in self._known:
            self._known = {signer.key: signer for signer in self._read()}
        if key not in self._known:
            named = ", ".join(sorted(one.name for one in self._known)) or "none"
            raise StateError(
                f"the ledger key file {self.path} does not hold the key of the log {key.name} (it holds: {named}): "
                "--ledger-key says where the right one is; a lost one can't be made again, only restored"
            )
        return self._known[key]

    def keep(self, signer: Signer) -> None:
        """Add a key, on disk before this returns. Raises ``OutputError``; ``StateError`` where others may read it."""
        try:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(handle, "r+") as file:
                self._check_owner(os.fstat(file.fileno()))
                if signer.secret not in file.read().splitlines():
                    file.write(f"{signer.secret}\n")
                    file.flush()
                os.fsync(file.fileno())
            folder = os.open(self.path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise OutputError(f"the ledger key file {self.path} can't be written: {_why(error)}") from error

    def _read(self) -> list[Signer]:
        try:
            with self.path.open(encoding="ascii") as file:
                self._check_owner(os.fstat(file.fileno()))
                lines = file.read().splitlines()
            return [Signer.parse(line) for line in lines if line.strip()]
        except FileNotFoundError as error:
            raise StateError(
                f"the ledger key file {self.path} is missing: without it the forum can sign no checkpoint; restore it, "
                "or say where it is with --ledger-key"
            ) from error
        except OSError as error:
            raise StateError(f"the ledger key file {self.path} can't be read: {_why(error)}") from error
        except (UsageError, UnicodeDecodeError) as error:
            raise StateError(f"the ledger key file {self.path} is damaged: a line of it is no private key") from error

    def _check_owner(self, found: os.stat_result) -> None:
        if not stat.S_ISREG(found.st_mode):
            raise StateError(f"the ledger key file {self.path} is no file")
        if found.st_mode & 0o077:
            raise StateError(f"the ledger key file {self.path} may be read by others: chmod 600 it")


def settle(engine: sa.Engine, keys: KeyFile) -> int:
    """Move keys that an older release left in the database into the file, erase them there, then check that the file
    holds every log's. How many were moved."""
    with engine.begin() as connection:
        left = sa.select(logs.c.name, logs.c.signing_key).where(logs.c.signing_key != "")
        found = connection.execute(left).all()
        for row in found:  # on disk first: a stop in between leaves the key in both places, never in none
            keys.keep(Signer.parse(row.signing_key))
            connection.execute(sa.update(logs).where(logs.c.name == row.name).values(signing_key=""))
        public = connection.execute(sa.select(logs.c.key)).scalars().all()
        for key in public:
            keys.signer(VerifierKey.parse(key))
    if found:
        _overwrite(engine)
    return len(found)


def _overwrite(engine: sa.Engine) -> None:
    """Let no copy of the erased rows lie in the database's own files."""
    upkeep.forget(engine)
    if engine.dialect.name == "postgresql":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text("VACUUM FULL logs"))


def _why(error: OSError) -> str:
    return (error.strerror or str(error)).lower()
