"""Levels: one's own, vouching, being verified, the cases on a verifier's desk."""

from typing import Annotated, Any, Final, Literal

import msgspec
from litestar import delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.assurance import attestations, levels
from chapters.assurance.attestations import CODE_TIME
from chapters.assurance.queries import own_levels
from civic.api.answers import accepted, answer, recorded, refused
from civic.api.caller import AnyRequest, caller
from civic.deeds import verifying, vouching
from civic.deeds.attesting import state_of
from civic.deeds.desk import on_desk
from civic.deeds.verifying import seat
from civic.kernel.record.entry import Ref, when
from civic.kernel.refusal import Refusal, code
from civic.pages.levels import AUTHENTICATORS, ways_of
from civic.pages.visit import ChapterVisit, must_be_member, visiting
from civic.pages.vouching import take_try
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up
from identity.web import limits_as_problems

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
    shown = await vouching.show_code(visit.node.desk, person)
    if isinstance(shown, Refusal):
        raise refused(shown)
    return answer(Shown(shown, CODE_TIME), 201)


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


async def verifier(request: AnyRequest, visit: ChapterVisit) -> Any:
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
        state, me = await verifier(request, visit), must_be_member(visit).member
        vault, log = visit.node.book.vault, visit.line.log
        found = await on_desk(visit.db, vault, state, log, me, visit.now)
        return answer([CaseShown(one[0], one[1], when(one[2])) for one in found.cases])


@get(f"{_AT}/cases/{{number:str}}", opt=needs(Scope.OFFICE))
async def case(
    request: AnyRequest, chapter_id: FromPath[str], number: FromPath[str]
) -> ASGIResponse:
    """Tell a verifier whom a case is about."""
    async with visiting(request, chapter_id) as visit:
        state, me = await verifier(request, visit), must_be_member(visit).member
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
)
