"""What an answer costs the database: the statements that are sent while it is made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
from sqlalchemy import event
from sqlalchemy.engine import Engine

_BESIDE = (
    # The day of a session or a token is written once a day.
    "private.session",
    "private.access_token",
    # What the stage of the matrix asks to find out what would be written.
    "pg_stat_",
)


@contextmanager
def queries() -> Iterator[list[str]]:
    """Collect the statements of all engines, also those spoken straight to the driver.

    Who is signed in is asked beside them.
    """
    seen: list[str] = []
    fetch = asyncpg.Connection.fetch

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        # With `SELECT 1` a transaction is begun.
        if statement != "SELECT 1" and not any(one in statement for one in _BESIDE):
            seen.append(statement)

    async def fetched(connection: Any, statement: str, *values: Any, **more: Any) -> Any:
        note(None, None, statement)
        return await fetch(connection, statement, *values, **more)

    event.listen(Engine, "before_cursor_execute", note)
    asyncpg.Connection.fetch = fetched
    try:
        yield seen
    finally:
        asyncpg.Connection.fetch = fetch
        event.remove(Engine, "before_cursor_execute", note)
