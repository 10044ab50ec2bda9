"""Letters know which letter they answer, so that one half of a hand-over can wait for the other."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column. Letters of before stay without: what they hand over was delivered already."""
    op.add_column("match_letters", sa.Column("answers", sa.LargeBinary(), nullable=True))
    op.create_index("ix_match_letters_answers", "match_letters", ["answers"])
