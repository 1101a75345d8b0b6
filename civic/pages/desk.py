"""The desk of those in office: what waits, what comes up, and how the chapter fares."""

from fractions import Fraction
from typing import Final, NamedTuple

from litestar import get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from chapters.alarms.growth import MONTH, growth
from chapters.bylaws import DAY
from civic.kernel.web import charts
from civic.kernel.web.figures import count, percent, share
from civic.kernel.web.language import _, ngettext
from civic.pages import phases
from civic.pages.bylaw_words import spell_permille
from civic.pages.desk_queries import Coming, Desk, desk
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    chapter_page,
    must_be_member,
    visiting,
)
from civic.pages.wordings import title_words
from civic.webhooks.registered import any_ended

AHEAD: Final = 14 * DAY
"""How far ahead dates are shown."""
ENDING: Final = 60 * DAY
"""Terms that end within this time are shown as ending soon."""
APPLICANTS: Final = 50


class Date(NamedTuple):
    """A date on the desk, ready to be shown."""

    title: str
    href: str
    what: str
    at: int
    missed: bool


@get("/c/{chapter_id:str}/desk")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show those in office what waits for them, and how the chapter fares."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        roles = {role for _id, role in visit.own.offices} if visit.own else set()
        if not roles:
            raise NotFoundException
        found = await desk(
            visit.db, visit.line.log, visit.now - MONTH, visit.now, visit.now + AHEAD
        )
        waiting = (
            await queries.members(visit.db, visit.line.log, "applied", limit=APPLICANTS)
            if visit.chapter.applied
            else []
        )
        ended = "lead" in roles and await any_ended(visit.db, visit.line.log)
    grown = growth(found.joined, visit.line.active)
    return chapter_page(
        visit,
        "chapters/desk.html",
        "desk",
        view=visit.chapter,
        leads="lead" in roles,
        verifies="verifier" in roles,
        webhook_ended=ended,
        sees_growth=bool(roles & {"lead", "verifier"}),
        waiting=waiting,
        suspensions=found.suspensions,
        disowned=found.disowned,
        reports=found.reports if roles & {"lead", "facilitator"} else 0,
        appeals=found.appeals,
        dates=[
            *(_date(visit, one, missed=True) for one in found.missed),
            *(_date(visit, one, missed=False) for one in found.coming),
        ],
        ending=[one for one in visit.chapter.offices if one.until <= visit.now + ENDING],
        grown=grown,
        trend=_trend(found),
        votes=[
            (
                title_words(one.title),
                f"{visit.path}/p/{one.matter}",
                one.closed,
                f"{count(one.cast)} / {count(one.roll)}",
                percent(share(one.cast, one.roll)),
                spell_permille(one.quorum),
                one.cast * 1000 >= one.quorum * one.roll,
            )
            for one in reversed(found.votes)
        ],
        now=visit.now,
    )


def _date(visit: ChapterVisit, one: Coming, *, missed: bool) -> Date:
    what = _("Task due") if one.phase == "task" else _(phases.PHASES[one.phase])
    href = f"{visit.path}/p/{one.matter}" + ("#tasks" if one.phase == "task" else "")
    return Date(title_words(one.title), href, what, one.at, missed)


def _trend(found: Desk) -> charts.Sparkline | None:
    """Return how participation went over the last votes, in per cent; None before there are any."""
    if not found.votes:
        return None
    shares = [round(100 * Fraction(one.cast, one.roll)) if one.roll else 0 for one in found.votes]
    met = sum(one.cast * 1000 >= one.quorum * one.roll for one in found.votes)
    text = ngettext(
        "Participation in the last vote: %(last)s%%; %(met)s of %(n)s reached the quorum.",
        "Participation in the last %(n)s votes, from %(first)s%% to %(last)s%%; %(met)s of %(n)s "
        "reached the quorum.",
        len(shares),
    ) % {"first": shares[0], "last": shares[-1], "met": met, "n": len(shares)}
    return charts.sparkline(shares, text)


HANDLERS: Final = [show]
