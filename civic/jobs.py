"""What a node does by itself: ticks, heartbeat, snapshots, publication, sweeping (one loop).

Webhooks and mails have loops of their own, where a node has them: what they tell is written
already.

Nothing here decides anything: a tick only lets the rules see the time. See
docs/decisions/0004-tick-loop-before-a-queue.md for why there is no queue yet.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from functools import partial
from typing import Final

from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from chapters import capabilities, invitations
from chapters.keys import requests as key_requests
from civic import publication
from civic.coming_up import guarded, note_outage, start_up
from civic.deeds.departing import depart, pending
from civic.deeds.erasing import erase_unwanted
from civic.deeds.settling import settle_levels
from civic.digest.posting import Posting, letterhead
from civic.digest.sending import Server
from civic.feeds import addresses
from civic.kernel.clock import minute_of
from civic.kernel.database import reading, writing
from civic.kernel.record import store, tables
from civic.kernel.turn import turn
from civic.node import Node, open_node
from civic.operate import operator_sessions
from civic.operate.tables import job_failure
from civic.settings import Settings
from civic.vouch_alarm import look_at_vouches
from civic.webhooks.delivering import deliver_in_turn
from civic.webhooks.sending import Sender
from deliberation.moderation import reports
from identity import accounts
from identity.recovery import requests

Job = Callable[[], Awaitable[object]]
Attempt = Callable[[str, Job], Awaitable[None]]
FAILURES_KEPT: Final = 30
"""Days for which the operator sees that a job failed."""


async def run(settings: Settings) -> None:
    """Run the jobs of a node until cancelled."""
    async with open_node(settings.database_url or "", settings.data, pool=6) as node:
        await start_up(node)
        async with asyncio.TaskGroup() as group:
            group.create_task(_each_minute(node, "minute", partial(minute_in_turn, node)))
            if settings.webhooks != "off":
                sender = Sender(loopback=settings.webhooks == "loopback")
                telling = partial(deliver_in_turn, node, sender, settings.base_url)
                # By itself: a receiver that is slow to answer must not hold up time.
                group.create_task(_each_minute(node, "webhooks", telling))
            if settings.smtp_url:
                posting = Posting(node, Server.of(settings.smtp_url), letterhead(settings))
                group.create_task(_each_minute(node, "mail", posting.in_turn))


async def _each_minute(node: Node, name: str, job: Job) -> None:
    while True:
        now = node.clock.now()
        error = await guarded(name, job)
        if error is not None:
            await guarded("failures", partial(_note_failures, node, [(name, error)]))
        next_minute = (now + timedelta(minutes=1)).replace(second=0, microsecond=0)
        wait = (next_minute - node.clock.now()).total_seconds()
        await asyncio.sleep(max(wait, 0.0))


async def minute_in_turn(node: Node) -> bool:
    """Do what is to be done each minute, unless another machine of the node is about it."""
    async with turn(node.engine, "jobs") as ours:
        if ours:
            await minute(node)
        return ours


async def minute(node: Node) -> None:
    """Do what is to be done each minute; one job that fails does not keep the others."""
    failed: list[tuple[str, str]] = []

    async def attempt(name: str, job: Job) -> None:
        error = await guarded(name, job)
        if error is not None:
            failed.append((name, error))

    # The database may have been away while this process was not.
    await attempt("outage", lambda: note_outage(node))
    await attempt("heartbeat", lambda: _beat(node))
    async with reading(node.engine) as db:
        heads = [head for head in await store.all_logs(db) if not head.replica and head.size]
    for head in heads:
        await attempt("tick", partial(node.book.tick, head.no))
        await attempt("ties", partial(erase_unwanted, node.desk, head.no))
        await attempt("levels", partial(settle_levels, node.desk, head.no, head.log_id))
        await attempt("alarm", partial(look_at_vouches, node, head.no))
        await attempt("snapshot", partial(node.book.snapshot, head.no))
    await attempt("departures", lambda: _go_on_departing(node, attempt))
    await attempt("publish", lambda: publication.publish(node))
    await attempt("sweep", lambda: _sweep(node))
    if failed:
        await guarded("failures", lambda: _note_failures(node, failed))


async def _note_failures(node: Node, failed: Sequence[tuple[str, str]]) -> None:
    """Keep for the operator which jobs failed, by day."""
    today = node.clock.now().date()
    async with writing(node.engine) as db:
        for name, error in failed:
            await db.execute(
                insert(job_failure)
                .values(job=name, day=today, error=error, times=1)
                .on_conflict_do_update(
                    index_elements=["job", "day"],
                    set_={"error": error, "times": job_failure.c.times + 1},
                )
            )


async def _go_on_departing(node: Node, attempt: Attempt) -> None:
    for own_id, leaving in await pending(node.desk):
        await attempt("depart", partial(depart, node.desk, own_id, leaving))


async def _beat(node: Node) -> None:
    now = minute_of(node.clock.now())
    async with writing(node.engine) as db:
        await db.execute(
            insert(tables.heartbeat)
            .values(one=1, minute=now)
            .on_conflict_do_update(index_elements=["one"], set_={"minute": now})
        )


async def _sweep(node: Node) -> None:
    now = node.clock.now()
    async with writing(node.engine) as db:
        await accounts.sweep(db, now)
        await requests.sweep(db, now)
        await invitations.sweep(db, minute_of(now))
        await capabilities.sweep(db, now.date())
        await addresses.sweep(db, now.date())
        await key_requests.sweep(db, now.date())
        await operator_sessions.sweep(db, now)
        await reports.sweep(db, minute_of(now))
        kept = now.date() - timedelta(days=FAILURES_KEPT)
        await db.execute(delete(job_failure).where(job_failure.c.day < kept))
