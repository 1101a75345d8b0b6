"""The index of entries in the schema `view`: who did what, when, in which matter."""

from typing import Final

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, Table, Text, text

from civic.kernel.database import view_metadata
from civic.kernel.projection import Projections, Recorded, Rows
from civic.kernel.record.entry import minute

entry = Table(
    "entry",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("role", Text, nullable=False),
    Column("by_id", Text, nullable=False),
    Column("signed", Boolean, nullable=False),
    Column("act", BigInteger, nullable=False),
    Column("matter", Text),
    comment="Each entry; `act` is the index of the first entry of its act, times are minutes.",
)
# What the node records by itself is half of a record, and nobody looks for it by id.
Index(
    "entry_by_ix",
    entry.c.log,
    entry.c.by_id,
    entry.c.index,
    postgresql_where=text("role <> 'node'"),
)
Index(
    "entry_matter_ix",
    entry.c.log,
    entry.c.matter,
    entry.c.index,
    postgresql_where=entry.c.matter.is_not(None),
)

rules_version = Table(
    "rules_version",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("behind", BigInteger, primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    comment=(
        "Versions of the rules that were ever in force, each behind the act whose first entry is "
        "`behind`: -1 for the one a record begins with."
    ),
)

outage = Table(
    "outage",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("index", BigInteger, primary_key=True, autoincrement=False),
    Column("since", Integer, nullable=False),
    Column("until", Integer, nullable=False),
    comment="Times (minutes) in which the node was down.",
)


def list_entry(rows: Rows, recorded: Recorded) -> None:
    """List an entry of any kind."""
    made, index = recorded.entry, recorded.index
    rows.insert(
        entry,
        log=recorded.log,
        index=index,
        kind=made.kind,
        at=recorded.at,
        role=made.by.as_.value,
        by_id=made.by.id,
        signed=made.proof is not None,
        act=index - made.part,
        matter=None,
    )


def concerns(rows: Rows, recorded: Recorded, matter: str) -> None:
    """Note the matter that an entry belongs to."""
    rows.update(entry, {"log": recorded.log, "index": recorded.index}, matter=matter)


def note_outage(rows: Rows, recorded: Recorded) -> None:
    """Note an outage of the node."""
    body = recorded.entry.body
    rows.insert(
        outage,
        log=recorded.log,
        index=recorded.index,
        since=minute(body.from_),
        until=minute(body.to),
    )


def note_version(rows: Rows, recorded: Recorded, behind: int, version: int) -> None:
    """Note that a version of the rules is in force behind the act that begins at an index."""
    rows.insert(rules_version, log=recorded.log, behind=behind, version=version)


def note_adopted(rows: Rows, recorded: Recorded) -> None:
    """Note which version of the rules takes over behind this act."""
    made = recorded.entry
    note_version(rows, recorded, recorded.index - made.part, made.body.to)


PROJECTIONS: Final[Projections] = {
    "record.outage": (note_outage,),
    "record.rules_adopted": (note_adopted,),
}
