"""The emergency exit: one button ends everything that is open, and wipes what the browser kept.

It asks nothing, since whoever presses it has no time. Nothing is lost by it but what is open:
signing in again brings everything back, but half-written texts that only this browser had.
"""

from typing import Any, Final

from litestar import Request, Response, get, post

from civic.kernel.database import writing
from civic.kernel.web import last_seen
from civic.kernel.web.language import _
from civic.kernel.web.languages import forgotten
from civic.kernel.web.pages import PUBLIC, pages_of, render, see_other
from identity import browsers, everywhere
from identity.sign_in_form import browser_of
from identity.web import browser_cookie, private_of, signed_in, spent_session_cookie

Asked = Request[Any, Any, Any]
Page = Response[bytes]

PATH: Final = "/panic"
CLEAR: Final = '"cache", "storage"'
"""Clear-Site-Data (W3C): cookies are left out, since the one for the line to be shown is set with
it; that of the session is removed by itself."""


@get(PATH)
async def show(request: Asked) -> Page:
    """Show the button, the same page to everybody."""
    return render(request, "identity/panic.html", cache=PUBLIC)


@post(PATH)
async def leave(request: Asked) -> Page:
    """Sign out everywhere, which ends all that is open, and wipe what this browser kept.

    Whoever is not signed in any more still has their browser wiped.
    """
    me = await signed_in(request)
    side = private_of(request)
    if me is not None:
        async with writing(side.engine) as unit:
            await everywhere.end_all(unit, side, me.account_id, me.data_key)
            await browsers.forget_all(unit, me.account_id)
    kept = browser_of(request)
    if kept is not None:
        async with writing(side.engine) as unit:
            await browsers.forget(unit, kept)
    said = _("You are signed out everywhere, and this browser has forgotten what it kept.")
    page = see_other(request, "/", said)
    page.cookies += [
        spent_session_cookie(request),
        browser_cookie(request, ""),
        last_seen.forgotten(request),
        *forgotten(secure=pages_of(request).site.secure),
    ]
    page.headers["clear-site-data"] = CLEAR
    return page


def handlers() -> list[Any]:
    """Return the handlers of these pages."""
    return [show, leave]
