"""Tokens with which leads let auditors and peers read a record that is not for the world."""

import base64
import hmac
from datetime import date
from typing import Any, Final

from litestar import get, post
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from chapters import capabilities
from chapters.capabilities import DAYS, LABEL_MOST, OPEN_MOST, Capability
from civic.kernel.database import writing
from civic.kernel.proofs import read_public_key
from civic.kernel.refusal import Refusal, code
from civic.kernel.web.forms import Field, Form, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import see_other
from civic.pages.visit import (
    Asked,
    ChapterVisit,
    Page,
    chapter_page,
    must_be_member,
    visiting,
)
from identity.sessions import SignedIn
from identity.step_up import must_have_stepped_up

TOO_MANY: Final = code("request.too_many_tokens", "Too many tokens of a chapter work already.")
LABEL: Final = Field("label", "whom the token is for", most=LABEL_MOST)
PUBLIC_KEY: Final = Field("public_key", "their public key", most=80)
TOKEN: Final = Field("token", "the token", most=64)


@get("/c/{chapter_id:str}/auditors")
async def show(request: Asked, chapter_id: FromPath[str]) -> Page:
    """List a chapter's tokens for leads, with the form that gives one."""
    await must_have_stepped_up(request)
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
        found = await capabilities.listed(visit.db, visit.line.log)
    return _page(visit, blank(LABEL, PUBLIC_KEY), found)


@post("/c/{chapter_id:str}/auditors", status_code=200)
async def give(request: Asked, chapter_id: FromPath[str]) -> Page:
    """Give a token for a key, once however often the form is sent; show it this one time."""
    known = await must_have_stepped_up(request)
    form = await read_form(request, LABEL, PUBLIC_KEY)
    public = read_public_key(form.value("public_key").lower())
    if form.ok and public is None:
        form = form.with_error(
            "public_key", _("This is no public key: it has 64 digits and letters from a to f.")
        )
    async with visiting(request, chapter_id) as visit:
        by = must_lead(visit)
        found = await capabilities.listed(visit.db, visit.line.log)
    if not form.ok or public is None:
        return _page(visit, form, found)
    token = token_for(known, chapter_id, form.key)
    log, today = visit.line.log, visit.node.clock.now().date()
    async with writing(visit.node.engine) as unit:
        given = await capabilities.give(unit, log, token, public, form.value("label"), by, today)
        found = await capabilities.listed(unit, log)
    if not given:
        return _page(visit, form.refused(Refusal(TOO_MANY, {"most": OPEN_MOST})), found)
    return _page(visit, blank(LABEL, PUBLIC_KEY), found, token, form.value("label"))


@post("/c/{chapter_id:str}/auditors/revoke", status_code=200)
async def revoke(request: Asked, chapter_id: FromPath[str]) -> Page:
    """End a token at once."""
    await must_have_stepped_up(request)
    form = await read_form(request, TOKEN)
    async with visiting(request, chapter_id) as visit:
        must_lead(visit)
    try:
        digest = bytes.fromhex(form.value("token"))
    except ValueError as error:
        raise NotFoundException from error
    async with writing(visit.node.engine) as unit:
        ended = await capabilities.revoke(unit, visit.line.log, digest)
    said = _("The token is revoked.") if ended else _("This token works no more already.")
    return see_other(request, f"{visit.path}/auditors", said)


def must_lead(visit: ChapterVisit) -> str:
    """Return the member id of the lead who visits."""
    person = must_be_member(visit)
    if visit.own is None or visit.own.office("lead") is None:
        raise NotFoundException
    return person.member


def token_for(known: SignedIn, chapter_id: str, key: str) -> str:
    """Return the token that somebody gives under a key, the same each time."""
    # From the form's key and the account's own: a form that is sent twice gives one token.
    info = f"civic/capability/1\n{chapter_id}\n{key}".encode()
    raw = hmac.digest(known.data_key, info, "sha256")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _page(
    visit: ChapterVisit,
    form: Form,
    found: list[Capability],
    token: str = "",
    label: str = "",
) -> Page:
    today = visit.node.clock.now().date()
    names = {one.member: one.name.text for one in visit.chapter.offices if one.name is not None}
    return chapter_page(
        visit,
        "chapters/auditors.html",
        "desk",
        status=200 if form.ok else 422,
        form=form,
        token=token,
        label=label,
        listed=[_line(one, names, today) for one in found],
        days=DAYS,
        visibility=visit.line.visibility,
    )


def _line(one: Capability, names: dict[str, str | None], today: date) -> dict[str, Any]:
    state = _("revoked") if one.revoked else _("works") if one.works(today) else _("over")
    return {
        "token": one.hash.hex(),
        "label": one.label,
        "key": one.public_key.hex(),
        "by": names.get(one.given_by) or _("Member %(id)s…") % {"id": one.given_by[:6]},
        "until": one.until.isoformat(),
        "last_used": one.last_used.isoformat() if one.last_used else "",
        "works": one.works(today),
        "state": state,
    }


HANDLERS: Final = [show, give, revoke]
