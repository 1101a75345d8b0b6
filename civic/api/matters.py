"""What stands beside a proposal: what was said, page by page, threads, older texts, votes."""

from typing import Any, Final

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from civic.api.answers import answer
from civic.api.caller import AnyRequest
from civic.api.lists import Index, Name, Path, Score, Wanted, listed, one_of, wanted
from civic.api.reading import shown
from civic.erasures import with_erasures
from civic.pages.beside import versions_of
from civic.pages.changes import changed
from civic.pages.matter import seen_matter, seen_page
from civic.pages.visit import MatterVisit, visiting_matter
from civic.pages.way import way_of
from deliberation import discussion
from deliberation.discussion import Statement
from identity.scopes import Scope, needs
from voting import queries as vote_queries

_PATH: Final = "/chapters/{chapter_id:str}/proposals/{proposal:str}"
_KINDS: Final = {"pro": "pro", "con": "con", "comment": "comments", "statement": "statements"}
"""What was said, by kind, and where it stands in what is published of a matter."""


@get(_PATH + "/statements", opt=needs(Scope.READ))
async def statements(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """List what was said about a proposal, page by page: `kind` is pro, con, comment or statement.

    Arguments come by how many agree, comments in threads; statements are those of an imported
    conversation. Outsiders see them as of the last tick, up to 200 of each.
    """
    kind = one_of(request, "kind", tuple(_KINDS))
    ranked = kind != "comment"
    page = wanted(request, tuple[Score, Index] if ranked else Path)
    async with visiting_matter(request, chapter_id, proposal) as visit:
        if visit.live and visit.reads_all:
            found = await _said(visit, kind, page)
            found = await with_erasures(visit.db, visit.line.log, found)
        else:
            said = getattr((await seen_page(visit)).said, _KINDS[kind])
            found = [one for one in said if page.after is None or _key(one) > _after(page)]
    return listed(request, page, found, lambda one: (one.score, one.entry) if ranked else one.path,
                  shown)  # fmt: skip


async def _said(visit: MatterVisit, kind: str, page: Wanted) -> list[Statement]:
    log, matter = visit.line.log, visit.matter.line.id
    row = visit.own.row if visit.own else None
    if kind == "comment":
        after = page.after or ""
        return await discussion.comments(visit.db, log, matter, after, row, page.ask)
    after = page.after or (2**31 - 1, -1)
    return await discussion.arguments(visit.db, log, matter, kind, after, row, page.ask)


def _key(one: Statement) -> tuple[Any, ...]:
    """Return by what statements are sorted: comments by their path, others by score and age."""
    return (one.path,) if one.kind == "comment" else (-one.score, one.entry)


def _after(page: Wanted) -> tuple[Any, ...]:
    return (page.after,) if isinstance(page.after, str) else (-page.after[0], page.after[1])


@get(_PATH + "/statements/{statement:str}", opt=needs(Scope.READ))
async def statement(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    statement: FromPath[str],
) -> ASGIResponse:
    """Tell one argument, comment or imported statement."""
    async with visiting_matter(request, chapter_id, proposal) as visit:
        found = await with_erasures(visit.db, visit.line.log, await _one(visit, statement))
    return answer(shown(found))


async def _one(visit: MatterVisit, wanted_id: str) -> Statement:
    if not visit.reads_all:
        raise NotFoundException
    if visit.live:
        row = visit.own.row if visit.own else None
        found = await discussion.statement(visit.db, visit.line.log, wanted_id, row)
        if found is not None and found.matter != visit.matter.line.id:
            found = None
    else:
        said = (await seen_page(visit)).said
        every = [*said.pro, *said.con, *said.comments, *said.statements]
        found = next((one for one in every if one.id == wanted_id), None)
    if found is None:
        raise NotFoundException
    return found


@get(_PATH + "/statements/{statement:str}/comments", opt=needs(Scope.READ))
async def comments(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    statement: FromPath[str],
) -> ASGIResponse:
    """List the comments on an argument in threads, page by page; for who reads the live record."""
    page = wanted(request, Path)
    async with visiting_matter(request, chapter_id, proposal) as visit:
        of = await _one(visit, statement)
        if not visit.live:
            raise NotFoundException
        row = visit.own.row if visit.own else None
        found = await discussion.comments(
            visit.db, visit.line.log, of.id, page.after or "", row, page.ask
        )
        found = await with_erasures(visit.db, visit.line.log, found)
    return listed(request, page, found, lambda one: one.path, shown)


@get(_PATH + "/versions/{number:int}", opt=needs(Scope.READ))
async def version(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    number: FromPath[int],
) -> ASGIResponse:
    """Tell one version of a proposal's text."""
    async with visiting_matter(request, chapter_id, proposal) as visit:
        found, _before = await versions_of(visit, await seen_matter(visit), number)
    return answer(shown(found))


@get(_PATH + "/versions/{number:int}/changes", opt=needs(Scope.READ))
async def changes(
    request: AnyRequest,
    chapter_id: FromPath[str],
    proposal: FromPath[str],
    number: FromPath[int],
) -> ASGIResponse:
    """Tell what a version changed in the one before, word by word; nothing of the first one.

    What was kept and inserted makes the new text, what was kept and deleted the old one.
    """
    async with visiting_matter(request, chapter_id, proposal) as visit:
        found, before = await versions_of(visit, await seen_matter(visit), number)
    return answer([] if before is None else changed(before, found))


@get(_PATH + "/way", opt=needs(Scope.READ))
async def way(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """Tell how a proposal came about, step by step, from its text to what came of its decision."""
    async with visiting_matter(request, chapter_id, proposal) as visit:
        steps = await way_of(visit, await seen_matter(visit))
    return answer(steps)


@get(_PATH + "/votes", opt=needs(Scope.READ))
async def votes(
    request: AnyRequest, chapter_id: FromPath[str], proposal: FromPath[str]
) -> ASGIResponse:
    """List the votes that count, page by page: by name in a roll call, else under row ids.

    Those under row ids are there once the vote is closed.
    """
    page = wanted(request, Name)
    async with visiting_matter(request, chapter_id, proposal) as visit:
        seen = await seen_page(visit)
        election = next(iter(seen.elections), None)
        if election is None or not visit.reads_all or (not visit.live and election.is_open):
            raise NotFoundException
        found, _unsigned = await vote_queries.votes(
            visit.db, visit.line.log, election.id, page.after or "", page.ask
        )
    return listed(request, page, found, lambda one: one.voter, shown)


HANDLERS: Final = (statements, statement, comments, version, changes, way, votes)
