"""Alembic's entry point: it runs on the connection that ``database.migrate`` hands it, inside its transaction."""

from alembic import context

from stillwatch.adapters.stores.matching.database import VERSION_TABLE
from stillwatch.adapters.stores.matching.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"], target_metadata=METADATA, version_table=VERSION_TABLE
)
with context.begin_transaction():
    context.run_migrations()
