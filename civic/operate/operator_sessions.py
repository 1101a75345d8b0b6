"""Links and sessions of the operator's page: no account, no other page, an hour at most."""

import argparse
import secrets
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.clock import SystemClock, minute_of
from civic.kernel.database import Reading, Writing, writing
from civic.kernel.proofs import token_hash
from civic.operate.place import in_database, plainly, say
from civic.operate.tables import operator_session
from civic.settings import Settings

LINK_MINUTES: Final = 10
SESSION_MINUTES: Final = 60
_MOST: Final = 100

_c = operator_session.c


async def issue_link(db: Writing, now: datetime) -> str:
    """Make the secret of a link that works once within `LINK_MINUTES`."""
    return await _keep(db, link=True, until=minute_of(now) + LINK_MINUTES)


async def link_works(db: Reading, secret: str, now: datetime) -> bool:
    """Tell whether a link could still be used; it stays usable."""
    return await _found(db, secret, now, link=True)


async def redeem(db: Writing, secret: str, now: datetime) -> str | None:
    """Use a link up and return the token of the session it begins, None where it is worthless."""
    if len(secret) > _MOST:
        return None
    used = await db.execute(
        delete(operator_session).where(
            _c.id_hash == token_hash(secret), _c.link, _c.until > minute_of(now)
        )
    )
    if used.rowcount != 1:
        return None
    return await _keep(db, link=False, until=minute_of(now) + SESSION_MINUTES)


async def session_works(db: Reading, token: str, now: datetime) -> bool:
    """Tell whether a token is that of an operator's session."""
    return await _found(db, token, now, link=False)


async def end(db: Writing, token: str) -> None:
    """End a session."""
    await db.execute(delete(operator_session).where(_c.id_hash == token_hash(token)))


async def sweep(db: Writing, now: datetime) -> None:
    """Delete links and sessions that are over."""
    await db.execute(delete(operator_session).where(_c.until <= minute_of(now)))


async def _keep(db: Writing, *, link: bool, until: int) -> str:
    secret = secrets.token_urlsafe(32)
    await db.execute(
        insert(operator_session).values(id_hash=token_hash(secret), link=link, until=until)
    )
    return secret


async def _found(db: Reading, secret: str, now: datetime, *, link: bool) -> bool:
    if not secret or len(secret) > _MOST:
        return False
    query = select(_c.until).where(_c.id_hash == token_hash(secret), _c.link.is_(link))
    until = await db.scalar(query)
    return until is not None and until > minute_of(now)


def add_operator_link_command(subparsers: Any) -> None:
    """Add `civic operator-link`."""
    parser = subparsers.add_parser(
        "operator-link", help="print a link that opens the operator's page once, for ten minutes"
    )
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_environment()

    async def work(engine: AsyncEngine) -> str:
        async with writing(engine) as db:
            return await issue_link(db, SystemClock().now())

    secret = in_database(settings, work)
    say(f"{settings.base_url}/operator/enter/{secret}")
    say(f"It works once, within {LINK_MINUTES} minutes, and shows nothing about people.")
    return 0
