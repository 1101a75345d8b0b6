"""Pages beside a proposal's own: lists of what was said, threads, older texts, votes, entries."""

from dataclasses import replace
from typing import Final

import msgspec
from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE
from civic.page_views import read_proposal_page
from civic.pages.matter import Matter, here, open_matter, seen_matter, seen_page
from civic.pages.record import entries_page
from civic.pages.visit import Asked, Page, start_of, visiting_matter
from deliberation import discussion
from deliberation import queries as matter_queries
from deliberation.discussion import Statement
from deliberation.queries import MatterView
from voting import queries as vote_queries

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
        **here(visit, page),
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
        last = max((mark.entry for mark in page.matter.timeline), default=0)
        last = max([last, *(one.entry for one in shown)])
        replies = [_as_of_tick(one) for one in replies if one.entry <= last]
        matter = Matter(replace(visit, matter=page.matter), None)
    if subject is None:
        raise NotFoundException
    return matter.render(
        "deliberation/thread.html",
        cache=NO_STORE,
        subject=subject,
        replies=replies,
        **here(visit, page),
    )


def _as_of_tick(statement: Statement) -> Statement:
    """Return a statement without the counts that may have moved since the last tick."""
    return msgspec.structs.replace(statement, agree=0, disagree=0, passed=0)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/versions/{number:int}")
async def older_version(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str], number: FromPath[int]
) -> Page:
    """Show one version of a proposal's text."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await seen_matter(visit)
        shown = next((one for one in matter.versions if one.number == number), None)
        found = (
            await matter_queries.version(visit.db, visit.line.log, visit.matter.line.id, number)
            if visit.reads_all and shown is not None
            else None
        )
    if found is None:
        raise NotFoundException
    seen = Matter(replace(visit, matter=matter), None)
    return seen.render("deliberation/version.html", cache=NO_STORE, old=found)


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
        votes=[(one, value_words(page.matter, one.value)) for one in votes],
        unsigned=unsigned,
        next=f"{visit.matter_path}/votes?after={last}" if last else "",
        member=visit.person is not None,
    )


@get("/c/{chapter_id:str}/p/{proposal_id:str}/entries")
async def provenance(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Lead to the record, listed for this matter."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        visit = replace(visit, matter=await seen_matter(visit))
        return await entries_page(visit, matter=visit.matter.line.id)


def value_words(matter: MatterView, value: int) -> str:
    """Say what a vote's value means."""
    if not matter.line.options:
        return {1: _("yes"), -1: _("no")}.get(value, _("abstain"))
    chosen = [
        label.text or _("option %(n)d") % {"n": number + 1}
        for number, label in enumerate(matter.labels)
        if value >> number & 1
    ]
    # Options have commas of their own.
    return "; ".join(chosen) or _("none of the options")


HANDLERS: Final = [said, thread, older_version, roll_call, provenance]
