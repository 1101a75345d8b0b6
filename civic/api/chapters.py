"""Acts of members and officers about their chapter."""

from typing import Annotated, Final

import msgspec
from litestar import delete, post
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse

from chapters.entries import Role
from chapters.names import NAME_UNKNOWN
from chapters.state import of as chapter_of
from civic.api.answers import recorded, refused
from civic.api.caller import AnyRequest, caller
from civic.api.words import Language, plain
from civic.deeds import chapter as deeds
from civic.kernel.record.entry import Ref, When, minute
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from identity.scopes import Scope, needs


class Confirmation(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The founders whom a founder has met."""

    met: Annotated[tuple[Ref, ...], msgspec.Meta(max_length=50)]


class FirstOffice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An office to begin with."""

    role: Role
    member: Ref
    until: When


class Constitution(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The founders who have all met, and the first offices."""

    founders: Annotated[tuple[Ref, ...], msgspec.Meta(max_length=50)]
    offices: Annotated[tuple[FirstOffice, ...], msgspec.Meta(max_length=100)]


class Admission(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An applicant, and the lead's office under which they are admitted."""

    member: Ref
    office: Ref


class DisplayName(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A name that members will see."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    lang: Language = "en"


@post("/chapters/{chapter_id:str}/confirmations", opt=needs(Scope.OFFICE))
async def confirm(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Confirmation]
) -> ASGIResponse:
    """Confirm, as a founder, having met others."""
    call = await caller(request, chapter_id)
    work = deeds.confirm(call.node.desk, call.person, data.met, call.key)
    return await recorded(call.place.log_id, work)


@post("/chapters/{chapter_id:str}/constitution", opt=needs(Scope.OFFICE))
async def constitute(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Constitution]
) -> ASGIResponse:
    """Constitute the chapter."""
    call = await caller(request, chapter_id)
    offices = [(one.role, one.member, minute(one.until)) for one in data.offices]
    work = deeds.constitute(call.node.desk, call.person, data.founders, offices, call.key)
    return await recorded(call.place.log_id, work)


@post("/chapters/{chapter_id:str}/admissions", opt=needs(Scope.OFFICE))
async def admit(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[Admission]
) -> ASGIResponse:
    """Admit an applicant, as a lead."""
    call = await caller(request, chapter_id)
    work = deeds.admit(call.node.desk, call.person, data.office, data.member, call.key)
    return await recorded(call.place.log_id, work)


@post("/chapters/{chapter_id:str}/name", opt=needs(Scope.ACCOUNT))
async def set_name(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[DisplayName]
) -> ASGIResponse:
    """Choose one's display name."""
    call = await caller(request, chapter_id)
    work = deeds.set_name(call.node.desk, call.person, plain(data.name), data.lang, call.key)
    return await recorded(call.place.log_id, work)


@delete("/chapters/{chapter_id:str}/name", status_code=200, opt=needs(Scope.ACCOUNT))
async def erase_name(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Have one's display name erased."""
    call = await caller(request, chapter_id)

    def own_name(state: State) -> str | None:
        member = chapter_of(state).members.get(call.person.member)
        return None if member is None else member.name

    words = await call.node.book.ask(call.place.no, own_name)
    if words is None:
        raise refused(Refusal(NAME_UNKNOWN))
    work = deeds.erase_name(call.node.desk, call.person, words, call.key)
    return await recorded(call.place.log_id, work, 200)


HANDLERS: Final = (confirm, constitute, admit, set_name, erase_name)
