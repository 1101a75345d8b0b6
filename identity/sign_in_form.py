"""The form with which people sign in: on a page of its own, or above what they had written."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response

from civic.kernel.web.forms import Field, Form, Kind, blank
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, pages_of, render
from civic.kernel.web.problem import Busy, TooOften, problem_of, text_of
from identity import browsers
from identity.kept import TO, Kept
from identity.trying import Shown, Standing

NAME: Final = Field("name", "your sign-in name", most=200)
PASSPHRASE: Final = Field("passphrase", "your passphrase", Kind.SECRET, most=1000)
CODE: Final = Field("code", "the code from your phone", most=20)
TURN: Final = Field("turn", "your turn", required=False, most=1000)
WORK: Final = Field("work", "your browser's work", required=False, most=16)
NEXT: Final = Field("next", "the next page", required=False, most=500)

AGAIN: Final = 422
"""The status of a form that is shown again with what is wrong."""


def sign_in_page(
    request: Request[Any, Any, Any],
    form: Form,
    kept: Kept | None = None,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
    standing: Standing | None = None,
) -> Response[bytes]:
    """Answer with the form, and with what waits to be sent, which travels along.

    `standing` is of somebody under whose name too much was tried.
    """
    template = "identity/sign_in.html" if kept is None else "identity/kept.html"
    if not form.ok and status == 200:
        status = AGAIN
    view: dict[str, Any] = {} if kept is None else {"kept": kept, "to": TO}
    view |= {"standing": standing, "known": browser_of(request) is not None}
    page = render(request, template, status=status, cache=NO_STORE, form=form, **view)
    page.headers.update(headers or {})
    return page


def crowded_text(standing: Standing) -> str:
    """Return the words for somebody under whose name too much was tried."""
    if standing.seconds is None:
        return _(
            "Under this name too much was tried lately, by you or by somebody else, and so many "
            "wait that nobody can say when your turn comes."
        )
    if standing.seconds == 0:
        return _(
            "Under this name too much was tried lately, by you or by somebody else. It is your "
            "turn now: type it once more."
        )
    return _(
        "Under this name too much was tried lately, by you or by somebody else. Your turn comes in "
        "%(seconds)s seconds: type it again then."
    ) % {"seconds": standing.seconds}


def shown_by(request: Request[Any, Any, Any], form: Form) -> Shown:
    """Return what a form and its browser show to be let through."""
    return Shown(browser_of(request), form.value("turn"), form.value("work"))


def browser_of(request: Request[Any, Any, Any]) -> str | None:
    """Return what the browser behind a request kept of an earlier sign-in."""
    return browsers.token_of(request.cookies, secure=pages_of(request).site.secure)


def later_text(later: TooOften | Busy) -> str:
    """Return the words for somebody who was too often here or came to a busy node."""
    text = text_of(problem_of(later).code, {})
    wait = _("It is worth another try in %(seconds)s seconds.") % {
        "seconds": (later.headers or {})["retry-after"]
    }
    return f"{text.title}. {wait}"


def kept_page(
    request: Request[Any, Any, Any], kept: Kept, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """Answer a form of somebody whose session has ended: nothing of it is lost (401)."""
    form = blank(NAME, PASSPHRASE, CODE, NEXT)
    return sign_in_page(request, form, kept, status=401, headers=headers)
