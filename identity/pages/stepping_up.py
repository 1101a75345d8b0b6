"""The page on which people prove once more that it is them, and go on with what they wanted."""

from typing import Any, Final

from litestar import Request, Response, get, post

from civic.kernel.database import writing
from civic.kernel.web.forms import Form, blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, pages_of, render, see_other
from civic.kernel.web.problem import Busy, TooOften
from identity import accounts, openings, sessions
from identity.kept import Kept, page_of, travelling
from identity.sign_in_form import CODE, NEXT, PASSPHRASE, later_text
from identity.step_up import PATH, step_up_page, ways_of
from identity.web import (
    limits_as_problems,
    local_path,
    look_again,
    must_be_signed_in,
    private_of,
    session_cookie,
)

Asked = Request[Any, Any, Any]
Page = Response[bytes]

_OTHERWISE: Final = "/account"


@get(PATH)
async def ask(request: Asked) -> Page:
    """Ask for a fresh factor before going on to another page."""
    me = await must_be_signed_in(request)
    wanted = local_path(str(request.query_params.get("next", "")), "")
    form = blank(PASSPHRASE, CODE, NEXT, next=wanted)
    return step_up_page(request, form, await ways_of(request, me))


@post(PATH, status_code=200)
async def prove(request: Asked) -> Page:
    """Take passphrase and code, give the session another token, and go on."""
    me = await must_be_signed_in(request)
    form = await read_form(request, PASSPHRASE, CODE, NEXT)
    kept = await travelling(request)
    ways = await ways_of(request, me)
    side = private_of(request)
    if ways.none and pages_of(request).site.demo:
        # The invented people of a demonstration have nothing to prove, and nothing to lose.
        async with writing(side.engine) as unit:
            return _gone_on(
                request,
                form,
                kept,
                await sessions.rotate(unit, me, side.clock.now(), by=openings.LINK),
            )
    if not form.ok:
        return step_up_page(request, form, ways, kept)
    try:
        with limits_as_problems():
            typed, code = form.value("passphrase"), form.value("code")
            token = await accounts.step_up(side, me, typed, code)
    except (TooOften, Busy) as later:
        form = form.with_error("", later_text(later))
        page = step_up_page(request, form, ways, kept, status=later.status_code)
        page.headers.update(later.headers or {})
        return page
    if token is None:
        no = _(
            "Passphrase and code do not fit. Each code works once: wait for the next one and "
            "try again."
        )
        return step_up_page(request, form.with_error("", no), ways, kept)
    return _gone_on(request, form, kept, token)


def _gone_on(request: Asked, form: Form, kept: Kept | None, token: str | None) -> Page:
    if token is None:
        return see_other(request, "/sign-in")
    if kept is None:
        page = see_other(request, local_path(form.value("next"), _OTHERWISE))
    else:
        look_again(request)
        back = page_of(request, kept.to)
        page = render(request, "identity/send_now.html", cache=NO_STORE, kept=kept, back=back)
    page.cookies.append(session_cookie(request, token))
    return page


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [ask, prove]
