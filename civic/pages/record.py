"""The record for people: its entries in words, one entry with its proof, and how to audit it."""

from typing import Any, Final

import msgspec
from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters.queries import ChapterView
from civic import publication
from civic.kernel.record import browse, note, store
from civic.kernel.record.browse import EntryLine, EntryView, RawEntry
from civic.kernel.record.entry import As, Entry, Malformed, UnknownKind
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, Link, render
from civic.overview import root_of
from civic.page_views import ChapterPage
from civic.pages import queries as own_queries
from civic.pages.entry_words import STATED, actor, sentence
from civic.pages.visit import (
    Asked,
    MatterVisit,
    Page,
    Visit,
    frame_of,
    live_from,
    must_be_present,
    visiting,
)
from civic.procedure import VERSIONS


class Told(msgspec.Struct, frozen=True):
    """An entry as the list shows it."""

    index: int
    words: str
    who: str
    role: str
    by_id: str
    at: int
    signed: bool
    follows: bool
    """Whether it follows from the rules, so that nobody has to vouch for it."""
    kind: str
    matter: str | None
    first: bool
    """Whether it is the first entry of its act; others follow from it."""


@get("/c/{chapter_id:str}/record")
async def record(request: Asked, chapter_id: FromPath[str]) -> Page:
    """List the entries of a record, newest first."""
    async with visiting(request, chapter_id) as visit:
        return await entries_page(visit, visit.chapter)


async def entries_page(visit: Visit, view: ChapterView | None = None, matter: str = "") -> Page:
    """Answer with entries of a record, all or those of one matter."""
    seen = await seen_record(visit, view)
    before = _index(visit.request.query_params.get("before", ""))
    upto = seen.size if before is None else min(before, seen.size)
    log = visit.line.log
    rows = await seen_entries(visit, upto, matter)
    base = f"{visit.path}/p/{matter}/entries" if matter else f"{visit.path}/record"
    shown = [told(row) for row in rows]
    signed = None if matter else await store.checkpoint_at(visit.db, log, seen.signed_size)
    # Titles may change within a tick, so only who sees the record live sees them here.
    known = {row.line.matter for row in rows if row.line.matter} if visit.live else set()
    titles = await own_queries.titles(visit.db, log, sorted(known)) if known and not matter else {}
    older = f"{base}?before={rows[-1].line.index}" if len(rows) == browse.PAGE else ""
    title = visit.matter.line.title.text if isinstance(visit, MatterVisit) else None
    return render(
        visit.request,
        "record/entries.html",
        chapter=frame_of(visit, seen.name, "record"),
        cache=NO_STORE,
        entries=shown,
        matter=matter,
        title=title,
        path=visit.path,
        size=seen.size,
        root=root_of(signed),
        titles=titles,
        older=older,
        newest=base if before is not None else "",
        reads_all=visit.reads_all,
        as_it_is=visit.live,
        live=live_from(visit) if before is None else "",
        now=visit.now,
    )


async def seen_entries(
    visit: Visit, before: int, matter: str = "", limit: int = browse.PAGE
) -> list[RawEntry]:
    """Return entries before an index that a visitor may see, newest first, or one matter's."""
    log = visit.line.log
    if not visit.reads_all:
        return await own_queries.entries_for_world(visit.db, log, WORLD, before, matter, limit)
    if matter:
        return await browse.entries_of_matter(visit.db, log, matter, before, limit)
    return await browse.entries(visit.db, log, before, limit)


class Seen(msgspec.Struct, frozen=True):
    """The part of a record that a visitor may see: its size, the checkpoint for it, its name."""

    size: int
    signed_size: int
    name: str


async def seen_record(visit: Visit, view: ChapterView | None) -> Seen:
    """Return how much of the record a visitor may see: all of it, or as of the last tick.

    `view` is the chapter as it is now, where it was read already.
    """
    if not visit.live:
        page = await publication.page_of(
            visit.db,
            visit.line.log,
            visit.published(publication.CHAPTER),
            ChapterPage,
            visit.now,
        )
        if page is None:
            return Seen(0, 0, "")
        return Seen(page.view.line.size, page.view.signed_size, page.name)
    signed = view.signed_size if view is not None else visit.line.size
    return Seen(visit.line.size, signed, visit.line.name.text or "")


WORLD: Final = tuple(
    sorted({name for one in VERSIONS.values() for name, kind in one.kinds.items() if kind.world})
)
"""Kinds of entries that everybody may read in a record that is not public."""


def told(row: RawEntry | EntryView) -> Told:
    """Return an entry in words."""
    line = row.line
    entry = decoded(row.raw, line.rules)
    role = As(line.role)
    return Told(
        index=line.index,
        words=sentence(entry) if entry is not None else line.kind,
        who=actor(role, line.kind),
        role=line.role,
        by_id=line.by_id,
        at=line.at,
        signed=line.signed,
        follows=role is As.NODE and line.kind not in STATED,
        kind=line.kind,
        matter=line.matter,
        first=line.act == line.index,
    )


def decoded(raw: bytes, version: int) -> Entry[Any] | None:
    """Return an entry, None when this program does not know the rules that it stands under."""
    procedure = VERSIONS.get(version)
    try:
        return None if procedure is None else procedure.codec.decode(raw)
    except (Malformed, UnknownKind):
        return None


@get("/c/{chapter_id:str}/record/{index:int}")
async def entry(request: Asked, chapter_id: FromPath[str], index: FromPath[int]) -> Page:
    """Show one entry: in words, as canonical JSON, with its leaf hash and proofs."""
    async with visiting(request, chapter_id) as visit:
        seen = await seen_record(visit, visit.chapter)
        there = None
        if index < seen.size:
            there = await own_queries.entry(visit.db, visit.line.log, index)
        if there is None:
            raise NotFoundException
        found, report = there
        if not (visit.reads_all or found.line.kind in WORLD):
            raise NotFoundException
        others = []
        if visit.reads_all:
            others = await browse.act(visit.db, visit.line.log, found.line.act)
        mine = await is_mine(visit, found.line)
    pretty = msgspec.json.format(found.raw, indent=2).decode()
    path = visit.path
    return render(
        request,
        "record/entry.html",
        chapter=frame_of(visit, seen.name, "record"),
        cache=NO_STORE,
        e=told(found),
        json=pretty,
        canonical=found.raw.decode(),
        leaf=found.leaf.hex(),
        others=[told(one) for one in others if one.line.index != index],
        log=visit.chapter.log_id,
        path=path,
        open_proof=found.line.kind in WORLD,
        receipt=mine,
        report=report if visit.reads_all else None,
        may_disown=mine and report is None and found.line.act == index,
        when=moment_of_minute(found.line.at, visit.now),
        size=seen.size,
        reads_all=visit.reads_all,
        crumbs=(
            Link(seen.name, path),
            Link(_("Record"), f"{path}/record"),
            Link(_("Entry %(n)d") % {"n": index}, ""),
        ),
    )


async def is_mine(visit: Visit, line: EntryLine) -> bool:
    """Tell whether the visitor acted in an entry, who alone gets the receipt for it."""
    own = visit.own
    if own is None or (visit.person is None and not visit.suspended):
        return False
    person = must_be_present(visit)
    if line.role == "voice" and line.matter is not None:
        vault, chapter_id = visit.node.book.vault, visit.line.chapter_id
        there = await own_queries.own(visit.db, vault, chapter_id, person.member, line.matter)
        return there is not None and there.voice == line.by_id
    return line.by_id in (person.member, *(own_id for own_id, _role in own.offices))


@get("/c/{chapter_id:str}/audit")
async def audit(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Say how anybody audits this chapter, and what an audit cannot check."""
    async with visiting(request, chapter_id) as visit:
        seen = await seen_record(visit, visit.chapter)
        signed = await store.checkpoint_at(visit.db, visit.line.log, seen.signed_size)
        head = await store.head(visit.db, visit.line.log)
    settings = request.app.state["settings"]
    return render(
        request,
        "record/audit.html",
        chapter=frame_of(visit, seen.name, "audit"),
        cache=NO_STORE,
        view=visit.chapter,
        path=visit.path,
        base=settings.base_url,
        demo=settings.demo,
        size=seen.signed_size,
        root=root_of(signed),
        checkpoint=(signed or b"").decode(),
        vkey=note.format_vkey(note.log_key(head.public_key)),
        reads_all=visit.reads_all,
        public=visit.line.visibility == "world",
    )


def _index(text: str) -> int | None:
    plain = text.isascii() and text.isdigit() and len(text) < 16
    return int(text) if plain else None


HANDLERS: Final = [record, entry, audit]
