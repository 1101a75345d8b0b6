"""What tests share: a real PostgreSQL for each worker, a database of its own for each test."""

import asyncio
import gc
import itertools
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
import pytest
from hypothesis import settings
from sqlalchemy.ext.asyncio import AsyncEngine

import civic.tables  # noqa: F401
from civic.kernel import migrate
from civic.kernel.database import create_engine, private_metadata, record_metadata
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.system_user import is_root, unprivileged_user
from civic.kernel.web.problem_texts import tell
from civic.refusal_texts import REFUSAL_TEXTS

# As the application does: tests of a part of it read the same words.
tell(REFUSAL_TEXTS)

# How long an example takes tells how busy the machine is; the first one also compiles templates.
settings.register_profile("civic", deadline=None)
settings.load_profile("civic")

T = TypeVar("T")
_numbers = itertools.count()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Let `make crash` ask for more rounds, and `make walk` for all there is to see."""
    parser.addoption("--crash-rounds", type=int, default=10, help="rounds of killing processes")
    parser.addoption("--whole-walk", action="store_true", help="every page as everybody, by eye")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that take longest: else one worker waits for the other at the end."""
    long = {
        item.path
        for item in items
        if item.get_closest_marker("slow") or item.get_closest_marker("browser")
    }
    items.sort(key=lambda item: item.path not in long)


def pytest_collection_finish() -> None:
    """Keep from collecting again and again what is loaded by now, as a web process does."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 100)


@pytest.fixture(scope="session")
def run_as() -> str | None:
    """The user whom PostgreSQL runs as; root needs one."""
    return unprivileged_user() if is_root() else None


@pytest.fixture
def data() -> Iterator[Path]:
    """An empty data folder that another user's server can reach, unlike pytest's own folders."""
    folder = _scratch_folder()
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def made_cluster(run_as: str | None) -> Iterator[Path]:
    """The files of a new server: to copy them is quicker than to make them."""
    folder = _scratch_folder()
    with EmbeddedPostgres(folder, run_as, settings={"fsync": "off"}).running():
        pass
    yield folder / "postgres"
    shutil.rmtree(folder)


@pytest.fixture
def node_data(data: Path, made_cluster: Path) -> Path:
    """A data folder in which the embedded server of a node is made, but does not run."""
    subprocess.run(["cp", "-a", made_cluster, data], check=True)
    return data


@pytest.fixture(scope="session")
def postgres(run_as: str | None) -> Iterator[EmbeddedPostgres]:
    """The PostgreSQL of this worker. It need not survive a crash, so it waits for no disk."""
    folder = _scratch_folder()
    server = EmbeddedPostgres(
        folder,
        run_as,
        settings={
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            # Its workers belong to the superuser and would keep a database from being dropped.
            "autovacuum": "off",
        },
    )
    server.start()
    yield server
    server.stop()
    shutil.rmtree(folder)


class Databases:
    """Makes databases on a worker's server and drops them, whatever event loop a test has."""

    def __init__(self, postgres: EmbeddedPostgres) -> None:
        """Connect in a thread whose loop stays for all tests."""
        self._postgres = postgres
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        server = asyncpg.connect(host=str(postgres.socket_folder), user="civic", database="civic")
        self._server: asyncpg.Connection = self.do(server)

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Do something in the loop and return what it gives."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(120)

    @contextmanager
    def copy(self, template: str) -> Iterator[str]:
        """Give the URL of a new copy of a database to which nobody is connected."""
        name = f"test_{next(_numbers)}"
        self.do(
            self._server.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
        )
        yield self._postgres.url_of(name)
        self.do(self._server.execute(f"DROP DATABASE {name} WITH (FORCE)"))

    def close(self) -> None:
        """End the connection and the thread."""
        self.do(self._server.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


@pytest.fixture(scope="session")
def databases(postgres: EmbeddedPostgres) -> Iterator[Databases]:
    """What makes the databases of this worker."""
    made = Databases(postgres)
    yield made
    made.close()


@pytest.fixture(scope="session")
def template(postgres: EmbeddedPostgres, databases: Databases) -> str:
    """The name of a migrated, empty database that the tests' own are copies of."""
    databases.do(_make_template(postgres))
    return "template_civic"


async def _make_template(postgres: EmbeddedPostgres) -> None:
    url = postgres.url_of("template_civic")
    await _statement(postgres, "CREATE DATABASE template_civic")
    await migrate.upgrade(url)
    engine = create_engine(url, size=0)
    async with engine.begin() as connection:
        # Tables that no migration has yet: test_migrate.py fails because of them, others need not.
        for metadata in (record_metadata, private_metadata):
            await connection.run_sync(metadata.create_all)
    await engine.dispose()


@pytest.fixture
def database_url(databases: Databases, template: str) -> Iterator[str]:
    """The URL of a migrated, empty database of this test alone."""
    with databases.copy(template) as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The engine of a migrated, empty database of this test alone."""
    engine = create_engine(database_url)
    yield engine
    await engine.dispose()


@pytest.fixture(scope="session")
def chromium() -> tuple[str, list[str]]:
    """The system's Chromium and the arguments with which it speaks to nobody but the test."""
    path = "/usr/bin/chromium"
    if not Path(path).exists():
        pytest.skip("browser test: /usr/bin/chromium is missing (Debian: apt install chromium)")
    arguments = ["--disable-background-networking", "--disable-component-update"]
    arguments += ["--disable-sync", "--no-first-run", "--disable-quic"]
    return path, [*arguments, *(["--no-sandbox"] if os.geteuid() == 0 else [])]


def _scratch_folder() -> Path:
    """Make a folder in memory if there is room: each test's database is some hundred files."""
    memory = Path("/dev/shm")
    roomy = memory.is_dir() and shutil.disk_usage(memory).free > 2 << 30
    folder = Path(tempfile.mkdtemp(prefix="civic-test-", dir=memory if roomy else None))
    folder.chmod(0o711)
    return folder


async def _statement(postgres: EmbeddedPostgres, statement: str) -> None:
    connection = await asyncpg.connect(
        host=str(postgres.socket_folder), user="civic", database="civic"
    )
    await connection.execute(statement)
    await connection.close()
