"""Three web processes on one database, all acting at once: one clean record."""

import asyncio
from pathlib import Path

import pytest

from civic.kernel.database import create_engine
from tests.crash.auditing import audit_clean
from tests.crash.checks import check
from tests.crash.conftest import Served
from tests.crash.journal import Acted
from tests.crash.node import until


@pytest.mark.slow
def test_three_processes_make_one_record(served: Served, tmp_path: Path) -> None:
    served.load.go()
    until(served.load.progress(600), "no acts", 60)
    served.load.pause()
    asyncio.run(_check(served, tmp_path))


async def _check(served: Served, tmp_path: Path) -> None:
    engine = create_engine(served.url, size=0)
    lines = served.load.lines()
    try:
        stored = await check(engine, served.stage.log, lines)
        size = await audit_clean(engine, served.stage, lines, tmp_path / "bundle")
    finally:
        await engine.dispose()
    assert size == stored.head.size
    assert sum(isinstance(line, Acted) for line in lines) > 200
