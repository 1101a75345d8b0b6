"""Asking for a fresh factor before what must not be done by whoever finds an open browser.

Vouching, verifying, what is done in office or as a founder, export, leaving and changing factors
ask for one that was proved within `sessions.FRESH_MINUTES`. People get a page that asks for it and
goes on with what they had sent; programs get the problem `request.step_up_needed` (RFC 9470 names
its header).
"""

from typing import Any, Final

from litestar import Request, Response

from civic.kernel.database import reading
from civic.kernel.refusal import Refusal, code
from civic.kernel.web.forms import Form, blank
from civic.kernel.web.pages import NO_STORE, pages_of, render
from civic.kernel.web.problem import Refused, answer, problem_of, wants_program_form
from identity.authenticators import Ways, ways
from identity.kept import TO, Kept, sent_form
from identity.sessions import FRESH_MINUTES, SignedIn
from identity.sign_in_form import AGAIN, CODE, NEXT, PASSPHRASE
from identity.web import local_path, must_be_signed_in, private_of

STEP_UP_NEEDED: Final = code("request.step_up_needed", "This needs a factor proved just now.")
PATH: Final = "/account/step-up"


class StepUpNeeded(Refused):
    """Somebody who is signed in wants what needs a factor proved within the last minutes."""

    def __init__(self, ways: Ways, kept: Kept | None = None) -> None:
        super().__init__(Refusal(STEP_UP_NEEDED, {"minutes": FRESH_MINUTES}), 401)
        self.ways = ways
        """What the account has with which its person could prove anything."""
        self.kept = kept
        """The form that was sent, to be sent again by the person who wrote it."""


async def must_have_stepped_up(request: Request[Any, Any, Any]) -> SignedIn:
    """Return who is behind a request and proved a factor within the last minutes.

    Raises `SignInNeeded` for nobody and `StepUpNeeded` for somebody whose last proof is older,
    either with the form that they sent. It is to be asked before a page shows its form, too, so
    that nobody fills one in only to be asked afterwards.
    """
    me = await must_be_signed_in(request)
    side = private_of(request)
    if not me.fresh(side.clock.now()):
        raise StepUpNeeded(await ways_of(request, me), await sent_form(request))
    return me


async def may_add_authenticator(request: Request[Any, Any, Any]) -> SignedIn:
    """Return who may add a way to sign in: whoever stepped up, or has nothing yet to do it with.

    Raises like `must_have_stepped_up`.
    """
    me = await must_be_signed_in(request)
    if (await ways_of(request, me)).none:
        return me
    return await must_have_stepped_up(request)


async def ways_of(request: Request[Any, Any, Any], me: SignedIn) -> Ways:
    """Return the ways in which somebody could prove that it is them."""
    async with reading(private_of(request).engine) as unit:
        return await ways(unit, me.account_id)


def answer_step_up_needed(
    request: Request[Any, Any, Any], exception: StepUpNeeded
) -> Response[bytes]:
    """Answer `StepUpNeeded`; to be registered as the application's handler for it."""
    if wants_program_form(request.url.path, request.headers.get("accept", "")):
        rendered = answer(problem_of(exception), pages_of(request), request.scope)
        challenge = f'Bearer error="insufficient_user_authentication", max_age={FRESH_MINUTES * 60}'
        headers = {**rendered.headers, "www-authenticate": challenge}
        return Response(rendered.body, status_code=rendered.status, headers=headers)
    form = blank(PASSPHRASE, CODE, NEXT, next=_wanted(request) if exception.kept is None else "")
    return step_up_page(request, form, exception.ways, exception.kept, status=401)


def step_up_page(
    request: Request[Any, Any, Any],
    form: Form,
    ways: Ways,
    kept: Kept | None = None,
    *,
    status: int = 200,
) -> Response[bytes]:
    """Answer with the page that asks for a factor, and with what waits to be sent."""
    if not form.ok and status == 200:
        status = AGAIN
    return render(
        request,
        "identity/step_up.html",
        status=status,
        cache=NO_STORE,
        form=form,
        kept=kept,
        to=TO,
        ways=ways,
        demo=pages_of(request).site.demo,
        minutes=FRESH_MINUTES,
    )


def _wanted(request: Request[Any, Any, Any]) -> str:
    query = request.url.query
    return local_path(request.url.path + (f"?{query}" if query else ""), "/account")
