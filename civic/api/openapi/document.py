"""The OpenAPI 3.1 document of the API, put together from its calls.

Paths, bodies and the schemas of both come from the handlers' types, words from their docstrings,
problems from the code that they reach (`reached`), and what else there is to say from `rooms`.
"""

import re
from collections.abc import Iterator, Sequence
from typing import Any, Final

import civic
from civic.api.lists import LIMIT, LIMIT_MOST
from civic.api.openapi.calls import ROOT, Call, asked, calls_of, status_of
from civic.api.openapi.examples import HASH, ID, example_of
from civic.api.openapi.problems import problem_example, problems_of, refused
from civic.api.openapi.rooms import ROOMS
from civic.api.openapi.schemas import Schemas
from identity.scopes import Scope, needed

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
_MEANING: Final = {
    200: "It is so.",
    201: "It is done and on disk.",
    202: "It waits in its box and will be recorded together with others, as promised.",
    204: "It is done; there is nothing to tell.",
}


def document(routes: Sequence[Any], address: str) -> dict[str, Any]:
    """Return the document for the calls among routes, of a node at an address."""
    calls = list(calls_of(routes))
    schemas = Schemas(calls)
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
            "examples": {code: problem_example(code) for code in sorted(codes)},
            "securitySchemes": {
                "token": {
                    "type": "http",
                    "scheme": "bearer",
                    "description": "A session's token, or one for programs with scopes.",
                }
            },
        },
    }


def _operation(call: Call, schemas: Schemas) -> tuple[dict[str, Any], set[str]]:
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
                str(status): refused(status, listed, _header(status))
                for status, listed in sorted(problems.items())
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


def _good(call: Call, schemas: Schemas) -> dict[str, Any]:
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


def _header(status: int) -> dict[str, Any]:
    name = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}.get(status)
    return {} if name is None else {name: _HEADERS[name]}
