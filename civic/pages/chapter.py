"""A chapter's page and the list of all its proposals."""

from typing import Any, Final, NamedTuple, TypeVar

from litestar import get
from litestar.params import FromPath

from chapters import queries
from chapters.queries import ChapterView
from civic import publication
from civic.kernel.web.dates import Moment, moment_of_minute
from civic.kernel.web.language import _, ngettext
from civic.kernel.web.pages import NO_STORE, render
from civic.page_views import (
    LISTED,
    ChapterPage,
    ProposalsPage,
    chapter_for_world,
    proposals_for_world,
    read_chapter_page,
)
from civic.pages import phases
from civic.pages.bylaw_words import in_words
from civic.pages.telling import role_name
from civic.pages.visit import Asked, ChapterVisit, Page, frame_of, live_from, start_of, visiting
from deliberation import queries as matter_queries
from deliberation.queries import MatterLine

P = TypeVar("P")
PAGE: Final = 30


class Row(NamedTuple):
    """A proposal in a list, ready to be shown."""

    line: MatterLine
    title: str
    badge: tuple[str, str]
    moment: Moment | None
    before: str
    said: str


@get("/c/{chapter_id:str}")
async def chapter(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show a chapter: what it decides now, its proposals, offices, bylaws and record."""
    async with visiting(request, chapter_id) as visit:
        page = await seen_chapter(visit)
        if page is None:
            return _unpublished(visit)
        forming = page.view.line.stage == "forming" and visit.person is not None
        founders = await queries.members(visit.db, visit.line.log) if forming else []
        met = await queries.confirmations(visit.db, visit.line.log) if forming else []
    view = page.view
    rows = [row_of(line, visit.now) for line in page.matters.open]
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
        next=_next(rows, member=visit.person is not None),
        leads=_leads(visit, view),
        groups=_by_phase(rows),
        ended=[row_of(line, visit.now) for line in page.matters.ended],
        imported=[row_of(line, visit.now) for line in page.matters.imported],
        offices=_offices(view, visit.now),
        bylaws=in_words(view.bylaws),
        admission=_admission(view),
        votes_from=votes_from(visit),
        stands=visit.own.state if visit.own is not None else "",
        member=visit.person is not None,
        me=visit.person.member if visit.person else "",
        applied=visit.own is not None and visit.own.state == "applied",
        signed_in=visit.known is not None,
        reads_all=visit.reads_all,
        founders=founders,
        meetings=_meetings(founders, met, view.bylaws.founders) if forming else None,
        confirmed=any(one.member == (visit.person and visit.person.member) for one in met),
    )


@get("/c/{chapter_id:str}/proposals")
async def proposals(request: Asked, chapter_id: FromPath[str]) -> Page:
    """List the proposals of a chapter: open ones, decided ones, conversations brought in."""
    async with visiting(request, chapter_id) as visit:
        page = await _listed(visit)
        if page is None:
            return _unpublished(visit)
    skipped = start_of(request)
    ended = page.matters.ended[skipped : skipped + PAGE]
    more = len(page.matters.ended) > skipped + PAGE
    return render(
        request,
        "chapters/proposals.html",
        chapter=frame_of(visit, page.name, "proposals"),
        cache=NO_STORE,
        path=visit.path,
        groups=_by_phase([row_of(line, visit.now) for line in page.matters.open])
        if not skipped
        else [],
        ended=[row_of(line, visit.now) for line in ended],
        imported=[row_of(line, visit.now) for line in page.matters.imported] if not skipped else [],
        previous=f"{visit.path}/proposals?from={max(0, skipped - PAGE)}" if skipped else "",
        next=f"{visit.path}/proposals?from={skipped + PAGE}" if more else "",
        first=skipped + 1,
        last=skipped + len(ended),
        member=visit.person is not None,
        active=page.view.line.stage == "active",
        reads_all=visit.reads_all,
        now=visit.now,
    )


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


async def _listed(visit: ChapterVisit) -> ProposalsPage | None:
    log = visit.line.log
    if not visit.live:
        return await publication.page_of(
            visit.db, log, visit.published(publication.PROPOSALS), ProposalsPage, visit.now
        )
    many = LISTED
    matters = await matter_queries.matters(visit.db, log, limit=many, ended=many, imported=many)
    page = ProposalsPage(visit.chapter, matters)
    return page if visit.reads_all else proposals_for_world(page)


def _unpublished(visit: ChapterVisit) -> Page:
    """Say that nothing of a new chapter is shown to outsiders yet."""
    return render(
        visit.request,
        "chapters/unpublished.html",
        chapter=None,
        cache=NO_STORE,
    )


def row_of(line: MatterLine, now: int) -> Row:
    """Return a proposal for a list."""
    when = line.phase_until if line.phase_until is not None else line.ended
    return Row(
        line,
        line.title.text or _("An erased title"),
        phases.badge_of(line),
        None if when is None else moment_of_minute(when, now),
        phases.next_words(line),
        phases.said_of(line),
    )


def _next(rows: list[Row], *, member: bool) -> Row | None:
    """Return what the page begins with: for members something in which they can take part now."""
    open_to_members = [row for row in rows if row.line.phase != "notice"] if member else []
    return next(iter(open_to_members or rows), None)


def _leads(visit: ChapterVisit, view: ChapterView) -> bool:
    me = visit.person.member if visit.person else None
    return any(one.role == "lead" and one.member == me for one in view.offices)


def _by_phase(rows: list[Row]) -> list[tuple[str, list[Row]]]:
    """Return open proposals by phase, those that decide first."""
    headings = {
        "vote": _("Being voted on"),
        "notice": _("About to be voted on"),
        "discussion": _("Being discussed"),
        "support": _("Looking for support"),
    }
    grouped = [
        (heading, [row for row in rows if row.line.phase == phase])
        for phase, heading in headings.items()
    ]
    return [(heading, listed) for heading, listed in grouped if listed]


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


def _meetings(founders: Any, met: Any, needed: int) -> dict[str, Any]:
    """Return who of those who are here has confirmed having met whom, and what is missing."""
    said = {(one.member, one.met) for one in met}
    confirmed = {one.member for one in met}
    ids = [one.id for one in founders]
    missing = [(a, b) for a in ids for b in ids if a != b and (a, b) not in said]
    ready = [one for one in ids if one in confirmed]
    people = max(0, needed - len(ids))
    return {
        "confirmed": confirmed,
        "said": said,
        "people_missing": ngettext(
            "%(n)d more person has to join", "%(n)d more people have to join", people
        )
        % {"n": people}
        if people
        else "",
        "confirmations_missing": len(missing),
        "complete": not people and _all_met(ready, said, needed),
    }


def _all_met(ready: list[str], said: set[tuple[str, str]], needed: int) -> bool:
    """Tell whether enough founders have all confirmed having met each other."""
    mutual = [
        one
        for one in ready
        if sum((one, other) in said and (other, one) in said for other in ready) >= needed - 1
    ]
    return len(mutual) >= needed


HANDLERS: Final = [chapter, proposals]
