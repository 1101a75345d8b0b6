"""Who may do what until when: the offices of a chapter along time, and laying one down."""

from typing import Final, NamedTuple

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters.bylaws import DAY
from chapters.offices.queries import OfficeLine, offices
from civic.deeds import standing as deeds
from civic.kernel.web.charts import scale
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.forms import blank, read_form
from civic.kernel.web.language import N_, _
from civic.pages.telling import role_name
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    answered,
    chapter_page,
    must_be_member,
    outcome_of,
    visiting,
)
from identity.step_up import must_have_stepped_up

PAST: Final = 180 * DAY
"""How far back ended terms are shown."""
DUTIES: Final = {
    "lead": N_("Admits and refuses applicants, sets tasks, records what came of decisions, "
               "suspends together with another office."),
    "facilitator": N_("Keeps discussions fair: may hide words with a public reason, sets tasks, "
                      "suspends with a lead, steps in for one."),
    "verifier": N_("Sees that members are real people; suspends with a lead."),
    "trustee": N_("Holds a share of the key of secret votes, when there are any."),
    "auditor": N_("Checks the record for the chapter; can judge appeals."),
    "steward": N_("Can, with others, move the chapter to another node."),
}  # fmt: skip
"""What each office may do, in words."""


class Row(NamedTuple):
    """A term of office in words."""

    line: OfficeLine
    role: str
    name: str
    note: str
    follows: str


@get("/c/{chapter_id:str}/offices")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show who holds what office until when, who follows, and what offices may do."""
    async with visiting(request, chapter_id) as visit:
        if not visit.suspended:
            # Outsiders see who holds an office on the chapter's page, as of the last tick.
            must_be_member(visit)
        found = await offices(visit.db, visit.line.log, visit.now - PAST)
    held = [_row(one) for one in found if one.ended is None]
    earliest = visit.now - PAST
    return chapter_page(
        visit,
        "chapters/offices.html",
        "offices",
        held=held,
        scale=scale([(max(row.line.since, earliest), row.line.until) for row in held], visit.now),
        table=[
            (
                row.role,
                row.name,
                day_of(row.line.since, visit.now),
                day_of(row.line.until, visit.now),
                row.follows or "–",
            )
            for row in held
        ],
        past=[_row(one) for one in found if one.ended is not None],
        duties=[(role_name(role), _(words)) for role, words in DUTIES.items()],
        absence=visit.chapter.bylaws.lead_absence // DAY,
        mine=visit.person.member if visit.person else "",
        member=visit.person is not None,
        has_lead=any(row.line.role == "lead" for row in held),
        now=visit.now,
    )


def day_of(minute: int, now: int) -> str:
    """Return the day of a minute as people read it."""
    return moment_of_minute(minute, now).text.rpartition(",")[0]


def _row(one: OfficeLine) -> Row:
    if one.acting:
        note = _("acting, by rule")
    elif one.ended_by is not None:
        note = _("ended by a decision")
    else:
        note = ""
    return Row(
        one,
        role_name(one.role),
        _named(one.name.text if one.name else None, one.member),
        note,
        _named(one.follows_name.text if one.follows_name else None, one.follows)
        if one.follows
        else "",
    )


def _named(name: str | None, member: str) -> str:
    return name or _("Member %(id)s…") % {"id": member[:6]}


@get("/c/{chapter_id:str}/offices/{office_id:str}/resign")
async def ask_to_resign(
    request: Asked, chapter_id: FromPath[str], office_id: FromPath[str]
) -> Page:
    """Say what laying down an office means."""
    async with visiting(request, chapter_id) as visit:
        role = _own_office(visit, office_id)
    await must_have_stepped_up(request)
    return chapter_page(
        visit,
        "chapters/resign.html",
        "offices",
        office=office_id,
        role=role_name(role),
        form=blank(),
    )


@post("/c/{chapter_id:str}/offices/{office_id:str}/resign")
async def resign(request: Asked, chapter_id: FromPath[str], office_id: FromPath[str]) -> Page:
    """Lay down an office."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request)
    async with visiting(request, chapter_id) as visit:
        _own_office(visit, office_id)
    outcome = await outcome_of(deeds.resign(at.node.desk, at.person, office_id, form.key))
    said = _("You have laid down the office. Thank you for what you did.")
    return answered(request, outcome, f"{at.path}/offices", said)


def _own_office(visit: ChapterVisit, office_id: str) -> str:
    must_be_member(visit)
    held = dict(visit.own.offices) if visit.own else {}
    if office_id not in held:
        raise NotFoundException
    return held[office_id]


HANDLERS: Final = [show, ask_to_resign, resign]
