"""What calls may ask: the node, its chapters, and who one is in them."""

from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.params import FromPath

import civic
from chapters.state import of as chapter_of
from civic.api.answers import answer, refused
from civic.api.caller import NOT_A_MEMBER, AnyRequest, member_at, place_of
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from civic.membership import node_of
from civic.settings import Settings
from identity.web import must_be_signed_in


class NodeAnswer(msgspec.Struct, frozen=True):
    """What a node says of itself; `promise_key` is the key under which it signs promises."""

    software: str
    version: str
    rules: int
    promise_key: str
    founds_chapters: bool
    demonstration: bool


class OfficeHeld(msgspec.Struct, frozen=True):
    """An office that somebody holds; `until` in minutes since 1970."""

    id: str
    role: str
    until: int


class Myself(msgspec.Struct, frozen=True):
    """Who the caller is in a chapter; `state` is applied, active or left."""

    chapter: str
    log_id: str
    member: str
    state: str
    level: int
    key: str | None
    offices: tuple[OfficeHeld, ...]


@get("/node")
async def about_node(request: AnyRequest) -> Response[bytes]:
    """Tell what runs here and under which key it promises."""
    node = node_of(request)
    settings: Settings = request.app.state["settings"]
    return answer(
        NodeAnswer(
            "civic",
            civic.__version__,
            node.book.shelf.newest,
            node.book.node_public_key.hex(),
            settings.demo or settings.draft,
            settings.demo,
        )
    )


@get("/chapters/{chapter_id:str}/members/me")
async def myself(request: AnyRequest, chapter_id: FromPath[str]) -> Response[bytes]:
    """Tell who the caller is in a chapter."""
    known = await must_be_signed_in(request)
    place = await place_of(request, chapter_id)
    person = member_at(known, place)
    if person is None:
        raise refused(Refusal(NOT_A_MEMBER))

    def look(state: State) -> Any:
        chapter = chapter_of(state)
        member = chapter.members.get(person.member)
        if member is None:
            return None
        offices = tuple(
            OfficeHeld(office_id, office.role, office.until)
            for office_id, office in sorted(chapter.offices.items())
            if office.member == person.member
        )
        return Myself(
            place.chapter_id,
            place.log_id,
            person.member,
            member.state,
            member.level,
            member.key,
            offices,
        )

    found = await node_of(request).book.ask(place.no, look)
    if found is None:
        raise refused(Refusal(NOT_A_MEMBER))
    return answer(found)


HANDLERS: Final = (about_node, myself)
