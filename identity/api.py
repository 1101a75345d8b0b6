"""Sessions for programs: the token that a browser keeps in its cookie, as `Authorization: Bearer`.

POST   /api/v1/sessions           {"name", "passphrase", "code"} -> 201 {"token"}
DELETE /api/v1/sessions/current   -> 204
POST   /api/v1/sessions/current/step-up  {"passphrase", "code"} -> 201 {"token"}
"""

from typing import Any

import msgspec
from litestar import Request, Response, Router, delete, post
from litestar.params import JSONBody

from civic.kernel.database import writing
from civic.kernel.refusal import Refusal
from civic.kernel.web.pages import NO_STORE
from civic.kernel.web.problem import Busy, Refused, TooOften
from identity import accounts, sessions
from identity.web import (
    SignInNeeded,
    limits_as_problems,
    must_be_signed_in,
    private_of,
    token_of,
)


class SignInRequest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a person signs in with."""

    name: str
    passphrase: str
    code: str

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


@post("/sessions", raises=[SignInNeeded, TooOften, Busy])
async def begin_session(
    request: Request[Any, Any, Any], data: JSONBody[SignInRequest]
) -> Response[SessionToken]:
    """Sign in; 401 `identity.sign_in_failed` whatever does not fit."""
    with limits_as_problems():
        token = await accounts.sign_in(private_of(request), data.name, data.passphrase, data.code)
    if token is None:
        raise Refused(Refusal("identity.sign_in_failed"), 401)
    return Response(SessionToken(token), status_code=201, headers={"cache-control": NO_STORE})


@post("/sessions/current/step-up", raises=[SignInNeeded, TooOften, Busy])
async def step_up(
    request: Request[Any, Any, Any], data: JSONBody[StepUpRequest]
) -> Response[SessionToken]:
    """Prove passphrase and code again; the session goes on under the token that is answered."""
    me = await must_be_signed_in(request)
    with limits_as_problems():
        token = await accounts.step_up(private_of(request), me, data.passphrase, data.code)
    if token is None:
        raise Refused(Refusal("identity.sign_in_failed"), 401)
    return Response(SessionToken(token), status_code=201, headers={"cache-control": NO_STORE})


@delete("/sessions/current", raises=[SignInNeeded])
async def end_session(request: Request[Any, Any, Any]) -> None:
    """Sign out."""
    await must_be_signed_in(request)
    async with writing(private_of(request).engine) as unit:
        await sessions.end(unit, token_of(request) or "")


def router() -> Router:
    """Return the calls of the private side, below `/api/v1`."""
    return Router(path="/api/v1", route_handlers=[begin_session, step_up, end_session])
