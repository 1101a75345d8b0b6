"""What leads and facilitators do in office: set tasks, record what came of it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.deeds import proposal as deeds
from civic.kernel.clock import minute_of
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, see_other
from civic.pages.matter import Matter, open_matter
from civic.pages.visit import (
    Acting,
    Asked,
    Page,
    acting,
    answered,
    must_be_member,
    outcome_of,
    visiting_matter,
)
from civic.pages.writing import LANG, lang_of, usual
from identity import drafts
from identity.step_up import must_have_stepped_up

TASK: Final = Field("task", "what is to be done", Kind.TEXT, most=5000)
DAY: Final = Field("day", "the day it is due", most=10)
TASK_ID: Final = Field("id", "the task", most=26)
RESULT: Final = Field(
    "result", "what came of it", Kind.CHOICE, choices=("success", "standstill", "failure")
)
AGAIN: Final = Field(
    "again", "whether you would do it again", Kind.CHOICE, choices=("yes", "with_changes", "no")
)
EXPECTED: Final = Field("expected", "what was expected", Kind.TEXT, most=5000)
HAPPENED: Final = Field("happened", "what happened", Kind.TEXT, most=5000)
_CARD: Final = (RESULT, AGAIN, EXPECTED, HAPPENED, LANG)


@get("/c/{chapter_id:str}/p/{proposal_id:str}/task")
async def ask_task(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Ask what is to be done until when."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit)
        _office(matter)
    await must_have_stepped_up(request)
    in_a_month = datetime.fromtimestamp(visit.now * 60, UTC) + timedelta(days=30)
    return _task_page(
        matter, blank(TASK, DAY, LANG, day=f"{in_a_month:%Y-%m-%d}", lang=usual(request))
    )


@post("/c/{chapter_id:str}/p/{proposal_id:str}/task", status_code=200)
async def set_task(request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]) -> Page:
    """Set a task; it is due at the end of a day (UTC)."""
    at, form, matter, office = await _in_office(request, chapter_id, proposal_id, TASK, DAY, LANG)
    until = _end_of_day(form.value("day"))
    if until is None:
        form = form.with_error("day", _("Write the day as year-month-day, such as 2026-12-31"))
    if not form.ok or until is None:
        return _task_page(matter, form)
    outcome = await outcome_of(
        deeds.set_task(
            at.node.desk,
            at.person,
            office,
            proposal_id,
            form.value("task"),
            lang_of(request, form),
            until,
            form.key,
        )
    )
    if isinstance(outcome, Refusal):
        return _task_page(matter, form.refused(outcome))
    return see_other(request, f"{matter.path}#tasks", _("The task is set."))


@post("/c/{chapter_id:str}/p/{proposal_id:str}/task/done")
async def finish_task(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Say that a task is done."""
    at, form, matter, office = await _in_office(request, chapter_id, proposal_id, TASK_ID)
    outcome = await outcome_of(
        deeds.finish_task(at.node.desk, at.person, office, form.value("id"), form.key)
    )
    return answered(request, outcome, f"{matter.path}#tasks", _("The task is done. Well done."))


@get("/c/{chapter_id:str}/p/{proposal_id:str}/outcome")
async def ask_outcome(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Ask what was expected and what came of it."""
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit)
        _office(matter)
    await must_have_stepped_up(request)
    form = await drafts.restored(request, blank(*_CARD, lang=usual(request)))
    return _outcome_page(matter, form)


@post("/c/{chapter_id:str}/p/{proposal_id:str}/outcome", status_code=200)
async def record_outcome(
    request: Asked, chapter_id: FromPath[str], proposal_id: FromPath[str]
) -> Page:
    """Record an outcome card."""
    at, form, matter, office = await _in_office(request, chapter_id, proposal_id, *_CARD)
    if not form.ok:
        return _outcome_page(matter, form)
    result, again = cast("Any", form.value("result")), cast("Any", form.value("again"))
    outcome = await outcome_of(
        deeds.record_outcome(
            at.node.desk,
            at.person,
            office,
            proposal_id,
            result=result,
            again=again,
            expected=form.value("expected"),
            happened=form.value("happened"),
            lang=lang_of(request, form),
            idempotency=form.key,
        )
    )
    if isinstance(outcome, Refusal):
        return _outcome_page(matter, form.refused(outcome))
    await drafts.sent(request)
    return see_other(request, f"{matter.path}#outcome", _("The outcome card stands."))


async def _in_office(
    request: Asked, chapter_id: str, proposal_id: str, *fields: Field
) -> tuple[Acting, Form, Matter, str]:
    """Return who acts, the form, the matter and the office that may do this."""
    at = await acting(request, chapter_id)
    form = await read_form(request, *fields)
    async with visiting_matter(request, chapter_id, proposal_id) as visit:
        matter = await open_matter(visit)
        office = _office(matter)
    await must_have_stepped_up(request)
    return at, form, matter, office


def _office(matter: Matter) -> str:
    must_be_member(matter.visit)
    office = matter.organiser
    if office is None:
        raise NotFoundException
    return office


def _end_of_day(text: str) -> int | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return minute_of(day)


def _task_page(matter: Matter, form: Form) -> Page:
    return _page(matter, "deliberation/task.html", form)


def _outcome_page(matter: Matter, form: Form) -> Page:
    return _page(matter, "deliberation/outcome.html", form)


def _page(matter: Matter, template: str, form: Form, **view: object) -> Page:
    status = 200 if form.ok else 422
    return matter.render(template, status=status, cache=NO_STORE, form=form, **view)


HANDLERS: Final = [
    ask_task, set_task, finish_task, ask_outcome, record_outcome,
]  # fmt: skip
