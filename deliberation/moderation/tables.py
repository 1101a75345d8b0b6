"""The read model of words that were hidden in office: why, by whom, and what came of it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    text,
)

from chapters.tables import chapter, on_tick, read_bylaws
from civic.kernel.database import Writing, view_metadata
from civic.kernel.projection import After, Found, Project, Recorded, Rows
from civic.kernel.record.entry import minute
from deliberation import entries as d
from deliberation.moderation import entries as e
from deliberation.moderation.rules import JUDGING_TIME, WHAT
from deliberation.projection.changing import matter_key
from deliberation.tables import matter, statement
from deliberation.wording import WORDED

view_metadata.info["projections of moderation"] = 1

hiding = Table(
    "hiding",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("entry", BigInteger, nullable=False),
    Column("at", Integer, nullable=False),
    Column("of", Text, nullable=False),
    Column("matter", Text, nullable=False),
    Column("author", Text, nullable=False),
    Column("words", LargeBinary, nullable=False),
    Column("office", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("until", Integer),
    Column("appealed", Integer),
    Column("appealed_entry", BigInteger),
    Column("plea", LargeBinary),
    Column("ended", Integer),
    Column("ended_entry", BigInteger),
    Column("why", Text),
    Column("covers", Boolean, nullable=False),
    comment=(
        "Words that an office hid: `words` are their hashes (32 bytes each), `author` the voice "
        "that wrote them, `until` when the time to appeal or to judge ends, `plea` what the author "
        "says, `why` how it was settled; `covers` while they are not shown."
    ),
)
Index("hiding_listed_ix", hiding.c.log, hiding.c.entry)
Index("hiding_matter_ix", hiding.c.log, hiding.c.matter)
Index("hiding_open_ix", hiding.c.log, postgresql_where=hiding.c.ended.is_(None))

hiding_judgement = Table(
    "hiding_judgement",
    view_metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("hiding", Text, primary_key=True),
    Column("office", Text, primary_key=True),
    Column("show", Boolean, nullable=False),
    Column("entry", BigInteger, nullable=False),
    comment="What offices judged about appeals against hiding.",
)

ABOUT: Final = After(
    """
    UPDATE view.entry e SET matter = h.matter
    FROM unnest(:log, :entry, :hiding) AS g(log, entry, hiding)
    JOIN view.hiding h ON h.log = g.log AND h.id = g.hiding
    WHERE e.log = g.log AND e.index = g.entry
    """,
    log=Integer,
    entry=BigInteger,
    hiding=Text,
)
"""Entries about hidden words: the index of entries names the matter."""

_COVER: Final = text(
    """
    UPDATE record.content c SET hidden = c.bytes, bytes = NULL, erased_by = -1 - h.entry
    FROM view.hiding h CROSS JOIN LATERAL generate_series(1, length(h.words) / 32) AS n
    WHERE h.log = :log AND h.covers AND c.log = h.log
        AND c.hash = substr(h.words, n * 32 - 31, 32) AND c.bytes IS NOT NULL
    """
)
_UNCOVER: Final = text(
    "UPDATE record.content SET bytes = hidden, hidden = NULL, erased_by = NULL "
    "WHERE log = :log AND hidden IS NOT NULL"
)


async def cover_all(db: Writing, log: int) -> None:
    """Hide the words that a record says are hidden, and show all others, as a copy is brought in.

    To be called before what is erased is.
    """
    await db.execute(_UNCOVER, {"log": log})
    await db.execute(_COVER, {"log": log})


def _one(recorded: Recorded, own_id: str) -> dict[str, Any]:
    return {"log": recorded.log, "id": own_id}


def _hidden(rows: Rows, recorded: Recorded) -> None:
    body: e.WordsHidden = recorded.entry.body
    own = _one(recorded, body.id)
    rows.insert(
        hiding,
        **own,
        entry=recorded.index,
        at=recorded.at,
        of=body.of,
        matter="",
        author="",
        words=b"".join(bytes.fromhex(one) for one in sorted(set(body.words))),
        office=recorded.entry.by.id,
        reason=body.reason,
        until=None,
        appealed=None,
        appealed_entry=None,
        plea=None,
        ended=None,
        ended_entry=None,
        why=None,
        covers=True,
    )

    def proposed(found: Found) -> None:
        if found is not None:
            rows.update(hiding, own, matter=body.of, author=found["author"])

    def said(found: Found) -> None:
        if found is not None:
            rows.update(hiding, own, matter=found["matter"], author=found["author"])

    def wait(found: Found) -> None:
        if found is None:
            raise LookupError("words were hidden before the founding")
        bylaws = read_bylaws(found["bylaws"])
        rows.update(hiding, own, until=on_tick(recorded.at + bylaws.appeal_time, bylaws))

    rows.find(matter, matter_key(recorded, body.of), ("author",), proposed)
    rows.find(statement, _one(recorded, body.of), ("matter", "author"), said)
    rows.find(chapter, {"log": recorded.log}, ("bylaws",), wait)
    rows.then(ABOUT, recorded.log, recorded.index, body.id)
    # Nobody finds a proposal by words that are not shown.
    rows.then(WORDED, recorded.log, body.of)


def _appealed(rows: Rows, recorded: Recorded) -> None:
    body: e.HidingAppealed = recorded.entry.body

    def wait(found: Found) -> None:
        if found is None:
            raise LookupError("words were hidden before the founding")
        rows.update(
            hiding,
            _one(recorded, body.hiding),
            appealed=recorded.at,
            appealed_entry=recorded.index,
            plea=bytes.fromhex(recorded.entry.content[0]),
            until=on_tick(recorded.at + JUDGING_TIME, read_bylaws(found["bylaws"])),
        )

    rows.find(chapter, {"log": recorded.log}, ("bylaws",), wait)
    rows.then(ABOUT, recorded.log, recorded.index, body.hiding)


def _judged(rows: Rows, recorded: Recorded) -> None:
    body: e.HidingJudged = recorded.entry.body
    rows.upsert(
        hiding_judgement,
        log=recorded.log,
        hiding=body.hiding,
        office=recorded.entry.by.id,
        show=body.show,
        entry=recorded.index,
    )
    rows.then(ABOUT, recorded.log, recorded.index, body.hiding)


def _lifted(rows: Rows, recorded: Recorded) -> None:
    rows.then(ABOUT, recorded.log, recorded.index, recorded.entry.body.hiding)


def _ended(rows: Rows, recorded: Recorded) -> None:
    body: e.HidingEnded = recorded.entry.body
    rows.update(
        hiding,
        _one(recorded, body.hiding),
        ended=minute(body.on),
        ended_entry=recorded.index,
        why=body.why,
        until=None,
        covers=body.why in ("unappealed", "upheld"),
    )

    def shown(found: Found) -> None:
        if found is not None:
            rows.then(WORDED, recorded.log, found["of"])

    rows.find(hiding, _one(recorded, body.hiding), ("of",), shown)
    rows.then(ABOUT, recorded.log, recorded.index, body.hiding)


def _put_off(rows: Rows, recorded: Recorded) -> None:
    body: e.PutOff = recorded.entry.body
    key = matter_key(recorded, body.proposal)
    rows.update(matter, key, phase_until=minute(body.until))
    rows.then(ABOUT, recorded.log, recorded.index, body.hiding)


def _erased(rows: Rows, recorded: Recorded) -> None:
    # What was said in an appeal; else it is of no hiding, and the matter is known.
    rows.then(ABOUT, recorded.log, recorded.index, recorded.entry.body.of)


def _extended(rows: Rows, recorded: Recorded) -> None:
    body = recorded.entry.body
    if body.what == WHAT:
        rows.update(hiding, _one(recorded, body.id), until=minute(body.until))
        rows.then(ABOUT, recorded.log, recorded.index, body.id)


PROJECTIONS: Final[Mapping[str, tuple[Project, ...]]] = MappingProxyType(
    {
        e.WordsHidden.kind: (_hidden,),
        e.HidingAppealed.kind: (_appealed,),
        e.HidingJudged.kind: (_judged,),
        e.HidingLifted.kind: (_lifted,),
        e.HidingEnded.kind: (_ended,),
        e.PutOff.kind: (_put_off,),
        d.WordsErased.kind: (_erased,),
        "record.deadline_extended": (_extended,),
    }
)
