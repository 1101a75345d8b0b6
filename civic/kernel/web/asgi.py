"""What stands outside the application: protection that no handler can forget.

Outermost first: security headers on every answer, HEAD as GET without a body, no zero bytes in
addresses, the cross-site check for whatever may change something, and a limit on how much may be
sent. All of it runs before routing, sessions and handlers. Here it is settled, too, in whose
language a request is answered.
"""

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any, Final
from urllib.parse import urlsplit

from litestar.exceptions import HTTPException

from civic.kernel.database import only_asking
from civic.kernel.web.language import reader_of, reading_as
from civic.kernel.web.pages import Pages
from civic.kernel.web.problem import Problem, answer

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Any, Any, Any], Awaitable[None]]
"""An ASGI application; loose on purpose, since frameworks name the same shapes differently."""

BODY_LIMIT: Final = 1024 * 1024
"""The largest body of a request, in bytes."""

_CHOSEN: Final = re.compile(r'(?:^|; ?)(lang|zone)="?([A-Za-z0-9_+/-]{1,64})"?(?=;|$)')
"""The cookies in which a browser keeps the language and time zone that its reader chose; what holds
a slash may come in quotes."""

_SAFE_METHODS: Final = frozenset({"GET", "HEAD", "OPTIONS"})

_HEADERS: Final = {
    "content-security-policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; "
        "connect-src 'self'; manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "cross-origin-opener-policy": "same-origin",
    "permissions-policy": (
        "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), "
        "gyroscope=(), magnetometer=(), microphone=(), midi=(), payment=(), usb=()"
    ),
    # Not "no-referrer": under it browsers send `Origin: null` with the forms of our own pages, and
    # over plain http, where they send no Sec-Fetch-Site, the cross-site check would refuse them.
    # Other sites learn nothing under either.
    "referrer-policy": "same-origin",
    "x-content-type-options": "nosniff",
}


class TooLarge(HTTPException):
    """More was sent than the limit allows; raised into whoever reads the body."""

    status_code = 413


def protected(app: Application, pages: Pages, *, body_limit: int = BODY_LIMIT) -> Application:
    """Return an application behind all protections; `body_limit` is in bytes."""
    app = _limit_bodies(app, pages, body_limit)
    app = _refuse_other_sites(app, pages)
    app = _refuse_zero_bytes(app, pages)
    app = _answer_head(app)
    app = _speak_to_reader(app)
    app = _forget_who_asked(app)
    return _add_headers(app, https=pages.site.secure)


def header(scope: Mapping[str, Any], name: bytes) -> str:
    """Return a request header by its lower-case name, empty when it is absent."""
    return next((value.decode("latin-1") for key, value in scope["headers"] if key == name), "")


def from_other_site(scope: Scope) -> bool:
    """Tell whether a page of another origin caused this request.

    The check of Go 1.25's CrossOriginProtection: browsers say so in Sec-Fetch-Site; older ones, and
    all of them over plain http, in Origin, which is then compared with Host. A request with
    neither header comes from no browser and cannot be forged by a page.
    """
    site = header(scope, b"sec-fetch-site")
    if site:
        return site not in ("same-origin", "none")
    origin = header(scope, b"origin")
    return bool(origin) and urlsplit(origin).netloc != header(scope, b"host")


def _refuse_other_sites(app: Application, pages: Pages) -> Application:
    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        changes = scope["type"] == "websocket" or (
            scope["type"] == "http" and scope["method"] not in _SAFE_METHODS
        )
        if not changes or not from_other_site(scope):
            await app(scope, receive, send)
        elif scope["type"] == "http":
            await _send_problem(Problem("web.cross_site", 403), pages, scope, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 4403, "reason": "cross-site"})

    return checked


def _refuse_zero_bytes(app: Application, pages: Pages) -> Application:
    # No database text can hold one, so no address of ours has one: said here once for all handlers.
    async def checked(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and (
            "\0" in scope["path"]
            or b"%00" in scope["query_string"]
            or b"\0" in scope["query_string"]
        ):
            await _send_problem(Problem("web.not_found", 404), pages, scope, send)
        else:
            await app(scope, receive, send)

    return checked


def _limit_bodies(app: Application, pages: Pages, limit: int) -> Application:
    async def limited(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        announced = header(scope, b"content-length")
        if announced and not announced.isdecimal():
            await _send_problem(Problem("web.bad_request", 400), pages, scope, send)
            return
        if announced and int(announced) > limit:
            await _send_problem(Problem("web.too_large", 413), pages, scope, send)
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message: Message = await receive()
            if message["type"] == "http.request":
                received += len(message["body"])
                if received > limit:
                    raise TooLarge
            return message

        await app(scope, counted, send)

    return limited


def _answer_head(app: Application) -> Application:
    async def bodiless(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await app(scope, receive, send)
            return

        ended = False

        async def send_without_body(message: Message) -> None:
            nonlocal ended
            if message["type"] == "http.response.body":
                if ended:
                    return
                # At the first part: a stream would never come to its last one.
                ended = True
                message = {"type": "http.response.body", "body": b"", "more_body": False}
            await send(message)

        asked = {**scope, "method": "GET"}
        await app(asked, receive, send_without_body)

    return bodiless


def _speak_to_reader(app: Application) -> Application:
    async def spoken(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        chosen = dict(_CHOSEN.findall(header(scope, b"cookie")))
        accepted = header(scope, b"accept-language")
        with reading_as(reader_of(chosen.get("lang", ""), chosen.get("zone", ""), accepted)):
            await app(scope, receive, send)

    return spoken


def _forget_who_asked(app: Application) -> Application:
    async def by_itself(scope: Scope, receive: Receive, send: Send) -> None:
        # Whether a request only asks must not outlive it where one task serves several.
        before = only_asking.set(False)
        try:
            await app(scope, receive, send)
        finally:
            only_asking.reset(before)

    return by_itself


def _add_headers(app: Application, *, https: bool) -> Application:
    fixed = {name.encode(): value.encode() for name, value in _HEADERS.items()}
    if https:
        fixed[b"strict-transport-security"] = b"max-age=31536000"

    async def with_headers(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(name, value) for name, value in message["headers"] if name != b"server"]
                present = {name for name, _value in own}
                own.extend(item for item in fixed.items() if item[0] not in present)
                message["headers"] = own
            await send(message)

        await app(scope, receive, send_with_headers if scope["type"] == "http" else send)

    return with_headers


async def _send_problem(problem: Problem, pages: Pages, scope: Scope, send: Send) -> None:
    rendered = answer(problem, pages, scope)
    headers = {**rendered.headers, "content-length": str(len(rendered.body))}
    await send(
        {
            "type": "http.response.start",
            "status": rendered.status,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }
    )
    await send({"type": "http.response.body", "body": rendered.body, "more_body": False})
