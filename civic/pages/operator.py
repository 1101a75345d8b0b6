"""The operator's page: how the node fares, without access to people.

It has a session of its own kind, which begins with a link that `civic operator-link` prints. No
other page asks for that session, and this one asks for no other.
"""

import asyncio
from dataclasses import replace
from typing import Any, Final

from litestar import get, post
from litestar.datastructures import Cookie
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from civic.kernel.database import reading, writing
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.web.forms import blank, read_form
from civic.kernel.web.language import _
from civic.kernel.web.pages import NO_STORE, pages_of, render, see_other
from civic.membership import node_of
from civic.operate import doctor, operator_sessions
from civic.operate.findings import Finding, warning
from civic.operate.operator_sessions import SESSION_MINUTES
from civic.operate.overview import overview
from civic.pages.visit import Asked, Page
from civic.settings import Settings

PATH: Final = "/operator"
PATIENCE: Final = 20
"""Seconds that looking the node over may take."""
_ORDER: Final = ("problem", "warning", "ok")


@get("/operator/enter/{secret:str}")
async def enter(request: Asked, secret: FromPath[str]) -> Page:
    """Show what a link leads to; only its button uses it up, so a preview does not."""
    node = node_of(request)
    async with reading(node.engine) as db:
        works = await operator_sessions.link_works(db, secret, node.clock.now())
    return _enter_page(request, secret if works else "")


@post("/operator/enter/{secret:str}", status_code=200)
async def entered(request: Asked, secret: FromPath[str]) -> Page:
    """Use a link up and begin a session."""
    await read_form(request)
    node = node_of(request)
    async with writing(node.engine) as unit:
        token = await operator_sessions.redeem(unit, secret, node.clock.now())
    if token is None:
        return _enter_page(request, "")
    answer = see_other(request, PATH, _("You are here for an hour at most."))
    answer.cookies.append(_cookie(request, token, SESSION_MINUTES * 60))
    return answer


@get(PATH)
async def show(request: Asked) -> Page:
    """Show how the node fares."""
    await _must_operate(request)
    node, settings = node_of(request), _settings(request)
    findings = await _examined(settings, node)
    async with reading(node.engine) as db:
        found = await overview(db, settings.data, node.clock.now())
    return render(
        request,
        "operator.html",
        cache=NO_STORE,
        findings=sorted(findings, key=lambda one: _ORDER.index(one.level)),
        troubled=sum(one.level != "ok" for one in findings),
        view=found,
        rules=node.book.shelf.newest,
        storage=[
            (_("Database in all"), _size(found.storage.database)),
            (_("Logs: entries, trees, checkpoints"), _size(found.storage.logs)),
            (_("Content: words and evidence"), _size(found.storage.content)),
            (_("What pages read"), _size(found.storage.view)),
            (_("Accounts, sealed papers, boxes"), _size(found.storage.private)),
        ],
    )


@post("/operator/leave", status_code=200)
async def leave(request: Asked) -> Page:
    """End the session."""
    token = await _must_operate(request)
    async with writing(node_of(request).engine) as unit:
        await operator_sessions.end(unit, token)
    answer = see_other(request, "/", _("The operator's page is closed."))
    answer.cookies.append(_cookie(request, "", 0))
    return answer


async def _must_operate(request: Asked) -> str:
    """Return the token of the operator's session; for everybody else there is no such page."""
    token: str = request.cookies.get(_name(request), "")
    node = node_of(request)
    async with reading(node.engine) as db:
        if not await operator_sessions.session_works(db, token, node.clock.now()):
            raise NotFoundException
    return token


async def _examined(settings: Settings, node: Any) -> list[Finding]:
    embedded = EmbeddedPostgres(settings.data, settings.run_as)
    if embedded.folder.exists() and settings.database_url == embedded.url:
        # Web processes are told the address of the node's own server.
        settings = replace(settings, database_url=None)
    try:
        async with asyncio.timeout(PATIENCE):
            return await doctor.examine(settings, node.clock)
    except TimeoutError:
        return [
            warning(
                "doctor",
                "Looking the node over took too long.",
                "The machine or its disk is very busy.",
                "Run `civic doctor` on the machine.",
            )
        ]


def _enter_page(request: Asked, secret: str) -> Page:
    status = 200 if secret else 410
    form = blank()
    return render(
        request, "operator_enter.html", status=status, cache=NO_STORE, secret=secret, form=form
    )


def _settings(request: Asked) -> Settings:
    settings: Settings = request.app.state["settings"]
    return settings


def _size(number: int) -> str:
    return f"{number / (1 << 20):,.1f} MB"


def _name(request: Asked) -> str:
    return "__Secure-civic-operator" if pages_of(request).site.secure else "civic-operator"


def _cookie(request: Asked, value: str, max_age: int) -> Cookie:
    return Cookie(
        _name(request),
        value=value,
        max_age=max_age,
        # Sent to this page alone.
        path=PATH,
        secure=pages_of(request).site.secure,
        httponly=True,
        samesite="strict",
    )


HANDLERS: Final = [enter, entered, show, leave]
