"""Links that sign in once, for the people of a demonstration: no other node answers them."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import delete, insert, select

from civic.kernel.database import Reading, Writing
from identity import openings, tables, vault
from identity.sessions import id_hash, start


async def issue(
    writing: Writing, account_id: str, data_key: bytes, now: datetime, *, days: int = 1
) -> str:
    """Make the secret of a new link; it works until the end of the day `days` from now (UTC)."""
    secret = secrets.token_urlsafe(32)
    await writing.execute(
        insert(tables.sign_in_link).values(
            id_hash=id_hash(secret),
            account_id=account_id,
            wrapped_key=vault.wrap(vault.bearer_key(secret), data_key, account_id),
            last_day=now.date() + timedelta(days=days),
        )
    )
    return secret


async def works(reading: Reading, secret: str, now: datetime) -> bool:
    """Tell whether a link could still be used; it stays usable."""
    found = await reading.scalar(
        select(tables.sign_in_link.c.id_hash).where(
            tables.sign_in_link.c.id_hash == id_hash(secret),
            tables.sign_in_link.c.last_day >= now.date(),
        )
    )
    return found is not None


async def redeem(writing: Writing, secret: str, now: datetime) -> str | None:
    """Use a link up and begin a session; return its token, or None if the link is worthless."""
    link = tables.sign_in_link
    row = (
        await writing.execute(
            delete(link)
            .where(link.c.id_hash == id_hash(secret), link.c.last_day >= now.date())
            .returning(link.c.account_id, link.c.wrapped_key)
        )
    ).one_or_none()
    if row is None:
        return None
    data_key = vault.unwrap(vault.bearer_key(secret), row.wrapped_key, row.account_id)
    # A link is one factor of unknown age: what needs a fresh one still asks for it.
    return await start(writing, row.account_id, data_key, now, fresh=False, by=openings.LINK)


async def sweep(writing: Writing, now: datetime) -> None:
    """Delete links whose days are over."""
    await writing.execute(
        delete(tables.sign_in_link).where(tables.sign_in_link.c.last_day < now.date())
    )
