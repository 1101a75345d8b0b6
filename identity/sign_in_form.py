"""The form with which people sign in: on a page of its own, or above what they had written."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response

from civic.kernel.web.forms import Field, Form, Kind, blank
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, render
from civic.kernel.web.problem import Busy, TooOften, problem_of, text_of
from identity.kept import TO, Kept

NAME: Final = Field("name", "your sign-in name", most=200)
PASSPHRASE: Final = Field("passphrase", "your passphrase", Kind.SECRET, most=1000)
CODE: Final = Field("code", "the code from your phone", most=20)
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
) -> Response[bytes]:
    """Answer with the form, and with what waits to be sent, which travels along."""
    template = "identity/sign_in.html" if kept is None else "identity/kept.html"
    if not form.ok and status == 200:
        status = AGAIN
    view: dict[str, Any] = {} if kept is None else {"kept": kept, "to": TO}
    page = render(request, template, status=status, cache=NO_STORE, form=form, **view)
    page.headers.update(headers or {})
    return page


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
