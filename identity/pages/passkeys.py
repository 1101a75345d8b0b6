"""What the script on a page asks and tells of passkeys: JSON between the node and its own pages.

Each use is two calls: the first answers a ticket and the options for the browser's authenticator,
the second takes both back. Programs sign in over the API with a passphrase and a code.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import msgspec
from litestar import Request, Response, post
from litestar.params import JSONBody

from civic.kernel.refusal import Refusal
from civic.kernel.web.flash import Flash
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, pages_of
from civic.kernel.web.problem import Refused
from identity import passkeys, signing_up
from identity.ceremony import Given, NotProved, Party
from identity.passkeys import Asked, Entered, SecretMissing
from identity.recovery import way_back
from identity.step_up import may_add_authenticator
from identity.tickets import TicketOver
from identity.web import local_path, must_be_signed_in, private_of, session_cookie, token_of

Call = Request[Any, Any, Any]

_FAILED: Final = "identity.passkey_failed"
_OVER: Final = "identity.passkey_over"
_SECRET: Final = "identity.passkey_secret"  # noqa: S105  (a code)


class Newcomer(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who wants to sign up, or in again: the ticket of the page that said they may."""

    page: str = ""


class Sent(Given, frozen=True, forbid_unknown_fields=True):
    """What the browser sends back, and where its person wants to go on."""

    next: str = ""


class Done(msgspec.Struct, frozen=True):
    """A passkey counted: its local id, for the key box, and where to go on."""

    passkey: str
    next: str


@post("/passkeys/sign-in/begin", status_code=200)
async def ask_anybody(request: Call) -> Response[Asked]:
    """Ask for any passkey of this node."""
    return _private(passkeys.ask_anybody(private_of(request), _party(request)))


@post("/passkeys/sign-in", status_code=200)
async def sign_in(request: Call, data: JSONBody[Sent]) -> Response[Done]:
    """Sign in with a passkey."""
    with _as_problems():
        entered = await passkeys.sign_in(
            private_of(request), _party(request), data, replaces=token_of(request)
        )
    return _entered(request, entered, data.next, "/", _("You are signed in."))


@post("/passkeys/sign-up/begin", status_code=200)
async def ask_newcomer(request: Call, data: JSONBody[Newcomer]) -> Response[Asked]:
    """Ask for the first passkey of somebody whose turn it is to sign up."""
    side = private_of(request)
    with _as_problems():
        newcomer, worked = signing_up.newcomer(side, data.page)
    return _private(passkeys.ask_newcomer(side, _party(request), newcomer, worked=worked))


@post("/passkeys/sign-up", status_code=200)
async def sign_up(request: Call, data: JSONBody[Sent]) -> Response[Done]:
    """Make an account with a passkey."""
    side = private_of(request)
    with _as_problems():
        entered = await passkeys.sign_up(side, _party(request), data)
    said = _("Welcome. You are signed in. Add a second way to sign in soon.")
    return _entered(request, entered, data.next, "/account", said)


@post("/passkeys/recover/begin", status_code=200)
async def ask_returning(request: Call, data: JSONBody[Newcomer]) -> Response[Asked]:
    """Ask for a new passkey of somebody who proved a way back into their account."""
    with _as_problems():
        asked = await way_back.ask_passkey(private_of(request), _party(request), data.page)
    return _private(asked)


@post("/passkeys/recover", status_code=200)
async def recover(request: Call, data: JSONBody[Sent]) -> Response[Done]:
    """Let somebody back into their account with a new passkey; all sessions before end."""
    with _as_problems():
        entered = await way_back.by_passkey(private_of(request), _party(request), data)
    onward = f"/account/recovered?new={entered.passkey_id}"
    return _entered(request, entered, "", onward, _("You are back in your account."))


@post("/passkeys/step-up/begin", status_code=200)
async def ask_again(request: Call) -> Response[Asked]:
    """Ask somebody for one of their own passkeys."""
    me = await must_be_signed_in(request)
    return _private(await passkeys.ask_again(private_of(request), _party(request), me))


@post("/passkeys/step-up", status_code=200)
async def step_up(request: Call, data: JSONBody[Sent]) -> Response[Done]:
    """Prove once more that it is oneself."""
    me = await must_be_signed_in(request)
    with _as_problems():
        entered = await passkeys.step_up(private_of(request), _party(request), me, data)
        if entered is None:
            raise NotProved
    return _entered(request, entered, data.next, "/account", "")


@post("/passkeys/add/begin", status_code=200)
async def ask_for_another(request: Call) -> Response[Asked]:
    """Ask for a new passkey for one's account."""
    me = await may_add_authenticator(request)
    return _private(await passkeys.ask_for_another(private_of(request), _party(request), me))


@post("/passkeys/add", status_code=200)
async def add(request: Call, data: JSONBody[Sent]) -> Response[Done]:
    """Add a passkey to one's account, and tell all other devices."""
    me = await may_add_authenticator(request)
    side = private_of(request)
    with _as_problems():
        own = await passkeys.add(side, _party(request), me, data)
    page = _private(Done(own, "/account"))
    page.cookies.append(pages_of(request).flash_cookie(Flash(_("The passkey is added."), "good")))
    return page


def handlers() -> list[Any]:
    """Return the handlers of these calls."""
    return [
        ask_anybody, sign_in, ask_newcomer, sign_up, ask_returning, recover, ask_again, step_up,
        ask_for_another, add,
    ]  # fmt: skip


def _party(request: Call) -> Party:
    site = pages_of(request).site
    return Party(site.origin, site.also)


@contextmanager
def _as_problems() -> Iterator[None]:
    try:
        yield
    except TicketOver as error:
        raise Refused(Refusal(_OVER), 409) from error
    except NotProved as error:
        raise Refused(Refusal(_FAILED), 401) from error
    except SecretMissing as error:
        raise Refused(Refusal(_SECRET), 409) from error


T = TypeVar("T")


def _private(content: T) -> Response[T]:
    return Response(content, status_code=200, headers={"cache-control": NO_STORE})


def _entered(
    request: Call, entered: Entered, wanted: str, otherwise: str, said: str
) -> Response[Done]:
    page = _private(Done(entered.passkey_id, local_path(wanted, otherwise)))
    page.cookies.append(session_cookie(request, entered.token))
    if said:
        page.cookies.append(pages_of(request).flash_cookie(Flash(said)))
    return page
