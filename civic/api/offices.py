"""Who holds office and by which bylaws: the terms, laying one down, all bylaws that ever held."""

from typing import Final

import msgspec
from litestar import delete, get
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from chapters import queries
from chapters.offices.queries import offices as offices_of
from civic.api.answers import answer, recorded
from civic.api.caller import AnyRequest, caller
from civic.deeds import standing as deeds
from civic.kernel.record.entry import when
from civic.pages.offices import PAST
from civic.pages.visit import must_be_member, visiting
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up


class OfficeShown(msgspec.Struct, frozen=True):
    """An office that is held, or was in the last half year."""

    id: str
    role: str
    member: str
    since: str
    until: str
    acting: bool
    decision: str | None
    ended: str | None
    ended_by: str | None
    follows: str | None


@get("/chapters/{chapter_id:str}/offices", opt=needs(Scope.READ))
async def offices(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List for members who holds what office until when, and who follows."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        found = await offices_of(visit.db, visit.line.log, visit.now - PAST)
    return answer(
        [
            OfficeShown(
                one.id,
                one.role,
                one.member,
                when(one.since),
                when(one.until),
                one.acting,
                one.decision,
                None if one.ended is None else when(one.ended),
                one.ended_by,
                one.follows,
            )
            for one in found
        ]
    )


@delete("/chapters/{chapter_id:str}/offices/{office:str}", status_code=200, opt=needs(Scope.OFFICE))
async def resign(
    request: AnyRequest, chapter_id: FromPath[str], office: FromPath[str]
) -> ASGIResponse:
    """Lay down an office."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = deeds.resign(call.node.desk, call.person, office, call.key)
    return await recorded(call.place.log_id, work, 200)


@get("/chapters/{chapter_id:str}/bylaws", opt=needs(Scope.READ))
async def bylaws(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """List for members all bylaws that were ever in force, newest first."""
    async with visiting(request, chapter_id) as visit:
        must_be_member(visit)
        found = await queries.bylaws_versions(visit.db, visit.line.log)
    return answer(found)


HANDLERS: Final = (
    offices,
    resign,
    bylaws,
)
