"""The forum's tables. Times are microseconds since 1970 in UTC; identifiers that outsiders see are text.

``objects.date_added`` is the forum's own clock: strictly increasing over all collections, so that a client that pages
by it alone loses nothing (TAXII 2.1 section 3.5). ``scope`` is 0 for what every reader of the collection may see, and
the sender's number for what only named members may see (TLP:RED); the ``named`` table lists those members, the sender
among them. Both are led by an index of their own, so that a page costs the same however much a reader may not see.
"""

import sqlalchemy as sa

METADATA = sa.MetaData()

#: SQLite numbers rows itself only in a column of type INTEGER.
_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

forum = sa.Table(
    "forum",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("max_content_length", sa.Integer, nullable=False),
    sa.Column("government", sa.Boolean, nullable=False),
    sa.Column("secret", sa.LargeBinary, nullable=False),  # seals the `next` tokens
    sa.Column("clock_us", sa.BigInteger, nullable=False),  # the last date_added that was given out
    sa.Column("generation", sa.BigInteger, nullable=False),  # grows whenever members, collections or grants change
)

members = sa.Table(
    "members",
    METADATA,
    sa.Column("id", _Number, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("status", sa.Text, nullable=False),  # active | suspended
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("witness_key", sa.Text),  # C2SP verifier key, where the member cosigns checkpoints
)

credentials = sa.Table(
    "credentials",
    METADATA,
    sa.Column("digest", sa.LargeBinary, primary_key=True),  # SHA-256 of 256 random bits: no slow hash is needed
    sa.Column("member_id", sa.ForeignKey("members.id"), nullable=False, index=True),
    sa.Column("created_us", sa.BigInteger, nullable=False),
    sa.Column("revoked_us", sa.BigInteger),
)

collections = sa.Table(
    "collections",
    METADATA,
    sa.Column("id", _Number, primary_key=True),
    sa.Column("uuid", sa.Text, nullable=False, unique=True),
    sa.Column("alias", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("agreement", sa.Text, nullable=False),
    sa.Column("agreement_text", sa.Text, nullable=False),  # as it was signed; a newer release changes nothing here
    sa.Column("everyone", sa.Boolean, nullable=False),  # members without a grant have what their role gives
    sa.Column("log", sa.Text, nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False),
)

grants = sa.Table(
    "grants",
    METADATA,
    sa.Column("collection_id", sa.ForeignKey("collections.id"), primary_key=True),
    sa.Column("member_id", sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("can_read", sa.Boolean, nullable=False),
    sa.Column("can_write", sa.Boolean, nullable=False),
)

objects = sa.Table(
    "objects",
    METADATA,
    sa.Column("seq", _Number, primary_key=True),
    sa.Column("collection_id", sa.ForeignKey("collections.id"), nullable=False),
    sa.Column("date_added", sa.BigInteger, nullable=False),
    sa.Column("stix_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("version_us", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("owner_id", sa.ForeignKey("members.id"), nullable=False),
    sa.Column("audience", sa.SmallInteger, nullable=False),
    sa.Column("scope", sa.BigInteger, nullable=False),
    sa.Column("expires_us", sa.BigInteger),
    # Hints that spare a look at other versions. True is always right; False means: look.
    sa.Column("is_last", sa.Boolean, nullable=False),
    sa.Column("is_first", sa.Boolean, nullable=False),
    sa.Column("is_alone", sa.Boolean, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # SHA-256 of body
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Index("objects_in_order", "collection_id", "scope", "date_added", unique=True),
    sa.Index("objects_by_type", "collection_id", "scope", "type", "date_added"),
    sa.Index("objects_by_id", "collection_id", "stix_id", "version_us", "scope", unique=True),
    sa.Index("objects_by_expiry", "expires_us"),
)

named = sa.Table(
    "named",
    METADATA,
    sa.Column("member_id", sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("collection_id", sa.ForeignKey("collections.id"), primary_key=True),
    sa.Column("date_added", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.ForeignKey("objects.seq", ondelete="CASCADE"), nullable=False, index=True),
)

statuses = sa.Table(
    "statuses",
    METADATA,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("member_id", sa.ForeignKey("members.id"), nullable=False),
    sa.Column("created_us", sa.BigInteger, nullable=False, index=True),
    sa.Column("body", sa.LargeBinary, nullable=False),
)

counters = sa.Table(
    "counters",
    METADATA,
    sa.Column("member_id", sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("collection_id", sa.ForeignKey("collections.id"), primary_key=True),
    sa.Column("given", sa.BigInteger, nullable=False),
    sa.Column("given_to_named", sa.BigInteger, nullable=False),
    sa.Column("refused", sa.BigInteger, nullable=False),
    sa.Column("taken", sa.BigInteger, nullable=False),
)

logs = sa.Table(
    "logs",
    METADATA,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("origin", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False, server_default=""),  # the public half
    sa.Column("signing_key", sa.Text, nullable=False),  # empty: the private half lies in the key file (`signing`)
    sa.Column("size", sa.BigInteger, nullable=False),
)

leaves = sa.Table(
    "leaves",
    METADATA,
    sa.Column("log", sa.ForeignKey("logs.name"), primary_key=True),
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("member_id", sa.BigInteger),
    sa.Column("object_id", sa.Text),
    sa.Index("leaves_by_member", "member_id", "log", "number"),
    sa.Index("leaves_by_object", "object_id", "log", "number"),
)

nodes = sa.Table(
    "nodes",
    METADATA,
    sa.Column("log", sa.ForeignKey("logs.name"), primary_key=True),
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
)

checkpoints = sa.Table(
    "checkpoints",
    METADATA,
    sa.Column("log", sa.ForeignKey("logs.name"), primary_key=True),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("note", sa.Text, nullable=False),
)

cosignatures = sa.Table(
    "cosignatures",
    METADATA,
    sa.Column("log", sa.Text, primary_key=True),
    sa.Column("size", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("member_id", sa.ForeignKey("members.id"), primary_key=True),
    sa.Column("line", sa.Text, nullable=False),
)
