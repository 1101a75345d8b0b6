"""Pages on which people sign up: a place in the line if many come, a name, and a way to sign in."""

import re
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from markupsafe import Markup

from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity import passphrase, signing_up, totp, waiting
from identity.pages.entrance import wanted, went_in
from identity.passphrase import Strength
from identity.sign_in_form import AGAIN, CODE, NEXT, PASSPHRASE
from identity.signing_up import Enrolment, Offer, TooWeak, WrongCode
from identity.tickets import TicketOver
from identity.waiting import Standing
from identity.web import limits_as_problems, private_of, signed_in

Asked = Request[Any, Any, Any]
Page = Response[bytes]

TICKET: Final = Field("ticket", "the form", most=6000)
WEAK: Final = N_("This passphrase would be guessed too soon")
REPEATED: Final = Field("repeated", "the passphrase a second time", Kind.SECRET, most=1000)
_PLACE: Final = re.compile(r"[A-Za-z0-9_=-]{1,1000}")
_CONFIRM: Final = "/sign-up/confirm"
_LOOK_LEAST, _LOOK_MOST = 5, 60
"""Seconds after which the page of those who wait looks again."""


@get("/sign-up")
async def sign_up(request: Asked) -> Page:
    """Give a name and ask for a way to sign in, or for patience."""
    await signed_in(request)
    side = private_of(request)
    try:
        standing = await _standing(request)
    except TicketOver:
        return _start_over(request)
    if standing.seconds != 0:
        return _waiting_page(request, standing)
    offer = await signing_up.offer(side, standing)
    form = blank(TICKET, PASSPHRASE, REPEATED, NEXT, next=wanted(request))
    return _sign_up_page(request, form, offer, place=standing.ticket)


@post("/sign-up", status_code=200)
async def enrol(request: Asked) -> Page:
    """Take the passphrase and show the secret for the phone."""
    await signed_in(request)
    side = private_of(request)
    form = await read_form(request, TICKET, PASSPHRASE, REPEATED, NEXT)
    ticket, typed = form.value("ticket"), form.value("passphrase")
    try:
        offer = Offer(signing_up.offered(side, ticket), ticket)
        if typed and form.value("repeated") not in ("", typed):
            form = form.with_error("repeated", _("The two passphrases are not the same"))
        if not form.ok:
            return _sign_up_page(request, *_judged(form, offer))
        with limits_as_problems():
            enrolment = await signing_up.enrol(side, ticket, typed)
    except TooWeak as weak:
        return _sign_up_page(request, form.with_error("passphrase", _(WEAK)), offer,
                             weak.strength)  # fmt: skip
    except TicketOver:
        return _start_over(request)
    shown = blank(TICKET, CODE, NEXT, next=form.value("next"))
    return enrol_page(request, shown, enrolment, _CONFIRM)


@post("/sign-up/confirm", status_code=200)
async def confirm(request: Asked) -> Page:
    """Make the account once the phone's code is right."""
    await signed_in(request)
    side = private_of(request)
    form = await read_form(request, TICKET, CODE, NEXT)
    ticket = form.value("ticket")
    try:
        enrolment = signing_up.enrolment(side, ticket)
        if not form.ok:
            return enrol_page(request, form, enrolment, _CONFIRM)
        token = await signing_up.confirm(side, ticket, form.value("code"))
    except WrongCode:
        wrong = form.with_error("code", _("This is not the code that your phone shows now"))
        return enrol_page(request, wrong, enrolment, _CONFIRM)
    except TicketOver:
        return _start_over(request)
    welcome = _("Welcome. You are signed in; keep your sign-in name and passphrase safe.")
    return went_in(request, token, form.value("next"), welcome, "/account")


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [sign_up, enrol, confirm]


async def _standing(request: Asked) -> Standing:
    side, asked = private_of(request), request.query_params
    place = str(asked.get("place", ""))
    if not place:
        return await waiting.come(side)
    if not _PLACE.fullmatch(place):
        raise TicketOver
    return waiting.come_again(side, place, str(asked.get("work", "")))


def _waiting_page(request: Asked, standing: Standing) -> Page:
    onward = {"next": wanted(request)} if wanted(request) else {}
    with_place = "/sign-up?" + urlencode({"place": standing.ticket, **onward})
    again, minutes = _LOOK_MOST, None
    # Without a place the page asks for one; the work leads on from this ticket all the same.
    here = "/sign-up" + ("?" + urlencode(onward) if onward else "")
    if standing.seconds is not None:
        again = min(_LOOK_MOST, max(_LOOK_LEAST, standing.seconds + 1))
        minutes = -(-standing.seconds // 60)
        here = with_place
    return render(
        request,
        "identity/waiting.html",
        cache=NO_STORE,
        again=again,
        minutes=minutes,
        here=here,
        here_with_place=with_place,
        place=standing.place,
    )


def _judged(form: Form, offer: Offer) -> tuple[Form, Offer, Strength | None]:
    """Add to a form with mistakes that its passphrase is weak: people read of all at once."""
    typed = form.value("passphrase")
    if not typed or form.error("passphrase"):
        return form, offer, None
    judged = passphrase.strength(typed, offer.name)
    if judged.enough:
        return form, offer, None
    errors = {"passphrase": _(WEAK), **form.errors}
    return msgspec.structs.replace(form, errors=errors), offer, judged


def _sign_up_page(
    request: Asked,
    form: Form,
    offer: Offer,
    judged: Strength | None = None,
    *,
    place: str = "",
) -> Page:
    return render(
        request,
        "identity/sign_up.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        offer=offer,
        judged=judged,
        place=place,
    )


def enrol_page(request: Asked, form: Form, enrolment: Enrolment, to: str) -> Page:
    """Return the page on which a phone gets its secret; its code goes to the path `to`."""
    address = totp.uri(enrolment.secret, enrolment.name, request.url.hostname or "civic")
    return render(
        request,
        "identity/enrol.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        to=to,
        enrolment=enrolment,
        address=address,
        picture=Markup(totp.qr_svg(address)),  # noqa: S704  (drawn here, holds only paths)
        grouped=" ".join(enrolment.secret[at : at + 4] for at in range(0, 32, 4)),
    )


def _start_over(request: Asked) -> Page:
    over = _("That sign-up is over: it took too long, or its account exists already. Begin again.")
    return see_other(request, "/sign-up", over, "note")
