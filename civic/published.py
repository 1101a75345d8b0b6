"""The table of pages as people outside a chapter see them (see civic/publication.py)."""

from sqlalchemy import ARRAY, BigInteger, Column, ForeignKey, Integer, LargeBinary, Table, Text

from civic.kernel.database import private_metadata
from civic.kernel.record.tables import log

published = Table(
    "published",
    private_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("shown", Integer, primary_key=True, autoincrement=False, info={"time": "minute"}),
    Column("size", BigInteger, nullable=False, info={"time": None}),
    Column("visibility", Text, nullable=False),
    Column("texts", ARRAY(LargeBinary), nullable=False),
    Column("model", LargeBinary, nullable=False),
    comment=(
        "What a page shows to people outside the chapter from the minute `shown` on: JSON without "
        "words, and the hashes of the words that belong to it. `visibility` says for whom the "
        "chapter's record was when it was stored."
    ),
)
