"""The pages on which a member asks three others of their chapter to be their guardians.

Whom somebody chooses travels in the body of a request, never in an address: browsers keep
addresses, and what stands before the node may write them down.
"""

from typing import Final

from litestar import get, post
from litestar.params import FromPath

from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import see_other
from civic.pages import choosing
from civic.pages.choosing import Search
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

CARRIED: Final = 10
"""Members whom the form carries along while somebody looks for more."""
WHO: Final = Field("who", "who you are to them", least=2, most=guardians.WHO_MOST)
LOOK: Final = Field("q", N_("a name"), required=False, most=choosing.TYPED_MOST)


@get("/c/{chapter_id:str}/guardians")
async def choose(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Offer members among whom to choose."""
    async with visiting(request, chapter_id) as visit:
        mine = must_be_member(visit).member
        found = await choosing.search(visit, "", mine)
    await must_have_stepped_up(request)
    return _page(visit, blank(_chosen(()), WHO, LOOK), found, [])


@post("/c/{chapter_id:str}/guardians", status_code=200)
async def invite(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask the three who were chosen, or look for others with those already chosen kept."""
    me = await must_have_stepped_up(request)
    sent = await request.form()
    ids = [one for one in sent.getall("chosen", []) if isinstance(one, str)]
    async with visiting(request, chapter_id) as visit:
        mine = must_be_member(visit).member
        chosen = [
            one
            for one in await choosing.named(visit, tuple(dict.fromkeys(ids))[:CARRIED])
            if one[0] != mine
        ]
        form = await read_form(request, _chosen(tuple(one for one, _name in chosen)), WHO, LOOK)
        found = await choosing.search(visit, form.value("q"), mine)
    if sent.get("look"):
        return _page(visit, Form(form.fields, form.key, form.typed), found, chosen)
    if not form.error("chosen") and len(chosen) != SHARES:
        form = form.with_error("chosen", _("Choose three different members"))
    if not form.ok:
        return _page(visit, form, found, chosen)
    asked = [guardians.choice(one, name) for one, name in chosen]
    await guardians.invite(private_of(request), me, asked, form.value("who"))
    said = _("They are asked. Tell them so yourself: nobody is told by the node.")
    return see_other(request, "/account/recovery", said)


def _chosen(ids: tuple[str, ...]) -> Field:
    return Field("chosen", _("three members"), Kind.CHOICES, True, SHARES, SHARES, ids)


def _page(visit: ChapterVisit, form: Form, found: Search, chosen: list[tuple[str, str]]) -> Page:
    kept = {one for one, _name in chosen}
    options = [*chosen, *(one for one in found.people if one[0] not in kept)]
    return chapter_page(
        visit,
        "chapters/guardians.html",
        "people",
        status=200 if form.ok else 422,
        form=form,
        options=[(one, name, "") for one, name in options],
        said=found.said,
        searched=visit.chapter.line.active > choosing.SHOWN or bool(found.typed),
        others=visit.chapter.line.active - 1,
    )


HANDLERS: Final = [choose, invite]
