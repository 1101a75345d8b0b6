"""A node that was down: nobody's act may come before the outage is in the record."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from civic import jobs
from civic.app import create_app
from civic.coming_up import start_up
from civic.node import open_node
from civic.projections import PROJECTIONS
from tests.hostile.conftest import settings_of
from tests.lives import Life, begin


async def started(app: Any) -> None:
    """Start an application and end it, as a server does."""
    asked = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    answered: list[str] = []

    async def receive() -> Any:
        return next(asked)

    async def send(message: Any) -> None:
        answered.append(message["type"])

    await app({"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}, receive, send)
    assert answered == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


@pytest.fixture
async def down(database: AsyncEngine, database_url: str, tmp_path: Path) -> Life:
    """A chapter whose node was up, and then down for three hours."""
    life = await begin(database, tmp_path / "keys", projections=PROJECTIONS)
    async with open_node(database_url, tmp_path, life.clock) as node:
        await jobs.minute(node)
    life.clock.advance(timedelta(hours=3))
    return life


async def kinds(life: Life) -> list[str]:
    return [msgspec.json.decode(raw)["kind"] for raw in await life.entries()]


async def test_a_web_process_takes_no_act_before_the_outage_is_recorded(
    down: Life, database_url: str, tmp_path: Path
) -> None:
    await started(create_app(settings_of(database_url, tmp_path), down.clock))
    assert (await kinds(down))[-1] == "record.outage"
    # Another one that starts, and the jobs process, find that it is.
    await started(create_app(settings_of(database_url, tmp_path), down.clock))
    async with open_node(database_url, tmp_path, down.clock) as node:
        await start_up(node)
        await jobs.minute(node)
    assert (await kinds(down)).count("record.outage") == 1


async def test_processes_that_outlived_the_database_record_the_outage_too(
    down: Life, database_url: str, tmp_path: Path
) -> None:
    async with open_node(database_url, tmp_path, down.clock) as node:
        await jobs.minute(node)
    assert (await kinds(down)).count("record.outage") == 1
