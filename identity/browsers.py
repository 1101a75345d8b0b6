"""Browsers in which somebody signed in before: what others try under the name does not slow them.

A browser keeps a long random value when its person signs out; the node has the hash and a day. It
opens nothing. It goes when its person forgets the browser, by the emergency exit, with the
passphrase, and by itself when it was not used for a season.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import delete, insert, select

from civic.kernel.database import Reading, Writing
from identity import tables
from identity.sessions import id_hash

KEPT_DAYS: Final = 90
"""How long a browser is known after its last sign-in with a passphrase."""
MOST: Final = 20
"""Browsers that one account is known in; a further one takes the place of the oldest."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_row = tables.known_browser.c


def cookie_name(secure: bool) -> str:
    """Return the cookie's name; only over https can it be bound to the host by its prefix."""
    return "__Host-civic-browser" if secure else "civic-browser"


def token_of(cookies: Mapping[str, str], *, secure: bool) -> str | None:
    """Return the value that a browser kept, None for what cannot be one."""
    found = cookies.get(cookie_name(secure))
    return found if found is not None and _TOKEN.fullmatch(found) else None


async def find(reading: Reading, token: str, name_hash: bytes, now: datetime) -> bytes | None:
    """Return the hash of a browser's value if it is known for a sign-in name, else None."""
    return await reading.scalar(
        select(_row.id_hash)
        .join_from(tables.known_browser, tables.account, _row.account_id == tables.account.c.id)
        .where(
            _row.id_hash == id_hash(token),
            tables.account.c.name_hash == name_hash,
            _row.last_day >= now.date(),
        )
    )


async def keep(writing: Writing, account_id: str, before: str | None, now: datetime) -> str:
    """Know the browser of an account from now on; return the value that it is to keep.

    `before` is what it kept until now, for whomever.
    """
    if before is not None:
        await forget(writing, before)
    oldest = (
        select(_row.id_hash)
        .where(_row.account_id == account_id)
        .order_by(_row.last_day.desc(), _row.id_hash)
        .offset(MOST - 1)
    )
    await writing.execute(delete(tables.known_browser).where(_row.id_hash.in_(oldest)))
    token = secrets.token_urlsafe(32)
    await writing.execute(
        insert(tables.known_browser).values(
            id_hash=id_hash(token),
            account_id=account_id,
            last_day=now.date() + timedelta(days=KEPT_DAYS),
        )
    )
    return token


async def last_days(reading: Reading, account_id: str) -> list[date]:
    """Return until which day each browser of an account is known, the next to go first."""
    found = await reading.scalars(
        select(_row.last_day).where(_row.account_id == account_id).order_by(_row.last_day)
    )
    return list(found)


async def forget(writing: Writing, token: str) -> None:
    """Forget one browser."""
    await writing.execute(delete(tables.known_browser).where(_row.id_hash == id_hash(token)))


async def forget_all(writing: Writing, account_id: str) -> None:
    """Forget all browsers of an account."""
    await writing.execute(delete(tables.known_browser).where(_row.account_id == account_id))


async def sweep(writing: Writing, now: datetime) -> None:
    """Forget browsers whose season is over."""
    await writing.execute(delete(tables.known_browser).where(_row.last_day < now.date()))
