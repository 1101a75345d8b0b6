"""Forgetting what nobody came back to."""

from typing import Final

from sqlalchemy import (
    delete,
)

from chapters.assurance.attestations.tables import case, code, counted, pending
from chapters.bylaws import DAY, YEAR
from civic.kernel.database import Writing

PENDING_TIME: Final = 90 * DAY
"""Minutes for which a vouch waits for the others that are needed."""


async def sweep(db: Writing, log: int, now: int, case_time: int) -> None:
    """Forget codes, vouches and cases that nobody came back to, and counts of more than a year."""
    await db.execute(delete(code).where(code.c.log == log, code.c.until < now))
    await db.execute(
        delete(pending).where(pending.c.log == log, pending.c.day <= now - PENDING_TIME)
    )
    await db.execute(delete(case).where(case.c.log == log, case.c.day <= now - case_time))
    await db.execute(delete(counted).where(counted.c.log == log, counted.c.day <= now - YEAR))
