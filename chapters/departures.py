"""Departures: members who leave, kept until everything that they asked for is done.

Who leaves may be gone before all of it is: an account is deleted at once, words are erased one
matter after the other, and a process may die. Nothing here names an account or a time.
"""

import secrets

import msgspec
from sqlalchemy import Column, LargeBinary, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.record.ties import Vault

departure = Table(
    "departure",
    private_metadata,
    Column("id", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    comment=(
        "Members who leave and what is still to be done for them, sealed under the node key; no "
        "account, no time."
    ),
)


class Departure(msgspec.Struct, frozen=True):
    """A member who leaves a log's chapter, and whether their words and ties are to be erased."""

    log: int
    log_id: str
    member: str
    words: bool
    ties: bool


async def add(db: Writing, vault: Vault, leaving: Departure) -> bytes:
    """Keep that a member leaves; return the id under which this is kept."""
    own_id = secrets.token_bytes(16)
    sealed = vault.seal(own_id, msgspec.msgpack.encode(leaving))
    await db.execute(insert(departure).values(id=own_id, sealed=sealed))
    return own_id


async def pending(db: Reading, vault: Vault) -> list[tuple[bytes, Departure]]:
    """Return all departures that are not done yet, with their ids."""
    rows = await db.execute(select(departure.c.id, departure.c.sealed).order_by(departure.c.id))
    return [
        (own_id, msgspec.msgpack.decode(vault.open(own_id, sealed), type=Departure))
        for own_id, sealed in rows
    ]


async def end(db: Writing, own_id: bytes) -> None:
    """Forget a departure: all of it is done."""
    await db.execute(delete(departure).where(departure.c.id == own_id))
