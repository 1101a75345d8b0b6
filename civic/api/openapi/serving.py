"""The OpenAPI document and the pages that tell what it says, without a script or another site."""

import asyncio
from typing import Any, Final, NamedTuple

import msgspec
from litestar import Request, Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath
from litestar.response.base import ASGIResponse

from civic.api.openapi.document import document
from civic.api.openapi.rooms import ROOMS
from civic.kernel.web.json_answer import answer
from civic.kernel.web.pages import PUBLIC, Link, render
from civic.settings import Settings

_KEPT: Final = "openapi"
PAGES: Final = "/developers"


class Line(NamedTuple):
    """A call in a list."""

    method: str
    path: str
    href: str
    summary: str


class Shown(NamedTuple):
    """A call as its page tells it, with words and JSON that are ready to be shown."""

    anchor: str
    method: str
    path: str
    summary: str
    words: str
    scopes: list[str]
    signed_in: bool
    parameters: list[dict[str, Any]]
    asks: str
    answers: list[tuple[str, str, str]]
    problems: list[tuple[str, str, list[str]]]


@get("/api/v1/openapi.json", opt={"undocumented": True})
async def openapi(request: Request[Any, Any, Any]) -> ASGIResponse:
    """Answer with the document, the same for everybody."""
    return answer(msgspec.Raw((await _documented(request))[1]), cache=PUBLIC)


@get(PAGES)
async def overview(request: Request[Any, Any, Any]) -> Response[bytes]:
    """List all calls by subject."""
    whole, _raw = await _documented(request)
    rooms = [
        (room.title, room.about, f"{PAGES}/{room.name}", _lines(whole, room.name)) for room in ROOMS
    ]
    return render(request, "developers/overview.html", cache=PUBLIC, rooms=rooms, root=_root(whole))


@get(PAGES + "/{room:str}")
async def subject(request: Request[Any, Any, Any], room: FromPath[str]) -> Response[bytes]:
    """Tell each call about one subject: what it takes, what it answers, what can go wrong."""
    found = next((one for one in ROOMS if one.name == room), None)
    if found is None:
        raise NotFoundException
    whole, _raw = await _documented(request)
    calls = [_shown(*one) for one in _operations(whole, found.name)]
    return render(
        request,
        "developers/subject.html",
        cache=PUBLIC,
        room=found,
        calls=calls,
        root=_root(whole),
        crumbs=(Link("API", PAGES), Link(found.title, "")),
    )


async def _documented(request: Request[Any, Any, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the document and its bytes, made once by each process: that takes about a second."""
    making: asyncio.Future[tuple[dict[str, Any], bytes]] | None = request.app.state.get(_KEPT)
    if making is None:
        settings: Settings = request.app.state["settings"]
        work = asyncio.to_thread(_made, request.app.routes, settings.base_url)
        making = request.app.state[_KEPT] = asyncio.ensure_future(work)
    # Whoever goes away while it is made takes it from nobody else.
    return await asyncio.shield(making)


def _made(routes: list[Any], address: str) -> tuple[dict[str, Any], bytes]:
    whole = document(routes, address)
    return whole, msgspec.json.encode(whole)


def _root(whole: dict[str, Any]) -> str:
    root: str = whole["servers"][0]["url"]
    return root


def _operations(whole: dict[str, Any], room: str) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method.upper(), path, operation)
        for path, operations in whole["paths"].items()
        for method, operation in operations.items()
        if operation["tags"] == [room]
    ]


def _lines(whole: dict[str, Any], room: str) -> list[Line]:
    return [
        Line(method, path, f"{PAGES}/{room}#{one['operationId']}", one["summary"])
        for method, path, one in _operations(whole, room)
    ]


def _shown(method: str, path: str, operation: dict[str, Any]) -> Shown:
    *optional, needed = operation["security"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    answers, problems = [], []
    for status, response in operation["responses"].items():
        content = response.get("content", {})
        if "application/problem+json" in content:
            codes = list(content["application/problem+json"]["examples"])
            problems.append((status, response["description"], codes))
        else:
            example = content.get("application/json", {}).get("example")
            shown = "" if example is None else _pretty(example)
            answers.append((status, response["description"], shown))
    return Shown(
        operation["operationId"],
        method,
        path,
        operation["summary"],
        _words(operation),
        needed["token"],
        not optional,
        operation["parameters"],
        "" if body is None else _pretty(body["example"]),
        answers,
        problems,
    )


def _words(operation: dict[str, Any]) -> str:
    heading, words = operation["summary"] + ".", operation["description"]
    return "\n\n".join(one for one in words.split("\n\n") if one != heading)


def _pretty(value: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=2).decode()


HANDLERS: Final = (openapi, overview, subject)
