"""One at a time, of all processes on a database."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import writing


@asynccontextmanager
async def turn(engine: AsyncEngine, name: str) -> AsyncIterator[bool]:
    """Tell whether it is this process's turn to do something; no other gets it meanwhile.

    The turn ends with the block, or with the connection to the database: whoever dies gives it
    back. It is no promise (a connection can be lost in the middle): what is done in it must be
    harmless when it is done twice.
    """
    lock = int.from_bytes(hashlib.sha256(f"civic/turn/{name}".encode()).digest()[:8], signed=True)
    async with writing(engine) as db:
        # Of the transaction, not of the session: the latter means nothing behind PgBouncer.
        await db.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        yield bool(await db.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": lock}))
