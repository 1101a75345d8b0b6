"""What people outside a chapter see of it: pages that move once a tick.

Who watches the network could else match a person's request with the act that appears a moment
later. So outsiders' pages are never rendered from the live tables but from what the jobs process
stored, and what it stores is shown only when the tick is over in which it was made:

- Each minute `publish` reads, in one snapshot of the database, the pages that changed since it last
  did, and keeps them to be shown from the next tick on (that after the present one, or after the
  last entry if a clock ran ahead). Within a tick a later page replaces an earlier one.
- `page_of` gives outsiders the latest page whose time has come. So what they see changes at the
  start of a tick or not at all, by as much as was stored before, and nothing of a tick shows while
  it lasts, whenever the job runs, late or not at all. What is done in the last minute of a tick may
  be shown a tick later.
- Of a chapter that is not public, what its feeds tell members is kept too: they are fetched at
  secret addresses, by programs that no session knows, so they move once a tick as all of this.
- Of a chapter whose record is for its network, two sets of pages are kept: what everybody may see,
  and under names of their own all that neighbours may.
- What was stored while more people were to read a record than now is shown to nobody any more, and
  when a chapter changes who reads it, all its pages are stored anew.
- Only the first pages of a chapter, if its last entry lies before the present tick, and those of a
  read-only copy are shown at once: there is nothing that they could be compared with.

Pages are stored without words, with the hashes of their words; words are read when a page is shown.
So words that are erased are gone from outsiders' pages in the same commit, and nothing has to be
found and dropped.
"""

from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec
from sqlalchemy import ARRAY, BigInteger, Text, bindparam, delete, exists, text
from sqlalchemy.dialects.postgresql import insert

from chapters import queries as chapter_queries
from chapters.queries import ChapterView
from civic.feeds.news import FeedPage, feed_for_world, read_feed
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, reading, writing
from civic.kernel.record import store
from civic.kernel.record.shown import text_of
from civic.node import Node
from civic.page_views import (
    LISTED,
    ProposalsPage,
    as_known,
    chapter_for_world,
    deciding_for_world,
    hashes_in,
    proposal_for_world,
    proposals_for_world,
    read_chapter_page,
    read_proposal_page,
    with_words,
    without_words,
)
from civic.published import published
from civic.ticks import next_tick, present_tick
from deliberation import queries as matter_queries
from deliberation.queries import Deciding

CHAPTER: Final = "chapter"
PROPOSALS: Final = "proposals"
CARD: Final = "card"
FEED: Final = "feed"
MEMBERS_FEED: Final = "members/feed"
_FOR_NEIGHBOURS: Final = "network/"

P = TypeVar("P")
_p: Final = published.c
_CHANGED: Final = text(
    "SELECT DISTINCT matter FROM view.entry "
    "WHERE log = :log AND index >= :since AND matter IS NOT NULL"
).bindparams(bindparam("since", type_=BigInteger))
_LATEST: Final = text(
    "SELECT DISTINCT ON (log) log, size, visibility FROM private.published "
    "WHERE name = :name ORDER BY log, shown DESC"
)
_ERASURE: Final = """
    CASE WHEN c.erased_by >= 0 THEN (
        SELECT ROW(e.at, x.role, x.reason) FROM view.erased x
        JOIN view.entry e ON e.log = x.log AND e.index = x.entry
        WHERE x.log = c.log AND x.hash = c.hash
    ) END
"""
_PAGES: Final = text(
    f"""
    SELECT DISTINCT ON (p.log) p.log, p.size, p.model, ARRAY(
        SELECT ROW(c.hash, c.bytes, c.erased_by, {_ERASURE}) FROM record.content c
        WHERE c.log = p.log AND c.hash = ANY(p.texts)
    ) AS words
    FROM private.published p JOIN record.log l ON l.no = p.log
    WHERE (p.visibility <> 'world' OR l.visibility = 'world')
        AND (CAST(:log AS integer) IS NULL OR p.log = :log) AND p.name = :name AND p.shown <= :now
    ORDER BY p.log, p.shown DESC
    """  # noqa: S608
)


_FEEDS: Final = text(
    f"""
    SELECT DISTINCT ON (p.log) p.log, p.size, p.model, ARRAY(
        SELECT ROW(c.hash, c.bytes, c.erased_by, {_ERASURE}) FROM record.content c
        WHERE c.log = p.log AND c.hash = ANY(p.texts)
    ) AS words
    FROM private.published p JOIN record.log l ON l.no = p.log
    WHERE (p.visibility <> 'world' OR l.visibility = 'world') AND p.shown <= :now
        AND p.name = CASE WHEN l.visibility = 'world' THEN :name ELSE :closed END
        AND l.chapter_id = ANY(:chapters)
    ORDER BY p.log, p.shown DESC
    """  # noqa: S608
).bindparams(bindparam("chapters", type_=ARRAY(Text)))


def name_of_proposal(matter_id: str) -> str:
    """Return the name under which the page of a proposal is stored."""
    return f"p/{matter_id}"


def for_neighbours(name: str) -> str:
    """Return the name under which a page is stored for members of the chapter's network."""
    return f"{_FOR_NEIGHBOURS}{name}"


async def publish(node: Node) -> None:
    """Store the pages that outsiders will see, of every chapter that changed since last time."""
    async with reading(node.engine) as db:
        heads = [head for head in await store.all_logs(db) if head.size]
        rows = await db.execute(_LATEST, {"name": CHAPTER})
        known = {log: (size, visibility) for log, size, visibility in rows}
    for head in heads:
        size, visibility = known.get(head.no, (None, head.visibility))
        if size != head.size:
            await _publish(node, head, size, anew=visibility != head.visibility)


async def _publish(node: Node, head: store.Head, since: int | None, *, anew: bool) -> None:
    now = minute_of(node.clock.now())
    async with reading(node.engine) as db:
        # Read again: all that follows belongs to one state of the database.
        head = await store.head(db, head.no)
        tick = await present_tick(db, head, now)
        # A copy tells nothing of when somebody did something: it changes when it is imported.
        at_once = bool(head.replica) or (since is None and head.at < tick)
        shown = tick if at_once else await next_tick(db, head, max(now, head.at))
        view = await chapter_queries.chapter(db, head.chapter_id or "")
        if view is None:
            return
        pages = await _pages(db, view, 0 if anew else since or 0)
    rows = [_row(head, name, shown, page) for name, page in pages.items()]
    async with writing(node.engine) as db:
        statement = insert(published)
        new = statement.excluded
        await db.execute(
            statement.on_conflict_do_update(
                index_elements=["log", "name", "shown"],
                set_={
                    "size": new.size,
                    "visibility": new.visibility,
                    "texts": new.texts,
                    "model": new.model,
                },
            ),
            rows,
        )
        later = published.alias("later")
        await db.execute(
            delete(published).where(
                _p.log == head.no,
                exists().where(
                    later.c.log == _p.log,
                    later.c.name == _p.name,
                    later.c.shown > _p.shown,
                    later.c.shown <= now,
                ),
            )
        )


async def _pages(db: Reading, view: ChapterView, since: int) -> dict[str, Any]:
    """Return the pages of a chapter that changed since its record had a size, by name."""
    log, chapter_id = view.line.log, view.line.chapter_id
    visibility = view.line.visibility
    public = visibility == "world"
    chapter = await read_chapter_page(db, view)
    listed = ProposalsPage(
        view,
        await matter_queries.matters(db, log, limit=LISTED, ended=LISTED, imported=LISTED),
    )
    deciding = Deciding(view.line, len(listed.matters.open), listed.matters.open[:3])
    feed = await read_feed(db, view.line)
    pages: dict[str, Any] = {
        CHAPTER: chapter if public else chapter_for_world(chapter),
        PROPOSALS: listed if public else proposals_for_world(listed),
        CARD: deciding if public else deciding_for_world(deciding),
        FEED: feed if public else feed_for_world(feed),
    }
    if not public:
        pages[MEMBERS_FEED] = feed
    if visibility == "network":
        pages |= {for_neighbours(CHAPTER): chapter, for_neighbours(PROPOSALS): listed}
    changed = await db.scalars(_CHANGED, {"log": log, "since": since})
    for matter_id in changed.all():
        matter = await matter_queries.matter(db, chapter_id, matter_id)
        if matter is None:
            continue
        page = await read_proposal_page(db, matter)
        name = name_of_proposal(matter_id)
        # A page that is taken back (returned to discussion) is stored too, as nothing.
        pages[name] = page if public else proposal_for_world(page)
        if visibility == "network":
            pages[for_neighbours(name)] = page
    return pages


def _row(head: store.Head, name: str, shown: int, page: Any) -> dict[str, Any]:
    return {
        "log": head.no,
        "name": name,
        "shown": shown,
        "size": head.size,
        "visibility": head.visibility,
        "texts": [bytes.fromhex(one) for one in sorted(hashes_in(page))],
        "model": msgspec.json.encode(without_words(page)),
    }


async def page_of(db: Reading, log: int, name: str, kind: type[P], now: int) -> P | None:
    """Return a page of a chapter as outsiders see it at a minute, or None where there is none."""
    rows = await db.execute(_PAGES, {"log": log, "name": name, "now": now})
    return next((_page(row, kind) for row in rows), None)


async def feeds(
    db: Reading, chapter_ids: Sequence[str], now: int, *, members: bool
) -> list[FeedPage]:
    """Return what the feeds of chapters tell at a minute, to their members or to everybody."""
    values = {
        "chapters": list(chapter_ids),
        "now": now,
        "name": FEED,
        "closed": MEMBERS_FEED if members else FEED,
    }
    rows = await db.execute(_FEEDS, values)
    return [page for row in rows if (page := _page(row, FeedPage)) is not None]


async def cards(db: Reading, now: int) -> list[Deciding]:
    """Return what all chapters of this node decide next, as outsiders see it, oldest first."""
    rows = await db.execute(_PAGES, {"log": None, "name": CARD, "now": now})
    found = [card for row in rows if (card := _page(row, Deciding)) is not None]
    return sorted(found, key=lambda card: (card.chapter.founded, card.chapter.log))


def _page(row: Any, kind: type[P]) -> P | None:
    page = msgspec.json.decode(row.model, type=kind | None)
    if page is None:
        return None
    words = {}
    for digest, raw, erased_by, erasure in row.words:
        # When words were erased or hidden, outsiders learn with the tick.
        words[digest.hex()] = as_known(text_of(digest, raw, erased_by, erasure), row.size)
    return with_words(page, words)
