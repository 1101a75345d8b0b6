"""The table of webhooks: where a chapter's news is sent, and how far that has come."""

from sqlalchemy import BigInteger, Boolean, Column, Date, ForeignKey, Index, Integer, Table, Text

from civic.kernel.database import private_metadata
from civic.kernel.record.tables import log

webhook = Table(
    "webhook",
    private_metadata,
    Column("id", Text, primary_key=True),
    Column("log", Integer, ForeignKey(log.c.no), nullable=False),
    Column("url", Text, nullable=False),
    Column("every", Boolean, nullable=False),
    Column("next", BigInteger, nullable=False, info={"time": None}),
    Column("failures", Integer, nullable=False, server_default="0", info={"time": None}),
    Column("due", Integer, nullable=False, server_default="0", info={"time": "minute"}),
    Column("ended", Text),
    Column("ended_on", Date, info={"time": "day"}),
    comment=(
        "Addresses to which a chapter's entries are told. `next` is the first index that was not "
        "delivered, `failures` how often that failed in a row, `due` the minute of the next try; "
        "`ended` says why it is tried no more. The key of the signatures is derived, not kept."
    ),
)
Index(None, webhook.c.log)
