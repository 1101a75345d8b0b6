"""Problems: every answer that is not what was asked for, for programs and for people.

Programs get `application/problem+json` (RFC 9457); people get a page with the same content that
says what happened, what it means and what to do next. One table of handlers covers every
exception, so that nothing of the inside reaches the outside.
"""

import secrets
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import (
    HTTPException,
    MethodNotAllowedException,
    NotFoundException,
    ValidationException,
)
from litestar.types import Method

from civic.kernel import refusal
from civic.kernel.record.course import RulesUnknown
from civic.kernel.refusal import Refusal
from civic.kernel.web.language import _
from civic.kernel.web.pages import ChapterFrame, Frame, Link, Pages
from civic.kernel.web.problem_texts import (
    CODE_OF_STATUS,
    REFUSAL_TEXTS,
    WEB_TEXTS,
    ProblemText,
)

PROBLEM_JSON: Final = "application/problem+json"

_PROGRAM_PATHS: Final = ("/api/", "/log/")
_METHODS: Final[tuple[Method, ...]] = ("GET", "POST", "PUT", "PATCH", "DELETE")

_log = structlog.get_logger("civic.web")


class Refused(Exception):
    """The rules refused an act: raised by the shell, answered as a problem."""

    def __init__(
        self, refusal: Refusal, status: int = 409, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.status = status
        self.headers = headers or {}
        """Headers of the answer, such as what a client can sign in with."""


class TooOften(HTTPException):
    """Somebody reached a limit and may try again after some seconds."""

    status_code = 429

    def __init__(self, retry_after: int) -> None:
        super().__init__(headers={"retry-after": str(retry_after)})


class Busy(HTTPException):
    """The node cannot take this on now; worth another try after some seconds."""

    status_code = 503

    def __init__(self, retry_after: int) -> None:
        super().__init__(headers={"retry-after": str(retry_after)})


class FieldProblem(msgspec.Struct, frozen=True):
    """What is wrong with one value that was sent."""

    field: str
    message: str


class Problem(msgspec.Struct, frozen=True):
    """A problem before it has a form; `code` is its type, text key and documentation anchor."""

    code: str
    status: int
    params: Mapping[str, str | int] = msgspec.field(default_factory=dict)
    errors: tuple[FieldProblem, ...] = ()
    headers: Mapping[str, str] = msgspec.field(default_factory=dict)


class Answer(msgspec.Struct, frozen=True):
    """A rendered problem: what goes over the wire."""

    status: int
    headers: dict[str, str]
    body: bytes


GROUND: Final = "ground"
"""Where the state of a request has the ground on which its problem is told."""


class Ground(msgspec.Struct, frozen=True):
    """The chapter that surrounds the page of a problem, and the ways on, the best first."""

    chapter: ChapterFrame
    ways: tuple[Link, ...]


class _Params(dict[str, str | int]):
    """Params of a text; one that the problem lacks shows as its name, never as a failure."""

    def __missing__(self, key: str) -> str:
        return f"‹{key}›"


def text_of(code: str, params: Mapping[str, str | int]) -> ProblemText:
    """Return the words for a problem in the reader's language, its params filled in."""
    text = WEB_TEXTS.get(code) or REFUSAL_TEXTS.get(code)
    if text is None:
        return ProblemText(
            title=_("This was not accepted"),
            meaning=refusal.registered().get(code, code),
            next=_("Go back and see how things stand now."),
        )
    values = _Params(params)
    return ProblemText(_(text.title) % values, _(text.meaning) % values, _(text.next) % values)


def missing_texts() -> frozenset[str]:
    """Return the registered refusal codes that have no text for people."""
    return frozenset(refusal.registered()) - frozenset(REFUSAL_TEXTS)


def known_codes() -> tuple[str, ...]:
    """Return every code that a problem can have, sorted."""
    return tuple(sorted({*WEB_TEXTS, *REFUSAL_TEXTS, *refusal.registered()}))


def wants_program_form(path: str, accept: str) -> bool:
    """Tell whether an answer is for a program: by its path, else by what it accepts."""
    if path.startswith(_PROGRAM_PATHS):
        return True
    return "json" in accept and "text/html" not in accept


def answer(
    problem: Problem,
    pages: Pages,
    scope: Mapping[str, Any],
    request: Request[Any, Any, Any] | None = None,
) -> Answer:
    """Render a problem in the form that a connection asks for.

    A page stands in the frame of who asked by a `request`, on the ground that its state names.
    """
    accept = next((v.decode("latin-1") for k, v in scope["headers"] if k == b"accept"), "")
    headers = {**problem.headers, "cache-control": "no-store"}
    if wants_program_form(scope["path"], accept):
        return Answer(
            problem.status,
            headers | {"content-type": PROBLEM_JSON},
            msgspec.json.encode(form_of(problem)),
        )
    ground: Ground | None = scope.get("state", {}).get(GROUND)
    text = text_of(problem.code, problem.params)
    view = {"problem": problem, "text": text, "ways": ground.ways if ground else ()}
    body = pages.page_bytes("problem.html", _frame(problem, pages, request, ground), view)
    return Answer(problem.status, headers | {"content-type": "text/html; charset=utf-8"}, body)


def _frame(
    problem: Problem, pages: Pages, request: Request[Any, Any, Any] | None, ground: Ground | None
) -> Frame:
    # Where the node itself failed nothing is asked of it that could fail again.
    if request is None or problem.status >= 500:
        return pages.bare_frame()
    frame = pages.frame(request, ground.chapter if ground else None)
    # The line is for the page that they wanted.
    return msgspec.structs.replace(frame, flash=None)


def form_of(problem: Problem) -> dict[str, object]:
    """Return a problem as programs get it (RFC 9457)."""
    text = text_of(problem.code, problem.params)
    form: dict[str, object] = {
        "type": f"/problems/{problem.code}",
        "title": text.title,
        "status": problem.status,
        "detail": text.meaning,
    }
    if problem.params:
        form["params"] = dict(problem.params)
    if problem.errors:
        form["errors"] = problem.errors
    return form


def problem_of(exception: Exception) -> Problem:
    """Return the problem that an exception means, without anything of the inside."""
    if isinstance(exception, Refused):
        refused = exception.refusal
        return Problem(refused.code, exception.status, refused.params, headers=exception.headers)
    if isinstance(exception, RulesUnknown):
        return Problem(exception.refusal.code, 409, exception.refusal.params)
    if isinstance(exception, ValidationException):
        return Problem("web.invalid", 422, errors=_field_problems(exception))
    if isinstance(exception, RecursionError):
        # Only what was sent can be nested so deep that its parser gives up.
        return Problem("web.invalid", 422)
    if isinstance(exception, HTTPException) and exception.status_code != 500:
        status = exception.status_code
        code = CODE_OF_STATUS.get(status) or CODE_OF_STATUS[400 if status < 500 else 503]
        return Problem(code, status, headers=exception.headers or {})
    return Problem("web.failed", 500, {"incident": secrets.token_hex(4)})


def _field_problems(exception: ValidationException) -> tuple[FieldProblem, ...]:
    extra = exception.extra if isinstance(exception.extra, list) else []
    return tuple(
        FieldProblem(str(item.get("key", "")), str(item.get("message", "")))
        for item in extra
        if isinstance(item, dict)
    )


def _report(exception: Exception, problem: Problem, scope: Mapping[str, Any]) -> None:
    """Log where a failure came from: types and places only, since messages can quote people."""
    where = [
        f"{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(exception.__traceback__)[-8:]
    ]
    _log.error(
        "request_failed",
        incident=problem.params["incident"],
        error=type(exception).__qualname__,
        cause=type(exception.__cause__).__qualname__ if exception.__cause__ else None,
        where=where,
        route=scope.get("path_template"),
    )


def _allowed_methods(request: Request[Any, Any, Any]) -> str:
    """Name the methods of a path, which RFC 9110 demands of a 405."""
    allowed: list[str] = []
    for method in _METHODS:
        try:
            request.app.asgi_router.handle_routing(path=request.scope["path"], method=method)
        except (MethodNotAllowedException, NotFoundException):
            continue
        allowed.extend(["GET", "HEAD"] if method == "GET" else [method])
    return ", ".join(allowed)


Handler = Callable[[Request[Any, Any, Any], Any], Response[bytes]]


def exception_handlers(pages: Pages) -> dict[int | type[Exception], Handler]:
    """Return the one table of exception handlers for the application."""

    def handle(request: Request[Any, Any, Any], exception: Exception) -> Response[bytes]:
        problem = problem_of(exception)
        if problem.status == 500:
            _report(exception, problem, request.scope)
        headers = dict(problem.headers)
        if problem.status == 405:
            headers["allow"] = _allowed_methods(request)
        told = msgspec.structs.replace(problem, headers=headers)
        rendered = answer(told, pages, request.scope, request)
        # Litestar adds the charset to text types by itself.
        media_type = rendered.headers["content-type"].partition(";")[0]
        rest = {name: value for name, value in rendered.headers.items() if name != "content-type"}
        return Response(
            rendered.body, status_code=rendered.status, headers=rest, media_type=media_type
        )

    return {HTTPException: handle, Refused: handle, Exception: handle}
