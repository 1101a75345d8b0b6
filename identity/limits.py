"""Limits of what can be tried: by account, name hash or a lane that all share, never by address.

Counts stand in the database, so that they hold for all processes together, and are written in a
transaction of their own, so that an attempt counts also when it is refused.
"""

import hashlib
from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, Writing, writing
from identity import tables


class Limit(msgspec.Struct, frozen=True):
    """At most `count` attempts by one subject in each window of `minutes`."""

    scope: str
    count: int
    minutes: int


SIGN_IN: Final = Limit("sign_in", 10, 15)
"""By hash of the sign-in name, whether or not an account has it."""
CODES: Final = Limit("codes", 10, 15)
"""By hash of the sign-in name, known browser or session: tries with the right passphrase."""
STEP_UP: Final = Limit("step_up", 10, 15)
"""By session, for people who are signed in and prove a factor again."""
ENROL: Final = Limit("enrol", 5, 15)
"""By place in the lane of those who sign up: how often a passphrase is derived for one."""
RECOVER: Final = Limit("recover", 10, 15)
"""By hash of what was typed to be let in again: a code of a sheet, one's own or a guardian's."""
ASK_GUARDIANS: Final = Limit("ask_guardians", 5, 60)
"""By hash of the sign-in name for which guardians are asked, whether or not an account has it."""
TRIED_BEYOND: Final = Limit("tried_beyond", 2**31, 10)
"""By hash of the sign-in name: tries beyond the limit, by turn or work; counted, never refused."""
MAIL_LINK: Final = Limit("mail_link", 1, 24 * 60)
"""By keyed hash of a mailbox: mails that somebody asked to be sent there."""
WORKED: Final = Limit("worked", 2**31, 10)
"""Accounts that work in the browser made, of everybody: counted, never refused."""

EVERYBODY: Final = hashlib.sha256(b"everybody").digest()
"""The subject of a lane that all share."""


class Limited(Exception):
    """Too many attempts; the next one counts again after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many attempts; again in {retry_after} s")
        self.retry_after = retry_after


async def take(engine: AsyncEngine, limit: Limit, subject: bytes, now: datetime) -> None:
    """Count an attempt; raise `Limited` when the subject has used up its window."""
    minute = minute_of(now)
    window = minute // limit.minutes
    until = (window + 1) * limit.minutes
    row = insert(tables.attempt).values(
        scope=limit.scope, subject=subject, window_number=window, until=until, count=1
    )
    same_window = tables.attempt.c.window_number == row.excluded.window_number
    counting = row.on_conflict_do_update(
        index_elements=["scope", "subject"],
        set_={
            "count": case((same_window, tables.attempt.c.count + 1), else_=1),
            "window_number": row.excluded.window_number,
            "until": row.excluded.until,
        },
    ).returning(tables.attempt.c.count)
    async with writing(engine) as unit:
        count = (await unit.execute(counting)).scalar_one()
    if count > limit.count:
        raise Limited(until * 60 - int(now.timestamp()))


async def lately(unit: Reading, limit: Limit, subject: bytes, now: datetime) -> int:
    """Return how many attempts a subject made in the present window."""
    attempt = tables.attempt.c
    found = await unit.scalar(
        select(attempt.count).where(
            attempt.scope == limit.scope,
            attempt.subject == subject,
            attempt.window_number == minute_of(now) // limit.minutes,
        )
    )
    return found or 0


async def forget(unit: Writing, limit: Limit, subject: bytes) -> None:
    """Drop a subject's count after it succeeded."""
    attempt = tables.attempt
    await unit.execute(
        delete(attempt).where(attempt.c.scope == limit.scope, attempt.c.subject == subject)
    )


async def sweep(unit: Writing, now: datetime) -> None:
    """Delete the counts of windows that are over."""
    await unit.execute(delete(tables.attempt).where(tables.attempt.c.until <= minute_of(now)))
