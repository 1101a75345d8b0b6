"""The jobs process calls receivers by itself, where the operator allows that, and not elsewhere."""

import asyncio
from pathlib import Path

import pytest

from civic import jobs
from civic.kernel.database import writing
from civic.webhooks import registered
from tests.civic.pages.test_outsiders import open_chapter
from tests.civic.webhooks.receiver import Receiver, receiving
from tests.town import Town, settings_of


@pytest.mark.parametrize("allowed", ["loopback", "off"])
async def test_the_jobs_process_delivers(
    vilnius: Town, database_url: str, data: Path, allowed: str
) -> None:
    await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    settings = settings_of(database_url, data, CIVIC_DEMO="1", CIVIC_WEBHOOKS=allowed)
    done = asyncio.Event()

    class Noted(Receiver):
        async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await super().answer(reader, writer)
            done.set()

    async with receiving(made=Noted()) as receiver:
        async with writing(vilnius.node.engine) as db:
            assert await registered.register(db, 1, "a" * 26, receiver.url, 0, every=False)
        running = asyncio.create_task(jobs.run(settings))
        try:
            async with asyncio.timeout(60 if allowed == "loopback" else 3):
                await done.wait()
        except TimeoutError:
            assert allowed == "off"
        finally:
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
    assert bool(receiver.got) == (allowed == "loopback")
