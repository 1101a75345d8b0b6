"""The chapters domain's read model: chapters, bylaws, members (schema `view`)."""

from typing import Any

import msgspec
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
)

from chapters.bylaws import Bylaws
from civic.kernel.database import view_metadata
from civic.kernel.record.entry import encode_json

view_metadata.info["projections of chapters"] = 1

chapter = Table(
    "chapter",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("chapter_id", Text, nullable=False, unique=True),
    Column("log_id", Text, nullable=False),
    Column("stage", Text, nullable=False),
    Column("template", Text, nullable=False),
    Column("charter", Text, nullable=False),
    Column("name", LargeBinary, nullable=False),
    Column("founder", Text, nullable=False),
    Column("founded", Integer, nullable=False),
    Column("forming_until", Integer),
    Column("constituted", Integer),
    Column("founders", Integer, nullable=False),
    Column("active", Integer, nullable=False),
    Column("applied", Integer, nullable=False),
    Column("suspended", Integer, nullable=False),
    Column("imported", Integer, nullable=False),
    Column("bylaws_number", Integer, nullable=False),
    Column("bylaws", Text, nullable=False),
    Column("stewards", Text, nullable=False),
    Column("stewards_needed", Integer, nullable=False),
    Column("rules", Integer, nullable=False),
    comment="A chapter as it is now. `name` is a content hash, `bylaws` and `stewards` are JSON.",
)

bylaws_version = Table(
    "bylaws_version",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("entry", BigInteger, nullable=False),
    Column("at", Integer, nullable=False),
    Column("decision", Text),
    Column("changes", Text, nullable=False),
    Column("bylaws", Text, nullable=False),
    comment="All bylaws that were ever in force, from 1 on, as JSON.",
)

member = Table(
    "member",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("level", SmallInteger, nullable=False),
    Column("key", Text),
    Column("name", LargeBinary),
    Column("founder", Boolean, nullable=False),
    Column("since", Integer, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("admitted", BigInteger),
    Column("ended", Integer),
    Column("handed", Text),
    comment=(
        "Members; `admitted` is the entry that made an applicant a member. `handed` is null where "
        "nothing happened with the key, else the last change by verifiers that took effect."
    ),
)
Index("member_listed_ix", member.c.log, member.c.state, member.c.entry, member.c.id)
Index("member_since_ix", member.c.log, member.c.since)
Index("member_handed_ix", member.c.log, member.c.id, postgresql_where=member.c.handed.is_not(None))

confirmation = Table(
    "confirmation",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("member", Text, primary_key=True),
    Column("met", Text, primary_key=True),
    comment="Founders who said that they met each other.",
)

name_given = Table(
    "name_given",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("matter", Text, primary_key=True),
    Column("voice", Text, primary_key=True),
    Column("member", Text, nullable=False),
    Column("entry", BigInteger, nullable=False),
    comment="Voices that a member stands by with their name.",
)

erased = Table(
    "erased",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("hash", LargeBinary, primary_key=True),
    Column("entry", BigInteger, nullable=False),
    Column("role", Text, nullable=False),
    Column("reason", Text),
    comment="Words that were erased, by which entry, in which role and why.",
)


def as_json(value: Any) -> str:
    """Return a value as JSON text, as the tables keep it."""
    return encode_json(value).decode()


def read_bylaws(text: str) -> Bylaws:
    """Return the bylaws that a table keeps as JSON."""
    return msgspec.json.decode(text, type=Bylaws)


def on_tick(at: int, bylaws: Bylaws) -> int:
    """Return the first start of a tick at or after a minute at least an hour ahead."""
    return -(-at // bylaws.tick) * bylaws.tick
