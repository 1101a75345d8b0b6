"""What was hidden or erased in office: the public list, appeals by authors, judgements."""

from collections.abc import Sequence
from typing import Final, NamedTuple

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters.papers import Tie, read_paper
from civic.deeds import moderating as deeds
from civic.kernel.record import ties
from civic.kernel.record.ties import Standing
from civic.kernel.refusal import Refusal
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import see_other
from civic.pages.moderating import MODERATORS, OF
from civic.pages.record import seen_record
from civic.pages.visit import (
    Acting,
    Asked,
    ChapterVisit,
    Page,
    acting,
    acting_as,
    answered,
    chapter_page,
    must_be_present,
    outcome_of,
    visiting,
)
from civic.pages.writing import LANG, lang_of, usual
from civic.voice.fates import HIDING_ENDS
from deliberation.moderation import queries, reports
from deliberation.moderation.queries import HidingLine

APPEAL: Final = Field("appeal", "why you appeal", Kind.TEXT, most=5000)
SHOW: Final = Field("show", "your judgement", Kind.CHOICE, choices=("yes", "no"))
JUDGES: Final = ("lead", "facilitator", "verifier")
KINDS: Final = {
    "proposal": N_("A proposal"),
    "pro": N_("An argument for it"),
    "con": N_("An argument against it"),
    "comment": N_("A comment"),
    "statement": N_("A statement"),
}


class Case(NamedTuple):
    """A hiding as the page shows it, with what the visitor can do about it."""

    line: HidingLine
    kind: str
    ended: str
    judge: bool
    lift: bool
    erase: bool


@get("/c/{chapter_id:str}/moderation")
async def moderation(request: Asked, chapter_id: FromPath[str]) -> Page:
    """List what was hidden or erased in office, with the reasons; in office, what waits."""
    before = request.query_params.get("before", "")
    plain = before.isascii() and before.isdigit() and len(before) < 16
    async with visiting(request, chapter_id) as visit:
        if not visit.reads_all:
            raise NotFoundException
        log, offices = visit.line.log, visit.own.offices if visit.own and visit.person else ()
        roles = {role for _id, role in offices}
        size = visit.line.size if visit.live else (await seen_record(visit, visit.chapter)).size
        upto = int(before) if plain else None
        found, appealed = await queries.hidings_and_appeals(
            visit.db, log, upto, queries.PAGE + 1, size
        )
        erased = await queries.erased_in_office(visit.db, log, size=size)
        told: Sequence[reports.Reported] = ()
        if roles & set(MODERATORS):
            told = await reports.waiting(visit.db, visit.node.book.vault, log)
    own = visit.person.member if visit.person else ""
    lines = found if visit.live else [queries.without_names(one) for one in found]
    cases = [_case(one, own, roles) for one in lines[: queries.PAGE]]
    listed = {one.line.id for one in cases}
    waiting = [_case(one, own, roles) for one in appealed] if roles & set(JUDGES) else []
    more = len(found) > queries.PAGE
    return chapter_page(
        visit,
        "chapters/moderation.html",
        "desk" if roles else "chapter",
        waiting=waiting,
        # Older than what is on this page, they stand beside their list.
        besides=[one for one in waiting if one.line.id not in listed],
        cases=cases,
        erased=erased,
        reports=[(one, _(KINDS[one.kind])) for one in told],
        as_it_is=visit.live,
        moderates=bool(roles & set(MODERATORS)),
        older=f"{visit.path}/moderation?before={found[queries.PAGE - 1].entry}" if more else "",
        newest=f"{visit.path}/moderation" if plain else "",
        now=visit.now,
    )


def _case(line: HidingLine, own: str, roles: set[str]) -> Case:
    judge = bool(roles & set(JUDGES)) and line.by != own and own not in line.judges
    moderates = bool(roles & set(MODERATORS))
    return Case(
        line,
        _(KINDS[line.kind]),
        _(HIDING_ENDS[line.why]) if line.why else "",
        judge and line.stage == "appealed",
        line.covers and line.by == own and moderates,
        line.covers and line.stage == "settled" and moderates,
    )


@post("/c/{chapter_id:str}/moderation/leave")
async def leave(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Leave reported words as they are, in office."""
    at = await acting(request, chapter_id)
    form = await read_form(request, OF)
    office = _held(at, *MODERATORS)
    refused = await outcome_of(deeds.leave(at.node.desk, at.person, office, form.value("of")))
    said = _("The words stay as they are, and the report is forgotten.")
    return answered(request, refused, f"{at.path}/moderation", said)


@get("/c/{chapter_id:str}/moderation/{hiding_id:str}/appeal")
async def ask_to_appeal(
    request: Asked, chapter_id: FromPath[str], hiding_id: FromPath[str]
) -> Page:
    """Tell authors why their words are hidden, and ask what they say against it."""
    async with visiting(request, chapter_id) as visit:
        line = await _own_case(visit, hiding_id)
    return _appeal_page(visit, line, blank(APPEAL, LANG, lang=usual(request)))


@post("/c/{chapter_id:str}/moderation/{hiding_id:str}/appeal", status_code=200)
async def appeal(request: Asked, chapter_id: FromPath[str], hiding_id: FromPath[str]) -> Page:
    """Appeal, as the author, that words are hidden."""
    at = await acting_as(request, chapter_id, "active", "suspended")
    form = await read_form(request, APPEAL, LANG)
    async with visiting(request, chapter_id) as visit:
        line = await _own_case(visit, hiding_id)
    if not form.ok:
        return _appeal_page(visit, line, form)
    lang, text = lang_of(request, form), form.value("appeal")
    outcome = await outcome_of(
        deeds.appeal(at.node.desk, at.person, line.matter, line.id, text, lang, form.key)
    )
    if isinstance(outcome, Refusal):
        return _appeal_page(visit, line, form.refused(outcome))
    said = _("You have appealed. Two others in office have a week to judge it, else it comes back.")
    return see_other(request, f"{at.path}/moderation#h-{line.id}", said)


@post("/c/{chapter_id:str}/moderation/{hiding_id:str}/judge")
async def judge(request: Asked, chapter_id: FromPath[str], hiding_id: FromPath[str]) -> Page:
    """Judge an appeal in office."""
    at = await acting(request, chapter_id)
    form = await read_form(request, SHOW)
    if not form.ok:
        raise NotFoundException
    office, show = _held(at, *JUDGES), form.value("show") == "yes"
    work = deeds.judge(at.node.desk, at.person, office, hiding_id[:26], show, form.key)
    said = _("Your judgement stands; two of one mind settle it.")
    return answered(request, await outcome_of(work), f"{at.path}/moderation", said)


@post("/c/{chapter_id:str}/moderation/{hiding_id:str}/lift")
async def lift(request: Asked, chapter_id: FromPath[str], hiding_id: FromPath[str]) -> Page:
    """Show words again that one hid."""
    at = await acting(request, chapter_id)
    form = await read_form(request)
    office = _held(at, *MODERATORS)
    work = deeds.lift(at.node.desk, at.person, office, hiding_id[:26], form.key)
    back = f"{at.path}/moderation"
    return answered(request, await outcome_of(work), back, _("The words are shown again."))


def _held(at: Acting, *roles: str) -> str:
    office = at.own.office(*roles)
    if office is None:
        raise NotFoundException
    return office


async def _own_case(visit: ChapterVisit, hiding_id: str) -> HidingLine:
    """Return a hiding of the visitor's own words; 404 for those of others."""
    person = must_be_present(visit)
    line = await queries.hiding(visit.db, visit.line.log, hiding_id[:26])
    if line is None:
        raise NotFoundException
    standing = Standing(visit.line.log, line.matter, "voice", person.member)
    raw = (await ties.find_own(visit.db, visit.node.book.vault, [standing])).get(standing)
    tie = None if raw is None else read_paper(raw)
    if not isinstance(tie, Tie) or tie.id != line.author:
        raise NotFoundException
    return line


def _appeal_page(visit: ChapterVisit, line: HidingLine, form: Form) -> Page:
    return chapter_page(
        visit,
        "deliberation/appeal.html",
        "proposals",
        status=200 if form.ok else 422,
        form=form,
        case=_case(line, "", set()),
        may_erase=visit.person is not None,
        until=None if line.until is None else moment_of_minute(line.until, visit.now),
        now=visit.now,
    )


HANDLERS: Final = [moderation, leave, ask_to_appeal, appeal, judge, lift]
