"""The pages on which somebody gets back into their account, without being signed in."""

from typing import Any, Final

from litestar import Request, Response, get, post

from civic.kernel.database import reading, writing
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity import authenticators, everywhere, key_box, notices, openings
from identity.authenticators import PASSPHRASE as BY_PASSPHRASE
from identity.authenticators import Authenticator, LastOne
from identity.pages.newcomers import REPEATED, TICKET, WEAK, enrol_page
from identity.passphrase import Strength
from identity.recovery import way_back
from identity.sign_in_form import AGAIN, CODE, PASSPHRASE
from identity.signing_up import Enrolment, TooWeak, WrongCode
from identity.step_up import must_have_stepped_up
from identity.tickets import TicketOver
from identity.web import limits_as_problems, private_of, session_cookie, signed_in

Asked = Request[Any, Any, Any]
Page = Response[bytes]

SHEET_CODE: Final = Field("sheet_code", "a code of your recovery sheet", most=100)


@get("/recover")
async def ways(request: Asked) -> Page:
    """Say which ways back there are, and take a code of a recovery sheet."""
    await signed_in(request)
    return _ways_page(request, blank(SHEET_CODE))


@post("/recover", status_code=200)
async def take_code(request: Asked) -> Page:
    """Take a code; whatever else was typed, the answer is the same."""
    await signed_in(request)
    form = await read_form(request, SHEET_CODE)
    if not form.ok:
        return _ways_page(request, form)
    with limits_as_problems():
        ticket = await way_back.by_code(private_of(request), form.value("sheet_code"))
    if ticket is None:
        no = _("This code lets nobody in. Each code works once, and an older sheet not at all.")
        return _ways_page(request, form.with_error("sheet_code", no))
    return factors_page(request, blank(TICKET, PASSPHRASE, REPEATED, ticket=ticket))


@post("/recover/passphrase", status_code=200)
async def take_passphrase(request: Asked) -> Page:
    """Take the new passphrase and show the secret for the phone."""
    form = await read_form(request, TICKET, PASSPHRASE, REPEATED)
    side, ticket, typed = private_of(request), form.value("ticket"), form.value("passphrase")
    if typed and form.value("repeated") not in ("", typed):
        form = form.with_error("repeated", _("The two passphrases are not the same"))
    try:
        way_back.opened(side, ticket)
        if not form.ok:
            return factors_page(request, form)
        with limits_as_problems():
            enrolment = await way_back.begin_passphrase(side, ticket, typed)
    except TooWeak as weak:
        return factors_page(request, form.with_error("passphrase", _(WEAK)), weak.strength)
    except TicketOver:
        return _over(request)
    return _phone_page(request, blank(TICKET, CODE), enrolment)


@post("/recover/confirm", status_code=200)
async def confirm(request: Asked) -> Page:
    """Set passphrase and phone once the phone's code is right, and end all sessions before."""
    form = await read_form(request, TICKET, CODE)
    side, ticket = private_of(request), form.value("ticket")
    try:
        enrolment = way_back.enrolment(side, ticket)
        if not form.ok:
            return _phone_page(request, form, enrolment)
        token = await way_back.confirm_passphrase(side, ticket, form.value("code"))
    except WrongCode:
        wrong = form.with_error("code", _("This is not the code that your phone shows now"))
        return _phone_page(request, wrong, enrolment)
    except TicketOver:
        return _over(request)
    said = _("You are back in your account.")
    page = see_other(request, f"/account/recovered?new={BY_PASSPHRASE}", said)
    page.cookies.append(session_cookie(request, token))
    return page


@get("/account/recovered")
async def recovered(request: Asked) -> Page:
    """List the ways to sign in of before, to remove what is lost."""
    await must_have_stepped_up(request)
    new = str(request.query_params.get("new", ""))
    before = await _before(request, new)
    return _recovered_page(request, blank(_new(), _remove(before), new=new), before)


@post("/account/recovered", status_code=200)
async def clear(request: Asked) -> Page:
    """Remove the chosen ways to sign in of before, and end what they opened; never the last."""
    me = await must_have_stepped_up(request)
    side = private_of(request)
    form = await read_form(request, _new())
    before = await _before(request, form.value("new"))
    form = await read_form(request, _new(), _remove(before))
    if not form.ok:
        return _recovered_page(request, form, before)
    try:
        async with writing(side.engine) as unit:
            for own in form.values("remove"):
                await authenticators.remove(unit, me, own)
                await key_box.drop(unit, me.account_id, openings.way_of(own))
            if form.values("remove"):
                kind, now = notices.AUTHENTICATOR_REMOVED, side.clock.now()
                await notices.tell(unit, me.account_id, kind, now, but=me.id_hash)
                # Whoever has what is removed may have come in since the account was recovered.
                await everywhere.end_all(unit, side, me.account_id, me.data_key, but=me.id_hash)
    except LastOne:
        last = _("One way to sign in has to stay")
        return _recovered_page(request, form.with_error("remove", last), before)
    return see_other(request, "/account", _("Done. What you removed signs nobody in any more."))


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [ways, take_code, take_passphrase, confirm, recovered, clear]


def factors_page(request: Asked, form: Form, judged: Strength | None = None) -> Page:
    """Answer with the page on which somebody who proved a way back sets new factors."""
    return render(
        request,
        "identity/recover_factors.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        judged=judged,
    )


def _new() -> Field:
    return Field("new", "the new way to sign in", required=False, most=64)


def _remove(before: list[Authenticator]) -> Field:
    own = tuple(one.id for one in before)
    return Field("remove", "what to remove", Kind.CHOICES, False, 0, len(own), own)


async def _before(request: Asked, new: str) -> list[Authenticator]:
    me = await must_have_stepped_up(request)
    async with reading(private_of(request).engine) as unit:
        return [one for one in await authenticators.listed(unit, me) if one.id != new]


def _ways_page(request: Asked, form: Form) -> Page:
    status = 200 if form.ok else AGAIN
    return render(request, "identity/recover.html", status=status, cache=NO_STORE, form=form)


def _recovered_page(request: Asked, form: Form, before: list[Authenticator]) -> Page:
    options = [
        (
            one.id,
            one.name or (_("Passkey") if one.is_passkey else _("Passphrase and phone")),
            _("Added in %(month)s") % {"month": one.added_month},
        )
        for one in before
    ]
    return render(
        request,
        "identity/recovered.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        options=options,
    )


def _phone_page(request: Asked, form: Form, enrolment: Enrolment) -> Page:
    return enrol_page(request, form, enrolment, "/recover/confirm")


def _over(request: Asked) -> Page:
    over = _("That took too long, was used already, or was stopped. Begin again.")
    return see_other(request, "/recover", over, "note")
