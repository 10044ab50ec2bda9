"""Which version the matching tables have. They stand in the database of a forum, or in a trustee's of the same build.

They have a history of their own: a forum that never matches never has them.
"""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from stillwatch.adapters.stores.forum import database
from stillwatch.errors import StateError

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "match_version"


def migrate(engine: sa.Engine) -> None:
    """Make the matching tables, or bring them to this release's version."""
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def present(engine: sa.Engine) -> bool:
    """Whether this database matches at all. Raises ``StateError`` where its tables are of another version."""
    with database.reading(engine) as connection:
        found = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE}).get_current_revision()
    wanted = ScriptDirectory.from_config(_config()).get_current_head()
    if found is not None and found != wanted:
        raise StateError(
            f"the matching tables are of version {found}, this release speaks {wanted}: "
            "stop every server, back up, then run `init` again, which migrates and keeps all data"
        )
    return found is not None


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    return config
