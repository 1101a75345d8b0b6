"""A chapter's page and the list of all its proposals."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from litestar import get
from litestar.params import FromPath

from chapters import queries
from chapters.queries import ChapterView
from civic import publication
from civic.kernel.record.ties import Standing
from civic.kernel.web.activity_chart import ActivityChart, activity_chart
from civic.kernel.web.dates import Moment, moment_of_minute
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render
from civic.overview import overview, weeks_until
from civic.page_views import (
    ENDED_SHOWN,
    LISTED,
    OPEN_SHOWN,
    ChapterPage,
    ProposalsPage,
    chapter_for_world,
    proposals_for_world,
    read_chapter_page,
)
from civic.pages import phases
from civic.pages import queries as own_queries
from civic.pages.bylaw_plainly import in_plain_words
from civic.pages.forming import meetings
from civic.pages.queries import OpenVote
from civic.pages.telling import role_name
from civic.pages.visit import Asked, ChapterVisit, Page, frame_of, live_from, start_of, visiting
from civic.pages.wordings import erased_words, line_for_reader, title_words
from deliberation import queries as matter_queries
from deliberation.queries import MatterLine, Matters

PAGE: Final = 30


class Row(NamedTuple):
    """A proposal in a list, ready to be shown."""

    line: MatterLine
    title: str
    badge: tuple[str, str]
    moment: Moment | None
    before: str
    said: str
    mine: str = ""
    """What a member did or can do."""
    erased: str = ""
    """Who had the title erased, when and why."""


@get("/c/{chapter_id:str}")
async def chapter(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show a chapter: what it decides now, its proposals, offices, bylaws and record."""
    async with visiting(request, chapter_id) as visit:
        page, voted = await _overview(visit)
        if page is None:
            return _unpublished(visit)
        forming = page.view.line.stage == "forming" and visit.person is not None
        founders = await queries.members(visit.db, visit.line.log) if forming else []
        met = await queries.confirmations(visit.db, visit.line.log) if forming else []
    view = page.view
    rows = open_rows(page.matters.open, visit, voted)
    first = next(iter(rows), None)
    return render(
        request,
        "chapters/chapter.html",
        chapter=frame_of(visit, page.name, "chapter"),
        cache=NO_STORE,
        live=live_from(visit),
        view=view,
        page=page,
        path=visit.path,
        now=visit.now,
        next=first,
        waits=first is not None and voted.get(first.line.election or "") is False,
        rest=rows[1:],
        more=len(page.matters.open) >= OPEN_SHOWN,
        leads=_leads(visit, view),
        ended=[row_of(line, visit.now) for line in page.matters.ended],
        imported=[row_of(line, visit.now) for line in page.matters.imported],
        activity=_activity(page, visit.now),
        offices=_offices(view, visit.now),
        bylaws=in_plain_words(view.bylaws),
        admission=_admission(view),
        votes_from=votes_from(visit),
        stands=visit.own.state if visit.own is not None else "",
        member=visit.person is not None,
        me=visit.person.member if visit.person else "",
        applied=visit.own is not None and visit.own.state == "applied",
        signed_in=visit.known is not None,
        reads_all=visit.reads_all,
        founders=founders,
        meetings=meetings(founders, met, view.bylaws.founders, visit.person.member)
        if forming and visit.person is not None
        else None,
        confirmed=any(one.member == (visit.person and visit.person.member) for one in met),
    )


@get("/c/{chapter_id:str}/proposals")
async def proposals(request: Asked, chapter_id: FromPath[str]) -> Page:
    """List the proposals of a chapter: open ones, decided ones, conversations brought in."""
    skipped = start_of(request)
    async with visiting(request, chapter_id) as visit:
        page = await _listed(visit, skipped)
        if page is None:
            return _unpublished(visit)
        asked = await _open_votes(visit, page.matters.open)
        voted = await own_queries.voted(visit.db, asked) if asked else {}
    ended = page.matters.ended[:PAGE]
    more = len(page.matters.ended) > PAGE
    return render(
        request,
        "chapters/proposals.html",
        chapter=frame_of(visit, page.name, "proposals"),
        cache=NO_STORE,
        path=visit.path,
        rows=open_rows(page.matters.open, visit, voted),
        ended=[row_of(line, visit.now) for line in ended],
        imported=[row_of(line, visit.now) for line in page.matters.imported],
        previous=f"{visit.path}/proposals?from={max(0, skipped - PAGE)}" if skipped else "",
        next=f"{visit.path}/proposals?from={skipped + PAGE}" if more else "",
        first=skipped + 1,
        last=skipped + len(ended),
        member=visit.person is not None,
        active=page.view.line.stage == "active",
        reads_all=visit.reads_all,
        now=visit.now,
    )


async def _overview(visit: ChapterVisit) -> tuple[ChapterPage | None, dict[str, bool | None]]:
    """Return a chapter's page as the visitor may see it, and in which votes they have voted."""
    if visit.person is None:
        return await seen_chapter(visit), {}
    view = visit.chapter
    if view.line.stage == "forming":
        # Nothing can be proposed yet, and who is here is asked beside this.
        matters = Matters([], [], [])
        asked: list[OpenVote] = []
    else:
        matters = await matter_queries.matters(
            visit.db, view.line.log, limit=OPEN_SHOWN, ended=ENDED_SHOWN
        )
        asked = await _open_votes(visit, matters.open)
    beside = await overview(visit.db, view.line, view.signed_size, asked)
    page = ChapterPage(view, matters, beside.tasks, beside.root, beside.activity)
    return page, beside.voted


async def _open_votes(visit: ChapterVisit, matters: Sequence[MatterLine]) -> list[OpenVote]:
    """Return the open votes, as a member who visits asks about them; none for outsiders."""
    votes = [(line.id, line.election) for line in matters if line.phase == "vote" and line.election]
    if visit.person is None or not votes:
        return []
    me, log = visit.person.member, visit.line.log
    rows = {own: Standing(log, own, "row", me) for own, _election in votes}
    ids = await own_queries.own_ids(visit.db, visit.node.book.vault, list(rows.values()))
    return [OpenVote(log, election, ids.get(rows[own], ""), me) for own, election in votes]


def votes_from(visit: ChapterVisit) -> int | None:
    """Return from which minute on a new member is on the rolls of votes; None for all others."""
    own, wait = visit.own, visit.chapter.bylaws.vote_wait
    if visit.person is None or own is None or own.founder or own.since + wait <= visit.now:
        return None
    return own.since + wait


async def seen_chapter(visit: ChapterVisit) -> ChapterPage | None:
    """Return a chapter's page as the visitor may see it, None before outsiders see any."""
    if not visit.live:
        name = visit.published(publication.CHAPTER)
        return await publication.page_of(visit.db, visit.line.log, name, ChapterPage, visit.now)
    page = await read_chapter_page(visit.db, visit.chapter)
    return page if visit.reads_all else chapter_for_world(page)


async def _listed(visit: ChapterVisit, skipped: int) -> ProposalsPage | None:
    """Return the proposals of one page of the list, None before outsiders see any.

    Only the first page has open ones; of ended ones there is one more than a page shows.
    """
    log, first = visit.line.log, 0 if skipped else LISTED
    if visit.live and visit.reads_all:
        matters = await matter_queries.matters(
            visit.db, log, limit=first, ended=PAGE + 1, imported=first, skipped=skipped
        )
        return ProposalsPage(visit.chapter, matters)
    if visit.live:
        many = LISTED
        every = await matter_queries.matters(visit.db, log, limit=many, ended=many, imported=many)
        page: ProposalsPage | None = proposals_for_world(ProposalsPage(visit.chapter, every))
    else:
        page = await publication.page_of(
            visit.db, log, visit.published(publication.PROPOSALS), ProposalsPage, visit.now
        )
    if page is None:
        return None
    one = page.matters
    shown = Matters(one.open[:first], one.ended[skipped : skipped + PAGE + 1], one.imported[:first])
    return ProposalsPage(page.view, shown)


def _unpublished(visit: ChapterVisit) -> Page:
    """Say that nothing of a new chapter is shown to outsiders yet."""
    return render(visit.request, "chapters/unpublished.html", chapter=None, cache=NO_STORE)


def row_of(line: MatterLine, now: int, mine: str = "") -> Row:
    """Return a proposal for a list; `mine` is what its reader did or can do."""
    when = line.phase_until if line.phase_until is not None else line.ended
    line = line_for_reader(line)
    return Row(
        line,
        title_words(line.title),
        phases.badge_of(line),
        None if when is None else moment_of_minute(when, now),
        phases.next_words(line),
        phases.said_of(line),
        mine,
        erased_words(line.title),
    )


_FOR_MEMBERS: Final = ("discussion", "support", "vote", "notice")
_FOR_OTHERS: Final = ("vote", "notice", "discussion", "support")


def open_rows(
    matters: Sequence[MatterLine], visit: ChapterVisit, voted: Mapping[str, bool | None]
) -> list[Row]:
    """Return open proposals in one list, sorted by what the visitor can do, then by deadline.

    For a member votes that they have not cast come first, then what they can speak about and
    support; what only time moves comes last. For others it is what decides first.
    """
    if visit.person is None:
        ordered = sorted(
            matters, key=lambda line: (_FOR_OTHERS.index(line.phase), line.phase_until or 0)
        )
        return [row_of(line, visit.now) for line in ordered]

    def place(line: MatterLine) -> tuple[bool, int, int]:
        waits = line.phase == "vote" and voted.get(line.election or "") is False
        return not waits, _FOR_MEMBERS.index(line.phase), line.phase_until or 0

    return [row_of(line, visit.now, own_vote(line, voted)) for line in sorted(matters, key=place)]


def own_vote(line: MatterLine, voted: Mapping[str, bool | None]) -> str:
    """Say of an open vote whether a member has voted, nothing of all else."""
    if line.phase != "vote":
        return ""
    return {
        True: _("You have voted."),
        False: _("You have not voted yet."),
        None: _("You are not on the roll of this vote."),
    }[voted.get(line.election or "")]


def _activity(page: ChapterPage, now: int) -> ActivityChart | None:
    """Return how much went on in the chapter, where that is told."""
    if page.activity is None:
        return None
    start, weeks = weeks_until(page.activity, page.view.line.founded, now)
    names = (_("Joined"), _("Proposed"), _("Votes cast"), _("Decided"))
    return activity_chart(start, list(zip(names, weeks, strict=True)))


def _leads(visit: ChapterVisit, view: ChapterView) -> bool:
    me = visit.person.member if visit.person else None
    return any(one.role == "lead" and one.member == me for one in view.offices)


def _offices(view: ChapterView, now: int) -> list[dict[str, Any]]:
    return [
        {
            "role": role_name(office.role),
            "member": office.member,
            "name": office.name.text if office.name else None,
            "until": moment_of_minute(office.until, now),
        }
        for office in view.offices
    ]


def _admission(view: ChapterView) -> str:
    return {
        "invitation": _("People join by an invitation from a member who has met them."),
        "lead": _("People ask to join, and a lead admits them."),
        "either": _("People join by an invitation from a member, or ask and a lead admits them."),
    }[view.bylaws.admission]


HANDLERS: Final = [chapter, proposals]
