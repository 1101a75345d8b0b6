"""The webhooks of a chapter: registered, ended and taken up again by its leads."""

import hmac
from datetime import date
from typing import Final

import msgspec
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing
from civic.kernel.record.entry import id_of
from civic.kernel.refusal import code
from civic.webhooks.tables import webhook

MOST: Final = 5
"""Webhooks of a chapter at most."""
FAILED: Final = "failed"
GONE: Final = "gone"
"""Why a webhook is tried no more: the last of all tries failed, or the receiver answered 410."""

TOO_MANY: Final = code("request.too_many_webhooks", "The chapter has too many webhooks already.")
NOT_ALLOWED: Final = code("request.no_webhooks", "The operator of this node allows no webhooks.")

_w: Final = webhook.c


class Webhook(msgspec.Struct, frozen=True):
    """A webhook as leads see it. `failures` counts tries in a row that failed; `ended` says why."""

    id: str
    url: str
    every: bool
    failures: int
    ended: str | None
    ended_on: date | None


_COLUMNS: Final = (_w.id, _w.url, _w.every, _w.failures, _w.ended, _w.ended_on)


def id_for(data_key: bytes, chapter_id: str, key: str) -> str:
    """Return the id of the webhook that somebody registers under the key of a form."""
    info = f"civic/webhook/id/1\n{chapter_id}\n{key}".encode()
    return id_of(hmac.digest(data_key, info, "sha256")[:16])


async def register(
    db: Writing, log: int, own_id: str, url: str, since: int, *, every: bool
) -> bool:
    """Keep a webhook that is told of entries from index `since` on; False when there are too many.

    The same one is kept once.
    """
    others = await db.scalar(select(func.count()).where(_w.log == log, _w.id != own_id))
    if (others or 0) >= MOST:
        return False
    await db.execute(
        insert(webhook)
        .values(id=own_id, log=log, url=url, every=every, next=since)
        .on_conflict_do_nothing()
    )
    return True


async def listed(db: Reading, log: int) -> list[Webhook]:
    """Return a chapter's webhooks by address."""
    rows = await db.execute(select(*_COLUMNS).where(_w.log == log).order_by(_w.url, _w.id))
    return [Webhook(*row) for row in rows]


async def any_ended(db: Reading, log: int) -> bool:
    """Tell whether a webhook of a chapter is tried no more."""
    found = select(exists().where(_w.log == log, _w.ended.is_not(None)))
    return bool(await db.scalar(found))


async def remove(db: Writing, log: int, own_id: str) -> bool:
    """Forget a webhook of a chapter; False where there is none."""
    gone = await db.execute(delete(webhook).where(_w.log == log, _w.id == own_id))
    return gone.rowcount == 1


async def resume(db: Writing, log: int, own_id: str) -> bool:
    """Try a webhook again that was ended, from where it stopped; False where there is none."""
    again = await db.execute(
        update(webhook)
        .where(_w.log == log, _w.id == own_id, _w.ended.is_not(None))
        .values(ended=None, ended_on=None, failures=0, due=0)
    )
    return again.rowcount == 1
