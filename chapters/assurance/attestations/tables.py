"""What waits or is counted privately, as tables of the schema `private`."""

from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
)

from chapters.bylaws import DAY
from civic.kernel.database import private_metadata
from civic.kernel.record.tables import log as log_table
from civic.kernel.record.ties import Vault

code = Table(
    "vouch_code",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("member_tag", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", Integer, nullable=False, info={"time": "minute"}),
    UniqueConstraint("log", "member_tag"),
    comment="Codes shown by who wants to be vouched for; gone after a quarter of an hour.",
)

pending = Table(
    "attestation",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("place", LargeBinary, primary_key=True),
    Column("subject", LargeBinary, nullable=False),
    Column("by_tag", LargeBinary, nullable=False),
    Column("kind", Text, nullable=False),
    Column("hash", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Integer, nullable=False, info={"time": "day"}),
    comment="Vouches, verifications and opinions that wait for others before the record has any.",
)
Index(None, pending.c.log, pending.c.subject)
Index(None, pending.c.log, pending.c.by_tag)

counted = Table(
    "attested",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("by_tag", LargeBinary, primary_key=True),
    Column("day", Integer, primary_key=True, info={"time": "day"}),
    Column("count", Integer, nullable=False, info={"time": None}),
    comment="How often somebody vouched, verified or challenged by the end of which day.",
)

case = Table(
    "verify_case",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("member_tag", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Integer, nullable=False, info={"time": "day"}),
    UniqueConstraint("log", "member_tag"),
    comment="Requests to be verified that wait for two verifiers, sealed under the node key.",
)

backing = Table(
    "backing",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("of", Text, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    comment="Who stands behind a level or a dispute, sealed under the node key while it lasts.",
)


def end_of_day(minute: int) -> int:
    """Return the end of the day that a minute lies in: no finer time is kept."""
    return minute - minute % DAY + DAY


def tag_of(vault: Vault, kind: str, log: int, *parts: str) -> bytes:
    """Return the tag under which something of a kind is found."""
    return vault.other_tag("assurance", kind, str(log), *parts)
