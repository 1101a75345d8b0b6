"""Hearing signed heads over one connection, and over another one when that is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import writing
from civic.kernel.told import listen


class Ears:
    """What was heard, and how often listening began."""

    def __init__(self) -> None:
        self.heard: asyncio.Queue[tuple[int, int]] = asyncio.Queue()
        self.begun: asyncio.Queue[None] = asyncio.Queue()

    def hear(self, log: int, size: int) -> None:
        self.heard.put_nowait((log, size))

    def begin(self) -> None:
        self.begun.put_nowait(None)


@pytest.fixture
async def ears(database_url: str) -> AsyncIterator[Ears]:
    made = Ears()
    task = asyncio.create_task(listen(database_url, made.hear, made.begin, alive=0.2))
    async with asyncio.timeout(20):
        await made.begun.get()
    yield made
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def tell(engine: AsyncEngine, payload: str) -> None:
    async with writing(engine) as db:
        await db.execute(text("SELECT pg_notify('civic', :payload)"), {"payload": payload})


async def test_sizes_are_heard_and_nothing_else(ears: Ears, database: AsyncEngine) -> None:
    for payload in ("", "3", "x 4", "3 -4", "3 4 5", "7 12"):
        await tell(database, payload)
    async with asyncio.timeout(10):
        assert await ears.heard.get() == (7, 12)
    assert ears.heard.empty()


async def test_what_was_undone_is_not_heard(ears: Ears, database: AsyncEngine) -> None:
    async def undone() -> None:
        async with writing(database) as db:
            await db.execute(text("SELECT pg_notify('civic', '1 5')"))
            raise LookupError

    with pytest.raises(LookupError):
        await undone()
    await tell(database, "1 6")
    async with asyncio.timeout(10):
        assert await ears.heard.get() == (1, 6)


async def test_a_killed_connection_is_followed_by_another(
    ears: Ears, database: AsyncEngine, database_url: str
) -> None:
    async with asyncio.timeout(30):
        for size in (1, 2, 3):
            async with writing(database) as db:
                killed = await db.scalars(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE "
                        "datname = current_database() AND pid <> pg_backend_pid() "
                        "AND (query LIKE 'LISTEN%' OR query = 'SELECT 1')"
                    )
                )
                assert killed.all() == [True]
            # Whoever listens is told to look for itself, and hears what comes from here on.
            await ears.begun.get()
            await tell(database, f"2 {size}")
            assert await ears.heard.get() == (2, size)


async def test_behind_pgbouncer_nobody_listens() -> None:
    made = Ears()
    url = "postgresql+asyncpg://nobody@/nowhere?prepared_statement_cache_size=0"
    await listen(url, made.hear, made.begin)
    assert made.begun.empty()


async def test_errors_of_a_server_that_is_not_there_are_survived(tmp_path: object) -> None:
    made = Ears()
    url = f"postgresql+asyncpg://nobody@/nowhere?host={tmp_path}"
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.5):
            await listen(url, made.hear, made.begin)
    assert made.begun.empty()
