"""Pages on which people sign up and sign in; all work without scripts."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.params import FromPath

from civic.kernel.database import reading, writing
from civic.kernel.web.forms import Form, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render, see_other
from civic.kernel.web.problem import Busy, TooOften
from identity import accounts, browsers, links, sessions
from identity.accounts import Entered
from identity.kept import Kept, page_of, travelling
from identity.sign_in_form import (
    CODE,
    NAME,
    NEXT,
    PASSPHRASE,
    TURN,
    WORK,
    browser_of,
    crowded_text,
    later_text,
    shown_by,
    sign_in_page,
)
from identity.trying import Crowded
from identity.web import (
    browser_cookie,
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


@get("/sign-in")
async def sign_in(request: Asked) -> Page:
    """Ask for name, passphrase and code."""
    await signed_in(request)
    return sign_in_page(request, blank(NAME, PASSPHRASE, CODE, NEXT, next=wanted(request)))


@post("/sign-in", status_code=200)
async def sign_in_now(request: Asked) -> Page:
    """Sign in; whatever does not fit, the answer is the same."""
    await signed_in(request)
    form = await read_form(request, NAME, PASSPHRASE, CODE, NEXT, TURN, WORK)
    kept = await travelling(request)
    if not form.ok:
        return sign_in_page(request, form, kept)
    try:
        with limits_as_problems():
            entered = await _entered(request, form)
    except Crowded as crowded:
        return _crowded(request, form, kept, crowded)
    except (TooOften, Busy) as later:
        if kept is None:
            raise
        return _later(request, form, kept, later)
    if entered is None:
        no = _(
            "Name, passphrase and code do not fit together. Each code works once: "
            "wait for the next one and try again. After many codes it takes a quarter of an hour."
        )
        return sign_in_page(request, form.with_error("", no), kept)
    if kept is None:
        page = went_in(request, entered.token, form.value("next"), _("You are signed in."))
    else:
        look_again(request)
        page = _send_page(request, kept)
        page.cookies.append(session_cookie(request, entered.token))
    page.cookies.append(browser_cookie(request, entered.browser))
    return page


@post("/sign-in/forget")
async def forget_browser(request: Asked) -> Page:
    """Let node and browser forget that somebody signed in here; asks nobody who they are."""
    token = browser_of(request)
    if token is not None:
        async with writing(private_of(request).engine) as unit:
            await browsers.forget(unit, token)
    page = see_other(request, "/", _("This browser is forgotten."))
    page.cookies.append(browser_cookie(request, ""))
    return page


async def _entered(request: Asked, form: Form) -> Entered | None:
    return await accounts.sign_in_here(
        private_of(request),
        form.value("name"),
        form.value("passphrase"),
        form.value("code"),
        shown_by(request, form),
        replaces=token_of(request),
    )


def _crowded(request: Asked, form: Form, kept: Kept | None, crowded: Crowded) -> Page:
    standing = crowded.standing
    form = form.with_error("", crowded_text(standing))
    headers = {"retry-after": str(crowded.retry_after)}
    return sign_in_page(request, form, kept, status=429, headers=headers, standing=standing)


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
    form = blank(NEXT, next=wanted(request))
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
    return went_in(request, token, form.value("next"), _("You are signed in."))


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [sign_in, sign_in_now, signed_in_elsewhere, forget_browser]


def link_handlers() -> list[Any]:
    """Return the handlers of links that sign in, which demonstrations alone have."""
    return [enter, entered]


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


def wanted(request: Asked) -> str:
    """Return the path to which a link to this page wants to lead on, empty for none."""
    return local_path(str(request.query_params.get("next", "")), "")


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


def went_in(request: Asked, token: str, onward: str, said: str, otherwise: str = "/") -> Page:
    """Send somebody on who has just signed in, with the cookie of their session."""
    response = see_other(request, local_path(onward, otherwise), said)
    response.cookies.append(session_cookie(request, token))
    return response
