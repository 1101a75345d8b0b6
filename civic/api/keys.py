"""A member's own key in a chapter: which one it is, replacing it, stopping a change of it.

Somebody whose key is lost stands before two verifiers: that is done on pages alone, by people who
look at each other.
"""

from typing import Final

import msgspec
from litestar import delete, get, post
from litestar.params import FromPath, JSONBody
from litestar.response.base import ASGIResponse
from sqlalchemy import select

from chapters.keys.rules import NOTICE
from chapters.keys.tables import key_change
from chapters.tables import member
from civic.api.answers import answer, recorded
from civic.api.caller import AnyRequest, caller
from civic.deeds import keys as deeds
from civic.kernel.record.entry import Hash, Hex64, when
from civic.kernel.web.pages import PRIVATE
from civic.membership import rekeyed
from civic.pages.visit import must_be_member, visiting
from identity.scopes import Scope, needs
from identity.step_up import must_have_stepped_up

_AT: Final = "/chapters/{chapter_id:str}/keys"


class NewKey(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A public key, and its signature that shows that its holder has it (docs/protocol/record.md).

    The signature is over `civic/new-key/1`, the log id, the member and the key, a line each.
    """

    public_key: Hash
    possession: Hex64


class KeyChange(msgspec.Struct, frozen=True):
    """A change of the key that verifiers announced, and when it takes effect."""

    id: str
    until: str


class OwnKeyShown(msgspec.Struct, frozen=True):
    """The caller's member id, the key that the chapter knows, and a change that waits."""

    member: str
    key: str | None
    change: KeyChange | None


@get(_AT, opt=needs(Scope.READ))
async def own_key(request: AnyRequest, chapter_id: FromPath[str]) -> ASGIResponse:
    """Tell a member which key of theirs the chapter knows, and what waits."""
    async with visiting(request, chapter_id) as visit:
        own, log, column = must_be_member(visit).member, visit.line.log, key_change.c
        known = await visit.db.scalar(
            select(member.c.key).where(member.c.log == log, member.c.id == own)
        )
        waiting = (
            await visit.db.execute(
                select(column.id, column.at).where(
                    column.log == log, column.member == own, column.ended_entry.is_(None)
                )
            )
        ).one_or_none()
    change = None if waiting is None else KeyChange(waiting.id, when(waiting.at + NOTICE))
    return answer(OwnKeyShown(own, known, change), cache=PRIVATE)


@post(_AT, opt=needs())
async def replace_key(
    request: AnyRequest, chapter_id: FromPath[str], data: JSONBody[NewKey]
) -> ASGIResponse:
    """Put another key in place of one's own, or take a first one."""
    await must_have_stepped_up(request)
    call = await caller(request, chapter_id)
    work = deeds.replace_key(
        call.node.desk,
        call.person,
        data.public_key,
        data.possession,
        call.key,
        rekeyed(call.known, call.person, data.public_key),
    )
    return await recorded(call.place.log_id, work)


@delete(_AT + "/changes/{change:str}", status_code=200, opt=needs(Scope.ACCOUNT))
async def stop_change(
    request: AnyRequest, chapter_id: FromPath[str], change: FromPath[str]
) -> ASGIResponse:
    """Stop a change of one's key that one did not ask for."""
    call = await caller(request, chapter_id)
    work = deeds.stop_change(call.node.desk, call.person, change, call.key)
    return await recorded(call.place.log_id, work, 200)


HANDLERS: Final = (own_key, replace_key, stop_change)
