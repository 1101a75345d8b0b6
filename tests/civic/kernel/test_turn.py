"""Of all who want a turn one has it, until it ends or its connection does."""

import asyncio

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import create_engine, reading
from civic.kernel.turn import turn


async def test_one_at_a_time(database: AsyncEngine, database_url: str) -> None:
    other = create_engine(database_url, size=0)
    async with turn(database, "a") as first, turn(other, "a") as second, turn(other, "b") as third:
        assert (first, second, third) == (True, False, True)
    async with turn(other, "a") as again:
        assert again
    await other.dispose()


async def test_an_error_gives_it_back(database: AsyncEngine) -> None:
    with pytest.raises(RuntimeError):
        async with turn(database, "a"):
            raise RuntimeError
    async with turn(database, "a") as again:
        assert again


@pytest.mark.parametrize("turns_of_the_loop", range(8))
async def test_who_dies_gives_it_back(
    database: AsyncEngine, database_url: str, turns_of_the_loop: int
) -> None:
    other = create_engine(database_url, size=0)

    async def die() -> None:
        async with turn(other, "a") as ours:
            assert ours
            async with reading(database) as db:
                await db.execute(
                    text(
                        "SELECT pg_terminate_backend(pid) FROM pg_locks "
                        "WHERE locktype = 'advisory' AND database = "
                        "(SELECT oid FROM pg_database WHERE datname = current_database())"
                    )
                )
            # The server's goodbye may have been read, and the end of its socket not yet.
            for _ in range(turns_of_the_loop):
                await asyncio.sleep(0)

    with pytest.raises(DBAPIError):
        await die()
    for _ in range(100):
        async with turn(database, "a") as again:
            if again:
                break
        await asyncio.sleep(0.02)
    assert again
    await other.dispose()
