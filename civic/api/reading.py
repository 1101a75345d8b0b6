"""What calls may ask: the node, its chapters, their proposals, and who one is in them.

Members see a chapter as it is; everybody else sees, once a tick, what is published of it.
"""

from collections.abc import Callable
from typing import Any, Final, TypeVar

import msgspec
from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

import civic
from chapters import queries
from chapters.state import of as chapter_of
from civic import publication
from civic.api.answers import answer, refused
from civic.api.caller import NOT_A_MEMBER, AnyRequest, member_at, place_of
from civic.api.lists import Index, Name, listed, one_of, refused_query, wanted
from civic.api.words import plain
from civic.erasures import with_erasures
from civic.kernel.clock import minute_of
from civic.kernel.database import reading
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from civic.kernel.web.pages import PRIVATE, PUBLIC
from civic.membership import no_member, node_of
from civic.page_views import (
    LISTED,
    ChapterPage,
    ProposalPage,
    ProposalsPage,
    chapter_for_world,
    proposal_for_world,
    proposals_for_world,
    read_chapter_page,
    read_proposal_page,
)
from civic.pages.visit import ChapterVisit, Visit, must_be_member, visiting, visiting_matter
from civic.settings import Settings
from deliberation import queries as matter_queries
from deliberation.queries import MatterLine
from identity.scopes import Scope, needs
from identity.web import must_be_signed_in

SOUGHT_MOST: Final = 60
"""Characters of a part of a name that is looked for."""
P = TypeVar("P", ChapterPage, ProposalPage, ProposalsPage)


class NodeAnswer(msgspec.Struct, frozen=True):
    """What a node says of itself; `promise_key` is the key under which it signs promises."""

    software: str
    version: str
    rules: int
    promise_key: str
    founds_chapters: bool
    demonstration: bool


class OfficeHeld(msgspec.Struct, frozen=True):
    """An office that somebody holds; `until` in minutes since 1970."""

    id: str
    role: str
    until: int


class Myself(msgspec.Struct, frozen=True):
    """Who the caller is in a chapter; `state` is applied, active or left.

    `rules` is the version of the rules in force, which the caller's acts must follow.
    """

    chapter: str
    log_id: str
    member: str
    state: str
    level: int
    key: str | None
    offices: tuple[OfficeHeld, ...]
    rules: int


@get("/node", opt=needs(Scope.READ))
async def about_node(request: AnyRequest) -> ASGIResponse:
    """Tell what runs here and under which key it promises."""
    node = node_of(request)
    settings: Settings = request.app.state["settings"]
    return answer(
        NodeAnswer(
            "civic",
            civic.__version__,
            node.book.shelf.newest,
            node.book.node_public_key.hex(),
            settings.demo or settings.draft,
            settings.demo,
        ),
        cache=PUBLIC,
    )


@get("/chapters/{chapter_id:str}/members/me", opt=needs(Scope.READ))
async def myself(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell who the caller is in a chapter."""
    known = await must_be_signed_in(request)
    place = await place_of(request, chapter_id)
    person = member_at(request, known, place)
    if person is None:
        raise refused(no_member(known, chapter_id))

    def look(state: State) -> Any:
        chapter = chapter_of(state)
        member = chapter.members.get(person.member)
        if member is None:
            return None
        offices = tuple(
            OfficeHeld(office_id, office.role, office.until)
            for office_id, office in sorted(chapter.offices.items())
            if office.member == person.member
        )
        return Myself(
            place.chapter_id,
            place.log_id,
            person.member,
            member.state,
            member.level,
            member.key,
            offices,
            state.record.rules,
        )

    found = await node_of(request).book.ask(place.no, look)
    if found is None:
        raise refused(Refusal(NOT_A_MEMBER))
    return answer(found, cache=PRIVATE)


@get("/chapters", opt=needs(Scope.READ))
async def chapters(request: AnyRequest) -> ASGIResponse:
    """List the chapters of this node and what they decide next, as everybody sees them."""
    node = node_of(request)
    async with reading(node.engine) as db:
        return _shown(await publication.cards(db, minute_of(node.clock.now())))


@get("/chapters/{chapter_id:str}", opt=needs(Scope.READ))
async def chapter(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell what a chapter is, who holds office, and what it decides."""
    async with visiting(request, chapter_id) as visit:
        if visit.live:
            page = await read_chapter_page(visit.db, visit.chapter)
            return _shown(page if visit.reads_all else chapter_for_world(page))
        return _shown(await _published(visit, publication.CHAPTER, ChapterPage))


@get("/chapters/{chapter_id:str}/members", opt=needs(Scope.READ))
async def members(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List members for members, oldest first, page by page.

    With `q` only those whose name holds it, or whose id begins so; upper and lower case are the
    same.
    """
    page = wanted(request, tuple[Index, Name])
    typed = " ".join(plain(request.query_params.get("q", "")).split())
    if len(typed) > SOUGHT_MOST:
        raise refused_query("q", f"{SOUGHT_MOST} characters at most")
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        log, after = visit.line.log, page.after
        found = await queries.members(visit.db, log, after=after, limit=page.ask, typed=typed)
    return listed(request, page, found, lambda one: (one.entry, one.id), shown)


@get("/chapters/{chapter_id:str}/proposals", opt=needs(Scope.READ))
async def proposals(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List a chapter's proposals page by page: `state` is open, ended or imported.

    Open ones come by deadline, the others latest first. Outsiders see them as of the last tick, up
    to 300 of each.
    """
    state = one_of(request, "state", tuple(_PROPOSALS))
    key = _PROPOSALS[state]
    page = wanted(request, tuple[Index, Name])
    async with visiting(request, chapter_id) as visit:
        found = (
            await _live(visit, state, page.after, page.ask)
            if visit.live and visit.reads_all
            else await _as_of_tick(visit, state, page.after)
        )
    return listed(request, page, found, key, shown)


_PROPOSALS: Final[dict[str, Callable[[MatterLine], tuple[int, str]]]] = {
    "open": lambda line: (line.phase_until or 0, line.id),
    "ended": lambda line: (line.closed or 0, line.id),
    "imported": lambda line: (line.entry, line.id),
}
"""The cursor among proposals of each state."""


async def _live(
    visit: Visit, state: str, after: tuple[int, str] | None, limit: int
) -> list[MatterLine]:
    log, before = visit.line.log, None if after is None else after[0]
    match state:
        case "open":
            return await matter_queries.open_matters(visit.db, log, after, limit)
        case "ended":
            return await matter_queries.ended_matters(visit.db, log, before, limit)
        case _:
            return await matter_queries.imported_matters(visit.db, log, before, limit)


async def _as_of_tick(
    visit: ChapterVisit, state: str, after: tuple[int, str] | None
) -> list[MatterLine]:
    if visit.live:
        log = visit.line.log
        listed = await matter_queries.matters(
            visit.db, log, limit=LISTED, ended=LISTED, imported=LISTED
        )
        page = proposals_for_world(ProposalsPage(visit.chapter, listed))
    else:
        page = await _published(visit, publication.PROPOSALS, ProposalsPage)
    lines: list[MatterLine] = getattr(page.matters, state)
    place = next((n for n, one in enumerate(lines) if _PROPOSALS[state](one) == after), None)
    if after is not None and place is None:
        # What stood there has moved on: from where it would stand now.
        later = state == "open"
        return [one for one in lines if (_PROPOSALS[state](one) > after) is later]
    return lines if place is None else lines[place + 1 :]


@get("/chapters/{chapter_id:str}/proposals/{proposal:str}", opt=needs(Scope.READ))
async def proposal(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """Tell how a proposal stands, what is said about it, and what one said oneself."""
    async with visiting_matter(request, chapter_id, proposal) as visit:
        if not visit.live:
            name = publication.name_of_proposal(proposal)
            published = await _published(visit, name, ProposalPage)
            return _shown(await with_erasures(visit.db, visit.line.log, published))
        member = visit.person.member if visit.person else None
        row = visit.own.row if visit.own else None
        page = await read_proposal_page(visit.db, visit.matter, member, row)
        seen = page if visit.reads_all else proposal_for_world(page)
        if seen is None:
            raise NotFoundException
        return _shown(await with_erasures(visit.db, visit.line.log, seen))


async def _published(visit: Visit, name: str, kind: type[P]) -> P:
    stored = visit.published(name)
    page = await publication.page_of(visit.db, visit.line.log, stored, kind, visit.now)
    if page is None:
        raise NotFoundException
    return page


def _shown(page: Any) -> ASGIResponse:
    return answer(shown(page))


def shown(page: Any) -> Any:
    """Return what is answered of a view: without the numbers of this node's database."""
    return _without_numbers(msgspec.to_builtins(page))


def _without_numbers(value: Any) -> Any:
    """Return a value without the numbers under which this node's database knows records."""
    if isinstance(value, dict):
        return {name: _without_numbers(one) for name, one in value.items() if name != "log"}
    if isinstance(value, list | tuple):
        return [_without_numbers(one) for one in value]
    return value


HANDLERS: Final = (about_node, myself, chapters, chapter, members, proposals, proposal)
