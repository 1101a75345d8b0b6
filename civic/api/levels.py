"""Levels: one's own, vouching, being verified, the verifier's desk, disputes."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.assurance import attestations, levels
from chapters.assurance.attestations import CODE_TIME
from chapters.assurance.queries import own_levels, waiting_disputes
from civic.api.answers import accepted, answer, recorded, refused
from civic.api.caller import AnyRequest, caller
from civic.api.words import Language, plain
from civic.deeds import disputing, verifying, vouching
from civic.deeds.attesting import state_of
from civic.deeds.desk import on_desk
from civic.deeds.verifying import seat
from civic.kernel.record.entry import Ref, when
from civic.kernel.refusal import Refusal, code
from civic.pages.levels import AUTHENTICATORS, ways_of, words_of
from civic.pages.visit import ChapterVisit, must_be_member, visiting
from civic.pages.vouching import take_try
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up
from identity.web import limits_as_problems

Reasons = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
SECOND_NEEDED: Final = code(
    "request.second_way_needed", "The account needs two ways to sign in before level 1."
)
_AT: Final = "/chapters/{chapter_id:str}"


class Typed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The code that somebody shows who wants to be vouched for."""

    code: Annotated[str, msgspec.Meta(min_length=8, max_length=20)]


class Asking(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Verifiers who are near to who asks to be verified."""

    relatives: Annotated[tuple[Ref, ...], msgspec.Meta(max_length=50)] = ()


class Confirming(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a verifier saw somebody."""

    way: Literal["document", "video"]


class Challenging(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Whose level is not right, and why."""

    member: Ref
    text: Reasons
    lang: Language = "en"


class Answering(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody answers whose level is to end."""

    text: Reasons
    lang: Language = "en"


class Deciding(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a verifier decides."""

    upheld: bool


class Shown(msgspec.Struct, frozen=True):
    """A code to be shown or read aloud, and for how many minutes it is good."""

    code: str
    minutes: int


class CaseShown(msgspec.Struct, frozen=True):
    """A case as a verifier's desk shows it; `member` only when it is opened."""

    number: str
    drawn: bool
    until: str
    member: str | None = None


class DisputeShown(msgspec.Struct, frozen=True):
    """A dispute as a verifier sees it."""

    id: str
    member: str
    stage: str
    until: str | None
    reasons: str | None = None
    answer: str | None = None


@get(f"{_AT}/levels/me", opt=needs(Scope.READ))
async def mine(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell what is held about one's own level."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
        return answer(
            await own_levels(visit.db, visit.node.book.vault, visit.line.log, person.member)
        )


@delete(f"{_AT}/levels/me", status_code=200, opt=needs(Scope.ACCOUNT))
async def renounce(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Give up one's level."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = vouching.renounce(call.node.desk, call.person, call.key)
    return await recorded(call.place.log_id, work, 200)


@post(f"{_AT}/levels/code", opt=needs(Scope.ACCOUNT))
async def show_code(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Make a code for somebody who wants to be vouched for."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
    if await ways_of(request, visit) < AUTHENTICATORS:
        raise refused(Refusal(SECOND_NEEDED, {"needed": AUTHENTICATORS}))
    return answer(Shown(await vouching.show_code(visit.node.desk, person), CODE_TIME), 201)


@post(f"{_AT}/vouches", opt=needs(Scope.OFFICE))
async def vouch(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Typed]
) -> ASGIResponse:
    """Vouch for who shows a code."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    with limits_as_problems():
        await take_try(call.node, call.known.account_id)
    work = vouching.vouch(call.node.desk, call.person, data.code, call.key)
    return answer(await accepted(work), 201)


@post(f"{_AT}/cases", opt=needs(Scope.ACCOUNT))
async def open_case(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Asking]
) -> ASGIResponse:
    """Ask to be verified; `id` is the case's number."""
    call = await caller(request, chapter_id)
    work = verifying.open_case(call.node.desk, call.person, data.relatives, call.key)
    return await recorded(call.place.log_id, work)


async def _verifier(request: AnyRequest, visit: ChapterVisit) -> Any:
    """Return the state, for a verifier in office who proved a factor just now."""
    must_be_member(visit)
    if visit.own is None or visit.own.office("verifier") is None:
        raise NotFoundException
    await must_have_stepped_up(request)
    return await state_of(visit.node.desk, visit.line.log)


@get(f"{_AT}/cases", opt=needs(Scope.OFFICE))
async def cases(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List the cases in which the calling verifier can say something."""
    async with visiting(request, chapter_id) as visit:
        state, me = await _verifier(request, visit), must_be_member(visit).member
        vault, log = visit.node.book.vault, visit.line.log
        found = await on_desk(visit.db, vault, state, log, me, visit.now)
        return answer([CaseShown(one[0], one[1], when(one[2])) for one in found.cases])


@get(f"{_AT}/cases/{{number:str}}", opt=needs(Scope.OFFICE))
async def case(
    request: AnyRequest, chapter_id: FromPath[str], number: FromPath[str]
) -> ASGIResponse:
    """Tell a verifier whom a case is about."""
    async with visiting(request, chapter_id) as visit:
        state, me = await _verifier(request, visit), must_be_member(visit).member
        node, log = visit.node, visit.line.log
        known = await attestations.case_by_number(visit.db, node.book.vault, log, number)
        own = None if known is None else await seat(visit.db, node.desk, state, log, known, me)
        if own is None or own.refused is not None:
            raise NotFoundException
        until = when(own.case.opened + levels.CASE_TIME)
        return answer(CaseShown(number, own.drawn == me, until, own.known.paper.member))


@post(f"{_AT}/cases/{{number:str}}/verifications", opt=needs(Scope.OFFICE))
async def confirm(
    request: AnyRequest,
    chapter_id: FromPath[str],
    number: FromPath[str],
    data: JSONBody[Confirming],
) -> ASGIResponse:
    """Say, as a verifier, how one saw the person of a case."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = verifying.confirm(call.node.desk, call.person, number, data.way, call.key)
    return answer(await accepted(work), 201)


@delete(f"{_AT}/cases/{{number:str}}", status_code=204, opt=needs(Scope.OFFICE))
async def stand_aside(
    request: AnyRequest, chapter_id: FromPath[str], number: FromPath[str]
) -> None:
    """Stand aside in a case, as a verifier."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    await accepted(verifying.stand_aside(call.node.desk, call.person, number))


@post(f"{_AT}/challenges", opt=needs(Scope.OFFICE))
async def challenge(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Challenging]
) -> ASGIResponse:
    """Challenge a member's level."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = disputing.challenge(
        call.node.desk, call.person, data.member, plain(data.text), data.lang, call.key
    )
    return await recorded(call.place.log_id, work)


@get(f"{_AT}/disputes", opt=needs(Scope.OFFICE))
async def disputes(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List the disputes in which the calling verifier can decide."""
    async with visiting(request, chapter_id) as visit:
        state, me = await _verifier(request, visit), must_be_member(visit).member
        vault, log = visit.node.book.vault, visit.line.log
        found = await on_desk(visit.db, vault, state, log, me, visit.now)
        return answer([_dispute(one) for one in found.disputes])


def _dispute(one: Any, reasons: str | None = None, said: str | None = None) -> DisputeShown:
    until = None if one.until is None else when(one.until)
    return DisputeShown(one.id, one.member, one.stage, until, reasons, said)


@get(f"{_AT}/disputes/{{dispute:str}}", opt=needs(Scope.OFFICE))
async def dispute(
    request: AnyRequest, chapter_id: FromPath[str], dispute: FromPath[str]
) -> ASGIResponse:
    """Tell a verifier why a level was challenged, and what its member answered."""
    async with visiting(request, chapter_id) as visit:
        state, me = await _verifier(request, visit), must_be_member(visit).member
        log, desk = visit.line.log, visit.node.desk
        waiting = await waiting_disputes(visit.db, log)
        found = next((one for one in waiting if one.id == dispute), None)
        no = await disputing.opinion_refusal(visit.db, desk, state, log, dispute, me)
        if found is None or no is not None:
            raise NotFoundException
        reasons, said = await words_of(visit, found)
        return answer(
            _dispute(found, reasons.text if reasons else None, said.text if said else None)
        )


@post(f"{_AT}/disputes/{{dispute:str}}/opinions", opt=needs(Scope.OFFICE))
async def decide(
    request: AnyRequest,
    chapter_id: FromPath[str],
    dispute: FromPath[str],
    data: JSONBody[Deciding],
) -> ASGIResponse:
    """Decide about a challenge or an appeal, as one of two verifiers."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = disputing.decide(call.node.desk, call.person, dispute, call.key, upheld=data.upheld)
    return answer(await accepted(work), 201)


@post(f"{_AT}/disputes/{{dispute:str}}/appeal", opt=needs(Scope.ACCOUNT))
async def appeal(
    request: AnyRequest,
    chapter_id: FromPath[str],
    dispute: FromPath[str],
    data: JSONBody[Answering],
) -> ASGIResponse:
    """Appeal, as the member whose level is to end."""
    call = await caller(request, chapter_id)
    work = disputing.appeal(
        call.node.desk, call.person, dispute, plain(data.text), data.lang, call.key
    )
    return await recorded(call.place.log_id, work)


HANDLERS: Final = (
    mine,
    renounce,
    show_code,
    vouch,
    open_case,
    cases,
    case,
    confirm,
    stand_aside,
    challenge,
    disputes,
    dispute,
    decide,
    appeal,
)
