"""How members stand: refusals, suspensions, appeals, returns."""

from typing import Annotated, Final

import msgspec
from litestar import delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.standing import papers
from chapters.standing.queries import refusal_of, suspensions
from civic.api.answers import answer, recorded
from civic.api.caller import AnyRequest, caller
from civic.api.words import Language, plain
from civic.deeds import standing as deeds
from civic.kernel.record.entry import Hash, Ref, When, minute, when
from civic.pages.standing import words_of
from civic.pages.visit import visiting
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up
from identity.web import must_allow

Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
_ONE: Final = "/chapters/{chapter_id:str}/suspensions/{suspension:str}"


class Refusing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An applicant whom a lead refuses, and the reason for them."""

    member: Ref
    office: Ref
    reason: Reason
    lang: Language = "en"


class Suspending(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member whom an office wants suspended until a moment, and why."""

    member: Ref
    office: Ref
    until: When
    reason: Reason
    lang: Language = "en"


class Appealing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a suspended member says."""

    reason: Reason
    lang: Language = "en"


class InOffice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The office under which something is done."""

    office: Ref


class Judging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What an office judges about an appeal."""

    office: Ref
    lift: bool


class SuspensionShown(msgspec.Struct, frozen=True):
    """A suspension and how far it is; `why` it ended, where it has."""

    id: str
    member: str
    until: str
    begun: str | None
    appealed: str | None
    ended: str | None
    why: str | None
    upholds: int
    lifts: int
    reason: str | None
    paper: str


class StandingShown(msgspec.Struct, frozen=True):
    """How the caller stands: their state, suspensions, and why an application was refused."""

    state: str
    suspensions: list[SuspensionShown]
    refused: str | None


def text_of(reason: papers.Reason | None) -> str | None:
    """Return what a reason says, None where it was erased."""
    return None if reason is None else reason.text


def _when(minute: int | None) -> str | None:
    return None if minute is None else when(minute)


@post("/chapters/{chapter_id:str}/refusals", opt=needs(Scope.OFFICE))
async def refuse(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Refusing]
) -> ASGIResponse:
    """Refuse an applicant as a lead."""
    call = await caller(request, chapter_id)
    work = deeds.refuse(
        call.node.desk,
        call.person,
        data.office,
        data.member,
        plain(data.reason),
        data.lang,
        call.key,
    )
    return await recorded(call.place.log_id, work)


@post("/chapters/{chapter_id:str}/returns", opt=needs(Scope.ACCOUNT))
async def come_back(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Ask to come back under the id that one had."""
    call = await caller(request, chapter_id)
    return await recorded(call.place.log_id, deeds.come_back(call.node.desk, call.person, call.key))


@post("/chapters/{chapter_id:str}/suspensions", opt=needs(Scope.OFFICE))
async def suspend(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Suspending]
) -> ASGIResponse:
    """Ask that a member be suspended."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = deeds.ask_suspension(
        call.node.desk,
        call.person,
        data.office,
        data.member,
        minute(data.until),
        plain(data.reason),
        data.lang,
        call.key,
    )
    return await recorded(call.place.log_id, work)


@post(f"{_ONE}/agreements", opt=needs(Scope.OFFICE))
async def agree(
    request: AnyRequest,
    chapter_id: FromPath[str],
    suspension: FromPath[str],
    data: JSONBody[InOffice],
) -> ASGIResponse:
    """Agree to a suspension as the second office."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = deeds.agree(call.node.desk, call.person, data.office, suspension, call.key)
    return await recorded(call.place.log_id, work)


@post(f"{_ONE}/appeals", opt=needs(Scope.ACCOUNT))
async def appeal(
    request: AnyRequest,
    chapter_id: FromPath[str],
    suspension: FromPath[str],
    data: JSONBody[Appealing],
) -> ASGIResponse:
    """Appeal against one's suspension."""
    call = await caller(request, chapter_id)
    reason = plain(data.reason)
    work = deeds.appeal(call.node.desk, call.person, suspension, reason, data.lang, call.key)
    return await recorded(call.place.log_id, work)


@post(f"{_ONE}/judgements", opt=needs(Scope.OFFICE))
async def judge(
    request: AnyRequest,
    chapter_id: FromPath[str],
    suspension: FromPath[str],
    data: JSONBody[Judging],
) -> ASGIResponse:
    """Judge an appeal."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = deeds.judge(call.node.desk, call.person, data.office, suspension, data.lift, call.key)
    return await recorded(call.place.log_id, work)


@post(f"{_ONE}/lifts", opt=needs(Scope.OFFICE))
async def lift(
    request: AnyRequest,
    chapter_id: FromPath[str],
    suspension: FromPath[str],
    data: JSONBody[InOffice],
) -> ASGIResponse:
    """Take back a suspension that one asked for or agreed to."""
    call = await caller(request, chapter_id)
    work = deeds.lift(call.node.desk, call.person, data.office, suspension, call.key)
    return await recorded(call.place.log_id, work)


@delete(
    "/chapters/{chapter_id:str}/reasons/{paper:str}",
    status_code=200,
    opt=needs(Scope.ACCOUNT, Scope.OFFICE),
)
async def erase_reason(
    request: AnyRequest, chapter_id: FromPath[str], paper: FromPath[Hash]
) -> ASGIResponse:
    """Have a reason erased that concerns oneself, or, with `office`, as a lead."""
    call = await caller(request, chapter_id)
    office = request.query_params.get("office")
    must_allow(call.known, Scope.ACCOUNT if office is None else Scope.OFFICE)
    work = deeds.erase_reason(call.node.desk, call.person, paper, call.key, office)
    return await recorded(call.place.log_id, work, 200)


@get("/chapters/{chapter_id:str}/standing", opt=needs(Scope.READ))
async def standing(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell the caller how they stand, with the reasons that concern them."""
    async with visiting(request, chapter_id) as visit:
        known = visit.known
        membership = None if known is None else known.vault.membership(chapter_id)
        if membership is None or visit.own is None:
            raise NotFoundException
        log = visit.line.log
        found = await suspensions(visit.db, log, membership.member_id)
        refused = await refusal_of(visit.db, log, membership.member_id)
        named = [*(one.paper for one in found), refused.paper if refused else None]
        words = await words_of(visit.node, visit.db, log, named)
    shown = [
        SuspensionShown(
            one.id,
            one.member,
            when(one.until),
            _when(one.begun),
            _when(one.appealed),
            _when(one.ended),
            one.why,
            one.upholds,
            one.lifts,
            text_of(words.get(one.paper)),
            one.paper.hex(),
        )
        for one in found
        if one.begun is not None
    ]
    reason = text_of(words.get(refused.paper)) if refused else None
    return answer(StandingShown(visit.own.state, shown, reason))


HANDLERS: Final = (
    refuse,
    come_back,
    suspend,
    agree,
    appeal,
    judge,
    lift,
    erase_reason,
    standing,
)
