"""Pages on which people sign up and sign in; all work without scripts."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from civic.kernel.database import reading, writing
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import N_, _
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.kernel.web.problem import Busy, TooOften
from identity import accounts, links, passphrase, sessions, signing_up, totp
from identity.kept import Kept, page_of, travelling
from identity.passphrase import Strength
from identity.sign_in_form import AGAIN, CODE, NAME, NEXT, PASSPHRASE, later_text, sign_in_page
from identity.signing_up import Enrolment, Offer, TooWeak, WrongCode
from identity.tickets import TicketOver
from identity.web import (
    limits_as_problems,
    local_path,
    look_again,
    private_of,
    session_cookie,
    signed_in,
    token_of,
)

Asked = Request[Any, Any, Any]
Page = Response[bytes]

_TICKET: Final = Field("ticket", "the form", most=6000)
_GUESSED: Final = N_("This passphrase would be guessed too soon")
_REPEATED: Final = Field("repeated", "the passphrase a second time", Kind.SECRET, most=1000)


@get("/sign-up")
async def sign_up(request: Asked) -> Page:
    """Give a name and ask for a passphrase."""
    await signed_in(request)
    offer = await signing_up.offer(private_of(request))
    form = blank(_TICKET, PASSPHRASE, _REPEATED, NEXT, next=_wanted(request))
    return _sign_up_page(request, form, offer)


@post("/sign-up", status_code=200)
async def enrol(request: Asked) -> Page:
    """Take the passphrase and show the secret for the phone."""
    await signed_in(request)
    side = private_of(request)
    form = await read_form(request, _TICKET, PASSPHRASE, _REPEATED, NEXT)
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
        return _sign_up_page(request, form.with_error("passphrase", _(_GUESSED)), offer,
                             weak.strength)  # fmt: skip
    except TicketOver:
        return _start_over(request)
    shown = blank(_TICKET, CODE, NEXT, next=form.value("next"))
    return _enrol_page(request, shown, enrolment)


@post("/sign-up/confirm", status_code=200)
async def confirm(request: Asked) -> Page:
    """Make the account once the phone's code is right."""
    await signed_in(request)
    side = private_of(request)
    form = await read_form(request, _TICKET, CODE, NEXT)
    ticket = form.value("ticket")
    try:
        enrolment = signing_up.enrolment(side, ticket)
        if not form.ok:
            return _enrol_page(request, form, enrolment)
        token = await signing_up.confirm(side, ticket, form.value("code"))
    except WrongCode:
        wrong = form.with_error("code", _("This is not the code that your phone shows now"))
        return _enrol_page(request, wrong, enrolment)
    except TicketOver:
        return _start_over(request)
    welcome = _("Welcome. You are signed in; keep your sign-in name and passphrase safe.")
    return _signed_in(request, token, form.value("next"), welcome, "/account")


@get("/sign-in")
async def sign_in(request: Asked) -> Page:
    """Ask for name, passphrase and code."""
    await signed_in(request)
    return sign_in_page(request, blank(NAME, PASSPHRASE, CODE, NEXT, next=_wanted(request)))


@post("/sign-in", status_code=200)
async def sign_in_now(request: Asked) -> Page:
    """Sign in; whatever does not fit, the answer is the same."""
    await signed_in(request)
    form = await read_form(request, NAME, PASSPHRASE, CODE, NEXT)
    kept = await travelling(request)
    if not form.ok:
        return sign_in_page(request, form, kept)
    try:
        with limits_as_problems():
            token = await accounts.sign_in(
                private_of(request),
                form.value("name"),
                form.value("passphrase"),
                form.value("code"),
                replaces=token_of(request),
            )
    except (TooOften, Busy) as later:
        if kept is None:
            raise
        return _later(request, form, kept, later)
    if token is None:
        no = _(
            "Name, passphrase and code do not fit together. Each code works once: "
            "wait for the next one and try again."
        )
        return sign_in_page(request, form.with_error("", no), kept)
    if kept is None:
        return _signed_in(request, token, form.value("next"), _("You are signed in."))
    look_again(request)
    page = _send_page(request, kept)
    page.cookies.append(session_cookie(request, token))
    return page


@post("/sign-in/kept", status_code=200)
async def signed_in_elsewhere(request: Asked) -> Page:
    """Go on with what was kept, for somebody who has signed in in another tab or by a link."""
    form = await read_form(request, NAME, PASSPHRASE, CODE, NEXT)
    kept = await travelling(request)
    known = await signed_in(request)
    if kept is None:
        return see_other(request, "/" if known else "/sign-in")
    if known is not None:
        return _send_page(request, kept)
    not_yet = _("You are not signed in in this browser yet.")
    return sign_in_page(request, msgspec.structs.replace(form, errors={"": not_yet}), kept)


@get("/enter/{secret:str}")
async def enter(request: Asked, secret: FromPath[str]) -> Page:
    """Show what a link leads to; only its button uses it up, so a preview does not."""
    await signed_in(request)
    side = private_of(request)
    async with reading(side.engine) as unit:
        works = await links.works(unit, secret, side.clock.now())
    form = blank(NEXT, next=_wanted(request))
    status = 200 if works else 410
    return _enter_page(request, form, secret, status)


@post("/enter/{secret:str}", status_code=200)
async def entered(request: Asked, secret: FromPath[str]) -> Page:
    """Use a link up."""
    await signed_in(request)
    side = private_of(request)
    form = await read_form(request, NEXT)
    before = token_of(request)
    async with writing(side.engine) as unit:
        token = await links.redeem(unit, secret, side.clock.now())
        if token is not None and before is not None:
            await sessions.end(unit, before)
    if token is None:
        return _enter_page(request, form, secret, 410)
    return _signed_in(request, token, form.value("next"), _("You are signed in."))


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [
        sign_up, enrol, confirm, sign_in, sign_in_now, signed_in_elsewhere, enter, entered,
    ]  # fmt: skip


def _later(request: Asked, form: Form, kept: Kept, later: TooOften | Busy) -> Page:
    form = form.with_error("", later_text(later))
    return sign_in_page(request, form, kept, status=later.status_code, headers=later.headers)


def _send_page(request: Asked, kept: Kept) -> Page:
    return render(
        request,
        "identity/send_now.html",
        cache=NO_STORE,
        kept=kept,
        back=page_of(request, kept.to),
    )


def _wanted(request: Asked) -> str:
    return local_path(str(request.query_params.get("next", "")), "")


def _judged(form: Form, offer: Offer) -> tuple[Form, Offer, Strength | None]:
    """Add to a form with mistakes that its passphrase is weak: people read of all at once."""
    typed = form.value("passphrase")
    if not typed or form.error("passphrase"):
        return form, offer, None
    judged = passphrase.strength(typed, offer.name)
    if judged.enough:
        return form, offer, None
    errors = {"passphrase": _(_GUESSED), **form.errors}
    return msgspec.structs.replace(form, errors=errors), offer, judged


def _sign_up_page(request: Asked, form: Form, offer: Offer, judged: Strength | None = None) -> Page:
    return render(
        request,
        "identity/sign_up.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        offer=offer,
        judged=judged,
    )


def _enrol_page(request: Asked, form: Form, enrolment: Enrolment) -> Page:
    address = totp.uri(enrolment.secret, enrolment.name, request.url.hostname or "civic")
    return render(
        request,
        "identity/enrol.html",
        status=200 if form.ok else AGAIN,
        cache=NO_STORE,
        form=form,
        enrolment=enrolment,
        address=address,
        picture=Markup(totp.qr_svg(address)),  # noqa: S704  (drawn here, holds only paths)
        grouped=" ".join(enrolment.secret[at : at + 4] for at in range(0, 32, 4)),
    )


def _enter_page(request: Asked, form: Form, secret: str, status: int) -> Page:
    return render(
        request,
        "identity/enter.html",
        status=status,
        cache=NO_STORE,
        form=form,
        works=status == 200,
        secret=secret,
    )


def _start_over(request: Asked) -> Page:
    over = _("That sign-up is over: it took too long, or its account exists already. Begin again.")
    return see_other(request, "/sign-up", over, "note")


def _signed_in(request: Asked, token: str, wanted: str, said: str, otherwise: str = "/") -> Page:
    response = see_other(request, local_path(wanted, otherwise), said)
    response.cookies.append(session_cookie(request, token))
    return response
