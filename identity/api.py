"""Who calls: sessions for people's own programs, and what a personal access token is good for.

POST   /api/v1/sessions           {"name", "passphrase", "code"} -> 201 {"token"}
DELETE /api/v1/sessions/current   -> 204
POST   /api/v1/sessions/current/step-up  {"passphrase", "code"} -> 201 {"token"}
GET    /api/v1/account            -> 200 {"memberships": [{"chapter", "member"}]}
GET    /api/v1/tokens/current     -> 200 {"scopes"}
DELETE /api/v1/tokens/current     -> 204

A session's token may do what its person may do; personal access tokens are made on pages alone.
"""

from typing import Any, Final

import msgspec
from litestar import Request, Router, delete, get, post
from litestar.exceptions import NotFoundException
from litestar.params import JSONBody
from litestar.response.base import ASGIResponse

from civic.kernel.database import writing
from civic.kernel.refusal import Refusal, code
from civic.kernel.web.json_answer import answer, speak_json
from civic.kernel.web.pages import PRIVATE
from civic.kernel.web.problem import Busy, Refused, TooOften
from identity import access_tokens, account_api, accounts, sessions
from identity.access_tokens import ByToken
from identity.scopes import Scope, needs
from identity.trying import Crowded, Shown
from identity.web import (
    SignInNeeded,
    limits_as_problems,
    must_be_signed_in,
    private_of,
    token_of,
)

TURN_NEEDED: Final = code(
    "request.turn_needed", "Too much was tried under this name: wait for a turn, or work for it."
)


class SignInRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person signs in with."""

    name: str
    passphrase: str
    code: str
    turn: str = ""
    """Where a turn is needed: what the problem `request.turn_needed` gave."""
    work: str = ""
    """The number that solves its puzzle, for who does not wait."""

    def __repr__(self) -> str:
        return "SignInRequest(...)"


class StepUpRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person proves once more, who is signed in already."""

    passphrase: str
    code: str

    def __repr__(self) -> str:
        return "StepUpRequest(...)"


class SessionToken(msgspec.Struct, frozen=True):
    """A session that has begun."""

    token: str

    def __repr__(self) -> str:
        return "SessionToken(...)"


@post("/sessions", opt=needs(), raises=[SignInNeeded, TooOften, Busy])
async def begin_session(
    request: Request[Any, Any, Any], data: JSONBody[SignInRequest]
) -> ASGIResponse:
    """Sign in.

    401 `identity.sign_in_failed` whatever does not fit, 429 where it is crowded.
    """
    shown = Shown(None, data.turn, data.work)
    try:
        with limits_as_problems():
            token = await accounts.sign_in(
                private_of(request), data.name, data.passphrase, data.code, shown=shown
            )
    except Crowded as crowded:
        raise _turn_needed(crowded) from crowded
    if token is None:
        raise Refused(Refusal("identity.sign_in_failed"), 401)
    return answer(SessionToken(token), 201)


def _turn_needed(crowded: Crowded) -> Refused:
    one = crowded.standing
    params: dict[str, str | int] = {"turn": one.ticket, "puzzle": one.puzzle, "bits": one.bits}
    return Refused(
        Refusal(TURN_NEEDED, params | {"seconds": crowded.retry_after}),
        429,
        {"retry-after": str(crowded.retry_after)},
    )


@post("/sessions/current/step-up", opt=needs(), raises=[SignInNeeded, TooOften, Busy])
async def step_up(request: Request[Any, Any, Any], data: JSONBody[StepUpRequest]) -> ASGIResponse:
    """Prove passphrase and code again; the session goes on under the token that is answered."""
    me = await must_be_signed_in(request)
    with limits_as_problems():
        token = await accounts.step_up(private_of(request), me, data.passphrase, data.code)
    if token is None:
        raise Refused(Refusal("identity.sign_in_failed"), 401)
    return answer(SessionToken(token), 201)


@delete("/sessions/current", opt=needs(), raises=[SignInNeeded])
async def end_session(request: Request[Any, Any, Any]) -> None:
    """Sign out."""
    await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await sessions.end(unit, token_of(request) or "")


class Belonging(msgspec.Struct, frozen=True):
    """Who the caller is in a chapter."""

    chapter: str
    member: str


class Account(msgspec.Struct, frozen=True):
    """What programs are told of an account; neither its name nor how one signs in."""

    memberships: tuple[Belonging, ...]


@get("/account", opt=needs(Scope.ACCOUNT), raises=[SignInNeeded])
async def account(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Name the chapters of the caller, and their members there."""
    me = await must_be_signed_in(request)
    own = tuple(Belonging(one.chapter_id, one.member_id) for one in me.vault.memberships)
    return answer(Account(own), cache=PRIVATE)


class CurrentToken(msgspec.Struct, frozen=True):
    """What the token may do, with which it was asked."""

    scopes: tuple[Scope, ...]


@get("/tokens/current", opt=needs(*Scope), raises=[SignInNeeded])
async def about_token(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Tell what this token may do."""
    me = await _by_token(request)
    return answer(CurrentToken(tuple(sorted(me.may))), cache=PRIVATE)


@delete("/tokens/current", opt=needs(*Scope), raises=[SignInNeeded])
async def revoke_token(request: Request[Any, Any, Any]) -> None:
    """Make this token worthless: also for whoever finds one that leaked."""
    me = await _by_token(request)
    async with writing(private_of(request).engine) as unit:
        await access_tokens.revoke(unit, me.account_id, me.id_hash)


async def _by_token(request: Request[Any, Any, Any]) -> ByToken:
    me = await must_be_signed_in(request)
    if not isinstance(me, ByToken):
        raise NotFoundException
    return me


def router() -> Router:
    """Return the calls of the private side, below `/api/v1`."""
    own = (begin_session, step_up, end_session, account, about_token, revoke_token)
    handlers = [*own, *account_api.HANDLERS]
    return Router(path="/api/v1", route_handlers=handlers, before_request=speak_json)
