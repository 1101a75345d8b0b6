"""Leaving a chapter, and erasing what ties one to what one did there."""

from typing import Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.deeds import departing
from civic.deeds.erasing import erase_ties, own_ties
from civic.kernel.database import reading
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _, ngettext
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.membership import forget, node_of
from civic.pages.queries import chapters_of, titles
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    acting_as,
    answered,
    chapter_page,
    must_be_member,
    outcome_of,
    refused_line,
    visiting,
)
from identity.step_up import must_have_stepped_up
from identity.web import must_be_signed_in

ALL: Final = "all"
SHOWN: Final = 100
"""Matters on the page of one's ties; what else has ended goes with all others."""
TIES: Final = Field("ties", "Erase what ties me", Kind.TICK, required=False)
AGAIN: Final = Field("again", "Let me come back", Kind.TICK, required=False)
OF: Final = Field("of", "what is to be erased", most=26)
SURE: Final = Field("sure", "I know what is lost", Kind.TICK)


@get("/c/{chapter_id:str}/people/leave")
async def ask_to_leave(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Say what leaving means."""
    async with visiting(request, chapter_id) as visit:
        if not visit.suspended:
            must_be_member(visit)
    await must_have_stepped_up(request)
    return _page(visit, "chapters/leave.html", blank(TIES, AGAIN))


@post("/c/{chapter_id:str}/people/leave")
async def leave(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Leave the chapter."""
    await must_have_stepped_up(request)
    at = await acting_as(request, chapter_id, "active", "suspended")
    form = await read_form(request, TIES, AGAIN)
    outcome = await outcome_of(
        departing.leave(at.node.desk, at.person, form.key, erase_ties=form.ticked("ties"))
    )
    if not isinstance(outcome, Refusal) and not form.ticked("again"):
        await forget(at.node, at.known, chapter_id)
    return answered(request, outcome, at.path, _("You have left. What you did here stands."))


@get("/account/ties")
async def chapters_with_ties(request: Asked) -> Page:
    """Show the chapters in which a person has ties, and lead to them."""
    known = await must_be_signed_in(request)
    node = node_of(request)
    members = {one.chapter_id: one.member_id for one in known.vault.memberships}
    async with reading(node.engine) as db:
        found = await chapters_of(db, members)
    rows = [(f"/c/{chapter_id}/people/ties", name) for chapter_id, name in found]
    return render(request, "chapters/ties_everywhere.html", cache=NO_STORE, chapters=rows)


@get("/c/{chapter_id:str}/people/ties")
async def show_ties(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show what ties a member to matters."""
    async with visiting(request, chapter_id) as visit:
        person = must_be_member(visit)
        own = await own_ties(visit.db, visit.node.book.vault, person.log, person.member)
        matters = sorted({one.matter for one in own})
        found = await titles(visit.db, person.log, matters)
    kinds = {matter: {one.of for one in own if one.matter == matter} for matter in matters}
    over = {one.matter for one in own if one.ended}
    going = {one.matter for one in own if one.unwanted}
    lines = [
        (matter, found.get(matter), kinds[matter], matter in going)
        for matter in sorted(matters, key=lambda matter: found.get(matter) or "")
    ]
    return _page(
        visit,
        "chapters/ties.html",
        blank(),
        ended=[line for line in lines if line[0] in over][:SHOWN],
        running=[line for line in lines if line[0] not in over][:SHOWN],
        count=len(over - going),
    )


@get("/c/{chapter_id:str}/people/ties/erase")
async def ask_to_erase_ties(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Say what is lost with a tie."""
    wanted = request.query_params.get("of", ALL)[:26]
    async with visiting(request, chapter_id) as visit:
        return await _confirmation(visit, blank(OF, SURE, of=wanted))


@post("/c/{chapter_id:str}/people/ties/erase", status_code=200)
async def erase(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Erase what ties a member to one matter, or to all that have ended."""
    at = await acting(request, chapter_id)
    form = await read_form(request, OF, SURE)
    back = f"{at.path}/people/ties"
    if not form.ok:
        async with visiting(request, chapter_id) as visit:
            return await _confirmation(visit, form)
    wanted = form.value("of")
    outcome = await erase_ties(at.node.desk, at.person, None if wanted == ALL else wanted)
    if isinstance(outcome, Refusal):
        return see_other(request, back, refused_line(outcome), "bad")
    if outcome.later:
        said = _("It is erased; the last of it goes within the hour, when the record names it.")
    else:
        said = _("It is erased: this node no longer knows that you did this.")
    return see_other(request, back, said)


async def _confirmation(visit: ChapterVisit, form: Form) -> Page:
    person, wanted = must_be_member(visit), form.value("of") or ALL
    own = await own_ties(visit.db, visit.node.book.vault, person.log, person.member)
    matters = sorted({one.matter for one in own if one.ended and wanted in (ALL, one.matter)})
    if not matters:
        raise NotFoundException
    if wanted == ALL:
        what = ngettext(
            "%(num)s matter that has ended", "%(num)s matters that have ended", len(matters)
        ) % {"num": len(matters)}
    else:
        found = await titles(visit.db, person.log, matters)
        what = found.get(wanted) or _("An erased title")
    return _page(visit, "chapters/ties_erase.html", form, what=what, of=wanted)


def _page(visit: ChapterVisit, template: str, form: Form, **view: object) -> Page:
    return chapter_page(
        visit,
        template,
        "people",
        status=200 if form.ok else 422,
        form=form,
        **view,
    )


HANDLERS: Final = [
    ask_to_leave, leave, chapters_with_ties, show_ties, ask_to_erase_ties, erase,
]  # fmt: skip
