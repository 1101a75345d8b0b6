"""Levels in dispute: challenged, decided by two verifiers, appealed."""

from typing import Annotated, Any, Final

import msgspec
from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from civic.api.answers import accepted, answer, recorded
from civic.api.caller import AnyRequest, caller
from civic.api.levels import verifier
from civic.api.words import Language, plain
from civic.deeds import disputing
from civic.deeds.desk import on_desk
from civic.kernel.record.entry import Ref, when
from civic.pages.levels import words_of
from civic.pages.visit import must_be_member, visiting
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up

Reasons = Annotated[str, msgspec.Meta(min_length=1, max_length=2000)]
_AT: Final = "/chapters/{chapter_id:str}"


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


class DisputeShown(msgspec.Struct, frozen=True):
    """A dispute as a verifier sees it."""

    id: str
    member: str
    stage: str
    until: str | None
    reasons: str | None = None
    answer: str | None = None


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
        state, me = await verifier(request, visit), must_be_member(visit).member
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
        state, me = await verifier(request, visit), must_be_member(visit).member
        vault, log = visit.node.book.vault, visit.line.log
        known = await on_desk(visit.db, vault, state, log, me, visit.now)
        found = next((one for one in known.disputes if one.id == dispute), None)
        if found is None:
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
    challenge,
    disputes,
    dispute,
    decide,
    appeal,
)
