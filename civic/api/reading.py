"""What calls may ask: the node, its chapters, their proposals, and who one is in them.

Members see a chapter as it is; everybody else sees, once a tick, what is published of it.
"""

from typing import Any, Final

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
from civic.kernel.clock import minute_of
from civic.kernel.database import reading
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from civic.membership import node_of
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
from civic.pages.visit import Visit, must_be_member, visiting, visiting_matter
from civic.settings import Settings
from deliberation import queries as matter_queries
from identity.scopes import Scope, needs
from identity.web import must_be_signed_in


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
        )
    )


@get("/chapters/{chapter_id:str}/members/me", opt=needs(Scope.READ))
async def myself(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell who the caller is in a chapter."""
    known = await must_be_signed_in(request)
    place = await place_of(request, chapter_id)
    person = member_at(request, known, place)
    if person is None:
        raise refused(Refusal(NOT_A_MEMBER))

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
    return answer(found)


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
        return await _published(visit, publication.CHAPTER, ChapterPage)


@get("/chapters/{chapter_id:str}/members", opt=needs(Scope.READ))
async def members(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List members for members, oldest first; `after` is the last one of the page before."""
    last = request.query_params.get("after")
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        log, after = visit.line.log, None
        if last is not None:
            found = await queries.member(visit.db, log, last)
            if found is None:
                raise NotFoundException
            after = (found.entry, found.id)
        return _shown(await queries.members(visit.db, log, after=after))


@get("/chapters/{chapter_id:str}/proposals", opt=needs(Scope.READ))
async def proposals(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List a chapter's proposals: open ones by deadline, then what is over, latest first."""
    async with visiting(request, chapter_id) as visit:
        if not visit.live:
            return await _published(visit, publication.PROPOSALS, ProposalsPage)
        log = visit.line.log
        listed = await matter_queries.matters(
            visit.db, log, limit=LISTED, ended=LISTED, imported=LISTED
        )
        page = ProposalsPage(visit.chapter, listed)
        return _shown(page if visit.reads_all else proposals_for_world(page))


@get("/chapters/{chapter_id:str}/proposals/{proposal:str}", opt=needs(Scope.READ))
async def proposal(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """Tell how a proposal stands, what is said about it, and what one said oneself."""
    async with visiting_matter(request, chapter_id, proposal) as visit:
        if not visit.live:
            name = publication.name_of_proposal(proposal)
            return await _published(visit, name, ProposalPage)
        member = visit.person.member if visit.person else None
        row = visit.own.row if visit.own else None
        page = await read_proposal_page(visit.db, visit.matter, member, row)
        shown = page if visit.reads_all else proposal_for_world(page)
        if shown is None:
            raise NotFoundException
        return _shown(shown)


async def _published(visit: Visit, name: str, kind: type[Any]) -> ASGIResponse:
    stored = visit.published(name)
    page = await publication.page_of(visit.db, visit.line.log, stored, kind, visit.now)
    if page is None:
        raise NotFoundException
    return _shown(page)


def _shown(page: Any) -> ASGIResponse:
    return answer(_without_numbers(msgspec.to_builtins(page)))


def _without_numbers(value: Any) -> Any:
    """Return a value without the numbers under which this node's database knows records."""
    if isinstance(value, dict):
        return {name: _without_numbers(one) for name, one in value.items() if name != "log"}
    if isinstance(value, list | tuple):
        return [_without_numbers(one) for one in value]
    return value


HANDLERS: Final = (about_node, myself, chapters, chapter, members, proposals, proposal)
