"""Public keys of the logs get a column of their own: the private ones move into a file when the forum next serves."""

import sqlalchemy as sa
from alembic import op

from stillwatch.guard.ledger import Signer

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add ``logs.key`` and fill it from the private keys."""
    op.add_column("logs", sa.Column("key", sa.Text(), nullable=False, server_default=""))
    logs = sa.table("logs", sa.column("name"), sa.column("signing_key"), sa.column("key"))
    connection = op.get_bind()
    for name, private in connection.execute(sa.select(logs.c.name, logs.c.signing_key)).all():
        public = str(Signer.parse(private).key)
        connection.execute(sa.update(logs).where(logs.c.name == name).values(key=public))
