"""Every call, asked what its document allows and what it does not, as everybody there is.

schemathesis draws the requests, the same ones each time. No answer is one that the document does
not name, and none is a failure of the node. What would be written is stopped there, as in the
matrix of permissions, and counts as asked, not as checked: good answers to acts are checked by the
other tests of the API, whose client holds each answer against the document.
"""

from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from typing import Any, Final

import httpx
import hypothesis
import pytest
import pytest_asyncio
import schemathesis
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from civic.api.openapi.document import document
from civic.kernel.postgres import EmbeddedPostgres
from identity.scopes import Scope
from tests.roles import ROLES, Stage, fill
from tests.staged import staged

OFTEN: Final = ("out", "new", "m1", "fac", "ver", "led")
"""Who asks all that is drawn; the others ask each call once, as it is meant."""
ASKING: Final = tuple(role for role in ROLES if role != "op")
"""The operator's session is of their page: to the API they are nobody."""
ONCE_LEAST: Final = 100
"""Answers that are checked at least of who asks each call once, without what would be written."""
OFTEN_LEAST: Final = 500
DRAWN: Final = ((GenerationMode.POSITIVE, 2, True), (GenerationMode.NEGATIVE, 2, True),
                (GenerationMode.POSITIVE, 1, False))  # fmt: skip
"""How requests are drawn: fitting the document or not, how many, and whether for what exists."""
CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
pytestmark = [pytest.mark.asyncio(loop_scope="module"), pytest.mark.slow]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def there(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Stage]:
    """The chapter with somebody in every role."""
    folder = tmp_path_factory.mktemp("node")
    async with staged(postgres, template, "conformance", folder) as made:
        yield made


def cases(there: Stage) -> Iterator[tuple[Any, tuple[str, ...]]]:
    """Draw requests for every call, and say who makes them."""
    found = schemathesis.openapi.from_dict(document(there.litestar.routes, "http://localhost"))
    results: Iterator[Any] = found.get_all_operations()
    for result in results:
        operation = result.ok()
        real = _existing(there, operation.path)
        for mode, many, exists in DRAWN:
            if exists and not real and mode is not GenerationMode.NEGATIVE:
                continue
            more: dict[str, Any] = {"path_parameters": real} if exists and real else {}
            meant = mode is GenerationMode.POSITIVE and (exists or not real)
            drawn = _drawn(operation.as_strategy(generation_mode=mode, **more), many)
            for case in drawn:
                # The first that is drawn is the least there is.
                yield case, ASKING if meant and case is drawn[-1] else OFTEN


def _drawn(strategy: Any, many: int) -> list[Any]:
    found: list[Any] = []

    @hypothesis.settings(
        max_examples=many,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(hypothesis.Phase.generate,),
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    @hypothesis.given(strategy)
    def draw(case: Any) -> None:
        found.append(case)

    try:
        draw()
    except hypothesis.errors.Unsatisfiable:
        # Nothing about this call can be wrong.
        return []
    return found


def _existing(there: Stage, path: str) -> dict[str, str]:
    """Return what there is in the chapter for the names in a path."""
    route = "/api/v1" + path.replace("}", ":str}").replace("{index:str}", "{index:int}")
    route = route.replace("versions/{number:str}", "versions/{number:int}")
    filled = fill(there, route).split("/")
    named = route.split("/")
    return {
        name[1:].partition(":")[0]: value
        for name, value in zip(named, filled, strict=True)
        if name.startswith("{")
    }


_SENT: Final = ("method", "url", "params", "json")


async def test_other_methods_are_refused_as_problems(there: Stage) -> None:
    client = there.people["out"].client
    for path, operations in document(there.litestar.routes, "http://localhost")["paths"].items():
        where = "/api/v1" + path.format(**_existing(there, path))
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE"):
            if method.lower() in operations:
                continue
            answer = await client.request(method, where, headers={"accept": "application/json"})
            assert answer.status_code == 405, (method, path)
            assert answer.headers["content-type"] == "application/problem+json"
            allowed = {one.lower() for one in answer.headers["allow"].split(", ")} - {"head"}
            assert allowed == set(operations), path


async def test_no_call_fails_or_answers_what_is_not_documented(there: Stage) -> None:
    client = there.people["out"].client
    wrong, statuses = [], set()
    asked, checked = Counter[str](), Counter[str]()
    shown: defaultdict[str, set[str]] = defaultdict(set)
    for case, roles in cases(there):
        for role in roles:
            there.written = False
            request = _request(client, case, _bearer(there.headers[role]))
            if request is None:
                continue
            answer = await client.send(request)
            client.cookies.clear()
            asked[role] += 1
            statuses.add(answer.status_code)
            if there.written:
                continue
            checked[role] += 1
            if answer.status_code == 200:
                shown[role].add(f"{request.method} {case.operation.path}")
            try:
                case.validate_response(answer, checks=CHECKS)
            except schemathesis.core.failures.FailureGroup as failures:
                what = "; ".join(str(one)[:300] for one in failures.exceptions)
                wrong.append(f"{role} {request.method} {request.url}: {what}\n{answer.text[:300]}")
    assert wrong == [], "\n\n".join(wrong)
    few = {
        role: (checked[role], asked[role])
        for role in ASKING
        if checked[role] < (OFTEN_LEAST if role in OFTEN else ONCE_LEAST)
    }
    assert few == {}
    assert statuses >= {200, 400, 401, 403, 404, 409, 422}
    # Who is not known asks as nobody, without a word.
    strangers = [role for role in ASKING if role != "out" and not shown[role] - shown["out"]]
    assert strangers == []


async def test_each_token_is_known_for_what_it_may(there: Stage) -> None:
    client = there.people["out"].client
    for scope in Scope:
        headers = _bearer(there.headers[f"t:{scope[0]}"])
        answer = await client.get("/api/v1/tokens/current", headers=headers)
        assert answer.json() == {"scopes": [scope]}


def _bearer(headers: dict[str, str]) -> dict[str, str]:
    """Return the token of somebody as programs send it, of a session or their own."""
    if "authorization" in headers:
        return {"authorization": headers["authorization"]}
    token = headers.get("cookie", "").removeprefix("civic=")
    return {"authorization": f"Bearer {token}"} if token else {}


def _request(client: httpx.AsyncClient, case: Any, headers: dict[str, str]) -> Any:
    given = case.as_transport_kwargs(base_url="http://localhost/api/v1")
    own = {k: v for k, v in (given.pop("headers") or {}).items() if k.lower() != "authorization"}
    wanted: dict[str, Any] = {name: given[name] for name in _SENT if name in given}
    if "data" in given and given["data"] is not None:
        wanted["content"] = given["data"]
    for name, value in own.items():
        if not str(value).isprintable() or not str(value).isascii():
            return None
        own[name] = str(value)
    try:
        return client.build_request(
            **wanted, headers={**own, **headers, "accept": "application/json"}
        )
    except httpx.InvalidURL:
        # Longer than any client sends.
        return None
