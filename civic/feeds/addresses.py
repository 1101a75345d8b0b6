"""Secret addresses at which a member's own programs fetch the feeds of a closed chapter.

Who has the address reads the feeds of this one chapter and nothing else. The database has the hash
of it; under which member it was made is sealed under the address itself, so a dump ties it to
nobody, and a member finds their own by a mark that only their account's key gives. It ends when its
member signs out everywhere. Whose membership ends, or whose member another account comes to hold,
for them it opens nothing any more. When it is fetched is kept nowhere.
"""

import base64
import hmac
from datetime import date, timedelta
from typing import Final

import msgspec
from sqlalchemy import (
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    delete,
    func,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from chapters.tables import chapter, member
from civic.kernel import keys
from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.proofs import token_hash
from civic.kernel.record.tables import log as log_table
from identity.holding import Turn, holds
from identity.vault import Membership, Vault

DAYS: Final = 366
"""How long an address works, in days; the day on which it was made counts."""
MOST: Final = 5
"""How many addresses of one member in a chapter work at the same time."""
_CONTEXT: Final = b"civic/feed/member/1"
_SIZE: Final = 512
LENGTH: Final = 43
"""Characters of the secret part of an address: 256 bits."""

feed_address = Table(
    "feed_address",
    private_metadata,
    Column("address_hash", LargeBinary, primary_key=True),
    Column("log", Integer, ForeignKey(log_table.c.no), nullable=False),
    # HMAC of the chapter's id under the account's data key.
    Column("mark", LargeBinary, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    # The first day on which it works no more.
    Column("until", Date, nullable=False, info={"time": "day"}),
    comment=(
        "Secret addresses of feeds. `mark` finds those of one account in one chapter, under its "
        "data key; `sealed` is the member, opened by the address itself."
    ),
)
Index(None, feed_address.c.mark)

_a = feed_address.c


class Address(msgspec.Struct, frozen=True):
    """An address as its member sees it: never the address, only that there is one."""

    hash: bytes
    until: date


class Fetched(msgspec.Struct, frozen=True):
    """What an address opens: the feeds of the chapter whose log has this number."""

    log: int
    chapter_id: str
    public: bool


def mark_of(data_key: bytes, chapter_id: str) -> bytes:
    """Return the mark of an account's addresses in a chapter."""
    return hmac.digest(data_key, f"civic/feed/mark/1\n{chapter_id}".encode(), "sha256")


def address_for(data_key: bytes, chapter_id: str, key: str) -> str:
    """Return the address that somebody makes under the key of a form, the same each time."""
    info = f"civic/feed/address/1\n{chapter_id}\n{key}".encode()
    raw = hmac.digest(data_key, info, "sha256")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _sealing(address: str) -> bytes:
    return keys.derive(address.encode(), b"", b"civic/feed/sealed/1")


async def make(
    db: Writing, log: int, address: str, mark: bytes, held: Membership, today: date
) -> bool:
    """Keep an address; False when as many work as may. The same one is kept once.

    `held` is how its account holds the member: when another account does, it is over.
    """
    digest = token_hash(address)
    working = await db.scalar(
        select(func.count()).where(_a.mark == mark, _a.until > today, _a.address_hash != digest)
    )
    if (working or 0) >= MOST:
        return False
    packed = msgspec.json.encode(held)
    # Of one size, so that a dump does not tell who came to their member by a claim or verifiers.
    sealed = keys.seal(_sealing(address), packed.ljust(_SIZE), _CONTEXT)
    await db.execute(
        insert(feed_address)
        .values(
            address_hash=digest,
            log=log,
            mark=mark,
            sealed=sealed,
            until=today + timedelta(days=DAYS),
        )
        .on_conflict_do_nothing()
    )
    return True


async def listed(db: Reading, mark: bytes, today: date) -> list[Address]:
    """Return the addresses under a mark that work, the newest first."""
    rows = await db.execute(
        select(_a.address_hash, _a.until)
        .where(_a.mark == mark, _a.until > today)
        .order_by(_a.until.desc(), _a.address_hash)
    )
    return [Address(*row) for row in rows]


async def end(db: Writing, mark: bytes, digest: bytes) -> bool:
    """End an address at once; False where there is none under the mark."""
    ended = await db.execute(delete(feed_address).where(_a.mark == mark, _a.address_hash == digest))
    return ended.rowcount == 1


async def end_all(db: Writing, data_key: bytes, vault: Vault) -> None:
    """End all addresses that an account made in the chapters where it has a member."""
    held = (*vault.memberships, *vault.awaited)
    marks = [mark_of(data_key, one.chapter_id) for one in held]
    await db.execute(delete(feed_address).where(_a.mark.in_(marks)))


async def fetched(db: Reading, address: str, today: date) -> Fetched | None:
    """Return what an address opens, None for one that opens nothing (two queries)."""
    if len(address) != LENGTH or not address.isascii():
        return None
    row = (
        await db.execute(
            select(_a.log, _a.sealed, chapter.c.chapter_id, log_table.c.visibility)
            .join(chapter, chapter.c.log == _a.log)
            .join(log_table, log_table.c.no == _a.log)
            .where(_a.address_hash == token_hash(address), _a.until > today)
        )
    ).one_or_none()
    if row is None:
        return None
    raw = keys.open_sealed(_sealing(address), row.sealed, _CONTEXT)
    held = msgspec.json.decode(raw, type=Membership)
    own = (
        await db.execute(
            select(member.c.state, member.c.handed, member.c.key).where(
                member.c.log == row.log, member.c.id == held.member_id
            )
        )
    ).one_or_none()
    if own is None or own.state not in ("active", "suspended"):
        return None
    turns = {} if own.handed is None else {held.member_id: Turn(own.handed, own.key or "")}
    if not holds(held, turns):
        return None
    return Fetched(row.log, row.chapter_id, row.visibility == "world")


async def sweep(db: Writing, today: date) -> None:
    """Delete addresses that are over."""
    await db.execute(delete(feed_address).where(_a.until <= today))
