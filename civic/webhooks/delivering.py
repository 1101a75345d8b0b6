"""Deliveries: each webhook is told of a chapter's entries in order, at least once.

What is told is what outsiders see, which moves once a tick. How far a webhook has come is one
index; there is no queue that could differ from the record. A delivery that fails is tried again,
later each time, and those behind it wait; when all tries have failed the webhook is ended, and the
leads read so on their desk.
"""

import asyncio
from datetime import timedelta
from typing import Any, Final

import msgspec
from sqlalchemy import ARRAY, BigInteger, Boolean, Text, bindparam, select, text, update

from civic.kernel.clock import minute_of
from civic.kernel.database import reading, writing
from civic.kernel.record import serving, store
from civic.kernel.record.entry import when
from civic.kernel.record.tables import log as log_table
from civic.kernel.refusal import Refusal
from civic.kernel.turn import turn
from civic.log_routes import WORLD
from civic.node import Node
from civic.ticks import present_tick
from civic.webhooks import registered, signing
from civic.webhooks.sending import Sender
from civic.webhooks.tables import webhook
from civic.webhooks.targets import Unreachable, read_target

WAITS: Final = (1, 5, 30, 120, 300, 600, 840, 1200, 1440)
"""Minutes before each further try: a little over three days in all."""
AT_ONCE: Final = 4
"""Webhooks that are served at the same time."""
ROUND: Final = 50
"""Entries that a webhook is told of in one round at most."""
ROUND_SECONDS: Final = 45
"""Seconds after which a round of a slow receiver ends; the next one goes on."""

_w: Final = webhook.c
_ENTRIES: Final = text(
    """
    SELECT e.index, e.kind, e.at FROM view.entry e
    WHERE e.log = :log AND e.index >= :since AND e.index < :size
        AND (:every OR e.kind = ANY(:kinds))
    ORDER BY e.index LIMIT :limit
    """
).bindparams(
    bindparam("since", type_=BigInteger),
    bindparam("size", type_=BigInteger),
    bindparam("every", type_=Boolean),
    bindparam("kinds", type_=ARRAY(Text)),
)


class Told(msgspec.Struct, frozen=True):
    """Which entry a delivery is about; `url` is its page."""

    chapter: str
    index: int
    kind: str
    at: str
    url: str


class Event(msgspec.Struct, frozen=True):
    """The body of a delivery, as Standard Webhooks has it; `type` is the kind of the entry."""

    type: str
    timestamp: str
    data: Told


class _Due(msgspec.Struct, frozen=True):
    id: str
    log: int
    url: str
    every: bool
    next: int
    failures: int


async def deliver_in_turn(node: Node, sender: Sender, origin: str) -> bool:
    """Deliver what is due, unless another machine of the node is about it."""
    async with turn(node.engine, "webhooks") as ours:
        if ours:
            await deliver(node, sender, origin)
        return ours


async def deliver(node: Node, sender: Sender, origin: str) -> None:
    """Deliver what is due to all webhooks; `origin` is the node's own address, for links."""
    now = minute_of(node.clock.now())
    async with reading(node.engine) as db:
        rows = await db.execute(
            select(_w.id, _w.log, _w.url, _w.every, _w.next, _w.failures)
            .join(log_table, log_table.c.no == _w.log)
            .where(_w.ended.is_(None), _w.due <= now, log_table.c.replica == 0)
            .order_by(_w.due, _w.id)
        )
        due = [_Due(*row) for row in rows]
    few = asyncio.Semaphore(AT_ONCE)

    async def one(hook: _Due) -> None:
        async with few:
            await _deliver(node, sender, origin, hook)

    async with asyncio.TaskGroup() as group:
        for hook in due:
            group.create_task(one(hook))


async def _deliver(node: Node, sender: Sender, origin: str, hook: _Due) -> None:
    found = await _entries(node, hook)
    if found is None:
        return
    chapter_id, size, entries = found
    ends = asyncio.get_running_loop().time() + ROUND_SECONDS
    for index, kind, at in entries:
        if asyncio.get_running_loop().time() > ends:
            return
        href = f"{origin}/c/{chapter_id}/record/{index}"
        event = Event(kind, when(at), Told(chapter_id, index, kind, when(at), href))
        status = await _send(node, sender, hook, index, msgspec.json.encode(event))
        if not 200 <= status < 300:
            await _note_failure(node, hook, status)
            return
        hook = msgspec.structs.replace(hook, next=index + 1, failures=0)
        await _note(node, hook, next=index + 1, failures=0, due=0)
    if len(entries) < ROUND and hook.next < size:
        # What lies behind is not told of: it need not be looked at again.
        await _note(node, hook, next=size)


async def _entries(node: Node, hook: _Due) -> tuple[str, int, list[Any]] | None:
    """Return the chapter, how much of its record outsiders see, and what is to be told of it."""
    async with reading(node.engine) as db:
        head = await store.head(db, hook.log)
        tick = await present_tick(db, head, minute_of(node.clock.now()))
        visible = await serving.published(db, head, tick)
        if visible is None or head.chapter_id is None or visible.size <= hook.next:
            return None
        values = {
            "log": hook.log,
            "since": hook.next,
            "size": visible.size,
            # Asked each time: a chapter may come to close its record.
            "every": hook.every and head.visibility == "world",
            "kinds": sorted(WORLD),
            "limit": ROUND,
        }
        rows = await db.execute(_ENTRIES, values)
        return head.chapter_id, visible.size, list(rows)


async def _send(node: Node, sender: Sender, hook: _Due, index: int, body: bytes) -> int:
    """Return the status that the receiver answered, 0 where there was no answer."""
    target = read_target(hook.url, loopback=sender.loopback)
    if isinstance(target, Refusal):
        return 0
    key = signing.signing_key(node.key_files, hook.id)
    seconds = int(node.clock.now().timestamp())
    signed = signing.headers(key, signing.delivery_id(hook.id, index), seconds, body)
    try:
        return await sender.post(target, signed, body)
    except Unreachable:
        return 0


async def _note_failure(node: Node, hook: _Due, status: int) -> None:
    now = node.clock.now()
    failures = hook.failures + 1
    if status == 410 or failures > len(WAITS):
        why = registered.GONE if status == 410 else registered.FAILED
        await _note(node, hook, failures=failures, ended=why, ended_on=now.date())
        return
    due = minute_of(now + timedelta(minutes=WAITS[failures - 1]))
    await _note(node, hook, failures=failures, due=due)


async def _note(node: Node, hook: _Due, **values: Any) -> None:
    async with writing(node.engine) as db:
        await db.execute(update(webhook).where(_w.id == hook.id).values(**values))
