import re

import httpx
import pytest
from structlog.testing import capture_logs

from civic.kernel import refusal
from civic.kernel.record.course import RulesUnknown
from civic.kernel.web.problem import (
    known_codes,
    missing_texts,
    problem_of,
    text_of,
    wants_program_form,
)
from civic.kernel.web.problem_texts import CODE_OF_STATUS, WEB_TEXTS

FAILURES = [
    ("/nowhere", 404, "web.not_found"),
    ("/fail/refused", 409, "deliberation.wrong_phase"),
    ("/fail/unauthorized", 401, "web.sign_in_needed"),
    ("/fail/forbidden", 403, "web.forbidden"),
    ("/fail/often", 429, "web.too_often"),
    ("/fail/busy", 503, "web.busy"),
    ("/fail/boom", 500, "web.failed"),
]


@pytest.mark.parametrize(("path", "status", "code"), FAILURES)
async def test_both_forms(client: httpx.AsyncClient, path: str, status: int, code: str) -> None:
    page = await client.get(path)
    assert page.status_code == status
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["cache-control"] == "no-store"
    assert f'href="/problems/{code}"' in page.text
    assert "What you can do" in page.text

    program = await client.get(path, headers={"accept": "application/json"})
    assert program.status_code == status
    assert program.headers["content-type"] == "application/problem+json"
    form = program.json()
    assert form["type"] == f"/problems/{code}"
    assert form["status"] == status
    assert form["title"]
    assert form["detail"]


async def test_what_is_type_points_to_a_page(client: httpx.AsyncClient) -> None:
    answer = await client.get("/problems/web.not_found")
    assert answer.status_code == 200
    assert "There is no such page" in answer.text
    assert (await client.get("/problems/web.invented")).status_code == 404
    every = await client.get("/problems")
    assert all(f'id="{code}"' in every.text for code in known_codes())


async def test_limits_say_when_to_come_back(client: httpx.AsyncClient) -> None:
    often = await client.get("/fail/often")
    assert often.headers["retry-after"] == "30"
    assert "in 30 seconds" in often.text
    assert (await client.get("/fail/busy")).headers["retry-after"] == "5"


async def test_a_refusal_carries_its_params(client: httpx.AsyncClient) -> None:
    answer = await client.get("/fail/refused", headers={"accept": "application/json"})
    assert answer.json()["params"] == {"phase": "vote"}


async def test_a_failure_shows_and_logs_nothing_of_the_inside(client: httpx.AsyncClient) -> None:
    with capture_logs() as lines:
        page = await client.get("/fail/boom")
    assert "alice" not in page.text
    assert "RuntimeError" not in page.text
    assert "alice" not in repr(lines)
    incident = re.search(r"number ([0-9a-f]{8})", page.text)
    assert incident is not None
    assert lines[0]["incident"] == incident[1]
    assert lines[0]["error"] == "RuntimeError"
    assert lines[0]["route"] == "/fail/{kind}"


async def test_405_names_the_methods(client: httpx.AsyncClient) -> None:
    answer = await client.delete("/form")
    assert answer.status_code == 405
    assert answer.headers["allow"] == "GET, HEAD, POST"


async def test_invalid_values_are_named(client: httpx.AsyncClient) -> None:
    answer = await client.get("/api/count?number=many")
    assert answer.status_code == 422
    form = answer.json()
    assert form["type"] == "/problems/web.invalid"
    assert form["errors"][0]["field"] == "number"
    body = await client.post("/api/echo", json={"a": "x"})
    assert body.status_code == 422
    assert body.json()["errors"]


async def test_an_unreadable_body_is_a_bad_request(client: httpx.AsyncClient) -> None:
    answer = await client.post(
        "/api/echo", content=b"{", headers={"content-type": "application/json"}
    )
    assert answer.status_code == 400
    assert answer.json()["type"] == "/problems/web.bad_request"


@pytest.mark.parametrize(
    ("path", "accept", "program"),
    [
        ("/page", "text/html,application/xhtml+xml,*/*;q=0.8", False),
        ("/page", "", False),
        ("/page", "*/*", False),
        ("/page", "application/json", True),
        ("/page", "application/problem+json", True),
        ("/page", "text/html, application/json", False),
        ("/api/page", "text/html", True),
        ("/log/abc/checkpoint", "*/*", True),
        ("/apiary", "*/*", False),
    ],
)
def test_which_form(path: str, accept: str, program: bool) -> None:
    assert wants_program_form(path, accept) is program


def test_every_status_has_words() -> None:
    assert set(CODE_OF_STATUS.values()) <= set(WEB_TEXTS)


def test_a_code_without_words_shows_its_plain_meaning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusal, "registered", lambda: {"test.new": "Something new."})
    assert text_of("test.new", {}).meaning == "Something new."
    assert missing_texts() == {"test.new"}


def test_words_never_fail_for_a_missing_param() -> None:
    assert "‹incident›" in text_of("web.failed", {}).next
    for text in WEB_TEXTS.values():
        assert "%" not in text_of("web.failed", {"incident": "1"}).next
        assert text.title


def test_rules_that_the_program_lacks_are_a_conflict_not_a_failure() -> None:
    problem = problem_of(RulesUnknown(3, 70))
    assert (problem.code, problem.status) == ("request.rules_unknown", 409)
    assert "version 3" in text_of(problem.code, problem.params).meaning
