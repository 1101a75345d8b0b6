"""The form with which people sign in: on a page of its own, or above what they had written."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response

from civic.kernel.web.forms import Field, Form, Kind, blank
from civic.kernel.web.pages import NO_STORE, render
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


def kept_page(
    request: Request[Any, Any, Any], kept: Kept, headers: Mapping[str, str] | None = None
) -> Response[bytes]:
    """Answer a form of somebody whose session has ended: nothing of it is lost (401)."""
    form = blank(NAME, PASSPHRASE, CODE, NEXT)
    return sign_in_page(request, form, kept, status=401, headers=headers)
