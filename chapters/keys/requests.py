"""Requests of members who lost their key: what waits for two verifiers, sealed under the node key.

Gone once it is announced, and after a fortnight. Which account asked stands in that account's vault
and nowhere else.
"""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Final

import msgspec
from sqlalchemy import Column, Date, ForeignKey, Integer, LargeBinary, Table, delete, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.record.tables import log as log_table
from civic.kernel.record.ties import Vault

KEPT_DAYS: Final = 14
REQUESTS_MOST: Final = 200
"""Requests that wait in one chapter at most."""

key_request = Table(
    "key_request",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Date, nullable=False, info={"time": "day"}),
    comment="Members who lost their key and wait for two verifiers, sealed under the node key.",
)
_COLUMN: Final = key_request.c


class KeyRequest(msgspec.Struct, frozen=True):
    """A new key for a member, and what the first verifier said of it."""

    change: str
    member: str
    key: str
    possession: str
    witness: bytes = b""

    def __repr__(self) -> str:
        return "KeyRequest(...)"


def _tag(vault: Vault, log: int, key: str) -> bytes:
    return vault.other_tag("key request", str(log), key)


async def put(
    db: Writing,
    vault: Vault,
    log: int,
    request: KeyRequest,
    today: date,
    earlier: Collection[str] = (),
) -> bool:
    """Keep a request, or what became of it; False if too many wait.

    `earlier` are the changes that its account asked for before: one waits at a time, so that no
    account alone fills the place there is.
    """
    tag = _tag(vault, log, request.key)
    held = []
    for one in await waiting(db, vault, log):
        if one.change in earlier:
            await drop(db, vault, log, one.key)
        else:
            held.append(one)
    if len(held) >= REQUESTS_MOST and all(one.key != request.key for one in held):
        return False
    sealed = vault.seal(tag, msgspec.msgpack.encode(request))
    row = insert(key_request).values(log=log, tag=tag, sealed=sealed, day=today)
    same = [_COLUMN.log, _COLUMN.tag]
    await db.execute(row.on_conflict_do_update(index_elements=same, set_={"sealed": sealed}))
    return True


async def waiting(db: Reading, vault: Vault, log: int) -> list[KeyRequest]:
    """Return what waits in a chapter, by member."""
    rows = await db.execute(select(_COLUMN.tag, _COLUMN.sealed).where(_COLUMN.log == log))
    found = [opened(vault, tag, sealed) for tag, sealed in rows]
    return sorted(found, key=lambda one: (one.member, one.key))


def opened(vault: Vault, tag: bytes, sealed: bytes) -> KeyRequest:
    """Return what waits, from its row."""
    return msgspec.msgpack.decode(vault.open(tag, sealed), type=KeyRequest)


async def drop(db: Writing, vault: Vault, log: int, key: str) -> None:
    """Forget a request."""
    tag = _tag(vault, log, key)
    await db.execute(delete(key_request).where(_COLUMN.log == log, _COLUMN.tag == tag))


async def sweep(db: Writing, today: date) -> None:
    """Forget requests that nobody answered."""
    await db.execute(delete(key_request).where(_COLUMN.day < today - timedelta(days=KEPT_DAYS)))
