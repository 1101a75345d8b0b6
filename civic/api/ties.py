"""What ties the caller to matters of a chapter: listed, and erased once a matter has ended."""

from typing import Final

import msgspec
from litestar import delete, get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from civic.api.answers import accepted, answer, refused
from civic.api.caller import AnyRequest, member_at, place_of
from civic.deeds.erasing import Erased, erase_ties, own_ties
from civic.deeds.person import Desk, Person
from civic.kernel.database import reading
from civic.membership import no_member, node_of
from identity.scopes import Scope, needs
from identity.web import must_be_signed_in


class Tied(msgspec.Struct, frozen=True):
    """A tie as `voice` or `row`; `unwanted` ones go once the matter has ended."""

    matter: str
    of: str
    ended: bool
    unwanted: bool


class Ties(msgspec.Struct, frozen=True):
    """The caller's ties in a chapter."""

    ties: list[Tied]


class Gone(msgspec.Struct, frozen=True):
    """How many ties are erased, and how many will be at the next tick."""

    erased: int
    waiting: int


@get("/chapters/{chapter_id:str}/ties", opt=needs(Scope.ACCOUNT))
async def list_ties(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Return what ties the caller to matters."""
    desk, person = await _own(request, chapter_id)
    async with reading(desk.book.engine) as db:
        found = await own_ties(db, desk.book.vault, person.log, person.member)
    return answer(Ties([Tied(*one) for one in found]))


@delete("/chapters/{chapter_id:str}/ties", status_code=200, opt=needs(Scope.ACCOUNT))
async def erase_all(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Erase what ties the caller to matters that have ended."""
    desk, person = await _own(request, chapter_id)
    return await _erase(desk, person)


@delete("/chapters/{chapter_id:str}/ties/{matter:str}", status_code=200, opt=needs(Scope.ACCOUNT))
async def erase_one(
    request: AnyRequest, chapter_id: FromPath[str], matter: FromPath[str]
) -> ASGIResponse:
    """Erase what ties the caller to one matter."""
    desk, person = await _own(request, chapter_id)
    return await _erase(desk, person, matter)


async def _own(request: AnyRequest, chapter_id: str) -> tuple[Desk, Person]:
    known = await must_be_signed_in(request)
    person = member_at(request, known, await place_of(request, chapter_id))
    if person is None:
        raise refused(no_member(known, chapter_id))
    return node_of(request).desk, person


async def _erase(desk: Desk, person: Person, matter: str | None = None) -> ASGIResponse:
    done: Erased = await accepted(erase_ties(desk, person, matter))
    return answer(Gone(done.now, done.later))


HANDLERS: Final = (list_ties, erase_all, erase_one)
