"""A member's own key in a chapter, changes of it that wait, and acts that were not theirs."""

from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from sqlalchemy import select

from chapters.keys.rules import NOTICE
from chapters.keys.tables import key_change
from chapters.tables import member
from civic.authorship import made_by
from civic.deeds import keys as deeds
from civic.kernel.record import browse
from civic.kernel.web.forms import Field, blank, read_form
from civic.kernel.web.language import _
from civic.membership import rekeyed
from civic.pages.record import told
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    acting_as,
    answered,
    chapter_page,
    must_be_member,
    must_be_present,
    outcome_of,
    visiting,
)
from identity.step_up import must_have_stepped_up

KEY: Final = Field("new_key", "the new key", least=64, most=64)
POSSESSION: Final = Field("possession", "the new key's signature", least=128, most=128)
CHANGE: Final = Field("change", "the change", most=26)
MATTER: Final = Field("matter", "the matter", required=False, most=26)


@get("/c/{chapter_id:str}/keys")
async def keys(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show a member which key of theirs the chapter knows, and what waits."""
    async with visiting(request, chapter_id) as visit:
        own = must_be_member(visit).member
        log = visit.line.log
        known = await visit.db.scalar(
            select(member.c.key).where(member.c.log == log, member.c.id == own)
        )
        column = key_change.c
        waiting = (
            await visit.db.execute(
                select(column.id, column.at, column.entry).where(
                    column.log == log, column.member == own, column.ended_entry.is_(None)
                )
            )
        ).one_or_none()
    return _page(
        visit,
        "chapters/keys.html",
        known=known,
        own=own,
        log=visit.chapter.log_id,
        waiting=waiting,
        verifies=bool(visit.own and visit.own.office("verifier")),
        until=None if waiting is None else waiting.at + NOTICE,
        now=visit.now,
        form=blank(),
    )


@post("/c/{chapter_id:str}/keys")
async def replace(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Put another key in place of one's own, or take a first one."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, KEY, POSSESSION)
    new, possession = form.value("new_key"), form.value("possession")
    outcome = await outcome_of(
        deeds.replace_key(
            at.node.desk, at.person, new, possession, form.key, rekeyed(at.known, at.person, new)
        )
    )
    said = _("The chapter knows your key now. What you do from here on is signed with it.")
    return answered(request, outcome, f"{at.path}/keys", said)


@post("/c/{chapter_id:str}/keys/stop")
async def stop(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Stop a change of one's key that one did not ask for."""
    at = await acting(request, chapter_id)
    form = await read_form(request, CHANGE)
    outcome = await outcome_of(
        deeds.stop_change(at.node.desk, at.person, form.value("change"), form.key)
    )
    return answered(request, outcome, f"{at.path}/keys", _("The change is stopped."))


@get("/c/{chapter_id:str}/record/{index:int}/disown")
async def ask_to_disown(request: Asked, chapter_id: FromPath[str], index: FromPath[int]) -> Page:
    """Say what "I did not do this" means, for one of one's own acts."""
    async with visiting(request, chapter_id) as visit:
        found = await _own_act(visit, index)
    return _page(visit, "chapters/disown.html", e=told(found), form=blank())


@post("/c/{chapter_id:str}/record/{index:int}/disown")
async def disown(request: Asked, chapter_id: FromPath[str], index: FromPath[int]) -> Page:
    """Record that one did not do what stands under one's id."""
    at = await acting_as(request, chapter_id, "active", "suspended")
    form = await read_form(request, MATTER)
    async with visiting(request, chapter_id) as visit:
        line = (await _own_act(visit, index)).line
    outcome = await outcome_of(
        deeds.disown(
            at.node.desk, at.person, index, line.role, line.by_id, line.matter or "", form.key
        )
    )
    said = _("Your report stands beside it. Look at your devices, and tell a lead.")
    return answered(request, outcome, f"{at.path}/record/{index}", said)


async def _own_act(visit: ChapterVisit, index: int) -> browse.EntryView:
    person = must_be_present(visit)
    found = await browse.entry(visit.db, visit.line.log, index)
    mine = await made_by(visit.db, visit.node.book.vault, person, index)
    if found is None or not mine:
        raise NotFoundException
    return found


def _page(visit: ChapterVisit, template: str, **view: Any) -> Page:
    return chapter_page(
        visit,
        template,
        "people",
        **view,
    )


HANDLERS: Final = [keys, replace, stop, ask_to_disown, disown]
