"""What a node does by itself: ticks, heartbeat, snapshots, publication, sweeping (one loop).

Nothing here decides anything: a tick only lets the rules see the time. See
docs/decisions/0004-tick-loop-before-a-queue.md for why there is no queue yet.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from typing import Final

import structlog
from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from civic import publication
from civic.kernel.clock import minute_of
from civic.kernel.database import reading, writing
from civic.kernel.record import store, tables
from civic.kernel.record.submission import Receipt
from civic.node import Node, open_node
from civic.settings import Settings
from identity import accounts

_log = structlog.get_logger("civic.jobs")
OUTAGE: Final = 60
"""Minutes without a heartbeat that count as an outage."""


async def run(settings: Settings) -> None:
    """Run the jobs of a node until cancelled."""
    async with open_node(settings.database_url or "", settings.data, pool=4) as node:
        await start_up(node)
        while True:
            now = node.clock.now()
            await minute(node)
            next_minute = (now + timedelta(minutes=1)).replace(second=0, microsecond=0)
            wait = (next_minute - node.clock.now()).total_seconds()
            await asyncio.sleep(max(wait, 0.0))


async def start_up(node: Node) -> None:
    """Sign what a crash left unsigned, and record an outage if there was one.

    Each process does so before it takes acts: an act would let pass what an outage extends.
    """
    await _guarded("sign", node.book.sign_all)
    await _guarded("outage", lambda: _note_outage(node))


async def _note_outage(node: Node) -> None:
    now = minute_of(node.clock.now())
    async with reading(node.engine) as db:
        last = await db.scalar(select(tables.heartbeat.c.minute))
        if last is None or now - last <= OUTAGE:
            return
        heads = [head for head in await store.all_logs(db) if not head.replica and head.size]
    for head in heads:
        start = max(last, head.at)
        if now - start > OUTAGE:
            await _guarded("outage", partial(_outage, node, head.no, start, now))


async def _outage(node: Node, no: int, start: int, end: int) -> None:
    outcome = await node.book.outage(no, start, end)
    _log.info("outage", minutes=end - start, recorded=isinstance(outcome, Receipt))


async def minute(node: Node) -> None:
    """Do what is to be done each minute; one job that fails does not keep the others."""
    # The database may have been away while this process was not.
    await _guarded("outage", lambda: _note_outage(node))
    await _guarded("heartbeat", lambda: _beat(node))
    async with reading(node.engine) as db:
        heads = [head for head in await store.all_logs(db) if not head.replica and head.size]
    for head in heads:
        await _guarded("tick", partial(node.book.tick, head.no))
        await _guarded("snapshot", partial(node.book.snapshot, head.no))
    await _guarded("publish", lambda: publication.publish(node))
    await _guarded("sweep", lambda: _sweep(node))


async def _beat(node: Node) -> None:
    now = minute_of(node.clock.now())
    async with writing(node.engine) as db:
        await db.execute(
            insert(tables.heartbeat)
            .values(one=1, minute=now)
            .on_conflict_do_update(index_elements=["one"], set_={"minute": now})
        )


async def _sweep(node: Node) -> None:
    async with writing(node.engine) as db:
        await accounts.sweep(db, node.clock.now())


async def _guarded(name: str, job: Callable[[], Awaitable[object]]) -> None:
    with contextlib.suppress(asyncio.TimeoutError):
        try:
            await job()
        except asyncio.CancelledError:
            raise
        except Exception as error:
            _log.error("job_failed", job=name, error=type(error).__name__)
