"""A small application with every kind of answer, protected like the real one."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import NotAuthorizedException, PermissionDeniedException
from litestar.params import FromPath, FromQuery, JSONBody

from civic.kernel.refusal import Refusal
from civic.kernel.web.asgi import Application, protected
from civic.kernel.web.forms import Field, Kind, blank, read_form
from civic.kernel.web.pages import Link, Pages, Site, render, see_other
from civic.kernel.web.problem import Busy, Refused, TooOften, exception_handlers
from civic.kernel.web.routes import web_router

FIELDS = (
    Field("title", "a title", most=20),
    Field("body", "what you propose", Kind.TEXT, least=5, most=100, required=False),
    Field("pass", "a passphrase", Kind.SECRET, required=False),
    Field("seats", "the number of seats", Kind.NUMBER, required=False, least=1, most=9),
    Field("way", "how to vote", Kind.CHOICE, required=False, choices=("a", "b")),
    Field("days", "days", Kind.CHOICES, required=False, choices=("mo", "tu", "we"), most=2),
    Field("agree", "I agree", Kind.TICK, required=False),
)


@get("/page", sync_to_thread=False)
def page(request: Request[Any, Any, Any]) -> Response[bytes]:
    return render(request, "problems.html", groups=[], all=True)


@get("/form", sync_to_thread=False)
def show_form(request: Request[Any, Any, Any]) -> Response[bytes]:
    return render(request, "test_form.html", form=blank(*FIELDS))


@post("/form")
async def send_form(request: Request[Any, Any, Any]) -> Response[bytes]:
    form = await read_form(request, *FIELDS)
    if form.value("title") == "refuse me":
        form = form.refused(Refusal("test.unknown", {}))
    if not form.ok:
        return render(request, "test_form.html", status=422, form=form)
    return see_other(request, "/page", flash=f"Kept <{form.value('title')}>")


@get("/fail/{kind:str}", sync_to_thread=False)
def fail(kind: FromPath[str]) -> None:
    match kind:
        case "refused":
            raise Refused(Refusal("deliberation.wrong_phase", {"phase": "vote"}))
        case "unauthorized":
            raise NotAuthorizedException
        case "forbidden":
            raise PermissionDeniedException
        case "often":
            raise TooOften(30)
        case "busy":
            raise Busy(5)
        case _:
            raise RuntimeError("the secret of alice@example.org")


@get("/api/count", sync_to_thread=False)
def counted(number: FromQuery[int]) -> dict[str, int]:
    return {"number": number}


@post("/api/echo", sync_to_thread=False)
def echo(data: JSONBody[dict[str, int]]) -> dict[str, int]:
    return data


@pytest.fixture
def pages(tmp_path: Path) -> Pages:
    tmp_path.joinpath("test_form.html").write_text(_FORM)
    site = Site(name="Test <network>", demo=True, nav=(Link("Chapters", "/chapters"),))
    account = (Link("Sign in", "/sign-in"),)
    return Pages(site, b"k" * 32, lambda _connection: account, [tmp_path])


@pytest.fixture
def application(pages: Pages) -> Application:
    app = Litestar(
        [web_router, page, show_form, send_form, fail, counted, echo],
        state=State({"pages": pages}),
        exception_handlers=exception_handlers(pages),
        logging_config=None,
        openapi_config=None,
    )
    return protected(app, pages, body_limit=2000)


@pytest.fixture
async def client(application: Application) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app=application)
    async with httpx.AsyncClient(
        transport=transport, base_url="http://node.test", headers={"accept": "text/html"}
    ) as client:
        yield client


_FORM = """
{% extends "layout.html" %}
{% import "ui/forms.html" as forms %}
{% block title %}Form{% endblock %}
{% block main %}
{{ forms.error_summary(form) }}
{% call forms.form("/form", form) %}
{{ forms.field(form, "title", "Title", hint="One line") }}
{{ forms.textarea(form, "body", "Body") }}
{{ forms.field(form, "pass", "Passphrase", type="password") }}
{{ forms.radios(form, "way", "Way", [("a", "A", "note"), ("b", "B", "")]) }}
{{ forms.checkboxes(form, "days", "Days", [("mo", "Mo", ""), ("tu", "Tu", "")]) }}
{{ forms.tick(form, "agree", "I agree") }}
{{ forms.button("Send") }}
{% endcall %}
{% endblock %}
"""
