"""Pages beside a proposal's own: lists of what was said, threads, older texts, votes, entries."""

from dataclasses import replace
from typing import Final

import msgspec
from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.erasures import with_erasures
from civic.kernel.web.figures import count
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE
from civic.page_views import as_known, mapped_texts, read_proposal_page
from civic.pages.changes import changed, folded
from civic.pages.matter import Matter, here, notes_of, open_matter, seen_matter, seen_page
from civic.pages.record import entries_page
from civic.pages.visit import Asked, MatterVisit, Page, start_of, visiting_matter
from deliberation import discussion
from deliberation import queries as matter_queries
from deliberation.discussion import Statement
from deliberation.queries import MatterView, OldText
from voting import queries as vote_queries
from voting.queries import ElectionView

MORE: Final = 30
"""Arguments or comments on a page of their own."""


@get("/c/{chapter_id:str}/p/{proposal_id:str}/said/{kind:str}")
async def said(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str], kind: FromPath[str]
) -> Page:
    """Show all arguments of one side, comments or imported statements, page by page."""
    kinds = {"for": "pro", "against": "con", "comments": "comment", "statements": "statement"}
    if kind not in kinds:
        raise NotFoundException
    start = start_of(request)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        if visit.live and visit.reads_all:
            page = await read_proposal_page(
                visit.db,
                visit.matter,
                visit.person.member if visit.person else None,
                visit.own.row if visit.own else None,
                start + MORE + 1,
            )
            page = await with_erasures(visit.db, visit.line.log, page)
        else:
            page = await seen_page(visit)
    lists = {
        "for": page.said.pro,
        "against": page.said.con,
        "comments": page.said.comments,
        "statements": page.said.statements,
    }
    found = lists[kind][start : start + MORE + 1]
    return Matter(replace(visit, matter=page.matter), None).render(
        "deliberation/said.html",
        cache=NO_STORE,
        heading={
            "for": _("Arguments for it"),
            "against": _("Arguments against it"),
            "comments": _("Comments"),
            "statements": _("Statements"),
        }[kind],
        listed=found[:MORE],
        **here(visit, page, found[:MORE]),
        previous=f"{visit.matter_path}/said/{kind}?from={max(0, start - MORE)}" if start else "",
        next=f"{visit.matter_path}/said/{kind}?from={start + MORE}" if len(found) > MORE else "",
        first=start + 1,
        last=start + len(found[:MORE]),
    )


@get("/c/{chapter_id:str}/p/{proposal_id:str}/w/{statement_id:str}")
async def thread(
    request: Asked,
    chapter_id: FromPath[str],
    proposal_id: FromPath[str],
    statement_id: FromPath[str],
) -> Page:
    """Show an argument with the comments on it, as it is now: for who reads the live record."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        row = visit.own.row if visit.own else None
        page = None if visit.live else await seen_page(visit)
        if not visit.reads_all:
            raise NotFoundException
        matter = await open_matter(visit, on=statement_id)
        replies = await discussion.comments(visit.db, visit.line.log, statement_id, row=row)
        subject = matter.subject
        if page is not None:
            shown = [*page.said.pro, *page.said.con, *page.said.comments, *page.said.statements]
            subject = next((one for one in shown if one.id == statement_id), None)
            # What an outsider may see of the thread is what the record held at the last tick.
            size = page.matter.chapter.size
            replies = [_as_of_tick(one, size) for one in replies if one.entry < size]
            matter = Matter(replace(visit, matter=page.matter), None)
        subject, replies = await with_erasures(visit.db, visit.line.log, (subject, replies))
    if subject is None:
        raise NotFoundException
    return matter.render(
        "deliberation/thread.html",
        cache=NO_STORE,
        subject=subject,
        replies=replies,
        **here(visit, page, [subject, *replies]),
    )


def _as_of_tick(statement: Statement, size: int) -> Statement:
    """Return a statement without what may have moved since the record had a size."""
    known: Statement = mapped_texts(statement, lambda one: as_known(one, size))
    return msgspec.structs.replace(known, agree=0, disagree=0, passed=0)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/versions/{number:int}")
async def one_version(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str], number: FromPath[int]
) -> Page:
    """Show one version of a proposal's text, and what it changed in the one before."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await seen_matter(visit)
        shown, before = await versions_of(visit, matter, number)
    return Matter(replace(visit, matter=matter), None).render(
        "deliberation/version.html",
        cache=NO_STORE,
        old=shown,
        changes=[
            (one, None if one.words is None else folded(one.words))
            for one in (changed(before, shown) if before is not None else ())
        ],
        first=before is None,
        hidden=notes_of(matter),
        record=f"{visit.path}/record",
        mine=visit.own.voice if visit.own and visit.person else None,
    )


async def versions_of(
    visit: MatterVisit, matter: MatterView, number: int
) -> tuple[OldText, OldText | None]:
    """Return a version of a matter's text and the one before, as the visitor may read them.

    Raises NotFoundException where they may not, or there is no such version.
    """
    if not visit.reads_all or all(one.number != number for one in matter.versions):
        raise NotFoundException
    log, matter_id = visit.line.log, matter.line.id
    found = await matter_queries.version(visit.db, log, matter_id, number)
    if found is None:
        raise NotFoundException
    before = None
    if number > 1:
        before = await matter_queries.version(visit.db, log, matter_id, number - 1)
    both = found, before
    if not visit.live:
        both = mapped_texts(both, lambda one: as_known(one, matter.chapter.size))
    return await with_erasures(visit.db, log, both)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/votes")
async def roll_call(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Show who voted how in a roll call, or which votes stand under row ids, to who may read it."""
    after = request.query_params.get("after", "")[:26]
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        page = await seen_page(visit)
        election = next(iter(page.elections), None)
        if election is None or not visit.reads_all or (not visit.live and election.is_open):
            raise NotFoundException
        votes, unsigned = await vote_queries.votes(visit.db, visit.line.log, election.id, after)
    last = votes[-1].voter if len(votes) == vote_queries.PAGE else ""
    return Matter(replace(visit, matter=page.matter), None).render(
        "voting/votes.html",
        cache=NO_STORE,
        election=election,
        votes=[(one, value_words(election.options, one.value)) for one in votes],
        counted=_counted(page.matter, election),
        unsigned=unsigned,
        # Whichever is rarer is marked.
        marks="signed" if election.voted and unsigned * 2 > election.voted else "unsigned",
        next=f"{visit.matter_path}/votes?after={last}" if last else "",
        member=visit.person is not None,
    )


@get("/c/{chapter_id:str}/p/{proposal_id:str}/entries")
async def provenance(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Lead to the record, listed for this matter."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        visit = replace(visit, matter=await seen_matter(visit))
        return await entries_page(visit, matter=visit.matter.line.id)


def value_words(options: int, value: int) -> str:
    """Say what a vote's value means; of options in numbers, which the page explains."""
    if not options:
        return {1: _("yes"), -1: _("no")}.get(value, _("abstain"))
    chosen = [str(number + 1) for number in range(options) if value >> number & 1]
    return ", ".join(chosen) or _("none of the options")


def _counted(matter: MatterView, election: ElectionView) -> list[tuple[str, str]]:
    """Return each answer with how many gave it, empty before the votes are counted."""
    counts = election.counts
    names = [label.text or _("An erased option") for label in matter.labels]
    if not election.options:
        names = [_("Yes"), _("No"), _("Abstain")]
    if counts is None:
        return [(name, "") for name in names] if election.options else []
    return [(name, count(n)) for name, n in zip(names, counts, strict=True)]


HANDLERS: Final = [said, thread, one_version, roll_call, provenance]
