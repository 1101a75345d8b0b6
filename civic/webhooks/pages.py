"""The page on which leads register receivers of their chapter's entries."""

from collections.abc import Sequence
from typing import Any, Final

from litestar import Router, get, post
from litestar.exceptions import NotFoundException
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from civic.kernel.database import writing
from civic.kernel.refusal import Refusal
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import see_other
from civic.pages.auditors import must_lead
from civic.pages.visit import Asked, ChapterVisit, Page, chapter_page, visiting
from civic.settings import Settings
from civic.webhooks import registered, signing
from civic.webhooks.registered import MOST, NOT_ALLOWED, TOO_MANY, Webhook
from civic.webhooks.targets import MOST as URL_MOST
from civic.webhooks.targets import read_target
from identity.step_up import must_have_stepped_up

URL: Final = Field("url", "the receiver's address", most=URL_MOST)
EVERY: Final = Field("every", "every entry", Kind.TICK, required=False)
HOOK: Final = Field("webhook", "the webhook", most=26)


@get("/c/{chapter_id:str}/webhooks")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """List a chapter's webhooks for leads, with the form that registers one."""
    await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
        found = await registered.listed(visit.db, visit.line.log)
    return _page(visit, blank(URL, EVERY), found)


@post("/c/{chapter_id:str}/webhooks", status_code=200)
async def register(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Register a webhook, once however often the form is sent; show its secret this one time."""
    await must_have_stepped_up(request)
    form = await read_form(request, URL, EVERY)
    secret = ""
    if form.ok:
        url, every = form.value("url"), form.ticked("every")
        made = await registering(request, chapter_id, form.key, url, every=every)
        if isinstance(made, Refusal):
            form = form.refused(made)
        else:
            _id, secret = made
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
        found = await registered.listed(visit.db, visit.line.log)
    return _page(visit, form if not form.ok else blank(URL, EVERY), found, secret)


async def registering(
    request: Asked, chapter_id: str, key: str, url: str, *, every: bool
) -> tuple[str, str] | Refusal:
    """Register a webhook as a lead; return its id and secret, or why not."""
    known = await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
    settings: Settings = request.app.state["settings"]
    if settings.webhooks == "off":
        return Refusal(NOT_ALLOWED)
    target = read_target(url, loopback=settings.webhooks == "loopback")
    if isinstance(target, Refusal):
        return target
    own_id = registered.id_for(known.data_key, chapter_id, key)
    log, size = visit.line.log, visit.line.size
    async with writing(visit.node.engine) as unit:
        kept = await registered.register(unit, log, own_id, url, size, every=every)
    if not kept:
        return Refusal(TOO_MANY, {"most": MOST})
    return own_id, signing.secret_of(signing.signing_key(visit.node.key_files, own_id))


@post("/c/{chapter_id:str}/webhooks/remove")
async def remove(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Forget a webhook at once."""
    own_id = (await read_form(request, HOOK)).value("webhook")
    if not await removed(request, chapter_id, own_id):
        raise NotFoundException
    return see_other(request, f"/c/{chapter_id}/webhooks", _("The webhook is removed."))


@post("/c/{chapter_id:str}/webhooks/resume")
async def resume(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Try a webhook again that failed too often."""
    own_id = (await read_form(request, HOOK)).value("webhook")
    if not await resumed(request, chapter_id, own_id):
        raise NotFoundException
    said = _("It is tried again, from the entry at which it stopped.")
    return see_other(request, f"/c/{chapter_id}/webhooks", said)


async def removed(request: Asked, chapter_id: str, own_id: str) -> bool:
    """Forget a webhook as a lead; False where there is none."""
    visit = await _led(request, chapter_id)
    async with writing(visit.node.engine) as unit:
        return await registered.remove(unit, visit.line.log, own_id)


async def resumed(request: Asked, chapter_id: str, own_id: str) -> bool:
    """Try a webhook again as a lead; False where there is none that had ended."""
    visit = await _led(request, chapter_id)
    async with writing(visit.node.engine) as unit:
        return await registered.resume(unit, visit.line.log, own_id)


async def _led(request: Asked, chapter_id: str) -> ChapterVisit:
    await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
    return visit


def _page(visit: ChapterVisit, form: Form, found: Sequence[Webhook], secret: str = "") -> Page:
    settings: Settings = visit.request.app.state["settings"]
    return chapter_page(
        visit,
        "chapters/webhooks.html",
        "desk",
        status=200 if form.ok else 422,
        form=form,
        secret=secret,
        listed=[_line(one) for one in found],
        allowed=settings.webhooks != "off",
        public=visit.line.visibility == "world",
        most=MOST,
    )


def _line(one: Webhook) -> dict[str, Any]:
    state = _("works")
    if one.ended == registered.GONE:
        state = _("ended: the receiver said that it is gone")
    elif one.ended is not None:
        state = _("ended: it failed for three days")
    elif one.failures:
        state = _("fails, and is tried again")
    return {
        "id": one.id,
        "url": one.url,
        "every": _("every entry") if one.every else _("what is meant for everybody"),
        "state": state,
        "ended_on": one.ended_on.isoformat() if one.ended_on else "",
    }


HANDLERS: Final[Sequence[HTTPRouteHandler]] = (show, register, remove, resume)


def router() -> Router:
    """Return the pages of webhooks, to be mounted at the root of a node."""
    return Router("/", route_handlers=list(HANDLERS), include_in_schema=False)
