"""Found a trustee: the second key holder of private matching, run by somebody who is not the forum.

It has a database, a list of members with credentials, a ledger and keys of its own, and knows nothing of the forum: not
its address, not its members, not its objects. Its database has the same tables as a forum's, those for objects empty,
so that members, credentials and the ledger are kept by the same code and checked by the same tests.
"""

from pathlib import Path
from typing import Any

import sqlalchemy as sa

from stillwatch.adapters.stores.forum import database, ledger
from stillwatch.adapters.stores.forum.directory import MAIN_LOG
from stillwatch.adapters.stores.forum.signing import KeyFile, beside
from stillwatch.adapters.stores.forum.tables import logs
from stillwatch.apps.forum import founding, matching_keys
from stillwatch.errors import UsageError

HOLDER = "trustee"


def found(url: str, title: str, keys: Path, ledger_key: Path | None = None) -> dict[str, Any]:
    """Make the tables (or bring them up to date) and the folder for keys."""
    engine = database.connect(url, create=True)
    signing = KeyFile(ledger_key or beside(engine.url))
    try:
        database.migrate(engine)
        with engine.begin() as connection:
            origin = connection.execute(sa.select(logs.c.origin).where(logs.c.name == MAIN_LOG)).scalar()
            if origin is None:
                founding.begin(connection, title, founding.MAX_CONTENT_LENGTH, HOLDER, signing)
            elif not origin.startswith(f"stillwatch/{HOLDER}/"):
                raise UsageError("this database is a forum's: forum and trustee are never one")
    finally:
        engine.dispose()
    described = matching_keys.prepare(url, keys, HOLDER)
    with founding.opened(url) as connection:
        return {"title": title, "logs": {name: str(key) for name, key in ledger.keys(connection).items()}, **described}


def check(url: str) -> None:
    """Raises ``UsageError`` unless this is a trustee's database: a command that was meant for it would harm a forum."""
    matching_keys.check(url, HOLDER)
