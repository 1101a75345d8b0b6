"""A lost key, or a lost account: asking for one's member back, and what verifiers see of it."""

from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import queries
from civic import returning
from civic.deeds import lost_keys as deeds
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import see_other
from civic.pages.telling import name_of
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    acting,
    chapter_page,
    must_be_member,
    outcome_of,
    refused_line,
    visiting,
)
from civic.settings import Settings
from identity.step_up import must_have_stepped_up
from identity.vault import Membership
from identity.web import must_be_signed_in

CHANGE: Final = Field("change", "the request", least=26, most=26)
MEMBER: Final = Field("member", "the beginning of your member id", least=deeds.BEGINNING, most=26)
NEW_KEY: Final = Field("new_key", "the new key", required=False, most=64)
PROOF: Final = Field("possession", "the new key's signature", required=False, most=128)
ASKING: Final = Field("asking", "the new key's signature", required=False, most=128)


@get("/c/{chapter_id:str}/keys/lost")
async def ask(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Ask which member somebody is whose sheet or account is lost, and say how far they are."""
    known = await must_be_signed_in(request)
    async with visiting(request, chapter_id) as visit:
        if visit.line.replica:
            raise NotFoundException
        wait = await returning.wait_of(visit.node, visit.db, known, chapter_id, visit.line.log)
    held = known.vault.membership(chapter_id)
    return _lost_page(visit, blank(MEMBER), held.member_id if held else "", wait)


@post("/c/{chapter_id:str}/keys/lost", status_code=200)
async def asked(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Find the member who is meant; with a new key, let two verifiers see who asks."""
    known = await must_be_signed_in(request)
    form = await read_form(request, MEMBER, NEW_KEY, PROOF, ASKING)
    async with visiting(request, chapter_id) as visit:
        if visit.line.replica:
            raise NotFoundException
    if not form.ok:
        return _lost_page(visit, form)
    log, desk = visit.line.log, visit.node.desk
    member = await deeds.member_of(desk, log, form.value("member").strip().lower())
    if member is None:
        return _lost_page(visit, form.refused(Refusal(deeds.REQUEST_UNFIT)))
    if not form.value("possession"):
        return _lost_page(visit, form, member)
    wanted = Membership(chapter_id, visit.chapter.log_id, member)
    new = returning.NewKey(form.value("new_key"), form.value("possession"), form.value("asking"))
    settings: Settings = request.app.state["settings"]
    refused = await returning.ask(visit.node, known, wanted, log, new, settings.addresses)
    if refused is not None:
        return _lost_page(visit, form.refused(refused), member)
    said = _("Now meet two verifiers of the chapter.")
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
        _("Both of you saw them. In three days the member is theirs, unless somebody stops it.")
        if outcome
        else _("Your word is kept. A second verifier has to see them, too.")
    )
    return see_other(request, back, said)


def _verifier(visit: ChapterVisit) -> str:
    office = visit.own.office("verifier") if visit.own else None
    if office is None:
        raise NotFoundException
    return office


def _lost_page(
    visit: ChapterVisit, form: Form, member: str = "", wait: returning.Wait | None = None
) -> Page:
    known = visit.known
    return _page(
        visit,
        "chapters/lost_key.html",
        status=200 if form.ok else 422,
        log=visit.chapter.log_id,
        nonce="" if known is None else returning.nonce_of(known, visit.chapter.log_id),
        form=form,
        meant=member,
        own=visit.own is not None,
        lost=known is not None and visit.line.chapter_id in known.lost,
        wait=wait,
        reads_all=visit.reads_all,
        now=visit.now,
        beginning=deeds.BEGINNING,
    )


def _page(visit: ChapterVisit, template: str, *, status: int = 200, **view: Any) -> Page:
    return chapter_page(
        visit,
        template,
        "people",
        status=status,
        **view,
    )


HANDLERS: Final = [ask, asked, listed, witness]
