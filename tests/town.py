"""A town of people with browsers: the real application over a test's database, without scripts."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from html import unescape
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import update

from chapters.bylaws import TEMPLATES
from civic import jobs
from civic.app import create_app
from civic.kernel.clock import SetClock, minute_of
from civic.kernel.database import writing
from civic.kernel.record import tables
from civic.kernel.web.asgi import Application
from civic.node import Node, open_node
from civic.settings import Settings
from identity import accounts, sessions
from identity.passphrase import Cost, Hasher
from identity.tables import session
from tests.first_day import FIRST_DAY

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHEAP = Cost(memory_kib=8, passes=1)
"""What a passphrase costs in a town: what it costs elsewhere is tests/identity/'s to show."""


def settings_of(url: str, data: Path, **more: Any) -> Settings:
    """Return the settings of a node on a test's database; founding is allowed."""
    given = {
        "CIVIC_DATA": str(data),
        "CIVIC_DATABASE_URL": url,
        "CIVIC_DRAFT": "1",
        "CIVIC_URL": "http://localhost",
        **more,
    }
    return Settings.from_environment(given)


@asynccontextmanager
async def alive(app: Application) -> AsyncIterator[dict[str, Any]]:
    """Keep an application's lifespan open, in one task of its own."""
    told: asyncio.Queue[dict[str, str]] = asyncio.Queue()
    said: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
    scope: dict[str, Any] = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
    running = asyncio.create_task(_run(app, scope, told, said))
    await told.put({"type": "lifespan.startup"})
    started = await said.get()
    assert started["type"] == "lifespan.startup.complete", started
    try:
        yield scope
    finally:
        await told.put({"type": "lifespan.shutdown"})
        await running


async def _run(
    app: Application,
    scope: dict[str, Any],
    told: "asyncio.Queue[dict[str, str]]",
    said: "asyncio.Queue[dict[str, Any]]",
) -> None:
    await app(scope, told.get, said.put)


@dataclass
class Visitor:
    """Somebody with a browser that runs no scripts."""

    town: "Town"
    client: httpx.AsyncClient
    last: httpx.Response | None = field(default=None, repr=False)

    async def see(self, path: str, status: int = 200) -> str:
        """Open a page and return its HTML."""
        self.last = await self.client.get(path, follow_redirects=True)
        assert self.last.status_code == status, (path, self.last.status_code, self.last.text[-900:])
        return self.last.text

    async def send(
        self, path: str, action: str, status: int = 200, **fields: str | list[str]
    ) -> str:
        """Open a page, fill in the form whose action ends so, send it, return the next page."""
        page = await self.see(path)
        form = form_of(page, action)
        typed: dict[str, str | list[str]] = {**hidden_of(form), **fields}
        target = re.search(r'action="([^"]+)"', form)
        assert target is not None
        self.last = await self.client.post(
            unescape(target[1]), data=typed, headers={"referer": f"http://localhost{path}"}
        )
        if self.last.status_code == 303:
            self.last = await self.client.get(self.last.headers["location"])
        assert self.last.status_code == status, (path, self.last.status_code, self.last.text[-900:])
        return self.last.text

    @property
    def path(self) -> str:
        """The path of the page that was seen last."""
        assert self.last is not None
        return self.last.url.path


@dataclass
class Town:
    """The application, its clock, and everybody who visits it."""

    app: Application
    node: Node
    clock: SetClock
    visitors: list[Visitor] = field(default_factory=list)

    def stranger(self) -> Visitor:
        """Return somebody without an account."""
        return self._visitor({})

    async def person(self) -> Visitor:
        """Return somebody who is signed in, as a browser and as an account."""
        now = self.clock.now()
        async with writing(self.node.engine) as db:
            account = await accounts.create_bare(db, self.node.private.keys, now)
            token = await sessions.start(
                db, account.account_id, account.data_key, now, fresh=True, by="passphrase"
            )
        return self._visitor({"civic": token})

    async def stepped_up(self, visitor: Visitor) -> None:
        """Let somebody have proved a factor just now."""
        async with writing(self.node.engine) as db:
            await db.execute(
                update(session)
                .where(session.c.id_hash == sessions.id_hash(visitor.client.cookies["civic"]))
                .values(step_up=minute_of(self.clock.now()))
            )

    def _visitor(self, cookies: dict[str, str]) -> Visitor:
        client = httpx.AsyncClient(
            transport=httpx.ASGITransport(app=self.app),
            base_url="http://localhost",
            headers={"accept": "text/html, */*;q=0.1"},
            cookies=cookies,
        )
        visitor = Visitor(self, client)
        self.visitors.append(visitor)
        return visitor

    async def pass_time(self, *, minutes: int = 0, days: int = 0) -> None:
        """Move the clock, and let the node do what it does each minute."""
        self.clock.advance(timedelta(minutes=minutes, days=days))
        # The node was up all the while: a leap of the clock is no outage.
        async with writing(self.node.engine) as db:
            await db.execute(update(tables.heartbeat).values(minute=minute_of(self.clock.now())))
        await jobs.minute(self.node)

    async def founded(
        self, *people: Visitor, template: str = "circle", visibility: str = "world", **more: str
    ) -> str:
        """Let as many people as it takes found and constitute a chapter; return its path.

        `more` is what the founder writes into further fields of the form.
        """
        first, *others = people
        fields: dict[str, Any] = {"template": template, "visibility": visibility, **more}
        await first.send(
            "/chapters/new", "/chapters/new", name="Vilnius", understood="yes", **fields
        )
        path = first.path
        for other in others:
            await self.join(first, other, path)
        for one in people[: TEMPLATES[template].founders]:
            page = await one.see(f"{path}/confirm")
            ids = re.findall(r'name="met" value="([a-z2-7]{26})"', page)
            await one.send(f"{path}/confirm", "/confirm", met=ids)
        page = await first.see(f"{path}/constitute")
        await first.send(f"{path}/constitute", "/constitute", **offered(page))
        return path

    async def join(self, member: Visitor, other: Visitor, path: str) -> None:
        """Let somebody join with an invitation by a member."""
        page = await member.send(f"{path}/people", "/people/invite")
        link = re.search(r"http://localhost(?::\d+)?(/c/[0-9a-f]{64}/join/[\w-]+)", page)
        assert link is not None
        await other.send(link[1], link[1])


def form_of(page: str, action: str) -> str:
    """Return the form whose action ends so."""
    forms = re.findall(r"<form.*?</form>", page, re.S)
    found = [form for form in forms if re.search(rf'action="[^"]*{re.escape(action)}"', form)]
    assert found, (action, re.findall(r'action="([^"]*)"', page))
    return str(found[0])


def hidden_of(form: str) -> dict[str, str]:
    """Return the hidden fields of a form."""
    pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in pairs}


def offered(page: str) -> dict[str, Any]:
    """Return what a form offers: what is ticked, and what is selected."""
    fields: dict[str, Any] = {}
    ticked = re.findall(r'name="(\w+)" value="([^"]*)" checked', page)
    for name, value in ticked:
        fields.setdefault(name, []).append(value)
    for name, inner in re.findall(r'<select id="[^"]*" name="(\w+)".*?>(.*?)</select>', page, re.S):
        selected = re.search(r'value="([^"]*)" selected', inner)
        if selected is not None:
            fields[name] = selected[1]
    return fields


@asynccontextmanager
async def town(url: str, data: Path, start: datetime = START, **more: Any) -> AsyncIterator[Town]:
    """Open a town on a test's database; its clock begins at `start`."""
    clock = SetClock(start)
    early = {name: msgspec.structs.replace(one, **FIRST_DAY) for name, one in TEMPLATES.items()}
    patch = pytest.MonkeyPatch()
    patch.setattr("civic.deeds.chapter.founding.TEMPLATES", early)
    patch.setattr("civic.node.Hasher", partial(Hasher, CHEAP))
    app = create_app(settings_of(url, data, **more), clock)
    # The jobs run on a node of their own, as they do in a process of their own.
    async with alive(app), open_node(url, data, clock, pool=4) as node:
        opened = Town(app, node, clock)
        try:
            yield opened
        finally:
            patch.undo()
            for visitor in opened.visitors:
                await visitor.client.aclose()


def new_key() -> str:
    """Return an idempotency key as forms carry it."""
    return secrets.token_hex(16)
