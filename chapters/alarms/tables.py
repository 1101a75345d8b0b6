"""What the last look at the vouches of each chapter showed, sealed under the node key."""

from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, Table

from civic.kernel.database import private_metadata
from civic.kernel.record.tables import log

alarm = Table(
    "alarm",
    private_metadata,
    Column("log", Integer, ForeignKey(log.c.no), primary_key=True),
    Column("day", Date, nullable=False, info={"time": "day"}),
    Column("sealed", LargeBinary, nullable=False),
    comment="Members whom few paths of vouches reach; one list a chapter, replaced once a day.",
)
