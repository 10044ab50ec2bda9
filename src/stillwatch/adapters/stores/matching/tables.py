"""The tables of private matching, beside a forum's own (members, credentials, ledger). Both holders have all of them.

No table holds an identifier, and none could: a holder sees blinded points alone, and the forum labels that nobody can
compute without both keys. Secret keys stand in files beside the database (``keyfiles``), never in it, so that a copy of
the database is no copy of a key. Times are microseconds since 1970 in UTC. Labels, points and digests are bytes.
"""

import sqlalchemy as sa

from stillwatch.adapters.stores.forum.tables import members

METADATA = sa.MetaData()

_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _member() -> "sa.ForeignKey":
    return sa.ForeignKey(members.c.id)


epochs = sa.Table(
    "match_epochs",
    METADATA,
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("public_key", sa.LargeBinary, nullable=False),
    sa.Column("state", sa.Text, nullable=False),  # drawn | open | closed | destroyed
    sa.Column("drawn_us", sa.BigInteger, nullable=False),
    sa.Column("moved_us", sa.BigInteger, nullable=False),  # when it came into this state
)

descriptions = sa.Table(
    "match_descriptions",
    METADATA,
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("body", sa.LargeBinary, nullable=False),  # `match.epochs.Epoch` as JSON, with both holders' keys
)

settings = sa.Table(
    "match_settings",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

budgets = sa.Table(
    "match_budgets",
    METADATA,
    sa.Column("member_id", _member(), primary_key=True),
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("used", sa.BigInteger, nullable=False),
)

allowances = sa.Table(
    "match_allowances",
    METADATA,
    sa.Column("member_id", _member(), primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
)

steps = sa.Table(
    "match_steps",
    METADATA,
    sa.Column("member_id", _member(), primary_key=True),
    sa.Column("session", sa.LargeBinary, primary_key=True),
    sa.Column("step", sa.Text, primary_key=True),
    sa.Column("batch", sa.LargeBinary, nullable=False),  # what stands for the request, which a replay must repeat
    sa.Column("epoch", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("units", sa.BigInteger, nullable=False),  # what it cost
    sa.Column("created_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("answer", sa.LargeBinary),  # none yet: charged and committed, not answered
)

shares = sa.Table(
    "match_shares",
    METADATA,
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("label", sa.LargeBinary, primary_key=True),
    sa.Column("member_id", _member(), primary_key=True),
    sa.Column("share", sa.LargeBinary, nullable=False),
    sa.Column("nonce", sa.LargeBinary, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # opaque until enough members hold this label
    sa.Column("evidence", sa.LargeBinary, nullable=False),  # digest that an audit may ask to open
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False, index=True),
    sa.Index("match_shares_by_member", "member_id", "epoch"),
)

letters = sa.Table(
    "match_letters",
    METADATA,
    sa.Column("id", _Number, primary_key=True),
    sa.Column("epoch", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("label", sa.LargeBinary, nullable=False),
    sa.Column("sender_id", _member(), nullable=False),
    sa.Column("recipient_id", _member(), index=True),  # none: every other member that holds the label
    sa.Column("kind", sa.Text, nullable=False),  # wish | agreed | given
    sa.Column("digest", sa.LargeBinary, nullable=False, unique=True),  # the same letter again is the same letter
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("answers", sa.LargeBinary, index=True),  # the digest of the letter that this one answers; none: a wish
    sa.Index("match_letters_by_label", "epoch", "type", "label"),
)

canaries = sa.Table(
    "match_canaries",
    METADATA,
    sa.Column("epoch", sa.Text, primary_key=True),
    sa.Column("type", sa.Text, primary_key=True),
    sa.Column("label", sa.LargeBinary, primary_key=True),
)
