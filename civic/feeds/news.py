"""What a chapter's feeds tell: how its proposals went on, and which deadlines come up.

Read once a tick with the pages that outsiders see (civic/publication.py), and kept without words
like those. A feed never tells what somebody said, supported or voted.
"""

import uuid
from typing import Any, Final

import msgspec
from sqlalchemy import text

from chapters.queries import ChapterLine
from civic.kernel.database import Reading
from civic.kernel.record.shown import Text, text_of
from civic.page_views import FIXED
from deliberation.queries import FURTHER, further_titles

NEWS: Final = 50
"""Changes of phase in a feed, the latest."""
DATES: Final = 200
"""Deadlines in a calendar, the earliest."""
_SPACE: Final = uuid.uuid5(uuid.NAMESPACE_URL, "civic/feed/1")


class News(msgspec.Struct, frozen=True):
    """A proposal came into a phase, by an entry; `until` is the deadline set then.

    `outcome`, and what the vote counted, are there once it is decided. `titles` are those in
    further languages.
    """

    entry: int
    at: int
    matter: str
    title: Text
    phase: str
    until: int | None
    outcome: str | None
    counts: tuple[int, ...] | None
    cast: int | None
    roll: int | None
    options: int
    titles: tuple[Text, ...] = ()


class Deadline(msgspec.Struct, frozen=True):
    """A date of a proposal that comes up: its phase ends, or (`task`) something is to be done.

    `id` is that of the proposal or the task; `entry` and `at` are those of the last change.
    """

    id: str
    matter: str
    title: Text
    what: str
    until: int
    entry: int
    at: int
    words: Text | None
    titles: tuple[Text, ...] = ()


class FeedPage(msgspec.Struct, frozen=True):
    """What the feeds of a chapter tell, the latest news and the earliest deadlines first."""

    chapter: ChapterLine
    news: list[News]
    dates: list[Deadline]


_NEWS: Final = text(
    f"""
    SELECT t.entry, t.at, t.matter, t.phase, t.until,
        CASE WHEN t.phase = 'decided' THEN m.outcome END, e.counts, e.votes, e.roll, m.options,
        m.title, n.bytes, n.erased_by, {FURTHER}
    FROM (
        SELECT * FROM view.timeline WHERE log = :log AND phase <> 'extended'
        ORDER BY entry DESC LIMIT :limit
    ) AS t
    JOIN view.matter m ON m.log = t.log AND m.id = t.matter
    LEFT JOIN view.election e ON t.phase = 'decided' AND e.log = m.log AND e.id = m.election
        AND e.closed_entry IS NOT NULL
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.title
    ORDER BY t.entry DESC
    """  # noqa: S608
)
_DATES: Final = text(
    f"""
    SELECT m.id, m.phase, m.phase_until, c.entry, c.at, m.title, n.bytes, n.erased_by, m.options,
        {FURTHER}
    FROM (
        SELECT * FROM view.matter m WHERE m.log = :log
        AND m.phase IN ('support', 'discussion', 'notice', 'vote')
        ORDER BY m.phase_until, m.id LIMIT :limit
    ) AS m
    CROSS JOIN LATERAL (
        SELECT t.entry, t.at FROM view.timeline t WHERE t.log = m.log AND t.matter = m.id
        ORDER BY t.entry DESC LIMIT 1
    ) AS c
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.title
    ORDER BY m.phase_until, m.id
    """  # noqa: S608
)
_TASKS: Final = text(
    f"""
    SELECT t.id, t.matter, t.until, t.entry, t.at, m.title, n.bytes, n.erased_by,
        t.words, w.bytes, w.erased_by, m.options, {FURTHER}
    FROM (
        SELECT * FROM view.task WHERE log = :log AND done IS NULL ORDER BY until, id LIMIT :limit
    ) AS t
    JOIN view.matter m ON m.log = t.log AND m.id = t.matter
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.title
    LEFT JOIN record.content w ON w.log = t.log AND w.hash = t.words
    ORDER BY t.until, t.id
    """  # noqa: S608
)


async def read_feed(db: Reading, chapter: ChapterLine) -> FeedPage:
    """Return what members learn from the feeds of a chapter, as it is now (three queries)."""
    log = chapter.log
    news = [_news(row) for row in await db.execute(_NEWS, {"log": log, "limit": NEWS})]
    rows = await db.execute(_DATES, {"log": log, "limit": DATES})
    dates = [
        Deadline(
            row[0],
            row[0],
            text_of(*row[5:8]),
            row[1],
            row[2],
            row[3],
            row[4],
            None,
            further_titles(*row[8:12])[1],
        )
        for row in rows
    ]
    for row in await db.execute(_TASKS, {"log": log, "limit": DATES}):
        title, words = text_of(*row[5:8]), text_of(*row[8:11])
        further = further_titles(*row[11:15])[1]
        dates.append(
            Deadline(row[0], row[1], title, "task", row[2], row[3], row[4], words, further)
        )
    return FeedPage(chapter, news, dates)


def _news(row: Any) -> News:
    counts = None if row[6] is None else msgspec.json.decode(row[6], type=tuple[int, ...])
    title = text_of(*row[10:13])
    fields: Any = (*row[:3], title, *row[3:6], counts, *row[7:10])
    return News(*(*fields, further_titles(row[9], *row[13:16])[1]))


def feed_for_world(page: FeedPage) -> FeedPage:
    """Return what everybody may learn of a chapter that is not public: what has a fixed text.

    A proposal that was fixed and went back to discussion is not told of, as on its page.
    """
    fixed = {one.matter for one in page.dates if one.what in FIXED}
    latest: dict[str, str] = {}
    for one in page.news:
        latest.setdefault(one.matter, one.phase)
    open_now = {one.matter for one in page.dates if one.what != "task"}
    shown = {
        matter
        for matter, phase in latest.items()
        if matter in fixed or (phase in FIXED and matter not in open_now)
    }
    return FeedPage(
        page.chapter,
        [one for one in page.news if one.phase in FIXED and one.matter in shown],
        [one for one in page.dates if one.what in FIXED],
    )


def lasting_id(chapter_id: str, *of: str | int) -> uuid.UUID:
    """Return an id that a chapter's news or date keeps, on whatever node it is told (RFC 9562).

    A name-based UUID of the chapter's id and what is told of it: an address would change with the
    node.
    """
    return uuid.uuid5(_SPACE, "/".join((chapter_id, *map(str, of))))
