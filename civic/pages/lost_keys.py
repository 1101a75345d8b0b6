"""A lost key: asking for another, and what verifiers see of it."""

from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from civic.deeds import lost_keys as deeds
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.pages.founding import name_of
from civic.pages.own_keys import KEY, POSSESSION
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    frame_of,
    must_be_member,
    outcome_of,
    refused_line,
    visiting,
)
from identity.step_up import must_have_stepped_up
from identity.web import must_be_signed_in

CHANGE: Final = Field("change", "the request", least=26, most=26)
MEMBER: Final = Field("member", "the member id", least=26, most=26)


@get("/c/{chapter_id:str}/keys/lost")
async def ask(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask who somebody is whose sheet is lost."""
    known = await must_be_signed_in(request)
    async with visiting(request, chapter_id) as visit:
        pass
    if visit.line.replica:
        raise NotFoundException
    membership = known.vault.membership(chapter_id)
    own = "" if membership is None else membership.member_id
    return _lost_page(visit, blank(KEY, POSSESSION, MEMBER, member=own))


@post("/c/{chapter_id:str}/keys/lost", status_code=200)
async def asked(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Let two verifiers see a member who lost their key."""
    await must_be_signed_in(request)
    form = await read_form(request, KEY, POSSESSION, MEMBER)
    async with visiting(request, chapter_id) as visit:
        pass
    if not form.ok or visit.line.replica:
        return _lost_page(visit, form)
    try:
        refused = await deeds.ask(
            visit.node.desk,
            visit.line.log,
            visit.chapter.log_id,
            form.value("member"),
            form.value("new_key"),
            form.value("possession"),
        )
    except ValueError:
        refused = Refusal(deeds.REQUEST_UNFIT)
    if refused is not None:
        return _lost_page(visit, form.refused(refused))
    said = _("Now meet two verifiers of the chapter, and show them this page.")
    return see_other(request, f"{visit.path}/keys/lost", said)


@get("/c/{chapter_id:str}/keys/requests")
async def listed(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Show verifiers who lost their key."""
    async with visiting(request, chapter_id) as visit:
        person, _office = must_be_member(visit), _verifier(visit)
        names = {}
        for one in await deeds.waiting(visit.node.desk, visit.line.log):
            found = await queries.member(visit.db, visit.line.log, one.member)
            if found is not None and one.member != person.member:
                names[one.key] = (one, name_of(found))
    return _page(visit, "chapters/key_requests.html", requests=list(names.values()))


@post("/c/{chapter_id:str}/keys/requests", status_code=200)
async def witness(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Say, as a verifier, that a member stood there and the key is theirs."""
    await must_have_stepped_up(request)
    at = await acting(request, chapter_id)
    form = await read_form(request, CHANGE)
    outcome = await outcome_of(
        deeds.witness(at.node.desk, at.person, form.value("change"), form.key)
    )
    back = f"{at.path}/keys/requests"
    if isinstance(outcome, Refusal):
        return see_other(request, back, refused_line(outcome), "bad")
    said = (
        _("Both of you saw them. The key takes its place in three days, unless they stop it.")
        if outcome
        else _("Your word is kept. A second verifier has to see them, too.")
    )
    return see_other(request, back, said)


def _verifier(visit: ChapterVisit) -> str:
    office = visit.own.office("verifier") if visit.own else None
    if office is None:
        raise NotFoundException
    return office


def _lost_page(visit: ChapterVisit, form: Form) -> Page:
    return _page(
        visit,
        "chapters/lost_key.html",
        status=200 if form.ok else 422,
        log=visit.chapter.log_id,
        form=form,
    )


def _page(visit: ChapterVisit, template: str, *, status: int = 200, **view: Any) -> Page:
    return render(
        visit.request,
        template,
        chapter=frame_of(visit, visit.line.name.text or "", "people"),
        status=status,
        cache=NO_STORE,
        path=visit.path,
        **view,
    )


HANDLERS: Final = [ask, asked, listed, witness]
