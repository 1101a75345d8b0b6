"""The read model of assurance: levels, what they rest on, disputes (schema `view`)."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Table,
    Text,
    func,
)

from civic.kernel.database import view_metadata

view_metadata.info["projections of assurance"] = 2

level = Table(
    "level",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("member", Text, primary_key=True),
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("level", SmallInteger, nullable=False),
    comment="The level of each member from an entry on.",
)

founder = Table(
    "founder",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("member", Text, primary_key=True),
    Column("verified", Boolean, nullable=False),
    Column("gone", Boolean, nullable=False),
    comment="Founders, whether verifiers saw them whom a vote gave their office, who left.",
)

standing = Table(
    "level_standing",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("member", Text, primary_key=True),
    Column("vouched", Text),
    Column("vouched_until", Integer),
    Column("seen", Text),
    comment="On which terms the level of a member rests now.",
)

term = Table(
    "level_term",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("way", Text, nullable=False),
    Column("count", SmallInteger, nullable=False),
    Column("appointed", Boolean, nullable=False),
    Column("review", Boolean, nullable=False),
    Column("since", Integer, nullable=False),
    Column("until", Integer, nullable=False),
    Column("ended", Integer),
    comment="What levels rest or rested on: vouches, what verifiers saw, the founding.",
)
Index("level_term_member_ix", term.c.log, term.c.member)
Index("level_term_ended_ix", term.c.log, term.c.ended, postgresql_where=term.c.ended.is_not(None))

named = Table(
    "named_paper",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("of", Text, nullable=False),
    Column("since", Integer, nullable=False),
    comment="Restricted papers by what they belong to: a term, a dispute, or a case (its hash).",
)
Index("named_paper_ix", named.c.log, named.c.of)
Index("named_case_ix", named.c.log, named.c.since, postgresql_where=func.length(named.c.of) == 64)

dispute = Table(
    "dispute",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("since", Integer, nullable=False),
    Column("until", Integer),
    Column("reasons", LargeBinary, nullable=False),
    Column("answer", LargeBinary),
    Column("first", LargeBinary),
    Column("other", LargeBinary),
    Column("ended", Integer),
    comment=(
        "Challenges of levels. `reasons`, `answer`, `first` and `other` are hashes of papers: "
        "why, the answer, and the two who decided first."
    ),
)
Index("dispute_member_ix", dispute.c.log, dispute.c.member)
Index("dispute_open_ix", dispute.c.log, dispute.c.until, postgresql_where=dispute.c.ended.is_(None))
