"""The deliberation domain's read model: matters, what was said of them, what came of them."""

from typing import Final

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

from civic.kernel.database import view_metadata

view_metadata.info["projections of deliberation"] = 1

OPEN_PHASES: Final = ("support", "discussion", "notice", "vote")

matter = Table(
    "matter",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("entry", BigInteger, nullable=False),
    Column("author", Text, nullable=False),
    Column("title", LargeBinary, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("labels", LargeBinary, nullable=False),
    Column("options", SmallInteger, nullable=False),
    Column("lang", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("phase", Text, nullable=False),
    Column("phase_since", Integer, nullable=False),
    Column("phase_until", Integer),
    Column("secrecy", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("appointment", Text),
    Column("bylaws_number", Integer, nullable=False),
    Column("support_least", Integer, nullable=False),
    Column("support_share", Integer, nullable=False),
    Column("supports", Integer, nullable=False),
    Column("pro", Integer, nullable=False),
    Column("con", Integer, nullable=False),
    Column("comments", Integer, nullable=False),
    Column("statements", Integer, nullable=False),
    Column("voices", Integer, nullable=False),
    Column("voices_tied", Integer, nullable=False),
    Column("rows_tied", Integer, nullable=False),
    Column("tasks", Integer, nullable=False),
    Column("cards", Integer, nullable=False),
    Column("election", Text),
    Column("outcome", Text),
    Column("winners", Text, nullable=False),
    Column("kept_field", Text),
    Column("source", Text),
    Column("created", Integer, nullable=False),
    Column("ended", Integer),
    Column("closed", BigInteger),
    Column("active_at", Integer, nullable=False),
    comment=(
        "Proposals and imported conversations as they are now. title, text and labels (32 bytes "
        "for each option) are content hashes, changes, appointment and winners are JSON, closed is "
        "the entry from which on reactions have no effect."
    ),
)
_OPEN = matter.c.phase.in_(OPEN_PHASES)
Index("matter_open_ix", matter.c.log, matter.c.phase_until, matter.c.id, postgresql_where=_OPEN)
Index(
    "matter_closed_ix", matter.c.log, matter.c.closed, postgresql_where=matter.c.closed.is_not(None)
)
Index(
    "matter_imported_ix",
    matter.c.log,
    matter.c.entry,
    postgresql_where=matter.c.phase == "imported",
)

support = Table(
    "support",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("matter", Text, primary_key=True),
    Column("voice", Text, primary_key=True),
    Column("active", Boolean, nullable=False),
    Column("entry", BigInteger, nullable=False),
    comment="Voices that support a proposal, or did until they withdrew it.",
)

voice = Table(
    "voice",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("matter", Text, primary_key=True),
    Column("voice", Text, primary_key=True),
    Column("entry", BigInteger, nullable=False),
    comment="Voices that spoke in a matter, with the entry in which each first did.",
)

version = Table(
    "version",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("matter", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("entry", BigInteger, nullable=False),
    Column("at", Integer, nullable=False),
    Column("title", LargeBinary, nullable=False),
    Column("text", LargeBinary, nullable=False),
    Column("labels", LargeBinary, nullable=False),
    comment="All texts that a proposal ever had, from 1 on.",
)

statement = Table(
    "statement",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("matter", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("parent", Text, nullable=False),
    Column("thread", Text, nullable=False),
    Column("path", LargeBinary, nullable=False),
    Column("depth", SmallInteger, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("at", Integer, nullable=False),
    Column("day", Text),
    Column("accepted", Boolean),
    Column("agree", Integer, nullable=False, default=0),
    Column("disagree", Integer, nullable=False, default=0),
    Column("passed", Integer, nullable=False, default=0),
    Column("score", Integer, nullable=False, default=0),
    Column("comments", Integer, nullable=False, default=0),
    comment=(
        "Arguments (pro, con), comments and imported statements. A comment stands in the thread of "
        "its proposal or argument; paths, compared as bytes, give the order of display."
    ),
)
Index(
    "statement_thread_ix",
    statement.c.log,
    statement.c.thread,
    statement.c.path,
    postgresql_where=statement.c.kind == "comment",
)
Index(
    "statement_ranked_ix",
    statement.c.log,
    statement.c.matter,
    statement.c.kind,
    statement.c.score.desc(),
    statement.c.entry,
    postgresql_where=statement.c.kind != "comment",
)

reaction = Table(
    "reaction",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("subject", Text, primary_key=True),
    Column("row_id", Text, primary_key=True),
    Column("value", SmallInteger, nullable=False),
    Column("entry", BigInteger, nullable=False),
    comment="Reactions that count: 1 agree, -1 disagree, 0 pass.",
)

timeline = Table(
    "timeline",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("matter", Text, primary_key=True),
    Column("entry", BigInteger, primary_key=True, autoincrement=False),
    Column("phase", Text, nullable=False),
    Column("at", Integer, nullable=False),
    Column("until", Integer),
    comment="Each change of phase, and each deadline that was extended (phase `extended`).",
)

task = Table(
    "task",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("matter", Text, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("office", Text, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("at", Integer, nullable=False),
    Column("until", Integer, nullable=False),
    Column("done", Integer),
)
Index("task_open_ix", task.c.log, task.c.until, task.c.id, postgresql_where=task.c.done.is_(None))
Index("task_matter_ix", task.c.log, task.c.matter)

card = Table(
    "card",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("matter", Text, nullable=False),
    Column("result", Text, nullable=False),
    Column("again", Text, nullable=False),
    Column("expected", LargeBinary, nullable=False),
    Column("happened", LargeBinary, nullable=False),
    Column("office", Text, nullable=False),
    Column("entry", BigInteger, nullable=False),
    Column("at", Integer, nullable=False),
    comment="Outcome cards.",
)
Index("card_matter_ix", card.c.log, card.c.matter)
Index("card_listed_ix", card.c.log, card.c.entry)
