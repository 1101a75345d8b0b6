"""Tables of the schema `record` (the truth), and the private ones that the book itself keeps."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)

from civic.kernel.database import private_metadata, record_metadata

log = Table(
    "log",
    record_metadata,
    Column("no", Integer, Identity(), primary_key=True),
    Column("log_id", Text, nullable=False, unique=True),
    Column("chapter_id", Text, unique=True),
    Column("public_key", LargeBinary, nullable=False),
    Column("replica", Integer, nullable=False, server_default="0"),
    Column("visibility", Text, nullable=False, server_default="chapter"),
    Column("size", BigInteger, nullable=False),
    Column("at", Integer, nullable=False),
    Column("frontier", LargeBinary, nullable=False),
    Column("handed", Integer, nullable=False, server_default="0"),
    # How often something happened with a member's key: who remembers them looks again.
    Column("turned", BigInteger, nullable=False, server_default="0"),
    Column("signed_size", BigInteger, nullable=False),
    Column("signed_frontier", LargeBinary, nullable=False),
    Column("signed_note", LargeBinary),
    CheckConstraint("signed_size <= size", name="signed"),
    comment="The head of each log: the one lock under which a record grows.",
)

entry = Table(
    "entry",
    record_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("key", LargeBinary, nullable=False),
    Column("part", SmallInteger, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
    Column("leaf", LargeBinary, nullable=False),
    UniqueConstraint("log", "key", "part"),
)

subtree = Table(
    "subtree",
    record_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("level", SmallInteger, primary_key=True),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, nullable=False),
    comment="Hashes of full tiles: level L, index N is the root of tile (L-1, N).",
)

checkpoint = Table(
    "checkpoint",
    record_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("size", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Integer, nullable=False),
    Column("note", LargeBinary, nullable=False),
    comment="Every checkpoint ever signed, with the time of its last entry.",
)
Index(None, checkpoint.c.log, checkpoint.c.at, checkpoint.c.size)

content = Table(
    "content",
    record_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("bytes", LargeBinary),
    Column("erased_by", BigInteger),
    # Bytes of words that an office hid: they come back on appeal.
    Column("hidden", LargeBinary),
    CheckConstraint("(bytes IS NULL) = (erased_by IS NOT NULL)", name="erased"),
    CheckConstraint("hidden IS NULL OR erased_by < 0", name="hidden"),
    comment=(
        "Words and evidence; erased words keep their hash and the entry that says so, of hidden "
        "ones `erased_by` is -1 less the entry."
    ),
)

tie = Table(
    "tie",
    private_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("id_tag", LargeBinary, primary_key=True),
    Column("member_tag", LargeBinary, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("matter", Text, nullable=False),
    Column("of", Text, nullable=False),
    Column("recorded", Integer, nullable=False, server_default="0", info={"time": None}),
    # 1: its member wants it erased, which is done once its matter has ended. No time is kept.
    Column("unwanted", Integer, nullable=False, server_default="0", info={"time": None}),
    UniqueConstraint("log", "member_tag"),
    comment=(
        "Papers that tie a voice or row id to a member, sealed under the node key, which lies "
        "outside the database. Tags are keyed hashes: they find a tie, they tell nothing."
    ),
)
Index("tie_waiting_ix", tie.c.log, tie.c.of, postgresql_where=tie.c.recorded == 0)
Index("tie_unwanted_ix", tie.c.log, tie.c.matter, postgresql_where=tie.c.unwanted == 1)

paper = Table(
    "paper",
    private_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    comment="Other restricted papers (invitations), sealed under the node key.",
)

box = Table(
    "box",
    private_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("row", Text, primary_key=True),
    Column("value", BigInteger, nullable=False, info={"time": None}),
    # How many values their person signed about the subject so far, where they sign.
    Column("count", BigInteger, info={"time": None}),
    Column("public_key", LargeBinary),
    Column("signature", LargeBinary),
    comment="Reactions and votes that wait to be recorded together; no time, order or account.",
)

snapshot = Table(
    "snapshot",
    private_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("size", BigInteger, nullable=False, info={"time": None}),
    Column("rules", Integer, nullable=False, info={"time": None}),
    Column("code", LargeBinary, nullable=False),
    Column("state", LargeBinary, nullable=False),
    comment="State of the rules at a size, to load a chapter fast; ignored by audits.",
)

heartbeat = Table(
    "heartbeat",
    private_metadata,
    Column("one", Integer, primary_key=True, autoincrement=False, info={"time": None}),
    Column("minute", Integer, nullable=False, info={"time": "minute"}),
    CheckConstraint("one = 1", name="one"),
    comment="The last minute in which a node on this database was up.",
)
