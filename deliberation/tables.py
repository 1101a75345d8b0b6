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
from civic.kernel.projection import After

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
    Column("languages", Text, nullable=False),
    Column("also", LargeBinary, nullable=False),
    Column("version", Integer, nullable=False),
    Column("phase", Text, nullable=False),
    Column("phase_since", Integer, nullable=False),
    Column("phase_until", Integer),
    Column("secrecy", Text, nullable=False),
    Column("changes", Text, nullable=False),
    Column("appointment", Text),
    Column("rules", Text),
    Column("measure", Text),
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
        "for each option) are content hashes in the binding language; languages are further ones, "
        "with spaces between, and also the hashes of their titles, texts and labels. changes, "
        "appointment, measure, rules (the adoption of a newer version) and winners are JSON, "
        "closed is the entry from which on reactions have no effect."
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
    Column("languages", Text, nullable=False),
    Column("also", LargeBinary, nullable=False),
    Column("reason", LargeBinary),
    comment="All texts that a proposal ever had, from 1 on; reason is the hash of why it changed.",
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
# Who reacted sees what became of it.
Index("reaction_row_ix", reaction.c.log, reaction.c.row_id)

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
# Feeds tell the latest of a whole chapter.
Index("timeline_entry_ix", timeline.c.log, timeline.c.entry)

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
    # A task may have any date that an entry can name; minutes outgrow four bytes in the year 6053.
    Column("until", BigInteger, nullable=False),
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

SPOKE: Final = After(
    """
    WITH fresh AS (
        INSERT INTO view.voice (log, matter, voice, entry)
        SELECT log, matter, voice, min(entry)
        FROM unnest(:log, :matter, :voice, :entry) AS g(log, matter, voice, entry)
        GROUP BY log, matter, voice
        ON CONFLICT DO NOTHING
        RETURNING log, matter
    ), counted AS (SELECT log, matter, count(*) AS n FROM fresh GROUP BY log, matter)
    UPDATE view.matter m SET voices = m.voices + n
    FROM counted WHERE m.log = counted.log AND m.id = counted.matter
    """,
    log=Integer,
    matter=Text,
    voice=Text,
    entry=BigInteger,
)
"""Voices that spoke: kept once for each matter, and counted."""

REACTED: Final = After(
    """
    WITH given AS (
        SELECT DISTINCT ON (g.log, g.subject, g.row_id)
            g.log, g.subject, g.row_id, g.value, g.entry
        FROM unnest(:log, :subject, :row_id, :value, :entry)
            AS g(log, subject, row_id, value, entry)
        JOIN view.statement s ON s.log = g.log AND s.id = g.subject
        JOIN view.matter m ON m.log = s.log AND m.id = s.matter
        WHERE m.closed IS NULL OR m.closed > g.entry
        ORDER BY g.log, g.subject, g.row_id, g.entry DESC
    ), replaced AS (
        SELECT r.log, r.subject, r.value
        FROM given JOIN view.reaction r USING (log, subject, row_id)
    ), written AS (
        INSERT INTO view.reaction (log, subject, row_id, value, entry)
        SELECT log, subject, row_id, value, entry FROM given
        ON CONFLICT (log, subject, row_id)
            DO UPDATE SET value = excluded.value, entry = excluded.entry
    ), changed AS (
        SELECT log, subject,
            coalesce(sum(n) FILTER (WHERE value = 1), 0) AS agree,
            coalesce(sum(n) FILTER (WHERE value = -1), 0) AS disagree,
            coalesce(sum(n) FILTER (WHERE value = 0), 0) AS passed
        FROM (
            SELECT log, subject, value, 1 AS n FROM given
            UNION ALL SELECT log, subject, value, -1 FROM replaced
        ) AS both_ways
        GROUP BY log, subject
    )
    UPDATE view.statement s SET
        agree = s.agree + c.agree, disagree = s.disagree + c.disagree,
        passed = s.passed + c.passed, score = s.score + c.agree - c.disagree
    FROM changed c WHERE s.log = c.log AND s.id = c.subject
    """,
    log=Integer,
    subject=Text,
    row_id=Text,
    value=SmallInteger,
    entry=BigInteger,
)
"""Reactions: the latest of a row counts, if it was recorded before its matter was closed."""

ABOUT: Final = After(
    """
    UPDATE view.entry e SET matter = found.matter
    FROM (
        SELECT g.log, g.entry, coalesce(m.id, s.matter, t.matter, c.matter) AS matter
        FROM unnest(:log, :entry, :about) AS g(log, entry, about)
        LEFT JOIN view.matter m ON m.log = g.log AND m.id = g.about
        LEFT JOIN view.statement s ON s.log = g.log AND s.id = g.about
        LEFT JOIN view.task t ON t.log = g.log AND t.id = g.about
        LEFT JOIN view.card c ON c.log = g.log AND c.id = g.about
    ) AS found
    WHERE e.log = found.log AND e.index = found.entry AND e.matter IS NULL
    """,
    log=Integer,
    entry=BigInteger,
    about=Text,
)
"""Entries about anything in a matter: the index of entries names the matter."""
