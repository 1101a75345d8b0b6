"""The page on which a member asks three others of their chapter to be their guardians."""

from typing import Final

from litestar import get, post
from litestar.params import FromPath

from chapters import queries
from chapters.queries import MemberLine
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import see_other
from civic.pages.telling import name_of
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    chapter_page,
    must_be_member,
    visiting,
)
from identity.recovery import guardians
from identity.recovery.shamir import SHARES
from identity.step_up import must_have_stepped_up
from identity.web import private_of

OFFERED: Final = 300
"""Members among whom one page lets people choose, those first who joined first."""
WHO: Final = Field("who", "who you are to them", least=2, most=guardians.WHO_MOST)


@get("/c/{chapter_id:str}/guardians")
async def choose(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Offer the members among whom to choose."""
    async with visiting(request, chapter_id) as visit:
        others = await _others(visit)
    await must_have_stepped_up(request)
    return _page(visit, blank(_chosen(others), WHO), others)


@post("/c/{chapter_id:str}/guardians", status_code=200)
async def invite(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask the three who were chosen."""
    me = await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        others = await _others(visit)
    form = await read_form(request, _chosen(others), WHO)
    chosen = set(form.values("chosen"))
    if form.ok and len(chosen) != SHARES:
        form = form.with_error("chosen", _("Choose three different members"))
    if not form.ok:
        return _page(visit, form, others)
    asked = [guardians.choice(one.id, name_of(one)) for one in others if one.id in chosen]
    await guardians.invite(private_of(request), me, asked, form.value("who"))
    said = _("They are asked. Tell them so yourself: nobody is told by the node.")
    return see_other(request, "/account/recovery", said)


async def _others(visit: ChapterVisit) -> list[MemberLine]:
    mine = must_be_member(visit).member
    found = await queries.members(visit.db, visit.line.log, limit=OFFERED)
    return [one for one in found if one.id != mine]


def _chosen(others: list[MemberLine]) -> Field:
    ids = tuple(one.id for one in others)
    return Field("chosen", _("three members"), Kind.CHOICES, True, SHARES, SHARES, ids)


def _page(visit: ChapterVisit, form: Form, others: list[MemberLine]) -> Page:
    return chapter_page(
        visit,
        "chapters/guardians.html",
        "people",
        status=200 if form.ok else 422,
        form=form,
        options=[(one.id, name_of(one), "") for one in others],
    )


HANDLERS: Final = [choose, invite]
