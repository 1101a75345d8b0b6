"""Forward in one step, never back, and never under a program that still runs."""

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Column, Integer, Table, text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.cli import main
from civic.kernel.database import brief_engine, create_engine, reading, view_metadata, writing
from civic.kernel.postgres import EmbeddedPostgres
from civic.projections import PROJECTIONS
from tests.conftest import _statement
from tests.records import found
from tests.served import Served


@pytest.fixture
def given(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("CIVIC_DATABASE_URL", database_url)
    monkeypatch.setenv("CIVIC_DATA", str(tmp_path))
    return database_url


@pytest.fixture
def later_view() -> Iterator[Table]:
    """A later version's view: one more table."""
    table = Table("a_table_of_this_test", view_metadata, Column("n", Integer))
    yield table
    view_metadata.remove(table)


async def run(*arguments: str) -> int:
    return await asyncio.to_thread(main, ["upgrade", *arguments])


async def change(url: str, statement: str) -> None:
    async with brief_engine(url) as engine, writing(engine) as db:
        await db.execute(text(statement))


async def test_a_new_database_is_made(
    postgres: EmbeddedPostgres,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    await _statement(postgres, "CREATE DATABASE test_upgrade")
    monkeypatch.setenv("CIVIC_DATABASE_URL", postgres.url_of("test_upgrade"))
    monkeypatch.setenv("CIVIC_DATA", str(tmp_path))
    assert await run("--check") == 1
    assert "at migration none" in capsys.readouterr().out
    assert await run() == 0
    assert await run("--check") == 0
    assert "up to date" in capsys.readouterr().out
    await _statement(postgres, "DROP DATABASE test_upgrade WITH (FORCE)")


async def test_forward_rebuilds_what_pages_read(
    given: str,
    tmp_path: Path,
    later_view: Table,
    capsys: pytest.CaptureFixture[str],
) -> None:
    engine = create_engine(given, size=0)
    await found(engine, tmp_path / "keys", projections=PROJECTIONS)
    assert await run("--check") == 1
    assert "made by another version" in capsys.readouterr().out
    assert await run() == 0
    assert "made anew from the records" in capsys.readouterr().out
    async with reading(engine) as db:
        assert await db.scalar(text("SELECT count(*) FROM view.entry")) == 1
        assert await db.scalar(text("SELECT count(*) FROM view.a_table_of_this_test")) == 0
    await engine.dispose()


async def test_not_under_a_node_that_runs(
    given: str, database: AsyncEngine, capsys: pytest.CaptureFixture[str]
) -> None:
    async with reading(database) as db:
        await db.scalar(text("SELECT 1"))
        assert await run() == 1
    assert "Stop it on all machines" in capsys.readouterr().err
    await database.dispose()
    for _ in range(100):
        if await run() == 0:
            break
    assert await run() == 0


async def test_an_older_program_refuses_what_a_newer_one_used(
    given: str, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    await change(given, "UPDATE private.alembic_version SET version_num = '9999'")
    assert await run() == 1
    assert "newer civic" in capsys.readouterr().err
    served = Served(data, None, CIVIC_DATABASE_URL=given)
    said = await asyncio.to_thread(served.refused)
    assert "newer civic" in said
    assert "Traceback" not in said
