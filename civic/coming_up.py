"""What each process of a node does before it takes acts: sign what is unsigned, note an outage."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import structlog
from sqlalchemy import select

from civic.kernel.clock import minute_of
from civic.kernel.database import reading
from civic.kernel.record import store, tables
from civic.kernel.record.submission import Receipt
from civic.node import Node

_log = structlog.get_logger("civic.jobs")
OUTAGE: Final = 60
"""Minutes without a heartbeat that count as an outage."""


async def start_up(node: Node) -> None:
    """Sign what a crash left unsigned, and record an outage if there was one.

    Each process does so before it takes acts: an act would let pass what an outage extends.
    """
    await guarded("sign", node.book.sign_all)
    await guarded("outage", lambda: note_outage(node))


async def note_outage(node: Node) -> None:
    """Record in every chapter that the node was down, if its heartbeat says so."""
    now = minute_of(node.clock.now())
    async with reading(node.engine) as db:
        last = await db.scalar(select(tables.heartbeat.c.minute))
        if last is None or now - last <= OUTAGE:
            return
        heads = [head for head in await store.all_logs(db) if not head.replica and head.size]
    for head in heads:
        start = max(last, head.at)
        if now - start > OUTAGE:
            await guarded("outage", partial(_outage, node, head.no, start, now))


async def _outage(node: Node, no: int, start: int, end: int) -> None:
    outcome = await node.book.outage(no, start, end)
    _log.info("outage", minutes=end - start, recorded=isinstance(outcome, Receipt))


async def guarded(name: str, job: Callable[[], Awaitable[object]]) -> str | None:
    """Do a job; one that fails is logged and keeps no other from being done.

    Returns the name of the error, None where there was none.
    """
    try:
        await job()
    except asyncio.CancelledError:
        raise
    except TimeoutError:
        return TimeoutError.__name__
    except Exception as error:
        _log.error("job_failed", job=name, error=type(error).__name__)
        return type(error).__name__
    return None
