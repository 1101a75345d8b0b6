"""What a node keeps for its operator: sessions of one page, and which of its jobs failed."""

from sqlalchemy import BigInteger, Boolean, Column, Date, Integer, LargeBinary, Table, Text

from civic.kernel.database import private_metadata

operator_session = Table(
    "operator_session",
    private_metadata,
    # SHA-256 of the link's secret or the cookie's value.
    Column("id_hash", LargeBinary, primary_key=True),
    # A link is used up by turning it into a session.
    Column("link", Boolean, nullable=False),
    # The minute since 1970 at which it ends.
    Column("until", BigInteger, nullable=False, info={"time": "minute"}),
    comment="Links and sessions of the operator's page; they belong to no account.",
)

job_failure = Table(
    "job_failure",
    private_metadata,
    Column("job", Text, primary_key=True),
    Column("day", Date, primary_key=True, info={"time": "day"}),
    Column("error", Text, nullable=False),
    Column("times", Integer, nullable=False, info={"time": None}),
    comment="Jobs that failed, by day; the name of the last error and nothing of its text.",
)
