"""The export of all one's data: asked for, announced on all devices, fetched once when it is ready.

Between asking and fetching at least one whole day passes, so that whoever did not ask learns of it
and can cancel. Nothing is gathered or written down before it is fetched: the vault opens only with
the person's own session.
"""

from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing
from identity import notices
from identity.sessions import SignedIn
from identity.tables import export_request as table

WAIT_DAYS: Final = 2
"""Days count from midnight (UTC): the second one after asking is 24 to 48 hours away."""
OFFERED_DAYS: Final = 7
"""How long a copy that is ready can be fetched."""


async def ask(writing: Writing, me: SignedIn, now: datetime) -> date:
    """Ask for all one's data and tell all other devices; return the day on which it is ready.

    Who has asked already waits no longer than before.
    """
    wanted = now.date() + timedelta(days=WAIT_DAYS)
    made = await writing.execute(
        insert(table)
        .values(account_id=me.account_id, ready_day=wanted, told=False)
        .on_conflict_do_nothing()
    )
    if made.rowcount == 1:
        await notices.tell(writing, me.account_id, notices.EXPORT_ASKED, now, but=me.id_hash)
    ready = await ready_day(writing, me.account_id)
    return wanted if ready is None else ready


async def ready_day(reading: Reading, account_id: str) -> date | None:
    """Return the day from which an account's data can be fetched, None if nobody asked."""
    return await reading.scalar(select(table.c.ready_day).where(table.c.account_id == account_id))


async def is_ready(reading: Reading, account_id: str, now: datetime) -> bool:
    """Tell whether an account's data can be fetched now."""
    wanted = await ready_day(reading, account_id)
    return wanted is not None and wanted <= now.date() < wanted + timedelta(days=OFFERED_DAYS)


async def take(writing: Writing, me: SignedIn, now: datetime) -> bool:
    """Use a request up whose day has come, and tell all other devices; False if there is none."""
    today = now.date()
    gone = await writing.execute(
        delete(table).where(
            table.c.account_id == me.account_id,
            table.c.ready_day <= today,
            table.c.ready_day > today - timedelta(days=OFFERED_DAYS),
        )
    )
    if gone.rowcount != 1:
        return False
    await notices.tell(writing, me.account_id, notices.EXPORTED, now, but=me.id_hash)
    return True


async def cancel(writing: Writing, account_id: str) -> None:
    """Forget that somebody asked."""
    await writing.execute(delete(table).where(table.c.account_id == account_id))


async def sweep(writing: Writing, now: datetime) -> None:
    """Tell all devices of those whose day has come, and forget those whose week is over."""
    today = now.date()
    ready = await writing.execute(
        update(table)
        .where(table.c.ready_day <= today, table.c.told.is_(False))
        .values(told=True)
        .returning(table.c.account_id)
    )
    for account_id in ready.scalars().all():
        await notices.tell(writing, account_id, notices.EXPORT_READY, now)
    await writing.execute(
        delete(table).where(table.c.ready_day <= today - timedelta(days=OFFERED_DAYS))
    )
