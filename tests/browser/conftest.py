"""The application on a port, with a clock that tests move, for a real browser."""

import asyncio
import re
import socket
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright
from sqlalchemy import update

from civic.kernel.clock import minute_of
from civic.kernel.database import writing
from civic.kernel.web import assets
from identity import sessions
from identity.tables import session
from tests.town import Town, town

T = TypeVar("T")


class Served:
    """A town on a port, in an event loop of a thread of its own."""

    def __init__(self, url: str, data: Path) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()
        self._opened = _opened(url, data)
        self.town, self.address = self.do(self._opened.__aenter__())

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run something in the town's loop and return what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(60)

    def pass_time(self, **more: int) -> None:
        """Move the clock."""
        self.do(self.town.pass_time(**more))

    def step_up(self, page: Page) -> None:
        """Let who is signed in in a browser have proved a factor just now."""
        token = next(
            one["value"] for one in page.context.cookies() if one["name"].endswith("civic")
        )
        self.do(self._proved(token))

    async def _proved(self, token: str) -> None:
        async with writing(self.town.node.engine) as db:
            await db.execute(
                update(session)
                .where(session.c.id_hash == sessions.id_hash(token))
                .values(step_up=minute_of(self.town.clock.now()))
            )

    def cookie(self) -> dict[str, str]:
        """Return the cookie of a new person who is signed in."""
        visitor = self.do(self.town.person())
        return {"name": "civic", "value": visitor.client.cookies["civic"], "url": self.address}

    def close(self) -> None:
        """End the server and the loop."""
        self.do(self._opened.__aexit__(None, None, None))
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()


class Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@asynccontextmanager
async def _opened(url: str, data: Path) -> AsyncIterator[tuple[Town, str]]:
    listening = socket.create_server(("127.0.0.1", 0))
    # Passkeys hold for one address, so the node has to know its own.
    address = f"http://localhost:{listening.getsockname()[1]}"
    # The present, so that what browsers remember for a minute is not over already.
    async with town(url, data, start=datetime.now(UTC), CIVIC_URL=address) as opened:
        config = uvicorn.Config(opened.app, log_config=None, lifespan="off", ws="none")
        server = Server(config)
        task = asyncio.create_task(server.serve([listening]))
        await server.ready.wait()
        try:
            yield opened, address
        finally:
            server.should_exit = True
            await task


@pytest.fixture
def served(database_url: str, data: Path) -> Iterator[Served]:
    """A town that a browser can visit."""
    there = Served(database_url, data)
    yield there
    there.close()


@pytest.fixture(scope="module")
def running_browser(chromium: tuple[str, list[str]]) -> Iterator[Browser]:
    """The system's Chromium, started once for all tests of a module.

    Not for those of others: its thread's event loop is Playwright's as long as it runs.
    """
    path, arguments = chromium
    with sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=path, args=arguments)
        yield opened
        opened.close()


@pytest.fixture
def browser(running_browser: Browser) -> Iterator[Browser]:
    """A browser in which nothing is open yet; what is opened shares nothing with other tests."""
    assert running_browser.contexts == []
    yield running_browser
    for context in running_browser.contexts:
        context.close()


@pytest.fixture
def cost() -> int:
    """How dear it is to open keys with a passphrase in a browser (the logarithm of scrypt's N).

    The least that browsers take, a quarter of what the node serves elsewhere.
    """
    return 15


@pytest.fixture(autouse=True)
def stretching(cost: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let browsers get scripts with that cost."""
    script = assets._BY_NAME["js/keybox.js"]
    parts = re.fullmatch(rb"(.*\nconst COST = \{ logN: )17(, .*)", script.body, re.S)
    assert parts is not None
    body = b"%s%d%s" % (parts[1], cost, parts[2])
    told = assets._asset(script.url, script.media_type, body)
    monkeypatch.setitem(assets._BY_URL, script.url, told)
