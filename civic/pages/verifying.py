"""Being verified, and the verifier's desk: cases and disputes, nothing that is not needed."""

from typing import Any, Final, NamedTuple

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from chapters.assurance import attestations, checks, levels
from chapters.assurance.queries import Dispute
from civic.deeds import disputing, verifying
from civic.deeds.attesting import Given, state_of
from civic.deeds.desk import on_desk
from civic.deeds.verifying import Lot, lot_of, seat
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import see_other
from civic.kernel.web.problem import Refused
from civic.pages.levels import level_page, words_of
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    must_be_member,
    outcome_of,
    visiting,
)
from identity.step_up import must_have_stepped_up

WAY: Final = Field("way", "how you saw it", Kind.CHOICE, choices=("document", "video"))
UPHELD: Final = Field("upheld", "what you decide", Kind.CHOICE, choices=("no", "yes"))


class Line(NamedTuple):
    """A case on the desk."""

    number: str
    drawn: bool
    until: int


@get("/c/{chapter_id:str}/levels/verify")
async def ask(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show somebody their open case, or ask whether they want one."""
    async with visiting(request, chapter_id) as visit:
        return await _case_page(visit)


@post("/c/{chapter_id:str}/levels/verify", status_code=200)
async def open_case(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Open a case."""
    at = await acting(request, chapter_id)
    async with visiting(request, chapter_id) as visit:
        form = await read_form(request, _relatives(visit))
    if form.ok:
        outcome = await outcome_of(
            verifying.open_case(at.node.desk, at.person, form.values("relatives"), form.key)
        )
        if not isinstance(outcome, Refusal):
            said = _("Your case is open for thirty days.")
            return see_other(request, f"{at.path}/levels/verify", said)
        form = form.refused(outcome)
    async with visiting(request, chapter_id) as visit:
        return await _case_page(visit, form)


def _relatives(visit: ChapterVisit) -> Field:
    ids = tuple(dict.fromkeys(one.member for one in _verifiers(visit)))
    return Field(
        "relatives", "who is near to you", Kind.CHOICES, required=False, choices=ids, most=50
    )


def _verifiers(visit: ChapterVisit) -> list[Any]:
    me = must_be_member(visit).member
    return [one for one in visit.chapter.offices if one.role == "verifier" and one.member != me]


async def _case_page(visit: ChapterVisit, form: Form | None = None) -> Page:
    person = must_be_member(visit)
    node, log = visit.node, visit.line.log
    names = {
        one.member: (one.name.text if one.name else None)
        or _("Member %(id)s…") % {"id": one.member[:6]}
        for one in _verifiers(visit)
    }
    case = await attestations.case_of(visit.db, node.book.vault, log, person.member)
    own: Lot | None = None
    if case is not None:
        state = await state_of(node.desk, log)
        own = await lot_of(visit.db, node.desk, state, log, case)
    out = set() if own is None else {*own.known.paper.relatives, *own.known.passed}
    return level_page(
        visit,
        "verify",
        status=200 if form is None or form.ok else 422,
        form=form or blank(_relatives(visit)),
        case=None if own is None else own.known,
        until=0 if own is None else own.case.opened + levels.CASE_TIME,
        drawn=names.get(own.drawn or "") if own else None,
        verifiers=[(one, name) for one, name in names.items() if one not in out],
        options=[(one, name, "") for one, name in names.items()],
        most=checks.most_relatives(len(names)),
    )


async def _at_desk(request: Asked, visit: ChapterVisit) -> State:
    """Return the state, for a verifier in office who proved a factor just now."""
    must_be_member(visit)
    if visit.own is None or visit.own.office("verifier") is None:
        raise NotFoundException
    await must_have_stepped_up(request)
    return await state_of(visit.node.desk, visit.line.log)


@get("/c/{chapter_id:str}/verifying")
async def desk(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show a verifier the cases and disputes in which they can say something."""
    async with visiting(request, chapter_id) as visit:
        state = await _at_desk(request, visit)
        me, log, node = must_be_member(visit).member, visit.line.log, visit.node
        found = await on_desk(visit.db, node.book.vault, state, log, me, visit.now)
    left = max(0, visit.chapter.bylaws.verify_quota - found.confirmed)
    lines = [Line(*one) for one in found.cases]
    form = blank()
    return level_page(visit, "desk", form=form, cases=lines, disputes=found.disputes, left=left)


@get("/c/{chapter_id:str}/verifying/{number:str}")
async def case(request: Asked, chapter_id: FromPath[str], number: FromPath[str]) -> Page:
    """Show a verifier one case: whom to meet, and the one choice there is."""
    return await _verify_page(request, chapter_id, number, blank(WAY))


@post("/c/{chapter_id:str}/verifying/{number:str}", status_code=200)
async def confirm(request: Asked, chapter_id: FromPath[str], number: FromPath[str]) -> Page:
    """Confirm a case as a verifier."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, WAY)
    if form.ok:
        way: Any = form.value("way")
        given = await outcome_of(verifying.confirm(at.node.desk, at.person, number, way, form.key))
        if not isinstance(given, Refusal):
            assert isinstance(given, Given)
            said = (
                _("Two verifiers agree: the member is at level 2.")
                if given.recorded
                else _("Thank you. A second verifier follows.")
            )
            return see_other(request, f"{at.path}/verifying", said)
        form = form.refused(given)
    return await _verify_page(request, chapter_id, number, form)


async def _verify_page(request: Asked, chapter_id: str, number: str, form: Form) -> Page:
    async with visiting(request, chapter_id) as visit:
        state = await _at_desk(request, visit)
        me, log, node = must_be_member(visit).member, visit.line.log, visit.node
        vault = node.book.vault
        known = await attestations.case_by_number(visit.db, vault, log, number)
        place = None if known is None else await seat(visit.db, node.desk, state, log, known, me)
        if known is None or place is None or (place.refused is not None and form.ok):
            raise NotFoundException
        member = await queries.member(visit.db, log, known.paper.member)
    return level_page(
        visit,
        "case",
        status=200 if form.ok else 422,
        form=form,
        number=number,
        drawn=place.drawn == me,
        member=known.paper.member,
        name=member.name.text if member and member.name else None,
    )


@post("/c/{chapter_id:str}/verifying/{number:str}/aside")
async def aside(request: Asked, chapter_id: FromPath[str], number: FromPath[str]) -> Page:
    """Stand aside in a case."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    await read_form(request)
    refused = await outcome_of(verifying.stand_aside(at.node.desk, at.person, number))
    if refused is not None:
        raise NotFoundException
    return see_other(request, f"{at.path}/verifying", _("Another verifier takes your place."))


@get("/c/{chapter_id:str}/disputes/{own_id:str}")
async def dispute(request: Asked, chapter_id: FromPath[str], own_id: FromPath[str]) -> Page:
    """Show a verifier the reasons of a challenge, and ask for a decision."""
    async with visiting(request, chapter_id) as visit:
        found = await _to_decide(request, visit, own_id)
        if found is None:
            raise NotFoundException
        return await _dispute_page(visit, found, blank(UPHELD))


async def _to_decide(request: Asked, visit: ChapterVisit, own_id: str) -> Dispute | None:
    """Return a dispute that the verifier who asks may decide about; nobody else reads of it."""
    state = await _at_desk(request, visit)
    me, vault = must_be_member(visit).member, visit.node.book.vault
    known = await on_desk(visit.db, vault, state, visit.line.log, me, visit.now)
    return next((one for one in known.disputes if one.id == own_id), None)


@post("/c/{chapter_id:str}/disputes/{own_id:str}", status_code=200)
async def decide(request: Asked, chapter_id: FromPath[str], own_id: FromPath[str]) -> Page:
    """Decide about a challenge or an appeal, as one of two verifiers."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, UPHELD)
    refused: Refusal | None = None
    if form.ok:
        upheld = form.value("upheld") == "yes"
        given = await outcome_of(
            disputing.decide(at.node.desk, at.person, own_id, form.key, upheld=upheld)
        )
        if not isinstance(given, Refusal):
            assert isinstance(given, Given)
            said = (
                _("Two verifiers agree; it is recorded.")
                if given.recorded
                else _("Thank you. It is decided when two agree.")
            )
            return see_other(request, f"{at.path}/verifying", said)
        refused, form = given, form.refused(given)
    async with visiting(request, chapter_id) as visit:
        found = await _to_decide(request, visit, own_id)
        if found is None:
            raise NotFoundException if refused is None else Refused(refused)
        return await _dispute_page(visit, found, form)


async def _dispute_page(visit: ChapterVisit, found: Dispute, form: Form) -> Page:
    reasons, answer = await words_of(visit, found)
    member = await queries.member(visit.db, visit.line.log, found.member)
    return level_page(
        visit,
        "dispute",
        status=200 if form.ok else 422,
        form=form,
        dispute=found,
        reasons=reasons,
        answer=answer,
        name=member.name.text if member and member.name else None,
    )


HANDLERS: Final = [ask, open_case, desk, case, confirm, aside, dispute, decide]
