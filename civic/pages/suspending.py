"""What those in office do about how members stand: refuse, suspend, agree, judge, take back."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from chapters.bylaws import DAY
from chapters.queries import MemberLine
from chapters.standing.papers import Reason
from chapters.standing.queries import SuspensionLine, suspensions
from civic.deeds import standing as deeds
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import see_other
from civic.pages.standing import ENDS, PAPER, words_of
from civic.pages.telling import name_of
from civic.pages.visit import (
    Acting,
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
from civic.pages.writing import LANG, lang_of, remembering, usual
from identity.step_up import must_have_stepped_up

REASON: Final = Field("reason", "the reason", Kind.TEXT, most=2000)
SUSPENSION: Final = Field("suspension", "the suspension", most=26)
LIFT: Final = Field("lift", "your judgement", Kind.CHOICE, choices=("yes", "no"))
_ASKING: Final = ("lead", "facilitator", "verifier")
_HELD: Final = (*_ASKING, "auditor", "trustee", "steward")


@get("/c/{chapter_id:str}/people/{member_id:str}/refuse")
async def ask_refusal(request: Asked, chapter_id: FromPath[str], member_id: FromPath[str]) -> Page:
    """Ask a lead for the reason of a refusal."""
    async with visiting(request, chapter_id) as visit:
        applicant = await _concerned(visit, member_id, "applied")
        _office(visit, "lead")
    await must_have_stepped_up(request)
    form = blank(REASON, LANG, lang=usual(request))
    return _form_page(visit, "chapters/refuse.html", applicant, form)


@post("/c/{chapter_id:str}/people/{member_id:str}/refuse", status_code=200)
async def refuse(request: Asked, chapter_id: FromPath[str], member_id: FromPath[str]) -> Page:
    """Refuse an applicant as a lead."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, REASON, LANG)
    async with visiting(request, chapter_id) as visit:
        applicant = await _concerned(visit, member_id, "applied")
        office = _office(visit, "lead")
    if not form.ok:
        return _form_page(visit, "chapters/refuse.html", applicant, form)
    lang, reason = lang_of(request, form), form.value("reason")
    work = deeds.refuse(at.node.desk, at.person, office, member_id, reason, lang, form.key)
    said = _("The application is refused; only the applicant and leads can read why.")
    answer = answered(request, await outcome_of(work), f"{at.path}/desk", said)
    return remembering(request, answer, lang)


@get("/c/{chapter_id:str}/people/{member_id:str}/suspend")
async def ask_to_suspend(
    request: Asked, chapter_id: FromPath[str], member_id: FromPath[str]
) -> Page:
    """Say what suspending means, and ask for how long and why."""
    async with visiting(request, chapter_id) as visit:
        member = await _concerned(visit, member_id, "active")
        _office(visit, *_ASKING)
    await must_have_stepped_up(request)
    days = _days(visit)
    form = blank(REASON, LANG, days, days=str(min(14, days.most)), lang=usual(request))
    return _form_page(visit, "chapters/suspend.html", member, form)


@post("/c/{chapter_id:str}/people/{member_id:str}/suspend", status_code=200)
async def suspend(request: Asked, chapter_id: FromPath[str], member_id: FromPath[str]) -> Page:
    """Ask in office that a member be suspended."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    async with visiting(request, chapter_id) as visit:
        member = await _concerned(visit, member_id, "active")
        office = _office(visit, *_ASKING)
    form = await read_form(request, REASON, LANG, _days(visit))
    lang = lang_of(request, form)
    if form.ok:
        # From the start of a day, so that the form means the same when it is sent again, signed.
        until = at.now - at.now % DAY + int(form.value("days")) * DAY
        outcome = await outcome_of(
            deeds.ask_suspension(
                at.node.desk,
                at.person,
                office,
                member_id,
                until,
                form.value("reason"),
                lang,
                form.key,
            )
        )
        if not isinstance(outcome, Refusal):
            said = _("You have asked. It begins when a second person of another office agrees.")
            return remembering(request, see_other(request, f"{at.path}/suspensions", said), lang)
        form = form.refused(outcome)
    return _form_page(visit, "chapters/suspend.html", member, form)


@get("/c/{chapter_id:str}/suspensions")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show those in office which suspensions there are, and what waits for them."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
        office = _office(visit, *_HELD)
        found = await suspensions(visit.db, visit.line.log)
        leads = visit.own is not None and visit.own.office("lead") is not None
        papers = [paper for one in found[:10] for paper in (one.paper, one.appeal)]
        words = await words_of(visit.node, visit.db, visit.line.log, papers)
        lines = [
            seen_suspension(visit, one, person.member, words, leads=leads) for one in found[:10]
        ]
        rest = [{"line": one, "ended": _(ENDS[one.why or "term"])} for one in found[10:]]
    return chapter_page(
        visit,
        "chapters/suspensions.html",
        "people",
        lines=lines,
        rest=rest,
        leads=leads,
        office=office,
        now=visit.now,
    )


def seen_suspension(
    visit: ChapterVisit,
    line: SuspensionLine,
    me: str,
    words: Mapping[bytes | None, Reason],
    *,
    leads: bool,
) -> dict[str, Any]:
    """Return a suspension as somebody in office sees it, with what they can do."""
    part = me in (line.asked_by, line.agreed_by)
    begun, over = line.begun is not None, line.ended is not None
    judges = begun and not over and line.appealed is not None and not part
    asked_by_lead = line.asked_as == "lead"
    own = visit.own
    second = ("facilitator", "verifier") if asked_by_lead else ("lead",)
    can_agree = own is not None and own.office(*second) is not None and me != line.asked_by
    reads = leads or part or judges or (not begun and not over)
    return {
        "line": line,
        "reads": reads,
        "reason": words.get(line.paper) if reads else None,
        "appeal": words.get(line.appeal) if reads else None,
        "agree": not begun and not over and can_agree,
        "judge": judges and line.upholds < 2 and me not in line.judges,
        "lift": part and not over,
        "decline": leads and not part and not begun and not over,
        "ended": _(ENDS[line.why]) if line.why else "",
    }


@post("/c/{chapter_id:str}/suspensions/agree")
async def agree(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Agree as the second office."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, SUSPENSION)
    async with visiting(request, chapter_id) as visit:
        found = await suspensions(visit.db, visit.line.log)
    line = next((one for one in found if one.id == form.value("suspension")), None)
    asked_by_lead = line is not None and line.asked_as == "lead"
    office = at.own.office(*(("facilitator", "verifier") if asked_by_lead else ("lead",)))
    work = deeds.agree(at.node.desk, at.person, office or "", form.value("suspension"), form.key)
    return await _acted(at, work, _("The member is suspended, and can appeal."))


@post("/c/{chapter_id:str}/suspensions/judge")
async def judge(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Judge an appeal."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, SUSPENSION, LIFT)
    work = deeds.judge(
        at.node.desk,
        at.person,
        at.own.office(*_HELD) or "",
        form.value("suspension"),
        form.value("lift") == "yes",
        form.key,
    )
    return await _acted(at, work, _("Your judgement stands."))


@post("/c/{chapter_id:str}/suspensions/lift")
async def lift(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Take back a suspension that one had a part in, or decline a request as a lead."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, SUSPENSION)
    work = deeds.lift(
        at.node.desk,
        at.person,
        at.own.office("lead") or at.own.office(*_HELD) or "",
        form.value("suspension"),
        form.key,
    )
    return await _acted(at, work, _("It is taken back."))


@post("/c/{chapter_id:str}/suspensions/erase")
async def erase(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Have a reason erased, as a lead."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, PAPER)
    office = at.own.office("lead") or ""
    work = deeds.erase_reason(at.node.desk, at.person, form.value("paper"), form.key, office)
    return await _acted(at, work, _("The reason is erased."))


async def _acted(at: Acting, work: Any, said: str) -> Page:
    return answered(at.request, await outcome_of(work), f"{at.path}/suspensions", said)


async def _concerned(visit: ChapterVisit, member_id: str, state: str) -> MemberLine:
    must_be_member(visit)
    member = await queries.member(visit.db, visit.line.log, member_id[:26])
    if member is None or member.state != state:
        raise NotFoundException
    return member


def _office(visit: ChapterVisit, *roles: str) -> str:
    must_be_member(visit)
    office = visit.own.office(*roles) if visit.own else None
    if office is None:
        raise NotFoundException
    return office


def _days(visit: ChapterVisit) -> Field:
    most = max(1, visit.chapter.bylaws.suspension_most // DAY)
    return Field("days", _("for how many days"), Kind.NUMBER, least=1, most=most)


def _form_page(visit: ChapterVisit, template: str, member: MemberLine, form: Form) -> Page:
    return chapter_page(
        visit,
        template,
        "people",
        status=200 if form.ok else 422,
        form=form,
        member=member,
        name=name_of(member),
        most=_days(visit).most,
    )


HANDLERS: Final = [
    ask_refusal, refuse, ask_to_suspend, suspend, show, agree, judge, lift, erase,
]  # fmt: skip
