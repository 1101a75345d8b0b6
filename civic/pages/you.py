"""One's own place in a chapter: name, level, offices, key, what ties and what is kept, leaving."""

from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from chapters.assurance.queries import OwnLevels, own_levels
from civic.deeds import chapter as deeds
from civic.kernel.refusal import Refusal
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.forms import Field, Form, blank, read_form
from civic.kernel.web.language import _
from civic.pages.chapter import votes_from
from civic.pages.telling import role_name
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    answered,
    chapter_page,
    must_be_present,
    outcome_of,
    visiting,
)
from civic.pages.writing import usual

NAME: Final = Field("name", "the name you want to be called", most=60)


@get("/c/{chapter_id:str}/you")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show a member, who may be suspended, their own place in the chapter."""
    async with visiting(request, chapter_id) as visit:
        return await you_page(visit, name_form(visit))


@post("/c/{chapter_id:str}/people/name", status_code=200)
async def choose_name(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Choose the name that members see."""
    at = await acting(request, chapter_id)
    form = await read_form(request, NAME)
    if form.ok:
        outcome = await outcome_of(
            deeds.set_name(at.node.desk, at.person, form.value("name"), usual(request), form.key)
        )
        if not isinstance(outcome, Refusal):
            said = _("Members see this name from now on.")
            return answered(request, outcome, f"{at.path}/you", said)
        form = form.refused(outcome)
    async with visiting(request, chapter_id) as visit:
        return await you_page(visit, form)


@post("/c/{chapter_id:str}/people/name/erase")
async def erase_name(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Have one's own name erased."""
    at = await acting(request, chapter_id)
    form = await read_form(request)
    async with visiting(request, chapter_id) as visit:
        name = visit.own.name if visit.own else None
    if name is None:
        raise NotFoundException
    outcome = await outcome_of(deeds.erase_name(at.node.desk, at.person, name.hash, form.key))
    return answered(request, outcome, f"{at.path}/you", _("Your name is erased."))


def name_form(visit: ChapterVisit) -> Form:
    """Return the form for one's name, as it stands now."""
    name = visit.own.name if visit.own else None
    return blank(NAME, name=(name.text or "") if name else "")


async def you_page(visit: ChapterVisit, form: Form) -> Page:
    """Show a member their own place; raises like `must_be_present`."""
    person, own = must_be_present(visit), visit.own
    if own is None:
        raise NotFoundException
    log = visit.line.log
    levels = await own_levels(visit.db, visit.node.book.vault, log, person.member)
    line = await queries.member(visit.db, log, person.member)
    until = _level_until(own.level, levels)
    return chapter_page(
        visit,
        "chapters/you.html",
        "you",
        status=200 if form.ok else 422,
        form=form,
        me=person.member,
        name=own.name.text if own.name else None,
        suspended=visit.suspended,
        since=moment_of_minute(own.since, visit.now).day,
        founder=own.founder,
        level=own.level,
        next_level=_next_level(own.level),
        level_until=None if until is None else moment_of_minute(until, visit.now),
        disputed=levels.dispute is not None,
        offices=_offices(visit, person.member),
        has_key=line is not None and line.has_key,
        votes_from=votes_from(visit),
        now=visit.now,
    )


def _level_until(level: int, levels: OwnLevels) -> int | None:
    held = levels.seen or levels.vouched
    return held.until if level and held is not None else None


def _next_level(level: int) -> str:
    if level == 0:
        return _("Next: members who have met you vouch for you. You show them a code.")
    if level == 1:
        return _("Next: two verifiers see you, each by themselves, a document in hand.")
    return _("It is the highest that the chapter gives so far.")


def _offices(visit: ChapterVisit, me: str) -> list[dict[str, Any]]:
    return [
        {
            "role": role_name(office.role),
            "until": moment_of_minute(office.until, visit.now),
            "resign": f"{visit.path}/offices/{office.id}/resign",
        }
        for office in visit.chapter.offices
        if office.member == me
    ]


HANDLERS: Final = [show, choose_name, erase_name]
