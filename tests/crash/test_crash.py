"""Rounds of killing parts of a node under load: nothing acknowledged is lost, nothing doubled."""

import asyncio
import random
import time
from itertools import cycle, islice
from pathlib import Path

import pytest

from civic.kernel.database import create_engine
from civic.kernel.failpoint import NAMES
from tests.crash.auditing import audit_clean
from tests.crash.checks import check
from tests.crash.conftest import Served
from tests.crash.node import until

VICTIMS = ("workers", "jobs", "supervisor", "postmaster", "worker")


@pytest.mark.slow
def test_nothing_acknowledged_is_lost(
    served: Served, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Each round kills a part of the node; a web process that then starts dies at a failpoint."""
    rounds: int = request.config.getoption("--crash-rounds")
    failpoints = cycle(random.sample(NAMES, len(NAMES)))
    for failpoint, victim in islice(zip(failpoints, cycle(VICTIMS), strict=False), rounds):
        began = time.monotonic()
        _round(served, failpoint, victim)
        print(f"{failpoint}, {victim}: {time.monotonic() - began:.1f} s")
    asyncio.run(_audit(served, tmp_path / "bundle"))


def _round(served: Served, failpoint: str, victim: str) -> None:
    node, load = served.node, served.load
    load.go()
    until(load.progress(10), "no acts")
    time.sleep(random.random() * 0.3)
    node.arm(failpoint)
    node.kill(victim)
    if victim in ("jobs", "postmaster"):
        node.kill("worker")
    until(lambda: node.died_at(failpoint), f"nobody died at {failpoint}")
    until(node.answers, f"no answer after {victim} died")
    until(load.progress(40), f"no acts after {victim} died")
    load.pause()
    asyncio.run(_check(served))


async def _check(served: Served) -> None:
    engine = create_engine(served.url, size=0)
    try:
        await check(engine, served.stage.log, served.load.lines())
    finally:
        await engine.dispose()


async def _audit(served: Served, to: Path) -> None:
    engine = create_engine(served.url, size=0)
    try:
        await audit_clean(engine, served.stage, served.load.lines(), to)
    finally:
        await engine.dispose()
