"""Departures: members who leave, kept until everything that they asked for is done.

Who leaves may be gone before all of it is: an account is deleted at once, words are erased one
matter after the other, and a process may die. So what their browser signed of it is kept too.
Nothing here names an account or a time.
"""

import secrets
from typing import Annotated, Final

import msgspec
from sqlalchemy import Column, LargeBinary, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.record.entry import Hash, Hex64, Id
from civic.kernel.record.ties import Vault

SIGNED_MOST: Final = 1000
"""Acts of one departure that are signed at most; what goes beyond them is the node's word."""

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


class SignedLeaving(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody's browser signed of their leaving, before it takes place.

    The public keys of the member, and of voices by matter; signatures by the SHA-256 of the acts'
    messages, which name no time and no place in the record (docs/protocol/record.md, section 3).
    """

    member: Hash
    voices: Annotated[dict[Id, Hash], msgspec.Meta(max_length=SIGNED_MOST)] = {}
    signatures: Annotated[dict[Hash, Hex64], msgspec.Meta(max_length=SIGNED_MOST)] = {}


class Departure(msgspec.Struct, frozen=True):
    """A member who leaves a log's chapter, and whether their words and ties are to be erased.

    The act of leaving is made under `key`, another one for each departure.
    """

    log: int
    log_id: str
    member: str
    words: bool
    ties: bool
    key: str = msgspec.field(default_factory=lambda: secrets.token_hex(16))
    signed: SignedLeaving | None = None


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
