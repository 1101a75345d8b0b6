"""Units of work against a real PostgreSQL."""

import pytest
from sqlalchemy import ARRAY, Integer, bindparam, exc, text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import (
    create_engine,
    driver_of,
    fetch,
    must_not_only_ask,
    only_asking,
    reading,
    writing,
)
from civic.kernel.postgres import EmbeddedPostgres


@pytest.fixture
async def table(database: AsyncEngine) -> AsyncEngine:
    async with writing(database) as connection:
        await connection.execute(
            text("CREATE TABLE note (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, said jsonb)")
        )
    return database


async def _count(engine: AsyncEngine) -> int:
    async with reading(engine) as connection:
        return int(await connection.scalar(text("SELECT count(*) FROM note")) or 0)


async def test_what_was_written_stays(table: AsyncEngine) -> None:
    async with writing(table) as connection:
        await connection.execute(text("INSERT INTO note VALUES (1)"))
    assert await _count(table) == 1


async def test_an_error_undoes_all_of_the_block(table: AsyncEngine) -> None:
    with pytest.raises(RuntimeError, match="in the middle"):
        async with writing(table) as connection:
            await connection.execute(text("INSERT INTO note VALUES (1)"))
            raise RuntimeError("in the middle")
    assert await _count(table) == 0


async def test_a_failing_commit_is_raised(table: AsyncEngine) -> None:
    # The constraint is deferred, so both inserts succeed and only COMMIT finds the conflict.
    with pytest.raises(exc.IntegrityError):
        async with writing(table) as connection:
            await connection.execute(text("INSERT INTO note VALUES (1), (1)"))
    assert await _count(table) == 0


ADD = text("INSERT INTO note (id) SELECT unnest(:ids) RETURNING id").bindparams(
    bindparam("ids", type_=ARRAY(Integer))
)


class TestStraightToTheDriver:
    async def test_it_belongs_to_the_transaction(self, table: AsyncEngine) -> None:
        with pytest.raises(RuntimeError, match="in the middle"):
            async with writing(table) as connection:
                assert [row[0] for row in await fetch(connection, ADD, {"ids": [1, 2]})] == [1, 2]
                raise RuntimeError("in the middle")
        assert await _count(table) == 0
        async with writing(table) as connection:
            await connection.execute(text("INSERT INTO note VALUES (1)"))
            await fetch(connection, ADD, {"ids": [2, 3]})
        assert await _count(table) == 3

    async def test_it_begins_the_transaction_where_nothing_did(self, table: AsyncEngine) -> None:
        async with reading(table) as connection:
            with pytest.raises(exc.DBAPIError, match="read-only transaction"):
                await fetch(connection, ADD, {"ids": [1]})
        async with table.connect() as connection:
            await connection.begin()
            await fetch(connection, ADD, {"ids": [1]})  # type: ignore[arg-type]
            await connection.rollback()
        assert await _count(table) == 0

    async def test_errors_look_like_all_others(self, table: AsyncEngine) -> None:
        async with writing(table) as connection:
            await fetch(connection, text("SET CONSTRAINTS ALL IMMEDIATE"), {})
            with pytest.raises(exc.IntegrityError) as raised:
                await fetch(connection, ADD, {"ids": [1, 1]})
            assert not raised.value.connection_invalidated

    async def test_a_lost_connection_is_told_apart(self, table: AsyncEngine) -> None:
        with pytest.raises(exc.DBAPIError) as raised:
            async with writing(table) as connection:
                driver_of(connection).terminate()
                await fetch(connection, ADD, {"ids": [1]})
        assert raised.value.connection_invalidated


async def test_nobody_gets_a_connection_with_a_transaction_left_open(table: AsyncEngine) -> None:
    engine = create_engine(table.url.render_as_string(hide_password=False), size=1)
    with pytest.raises(exc.DBAPIError):
        async with writing(engine) as connection:
            await fetch(connection, ADD, {"ids": [1]})
            # Behind the back of the unit of work, which cannot know what to undo any more.
            driver = driver_of(connection)
            await driver.execute("ROLLBACK; BEGIN; INSERT INTO note VALUES (2), (2)")
    async with writing(engine) as connection:
        assert driver_of(connection) is not driver
        await fetch(connection, ADD, {"ids": [3]})
    await engine.dispose()
    assert await _count(table) == 1


async def test_who_only_asks_writes_nothing(table: AsyncEngine) -> None:
    asking = only_asking.set(True)
    try:
        async with writing(table) as connection:
            await connection.execute(text("INSERT INTO note VALUES (1)"))
        with pytest.raises(RuntimeError, match="only asks"):
            must_not_only_ask()
    finally:
        only_asking.reset(asking)
    assert await _count(table) == 0
    must_not_only_ask()


async def test_reading_cannot_change_anything(table: AsyncEngine) -> None:
    async with reading(table) as connection:
        with pytest.raises(exc.DBAPIError, match="read-only transaction"):
            await connection.execute(text("INSERT INTO note VALUES (1)"))


async def test_reading_sees_one_state(table: AsyncEngine) -> None:
    async with reading(table) as connection:
        before = await connection.scalar(text("SELECT count(*) FROM note"))
        async with writing(table) as other:
            await other.execute(text("INSERT INTO note VALUES (1)"))
        assert await connection.scalar(text("SELECT count(*) FROM note")) == before
    assert await _count(table) == 1


async def test_a_connection_that_read_can_write_afterwards(database_url: str) -> None:
    engine = create_engine(database_url, size=1)
    async with reading(engine) as connection:
        await connection.execute(text("SELECT 1"))
    async with writing(engine) as connection:
        mode = await connection.scalar(text("SHOW transaction_isolation"))
        await connection.execute(text("CREATE TABLE note (id int)"))
    assert mode == "read committed"
    await engine.dispose()


async def test_errors_do_not_show_values(table: AsyncEngine) -> None:
    with pytest.raises(exc.DBAPIError) as caught:
        async with writing(table) as connection:
            await connection.execute(text("INSERT INTO nowhere VALUES (:x)"), {"x": "canary-7"})
    assert "canary-7" not in str(caught.value)


async def test_connections_that_died_while_idle_are_replaced(
    database: AsyncEngine, postgres: EmbeddedPostgres
) -> None:
    async with reading(database) as connection:
        await connection.execute(text("SELECT 1"))
    other = create_engine(postgres.url, size=0)
    async with writing(other) as connection:
        ended = await connection.execute(
            text("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = :d"),
            {"d": database.url.database},
        )
        assert ended.scalars().all() == [True]
    await other.dispose()
    async with reading(database) as connection:
        assert await connection.scalar(text("SELECT 1")) == 1


async def test_a_server_that_is_gone_is_an_error_in_the_end() -> None:
    engine = create_engine("postgresql+asyncpg://civic@/civic?host=/nowhere", patience=0.05)
    with pytest.raises(OSError, match="No such file"):
        async with reading(engine) as connection:
            await connection.execute(text("SELECT 1"))
    await engine.dispose()


async def test_the_statement_cache_can_be_turned_off(database_url: str) -> None:
    engine = create_engine(f"{database_url}&prepared_statement_cache_size=0")
    for _ in range(2):
        async with reading(engine) as connection:
            assert await connection.scalar(text("SELECT 1")) == 1
            held = await connection.scalar(text("SELECT count(*) FROM pg_prepared_statements"))
    assert held <= 1
    await engine.dispose()


async def test_times_are_utc(database: AsyncEngine) -> None:
    async with reading(database) as connection:
        assert await connection.scalar(text("SHOW timezone")) == "UTC"
