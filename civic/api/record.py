"""The record, entry by entry, and what one says of one's own acts: "I did not do this"."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from civic.api.answers import answer, recorded
from civic.api.caller import AnyRequest, caller
from civic.api.lists import Index, Wanted, listed, wanted
from civic.authorship import made_by
from civic.deeds import keys as deeds
from civic.kernel.record import browse
from civic.kernel.record.browse import EntryView, RawEntry
from civic.kernel.web.pages import NO_STORE
from civic.pages import queries as page_queries
from civic.pages.matter import seen_matter
from civic.pages.record import WORLD, is_mine, seen_entries, seen_record, told
from civic.pages.visit import visiting, visiting_matter
from identity.scopes import Scope, needs
from identity.web import must_allow

_AT: Final = "/chapters/{chapter_id:str}"
_INDEX_MOST: Final = 2**53


class EntryTold(msgspec.Struct, frozen=True):
    """An entry as it stands in the record, and what it says in a sentence.

    `words` and `who` are for people and in their language; `follows` tells that it follows from
    the rules, so that nobody has to vouch for it; `act` is the index of the first entry of its act.
    `entry` is its canonical form, read as JSON.
    """

    index: int
    kind: str
    at: int
    words: str
    who: str
    role: str
    by_id: str
    signed: bool
    follows: bool
    act: int
    matter: str | None
    rules: int
    entry: dict[str, Any]


class EntryWhole(msgspec.Struct, frozen=True):
    """An entry, its leaf hash, and the other entries of its act as far as the caller may see them.

    `mine` tells whether the caller acted, who gets its receipt; `disowned` is the index of the
    entry that says that they did not.
    """

    told: EntryTold
    leaf: str
    others: list[EntryTold]
    mine: bool
    disowned: int | None


@get(f"{_AT}/record", opt=needs(Scope.READ))
async def entries(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List the entries of a record page by page, newest first.

    Outsiders see what the last tick published; of a chapter that is not public, entries that are
    meant for the world.
    """
    page = wanted(request, Index)
    async with visiting(request, chapter_id) as visit:
        seen = await seen_record(visit, visit.chapter)
        found = await seen_entries(visit, _upto(page, seen.size), limit=page.ask)
    return _listed(request, page, found)


@get(f"{_AT}/proposals/{{proposal:str}}/entries", opt=needs(Scope.READ))
async def entries_of_matter(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """List the entries that belong to a proposal page by page, newest first."""
    page = wanted(request, Index)
    async with visiting_matter(request, chapter_id, proposal) as visit:
        matter = (await seen_matter(visit)).line.id
        seen = await seen_record(visit, None)
        found = await seen_entries(visit, _upto(page, seen.size), matter, page.ask)
    return _listed(request, page, found)


@get(f"{_AT}/members/me/acts", opt=needs(Scope.READ))
async def own_acts(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List what stands under the caller's member id and offices, newest first, page by page.

    What voices and rows said stands in the entries of their matters.
    """
    page = wanted(request, Index)
    async with visiting(request, chapter_id) as visit:
        known, own = visit.known, visit.own
        membership = None if known is None else known.vault.membership(chapter_id)
        if membership is None or own is None:
            raise NotFoundException
        ids = [membership.member_id, *(one for one, _role in own.offices)]
        found = await browse.acts_by(visit.db, visit.line.log, ids, page.after, page.ask)
    return _listed(request, page, found)


@get(f"{_AT}/record/{{index:int}}", opt=needs(Scope.READ))
async def entry(
    request: AnyRequest, chapter_id: FromPath[str], index: FromPath[int]
) -> ASGIResponse:
    """Tell one entry with its leaf hash, and the other entries of its act."""
    async with visiting(request, chapter_id) as visit:
        seen = await seen_record(visit, visit.chapter)
        inside = 0 <= index < seen.size
        found = await browse.entry(visit.db, visit.line.log, index) if inside else None
        if found is None or not (visit.reads_all or found.line.kind in WORLD):
            raise NotFoundException
        act: Sequence[RawEntry] = ()
        report = None
        if visit.reads_all:
            act = await browse.act(visit.db, visit.line.log, found.line.act)
            report = await page_queries.disowned(visit.db, visit.line.log, index)
        mine = await is_mine(visit, found.line)
    others = [_told(one) for one in act if one.line.index != index and one.line.index < seen.size]
    return answer(EntryWhole(_told(found), found.leaf.hex(), others, mine, report), cache=NO_STORE)


@post(f"{_AT}/record/{{index:int}}/disownings", opt=needs(Scope.DELIBERATE, Scope.OFFICE))
async def disown(
    request: AnyRequest, chapter_id: FromPath[str], index: FromPath[int]
) -> ASGIResponse:
    """Say that one did not do what stands under one's id at this place of the record."""
    call = await caller(request, chapter_id)
    async with visiting(request, chapter_id) as visit:
        inside = 0 <= index < _INDEX_MOST
        found = await browse.entry(visit.db, visit.line.log, index) if inside else None
        mine = found and await made_by(visit.db, call.node.book.vault, call.person, index)
    if found is None or not mine:
        raise NotFoundException
    line = found.line
    must_allow(call.known, Scope.OFFICE if line.role == "office" else Scope.DELIBERATE)
    work = deeds.disown(
        call.node.desk, call.person, index, line.role, line.by_id, line.matter or "", call.key
    )
    return await recorded(call.place.log_id, work)


def _upto(page: Wanted, size: int) -> int:
    return size if page.after is None else min(page.after, size)


def _listed(request: AnyRequest, page: Wanted, found: Sequence[RawEntry]) -> ASGIResponse:
    return listed(
        request, page, found, lambda one: one.line.index, lambda some: [_told(one) for one in some]
    )


def _told(row: RawEntry | EntryView) -> EntryTold:
    line, said = row.line, told(row)
    return EntryTold(
        line.index,
        line.kind,
        line.at,
        said.words,
        said.who,
        line.role,
        line.by_id,
        line.signed,
        said.follows,
        line.act,
        line.matter,
        line.rules,
        msgspec.json.decode(row.raw),
    )


HANDLERS: Final = (entries, entries_of_matter, own_acts, entry, disown)
