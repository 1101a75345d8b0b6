"""Who is behind a request, for the pages and calls of every domain."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Final

from litestar import Request, Response
from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie
from litestar.exceptions import HTTPException

from civic.kernel.database import reading, writing
from civic.kernel.refusal import Refusal
from civic.kernel.web.language import _, turn_to
from civic.kernel.web.pages import NO_STORE, Link, pages_of
from civic.kernel.web.problem import (
    Busy,
    Refused,
    TooOften,
    answer,
    problem_of,
    wants_program_form,
)
from identity import (
    access_tokens,
    at_once,
    browsers,
    limits,
    notices,
    own_reader,
    passphrase,
    scopes,
    sessions,
)
from identity.access_tokens import ByToken
from identity.kept import Kept, sent_form
from identity.scopes import Scope
from identity.sessions import SignedIn
from identity.side import Private
from identity.sign_in_form import kept_page
from identity.trying import Crowded

_KNOWN: Final = "signed_in"
_BEARER: Final = b"authorization"
_LOCAL: Final = re.compile(r"/(?![/\\])[!-\[\]-~]{0,400}")


class SignInNeeded(HTTPException):
    """A page or call for people who are signed in was asked for by somebody who is not."""

    status_code = 401

    def __init__(self, kept: Kept | None = None) -> None:
        super().__init__(headers={"www-authenticate": "Bearer"})
        self.kept = kept
        """The form that was sent, to be shown to the person who wrote it."""


class ScopeNeeded(Refused):
    """A token was used for what it was not made for."""

    def __init__(self, wanted: frozenset[Scope]) -> None:
        params: dict[str, str | int] = {"scopes": scopes.written(wanted) or "–"}
        super().__init__(Refusal(scopes.SCOPE_NEEDED, params), 403)


def private_of(request: Request[Any, Any, Any]) -> Private:
    """Return the private side of the application that a request came to (its state names it)."""
    side: Private = request.app.state["private"]
    return side


def token_of(request: Request[Any, Any, Any]) -> str | None:
    """Return the session token that a request carries, whether or not it is good for anything."""
    # From the raw headers: Litestar's tables of headers and cookies cost more than looking.
    given = next((v.decode("latin-1") for k, v in request.scope["headers"] if k == _BEARER), None)
    return sessions.token_of(
        request.cookies if given is None else {},
        given,
        secure=pages_of(request).site.secure,
    )


async def signed_in(request: Request[Any, Any, Any]) -> SignedIn | None:
    """Return who is behind a request, None for nobody; asks the database once a request."""
    state = request.scope["state"]
    if _KNOWN not in state:
        side = private_of(request)
        now = side.clock.now()
        token = token_of(request)
        found = await _load(request, token, now)
        if found is not None and found.unfinished:
            # The application says what finishes a membership; without chapters there is none.
            finish = request.app.state.get("finish")
            if finish is not None:
                await finish(found)
                found = await _load(request, token, now)
        if found is not None and found.last_used < now.date():
            touch = access_tokens.touch if isinstance(found, ByToken) else sessions.touch
            async with writing(side.engine) as unit:
                await touch(unit, found, now)
        if found is not None:
            # Here, for the same reason: from here on nobody sees a member that was handed over.
            found.turns = await side.turned.at(found.turned)
            kept = own_reader.kept_by(found)
            if kept is not None:
                turn_to(kept.language, kept.zone)
        state[_KNOWN] = found
    known: SignedIn | None = state[_KNOWN]
    return known


async def _load(
    request: Request[Any, Any, Any], token: str | None, now: datetime
) -> SignedIn | None:
    side = private_of(request)
    if token is None or not access_tokens.is_one(token):
        return await at_once.load_at_once(side.engine, token, now)
    async with reading(side.engine) as unit:
        found = await access_tokens.load(unit, token, now)
    if found is not None:
        # Here, since nobody learns who asks but through here: what says nothing is closed.
        wanted = scopes.needed(request.scope["route_handler"].opt)
        if not wanted & found.may:
            raise ScopeNeeded(wanted)
        found.in_office = wanted == {Scope.OFFICE}
    return found


def must_allow(known: SignedIn, scope: Scope) -> None:
    """Raise `ScopeNeeded` where a token acts that was not made for this.

    For calls that do several kinds of things: which one, only their body says. A token that may
    act in office does so from here on without a fresh factor.
    """
    if isinstance(known, ByToken):
        if scope not in known.may:
            raise ScopeNeeded(frozenset({scope}))
        known.in_office = scope is Scope.OFFICE


async def must_be_signed_in(request: Request[Any, Any, Any]) -> SignedIn:
    """Return who is behind a request; raise `SignInNeeded` for nobody, with the form they sent."""
    found = await signed_in(request)
    if found is None:
        raise SignInNeeded(await sent_form(request))
    return found


def look_again(request: Request[Any, Any, Any]) -> None:
    """Forget who is behind a request: it has just changed."""
    request.scope["state"].pop(_KNOWN, None)


def known_to(connection: ASGIConnection[Any, Any, Any, Any]) -> SignedIn | None:
    """Return who is behind a request, None for nobody and where that was not asked."""
    found: SignedIn | None = connection.scope["state"].get(_KNOWN)
    return found


async def chapter_names(request: Request[Any, Any, Any], ids: Sequence[str]) -> Mapping[str, str]:
    """Return the names of chapters by their ids, as far as the application tells them.

    The private side reads no records; what is not told is shown by its ornament.
    """
    told = request.app.state.get("chapter_names")
    names: Mapping[str, str] = {} if told is None or not ids else await told(ids)
    return names


def account_links(connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[Link, ...]:
    """Return the links of a page's frame for the person behind it.

    A page that has not asked who it is for looks the same to everybody, so that it can be cached.
    """
    known = connection.scope["state"].get(_KNOWN)
    if known is None and _KNOWN in connection.scope["state"]:
        return Link(_("Sign in"), "/sign-in"), Link(_("Sign up"), "/sign-up")
    # Also where nobody asked: the exit needs no account, and whoever needs it looks for it.
    leave = Link(_("Emergency exit"), "/panic", deed=True)
    return Link(_("My voice"), "/voice"), Link(_("Account"), "/account"), leave


def account_notices(connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[str, ...]:
    """Return what a page has to tell the person behind it about their account."""
    known = connection.scope["state"].get(_KNOWN)
    return notices.told(known.notices) if known is not None else ()


def session_cookie(request: Request[Any, Any, Any], token: str) -> Cookie:
    """Return the cookie that keeps somebody signed in in this browser."""
    return _cookie(request, token, sessions.LONGEST_DAYS * 24 * 3600)


def spent_session_cookie(request: Request[Any, Any, Any]) -> Cookie:
    """Return the cookie that removes a session's cookie."""
    return _cookie(request, "", 0)


def browser_cookie(request: Request[Any, Any, Any], token: str) -> Cookie:
    """Return the cookie by which this browser is known at the next sign-in; empty removes it."""
    name = browsers.cookie_name(pages_of(request).site.secure)
    return _cookie(request, token, browsers.KEPT_DAYS * 24 * 3600 if token else 0, name)


def local_path(wanted: str, otherwise: str) -> str:
    """Return a path of this node that a form wants to lead on to, else the other one."""
    return wanted if _LOCAL.fullmatch(wanted) else otherwise


@contextmanager
def limits_as_problems() -> Iterator[None]:
    """Turn a used-up limit or a full queue into the problem that the web answers with."""
    try:
        yield
    except Crowded:
        # Whoever asks people for a name has a page for it.
        raise
    except limits.Limited as limited:
        raise TooOften(limited.retry_after) from limited
    except passphrase.Busy as busy:
        raise Busy(busy.retry_after) from busy


def answer_sign_in_needed(
    request: Request[Any, Any, Any], exception: SignInNeeded
) -> Response[bytes]:
    """Answer `SignInNeeded`: people are led to the sign-in page and back, programs get the problem.

    A form that people sent is shown to them with the sign-in, so that nothing they wrote is lost.
    To be registered as the application's handler for that exception.
    """
    if wants_program_form(request.url.path, request.headers.get("accept", "")):
        rendered = answer(problem_of(exception), pages_of(request), request.scope)
        return Response(rendered.body, status_code=rendered.status, headers=rendered.headers)
    if exception.kept is not None:
        return kept_page(request, exception.kept, exception.headers)
    back = request.url.path if request.method == "GET" else "/"
    location = f"/sign-in?next={local_path(back, '/')}"
    return Response(b"", status_code=303, headers={"location": location, "cache-control": NO_STORE})


def _cookie(request: Request[Any, Any, Any], value: str, max_age: int, name: str = "") -> Cookie:
    secure = pages_of(request).site.secure
    return Cookie(
        name or sessions.cookie_name(secure),
        value=value,
        max_age=max_age,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
