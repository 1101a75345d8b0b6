"""Intents: beginnings of a membership that are recorded before the account's vault knows of them.

A chapter's record and a vault are written one after the other. What lies between is kept here,
sealed like the vault, so that a chapter or a member that stands in a record finds its owner even if
the process died in between. An intent goes in the same transaction that writes the vault.
"""

import hmac
from datetime import date
from typing import Final

import msgspec
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing
from civic.kernel.keys import open_sealed, seal
from identity.tables import intent as table

_SIZE: Final = 1536


class Intent(msgspec.Struct, frozen=True):
    """A member about to appear in a log, by an act whose key is `act` (hex).

    `leaves` is the chapter that the person leaves by this, empty for who only comes; `leaving` is
    what they signed of that, in whoever's form who reads it.
    """

    log: int
    log_id: str
    member_id: str
    act: str
    leaves: str = ""
    leaving: bytes = b""

    def __repr__(self) -> str:
        return "Intent(...)"


def key_of(data_key: bytes, what: str) -> bytes:
    """Return the key of an account's intent to do `what`; to others it says nothing."""
    return hmac.digest(data_key, b"civic/identity/intent/1\n" + what.encode(), "sha256")


async def find(reading: Reading, account_id: str, data_key: bytes, key: bytes) -> Intent | None:
    """Return an account's intent under a key, or None."""
    sealed = await reading.scalar(
        select(table.c.sealed).where(table.c.account_id == account_id, table.c.key == key)
    )
    return None if sealed is None else _open(data_key, sealed, account_id, key)


async def put(
    writing: Writing, account_id: str, data_key: bytes, key: bytes, intent: Intent, today: date
) -> None:
    """Keep an intent; one that stands under the key already stays, as of today."""
    packed = msgspec.msgpack.encode(intent)
    framed = len(packed).to_bytes(2, "big") + packed
    # One size for all: how long it is must not tell a founding from an application.
    sealed = seal(data_key, framed.ljust(_SIZE, b"\0"), _context(account_id, key))
    await writing.execute(
        insert(table)
        .values(account_id=account_id, key=key, sealed=sealed, day=today)
        .on_conflict_do_update(index_elements=["account_id", "key"], set_={"day": today})
    )


async def drop(writing: Writing, account_id: str, key: bytes) -> None:
    """Forget an intent: it is in the vault, or was refused."""
    await writing.execute(delete(table).where(table.c.account_id == account_id, table.c.key == key))


async def drop_old(writing: Writing, account_id: str, key: bytes, before: date) -> None:
    """Forget an intent that nobody has put since a day: nothing of it is under way."""
    await writing.execute(
        delete(table).where(
            table.c.account_id == account_id, table.c.key == key, table.c.day < before
        )
    )


async def unfinished(
    reading: Reading, account_id: str, data_key: bytes
) -> list[tuple[bytes, Intent, date]]:
    """Return all intents of an account with their keys and the days they are from."""
    rows = await reading.execute(
        select(table.c.key, table.c.sealed, table.c.day)
        .where(table.c.account_id == account_id)
        .order_by(table.c.key)
    )
    return [(key, _open(data_key, sealed, account_id, key), day) for key, sealed, day in rows]


def _open(data_key: bytes, sealed: bytes, account_id: str, key: bytes) -> Intent:
    framed = open_sealed(data_key, sealed, _context(account_id, key))
    size = int.from_bytes(framed[:2], "big")
    return msgspec.msgpack.decode(framed[2 : 2 + size], type=Intent)


def _context(account_id: str, key: bytes) -> bytes:
    return f"civic/identity/intent/1\n{account_id}\n{key.hex()}".encode()
