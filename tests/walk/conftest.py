"""Two scenes that a browser can visit: a chapter with somebody in every role, and an open one."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

import asyncpg
import pytest
import pytest_asyncio
import uvicorn
from playwright.async_api import Browser, async_playwright

from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.web.asgi import Application
from tests.browser.conftest import Server
from tests.closed_chapter import chapter_of_all_roles
from tests.town import town
from tests.walk.plan import LANGUAGES
from tests.walk.scenes import Scene, closed_scene, open_scene


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Walk in one language at a time, or deal them out in one short walk."""
    if "languages" in metafunc.fixturenames:
        whole = metafunc.config.getoption("--whole-walk")
        each = [(language,) for language in LANGUAGES] if whole else [LANGUAGES]
        metafunc.parametrize("languages", each, ids="-".join)


@pytest.fixture
def everything(request: pytest.FixtureRequest) -> bool:
    """Whether all is walked, or a part in which every page is seen once."""
    return bool(request.config.getoption("--whole-walk"))


@asynccontextmanager
async def database_of(postgres: EmbeddedPostgres, template: str, name: str) -> AsyncIterator[str]:
    """Make a migrated database for one module."""
    server = await asyncpg.connect(host=str(postgres.socket_folder), user="civic", database="civic")
    await server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield postgres.url_of(name)
    finally:
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
        await server.close()


@asynccontextmanager
async def listening(app: Application, at: socket.socket) -> AsyncIterator[None]:
    """Serve an application whose lifespan somebody else keeps."""
    config = uvicorn.Config(
        app, log_config=None, lifespan="off", ws="none", timeout_graceful_shutdown=3
    )
    server = Server(config)
    task = asyncio.create_task(server.serve([at]))
    await server.ready.wait()
    try:
        yield
    finally:
        server.should_exit = True
        await task


@contextmanager
def door() -> Iterator[tuple[socket.socket, str]]:
    """Open a port; give it and the address that leads there."""
    with socket.create_server(("127.0.0.1", 0)) as at:
        yield at, f"http://localhost:{at.getsockname()[1]}"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def closed(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """The closed chapter of the matrix of permissions."""
    with door() as (at, address):
        async with (
            database_of(postgres, template, "walk_closed") as url,
            chapter_of_all_roles(url, tmp_path_factory.mktemp("node")) as stage,
            listening(stage.town.app, at),
        ):
            yield closed_scene(stage, address)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def opened(
    postgres: EmbeddedPostgres, template: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Scene]:
    """An open chapter with proposals in each phase, and what nobody has in the closed one."""
    with door() as (at, address), pytest.MonkeyPatch.context() as patch:
        # Most people of this town have nothing to sign in with.
        patch.setattr("civic.pages.levels.AUTHENTICATORS", 0)
        async with (
            database_of(postgres, template, "walk_open") as url,
            town(url, tmp_path_factory.mktemp("node")) as there,
            listening(there.app, at),
        ):
            yield await open_scene(there, address)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(chromium: tuple[str, list[str]]) -> AsyncIterator[Browser]:
    """The system's Chromium."""
    path, arguments = chromium
    async with async_playwright() as playwright:
        started = await playwright.chromium.launch(executable_path=path, args=arguments)
        yield started
        await started.close()
