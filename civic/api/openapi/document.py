"""The OpenAPI 3.1 document of the API, put together from its calls.

Paths, bodies and the schemas of both come from the handlers' types, words from their docstrings,
problems from the code that they reach (`reached`), and what else there is to say from `rooms`.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

import msgspec
from litestar.exceptions import HTTPException, ValidationException
from litestar.handlers import HTTPRouteHandler
from litestar.routes import HTTPRoute

import civic
from civic.api.answers import STATUS
from civic.api.lists import LIMIT, LIMIT_MOST
from civic.api.openapi.examples import HASH, ID, example_of
from civic.api.openapi.reached import every_act, reached
from civic.api.openapi.rooms import ROOMS
from civic.api.openapi.told import Room, Told
from civic.kernel.record.course import RulesUnknown
from civic.kernel.web.problem import Problem, form_of
from civic.kernel.web.problem_texts import CODE_OF_STATUS
from identity.scopes import Scope, needed

ROOT: Final = "/api/v1"
_SCHEMAS: Final = "#/components/schemas/"
_METHODS: Final = ("GET", "POST", "DELETE")
_WEB_STATUS: Final = {
    **{code: status for status, code in CODE_OF_STATUS.items()},
    "identity.sign_in_failed": 401,
    "request.key_needed": 400,
    "request.scope_needed": 403,
    "request.step_up_needed": 401,
    "request.turn_needed": 429,
}
_SENT: Final = ("web.bad_request", "web.too_large", "web.unsupported_media", "web.invalid")
"""What can be wrong with any body."""
_HEX_HASH: Final = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
_HEADERS: Final = {
    "ETag": {
        "description": "Names this answer; sent back as If-None-Match it saves sending it again.",
        "schema": {"type": "string"},
    },
    "Link": {
        "description": 'The next page, as `<address>; rel="next"` (RFC 8288), where there is one.',
        "schema": {"type": "string"},
    },
    "Cache-Control": {
        "description": "Who may keep this answer: `no-store` where words may be erased.",
        "schema": {"type": "string"},
    },
    "Retry-After": {
        "description": "After how many seconds to try again.",
        "schema": {"type": "integer"},
    },
    "WWW-Authenticate": {
        "description": "How to prove who one is (RFC 6750, RFC 9470).",
        "schema": {"type": "string"},
    },
}


class Call(NamedTuple):
    """One call: a method of a path, its handler, and what is told of it."""

    method: str
    path: str
    handler: HTTPRouteHandler
    room: Room
    told: Told
    numbers: frozenset[str]
    """Names in the path that stand for whole numbers."""

    @property
    def name(self) -> str:
        """The name of the call, the same in every version of the document."""
        function = self.handler.fn.__name__
        return f"{self.handler.fn.__module__.rpartition('.')[2]}.{function}".replace("api.", "")


def calls_of(routes: Sequence[Any]) -> Iterator[Call]:
    """Yield the calls among the routes of an application.

    Raises LookupError for a call that is in no room.
    """
    told = {handler.fn: (room, one) for room in ROOMS for handler, one in room.calls.items()}
    for route in routes:
        if not isinstance(route, HTTPRoute) or not route.path.startswith(ROOT + "/"):
            continue
        for handler in route.route_handlers:
            for method in _METHODS:
                if method in handler.http_methods and not handler.opt.get("undocumented"):
                    if handler.fn not in told:
                        raise LookupError(f"{method} {route.path} is in no room")
                    path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path.removeprefix(ROOT))
                    numbers = frozenset(re.findall(r"\{(\w+):int\}", route.path))
                    yield Call(method, path, handler, *told[handler.fn], numbers)


def document(routes: Sequence[Any], address: str) -> dict[str, Any]:
    """Return the document for the calls among routes, of a node at an address."""
    calls = list(calls_of(routes))
    schemas = _Schemas(calls)
    codes: set[str] = set()
    paths: dict[str, dict[str, Any]] = {}
    order = [handler.fn for room in ROOMS for handler in room.calls]
    for call in sorted(calls, key=lambda one: order.index(one.handler.fn)):
        operation, used = _operation(call, schemas)
        codes |= used
        paths.setdefault(call.path, {})[call.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "civic",
            "version": civic.__version__,
            "summary": "What the pages of a node do, for programs.",
            "description": (
                "Requests and answers are JSON. Whatever is refused is answered as problem+json "
                "(RFC 9457), whose `type` leads to a page that says what it means. Each act needs "
                "a key drawn at random (`Idempotency-Key`); sent again under the same key it "
                "happens once. A session's token may do what its person may, a token for programs "
                "what its scopes say. Moments are `YYYY-MM-DDTHH:MMZ`; numbers that stand for "
                "times are minutes since 1970-01-01T00:00Z."
            ),
            "license": {"name": "AGPL-3.0-or-later", "identifier": "AGPL-3.0-or-later"},
        },
        "servers": [{"url": address + ROOT}],
        "tags": [
            {"name": room.name, "description": f"{room.title}. {room.about}"} for room in ROOMS
        ],
        "paths": paths,
        "components": {
            "schemas": schemas.components,
            "examples": {code: _problem_example(code) for code in sorted(codes)},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A session's token, or one for programs with scopes.",
                }
            },
        },
    }


class _Schemas:
    """The schemas of all types that calls take and give, by type."""

    def __init__(self, calls: Sequence[Call]) -> None:
        types: list[Any] = [Problemlike]
        for call in calls:
            for kind in (asked(call), call.told.answers, *call.told.also.values()):
                if kind is not None and kind not in types:
                    types.append(kind)
        found, components = msgspec.json.schema_components(types, ref_template=_SCHEMAS + "{name}")
        self._types = list(zip(types, map(_tidied, found), strict=True))
        self.components = {
            name.replace("Problemlike", "Problem"): _tidied(one) for name, one in components.items()
        }

    def of(self, kind: Any) -> Any:
        """Return the schema of a type."""
        return next(schema for one, schema in self._types if one == kind)


class Problemlike(msgspec.Struct, frozen=True):
    """Why something is not answered as asked (RFC 9457).

    `type` never changes its meaning and leads to a page about it; `params` are the values in it,
    `errors` name fields.
    """

    type: str
    title: str
    status: int
    detail: str
    params: dict[str, str | int] = {}
    errors: list[dict[str, str]] = []


def _tidied(schema: Any) -> Any:
    """Return a schema in the words of JSON Schema's regular expressions, as it is answered."""
    if isinstance(schema, list):
        return [_tidied(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    tidy = {name: _tidied(value) for name, value in schema.items()}
    if isinstance(tidy.get("pattern"), str):
        tidy["pattern"] = re.sub(r"\\A", "^", re.sub(r"\\Z", "$", tidy["pattern"]))
    if isinstance(tidy.get("description"), str):
        tidy["description"] = re.sub(r"\n +", "\n", tidy["description"])
    properties = tidy.get("properties")
    if isinstance(properties, dict) and properties.get("log") == {"type": "integer"}:
        del properties["log"]
        tidy["required"] = [one for one in tidy["required"] if one != "log"]
    return tidy


def asked(call: Call) -> Any:
    """Return the type of the body that a call takes, None for none."""
    if call.told.asks is not None:
        return call.told.asks
    return call.handler.fn.__annotations__.get("data")


def status_of(call: Call) -> int:
    """Return with which status a call is answered when all is well."""
    if call.told.status:
        return call.told.status
    return 201 if call.method == "POST" else 200


@cache
def problems_of(handler: Any, acts: bool, has_body: bool, method: str) -> dict[int, list[str]]:
    """Return the codes of the problems that a handler can be answered with, by status."""
    found = every_act() if acts else reached(handler.fn)
    codes = set(found)
    if acts:
        codes |= reached(handler.fn)
    for raised in found.raises | reached(handler.fn).raises:
        if raised is RulesUnknown:
            codes.add("request.rules_unknown")
        elif issubclass(raised, ValidationException):
            codes.add("web.invalid")
        elif issubclass(raised, HTTPException) and raised.status_code in CODE_OF_STATUS:
            codes.add(CODE_OF_STATUS[raised.status_code])
    codes -= {"web.failed", "web.bad_request", "web.method_not_allowed", "web.too_large"}
    codes.add("web.not_acceptable")
    if has_body:
        codes |= set(_SENT)
    if method != "GET":
        codes.add("web.cross_site")
    by_status: dict[int, list[str]] = {}
    for code in sorted(codes):
        by_status.setdefault(status_of_code(code), []).append(code)
    return by_status


def status_of_code(code: str) -> int:
    """Return the status with which a problem is answered."""
    if code == "web.cross_site":
        return 403
    return _WEB_STATUS.get(code) or STATUS.get(code, 409)


def _operation(call: Call, schemas: _Schemas) -> tuple[dict[str, Any], set[str]]:
    body = asked(call)
    problems = problems_of(call.handler, call.told.acts, body is not None, call.method)
    codes = {code for listed in problems.values() for code in listed}
    summary, description = _words(call.handler.fn.__doc__ or "")
    scopes = [scope.value for scope in Scope if scope in needed(call.handler.opt)]
    signed_in = "web.sign_in_needed" in codes
    if signed_in and not scopes:
        description += "\n\nFor sessions alone: no token for programs reaches it."
    if "request.step_up_needed" in codes:
        description += "\n\nA session needs a factor that was proved within the last five minutes."
    operation: dict[str, Any] = {
        "operationId": call.name,
        "tags": [call.room.name],
        "summary": summary,
        "description": description.strip() or summary + ".",
        "security": [*([] if signed_in else [{}]), {"token": scopes}],
        "parameters": list(_parameters(call, "request.key_needed" in codes)),
        "responses": {
            **_good(call, schemas),
            **{
                str(status): _refused(status, listed) for status, listed in sorted(problems.items())
            },
        },
    }
    if body is not None:
        example = call.told.example if call.told.example is not None else example_of(body)
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": schemas.of(body), "example": example}},
        }
    return operation, codes


def _words(docstring: str) -> tuple[str, str]:
    first, _, rest = docstring.partition("\n")
    return first.strip().removesuffix("."), re.sub(r"\n +", "\n", rest).strip()


def _parameters(call: Call, key: bool) -> Iterator[dict[str, Any]]:
    for name in re.findall(r"\{(\w+)\}", call.path):
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "schema": _path_schema(name, call.numbers),
            "example": _path_example(name, call.numbers),
        }
    for query in call.told.queries:
        yield {
            "name": query.name,
            "in": "query",
            "description": query.meaning,
            "schema": query.schema,
            "example": query.example,
        }
    if call.told.pages:
        most = {"type": "integer", "minimum": 1, "maximum": LIMIT_MOST, "default": LIMIT}
        words = "How many things a page holds at most."
        yield {"name": "limit", "in": "query", "description": words, "schema": most, "example": 20}
        words = "Where the page begins: as the Link of the page before says it, not to be made up."
        text = {"type": "string", "maxLength": 8000}
        yield {
            "name": "cursor", "in": "query", "description": words, "schema": text,
            "example": "WzQ3MTEsIm1oejMiXQ",
        }  # fmt: skip
    if key:
        yield {
            "name": "Idempotency-Key",
            "in": "header",
            "required": True,
            "description": "Drawn at random for each act; sent again with it, the act stands once.",
            "schema": {"type": "string", "pattern": "^[0-9A-Za-z_-]{16,64}$"},
            "example": "f3b1c5d7a9e24c6f8b0d1e3f5a7c9b2d",
        }


_HASHES: Final = frozenset({"chapter_id", "device", "paper", "token"})


def _path_schema(name: str, numbers: frozenset[str]) -> dict[str, Any]:
    if name in _HASHES:
        return _HEX_HASH
    if name in numbers:
        return {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}
    return {"type": "string", "minLength": 1, "maxLength": 26}


def _path_example(name: str, numbers: frozenset[str]) -> Any:
    return HASH if name in _HASHES else 2 if name in numbers else ID


def _good(call: Call, schemas: _Schemas) -> dict[str, Any]:
    status, reads = status_of(call), call.method == "GET"
    answers = {status: call.told.answers, **call.told.also}
    good: dict[str, Any] = {}
    for one, kind in answers.items():
        response: dict[str, Any] = {"description": _MEANING[one]}
        names = [*(["ETag"] if reads else []), *(["Link"] if call.told.pages else [])]
        response["headers"] = {name: _HEADERS[name] for name in (*names, "Cache-Control")}
        if kind is None:
            response.pop("headers")
        else:
            given = call.told.answer_example if one == status else None
            example = example_of(kind) if given is None else given
            content = {"schema": schemas.of(kind), "example": example}
            response["content"] = {"application/json": content}
        good[str(one)] = response
    if reads:
        good["304"] = {"description": "Nothing new: the ETag in If-None-Match still names it."}
    return good


_MEANING: Final = {
    200: "It is so.",
    201: "It is done and on disk.",
    202: "It waits in its box and will be recorded together with others, as promised.",
    204: "It is done; there is nothing to tell.",
}
_REFUSED: Final = {
    400: "The key of the act is missing, or this is no JSON.",
    401: "Nobody is signed in, or a factor has to be proved again.",
    403: "The caller, or their token, may not do this.",
    404: "There is no such thing, or nothing of it is published yet.",
    406: "The caller takes no JSON.",
    409: "The rules do not accept it as things stand.",
    413: "More was sent than the node takes.",
    415: "What was sent says that it is no JSON.",
    422: "Values are missing or malformed, or a signature does not verify.",
    429: "Tried too often.",
    503: "The node is busy, or its clock is wrong.",
}


def _refused(status: int, codes: Sequence[str]) -> dict[str, Any]:
    response: dict[str, Any] = {
        "description": _REFUSED[status],
        "content": {
            "application/problem+json": {
                "schema": {
                    "allOf": [
                        {"$ref": _SCHEMAS + "Problem"},
                        {"properties": {"type": {"enum": [f"/problems/{one}" for one in codes]}}},
                    ]
                },
                "examples": {one: {"$ref": f"#/components/examples/{one}"} for one in codes},
            }
        },
    }
    header = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}.get(status)
    if header is not None:
        response["headers"] = {header: _HEADERS[header]}
    return response


def _problem_example(code: str) -> dict[str, Any]:
    form = form_of(Problem(code, status_of_code(code)))
    return {"summary": form["title"], "value": form}
