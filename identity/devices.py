"""The browsers and programs in which a person is signed in, as they see them themselves."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import select, update

from civic.kernel.database import Reading, Writing
from identity import own_names, tables
from identity.sessions import SignedIn


class Device(NamedTuple):
    """One signed-in browser or program, as its person sees it."""

    id_hash: bytes
    created: date
    last_used: date
    name: str
    """What the person calls it, empty if they gave no name."""


async def listed(reading: Reading, me: SignedIn) -> list[Device]:
    """Return a person's own sessions, the last used first."""
    session = tables.session.c
    rows = await reading.execute(
        select(session.id_hash, session.created, session.last_used, session.sealed_name)
        .where(session.account_id == me.account_id)
        .order_by(session.last_used.desc(), session.created.desc(), session.id_hash)
    )
    return [
        Device(
            row.id_hash,
            row.created,
            row.last_used,
            own_names.open_name(me.data_key, row.sealed_name, me.account_id, "device"),
        )
        for row in rows
    ]


async def rename(writing: Writing, me: SignedIn, session_hash: bytes, name: str) -> None:
    """Give one of a person's own sessions a name that only they can read."""
    session = tables.session.c
    sealed = own_names.seal_name(me.data_key, name, me.account_id, "device")
    await writing.execute(
        update(tables.session)
        .where(session.id_hash == session_hash, session.account_id == me.account_id)
        .values(sealed_name=sealed)
    )
