"""What PostgreSQL tells a process: which log grew, and to what size.

`store.sign` sends a notification with each signed head. A process hears it on one connection of its
own, which is opened anew whenever it breaks; what was told meanwhile is lost, so whoever listens is
told that they have to look for themselves.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import structlog
from sqlalchemy import exc
from sqlalchemy.engine import make_url

from civic.kernel.database import DRIVER_ERRORS, brief_engine, driver_of

CHANNEL: Final = "civic"
"""The channel of signed heads; a payload is `log size`, two numbers."""

ALIVE: Final = 30.0
"""Seconds after which a connection on which nothing was heard is asked whether it still is one."""
ANSWER: Final = 10.0
"""Seconds within which it has to answer."""
_PAUSES: Final = (0.1, 0.5, 2.0, 5.0, 15.0)

_log = structlog.get_logger("civic.told")

Heard = Callable[[int, int], None]
"""Called with the number of a log and the size to which it is signed now."""
Anew = Callable[[], None]
"""Called when a connection listens, at first and again: what was told before was not heard."""


async def listen(url: str, heard: Heard, anew: Anew, *, alive: float = ALIVE) -> None:
    """Hear signed heads until cancelled, over as many connections as that takes.

    Behind PgBouncer in transaction mode (`prepared_statement_cache_size=0` in the URL) nobody can
    listen: then this returns at once, and whoever wants to know has to look now and then.
    """
    if make_url(url).query.get("prepared_statement_cache_size") == "0":
        return
    failures = 0

    def begun() -> None:
        nonlocal failures
        failures = 0
        anew()

    while True:
        reason = "closed"
        try:
            await _listen_once(url, heard, begun, alive)
        except (exc.SQLAlchemyError, *DRIVER_ERRORS, OSError) as one:
            # TimeoutError is an OSError.
            reason = type(one).__name__
        _log.warning("listening_again", reason=reason)
        await asyncio.sleep(_PAUSES[min(failures, len(_PAUSES) - 1)])
        failures += 1


async def _listen_once(url: str, heard: Heard, begun: Anew, alive: float) -> None:
    gone = asyncio.Event()

    def told(_connection: Any, _process: int, _channel: str, payload: Any) -> None:
        no, _space, size = str(payload).partition(" ")
        if no.isdecimal() and size.isdecimal():
            heard(int(no), int(size))

    async with brief_engine(url) as engine, engine.connect() as connection:
        driver = driver_of(connection)
        driver.add_termination_listener(lambda _connection: gone.set())
        await driver.add_listener(CHANNEL, told)
        begun()
        while not gone.is_set():
            with suppress(TimeoutError):
                async with asyncio.timeout(alive):
                    await gone.wait()
            if not gone.is_set():
                # A machine that went away closes nothing.
                await driver.fetchval("SELECT 1", timeout=ANSWER)
