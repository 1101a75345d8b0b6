"""Whole answers in JSON for programs: with an ETag for what is read, and 304 where it is known.

Every answer to GET carries an ETag, also those that caches may not keep: a program that asks again
and again may remember what it saw, and is spared the rest. What is read depends on who asks, so
shared caches keep apart who sent what.
"""

import hashlib
from typing import Any, Final

import msgspec
from litestar import Request
from litestar.exceptions import HTTPException
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from civic.kernel.web.pages import NO_STORE

JSON: Final = "application/json"
_TAKES: Final = frozenset({"*/*", "application/*", JSON, "application/problem+json"})
_READS: Final = frozenset({"POST", "PUT", "PATCH"})

_encode: Final = msgspec.json.Encoder().encode


class NotAcceptable(HTTPException):
    """Who asks takes no JSON, and there is nothing else."""

    status_code = 406


class UnsupportedMedia(HTTPException):
    """What was sent says of itself that it is no JSON."""

    status_code = 415


async def speak_json(request: Request[Any, Any, Any]) -> None:
    """Refuse who takes no JSON or sends something else; for `before_request` of a router."""
    accept = media = ""
    length = False
    for name, value in request.scope["headers"]:
        if name == b"accept":
            accept = f"{accept},{value.decode('latin-1')}" if accept else value.decode("latin-1")
        elif name == b"content-type":
            media = value.decode("latin-1")
        elif name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
            length = True
    if accept and accept != "*/*" and not _takes_json(accept):
        raise NotAcceptable
    sent = length and request.scope["method"] in _READS
    if sent and media.partition(";")[0].strip().lower() != JSON:
        raise UnsupportedMedia


def _takes_json(accept: str) -> bool:
    for one in accept.split(","):
        kind, *parameters = (part.strip().lower() for part in one.split(";"))
        weights = [value[2:] for value in parameters if value.startswith("q=")]
        if kind in _TAKES and not (weights and weights[0].strip("0.") == ""):
            return True
    return False


class _Json(ASGIResponse):
    """Litestar's own responses cost more to make than all else here."""

    __slots__ = ("_content", "_headers", "_status")

    def __init__(
        self, content: bytes, status: int, cache: str, more: tuple[tuple[bytes, bytes], ...]
    ) -> None:
        self._content, self._status = content, status
        self._headers = [(b"cache-control", cache.encode("latin-1")), *more]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        status, content, headers = self._status, self._content, self._headers
        if status == 200 and scope["method"] == "GET":  # type: ignore[typeddict-item]
            etag = etag_of(content)
            headers = [*headers, (b"etag", etag), (b"vary", b"authorization, cookie")]
            given = next((v for k, v in scope["headers"] if k == b"if-none-match"), b"")
            if given and matches(given, etag):
                status, content = 304, b""
        if status != 304:
            headers = [
                *headers,
                (b"content-type", JSON.encode()),
                (b"content-length", str(len(content)).encode("ascii")),
            ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": content, "more_body": False})


def etag_of(content: bytes) -> bytes:
    """Return the ETag of an answer: weak, since the same one may travel compressed or not."""
    return b'W/"' + hashlib.sha256(content).hexdigest()[:24].encode() + b'"'


def matches(given: bytes, etag: bytes) -> bool:
    """Tell whether If-None-Match names an ETag (RFC 9110, section 13.1.2, weak comparison)."""
    wanted = etag.removeprefix(b"W/")
    return any(one.strip().removeprefix(b"W/") in (wanted, b"*") for one in given.split(b","))


def answer(
    value: object,
    status: int = 200,
    cache: str = NO_STORE,
    headers: tuple[tuple[bytes, bytes], ...] = (),
) -> ASGIResponse:
    """Answer with JSON, kept by no cache unless said otherwise."""
    return _Json(_encode(value), status, cache, headers)
