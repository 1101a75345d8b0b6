"""Pages on which people sign up and sign in; all work without scripts."""

from typing import Any, Final

from litestar import Request, Response, get, post
from litestar.params import FromPath
from markupsafe import Markup

from civic.kernel.database import reading, writing
from civic.kernel.web.forms import Field, Form, Kind, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from identity import accounts, links, sessions, signing_up, totp
from identity.passphrase import Strength
from identity.signing_up import Enrolment, Offer, TicketOver, TooWeak, WrongCode
from identity.web import (
    limits_as_problems,
    local_path,
    private_of,
    session_cookie,
    token_of,
)

Asked = Request[Any, Any, Any]
Page = Response[bytes]

_AGAIN: Final = 422
_TICKET: Final = Field("ticket", "the form", most=6000)
_NEXT: Final = Field("next", "the next page", required=False, most=500)
_PASSPHRASE: Final = Field("passphrase", "your passphrase", Kind.SECRET, most=1000)
_REPEATED: Final = Field("repeated", "the passphrase a second time", Kind.SECRET, most=1000)
_CODE: Final = Field("code", "the code from your phone", most=20)
_NAME: Final = Field("name", "your sign-in name", most=200)


@get("/sign-up")
async def sign_up(request: Asked) -> Page:
    """Give a name and ask for a passphrase."""
    offer = await signing_up.offer(private_of(request))
    form = blank(_TICKET, _PASSPHRASE, _REPEATED, _NEXT, next=_wanted(request))
    return _sign_up_page(request, form, offer)


@post("/sign-up", status_code=200)
async def enrol(request: Asked) -> Page:
    """Take the passphrase and show the secret for the phone."""
    side = private_of(request)
    form = await read_form(request, _TICKET, _PASSPHRASE, _REPEATED, _NEXT)
    ticket, typed = form.value("ticket"), form.value("passphrase")
    try:
        offer = Offer(signing_up.offered(side, ticket), ticket)
        if form.ok and form.value("repeated") != typed:
            form = form.with_error("repeated", _("The two passphrases are not the same"))
        if not form.ok:
            return _sign_up_page(request, form, offer)
        with limits_as_problems():
            enrolment = await signing_up.enrol(side, ticket, typed)
    except TooWeak as weak:
        wrong = form.with_error("passphrase", _("This passphrase would be guessed too soon"))
        return _sign_up_page(request, wrong, offer, weak.strength)
    except TicketOver:
        return _start_over(request)
    shown = blank(_TICKET, _CODE, _NEXT, next=form.value("next"))
    return _enrol_page(request, shown, enrolment)


@post("/sign-up/confirm", status_code=200)
async def confirm(request: Asked) -> Page:
    """Make the account once the phone's code is right."""
    side = private_of(request)
    form = await read_form(request, _TICKET, _CODE, _NEXT)
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
    form = blank(_NAME, _PASSPHRASE, _CODE, _NEXT, next=_wanted(request))
    return render(request, "identity/sign_in.html", cache=NO_STORE, form=form)


@post("/sign-in", status_code=200)
async def signed_in_now(request: Asked) -> Page:
    """Sign in; whatever does not fit, the answer is the same."""
    form = await read_form(request, _NAME, _PASSPHRASE, _CODE, _NEXT)
    if form.ok:
        with limits_as_problems():
            token = await accounts.sign_in(
                private_of(request),
                form.value("name"),
                form.value("passphrase"),
                form.value("code"),
                replaces=token_of(request),
            )
        if token is not None:
            return _signed_in(request, token, form.value("next"), _("You are signed in."))
        no = _(
            "Name, passphrase and code do not fit together. Each code works once: "
            "wait for the next one and try again."
        )
        form = form.with_error("", no)
    return render(request, "identity/sign_in.html", status=_AGAIN, form=form)


@get("/enter/{secret:str}")
async def enter(request: Asked, secret: FromPath[str]) -> Page:
    """Show what a link leads to; only its button uses it up, so a preview does not."""
    side = private_of(request)
    async with reading(side.engine) as unit:
        works = await links.works(unit, secret, side.clock.now())
    form = blank(_NEXT, next=_wanted(request))
    status = 200 if works else 410
    return _enter_page(request, form, secret, status)


@post("/enter/{secret:str}", status_code=200)
async def entered(request: Asked, secret: FromPath[str]) -> Page:
    """Use a link up."""
    side = private_of(request)
    form = await read_form(request, _NEXT)
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
    return [sign_up, enrol, confirm, sign_in, signed_in_now, enter, entered]


def _wanted(request: Asked) -> str:
    return local_path(str(request.query_params.get("next", "")), "")


def _sign_up_page(request: Asked, form: Form, offer: Offer, judged: Strength | None = None) -> Page:
    return render(
        request,
        "identity/sign_up.html",
        status=200 if form.ok else _AGAIN,
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
        status=200 if form.ok else _AGAIN,
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
