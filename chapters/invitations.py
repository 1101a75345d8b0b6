"""Invitations: private until used, then a restricted paper beside the entry of who joined."""

import hashlib
import secrets
from typing import Final

import msgspec
from sqlalchemy import (
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from chapters.bylaws import DAY, YEAR
from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.record.entry import id_of
from civic.kernel.record.tables import log as log_table
from civic.kernel.record.ties import Vault

VALID: Final = 14 * DAY
"""Minutes for which an invitation can be used."""
OPEN_MOST: Final = 50
"""How many invitations of one member to a chapter wait to be used at most."""

invitation = Table(
    "invitation",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("hash", LargeBinary, primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("inviter_tag", LargeBinary, nullable=False),
    Column("until", Integer, nullable=False, info={"time": "day"}),
    Column("used", Integer, info={"time": "day"}),
    comment="Invitations by the hash of their secret; who invited is sealed under the node key.",
)
Index(None, invitation.c.log, invitation.c.inviter_tag)


class Invited(msgspec.Struct, frozen=True):
    """An invitation as it was given: its id, who invited, until when, and when it was used."""

    hash: bytes
    id: str
    by: str
    until: int
    used: int | None


def secret_hash(secret: str) -> bytes:
    """Return the hash under which an invitation is kept."""
    return hashlib.sha256(secret.encode()).digest()


async def invite(db: Writing, vault: Vault, log: int, by: str, now: int) -> str | None:
    """Keep a new invitation by a member and return its secret, to be handed over in person.

    None when `OPEN_MOST` of theirs wait to be used. Only the day is kept until which it is valid:
    minutes would tell who was invited when.
    """
    tag, table = vault.other_tag("inviter", str(log), by), invitation.c
    # Whoever asks many times at once is counted one by one.
    await db.execute(select(func.pg_advisory_xact_lock(int.from_bytes(tag[:8], signed=True))))
    still_open = await db.scalar(
        select(func.count()).where(
            table.log == log, table.inviter_tag == tag, table.used.is_(None), table.until >= now
        )
    )
    if (still_open or 0) >= OPEN_MOST:
        return None
    secret = secrets.token_urlsafe(18)
    digest = secret_hash(secret)
    await db.execute(
        insert(invitation).values(
            log=log,
            hash=digest,
            sealed=vault.seal(digest, by.encode()),
            inviter_tag=tag,
            until=_end_of_day(now + VALID),
        )
    )
    return secret


async def find(
    db: Reading, vault: Vault, log: int, secret: str, *, lock: bool = False
) -> Invited | None:
    """Return the invitation that a secret stands for, or None."""
    table = invitation.c
    query = select(table.hash, table.sealed, table.until, table.used).where(
        table.log == log, table.hash == secret_hash(secret)
    )
    row = (await db.execute(query.with_for_update() if lock else query)).one_or_none()
    if row is None:
        return None
    by = vault.open(row.hash, row.sealed).decode()
    return Invited(row.hash, id_of(row.hash[:16]), by, row.until, row.used)


async def used_times(db: Reading, vault: Vault, log: int, by: str) -> list[int]:
    """Return the minutes at which people joined whom a member had invited."""
    tag = vault.other_tag("inviter", str(log), by)
    rows = await db.scalars(
        select(invitation.c.used).where(
            invitation.c.log == log,
            invitation.c.inviter_tag == tag,
            invitation.c.used.is_not(None),
        )
    )
    return [int(one) for one in rows if one is not None]


async def given(db: Reading, vault: Vault, log: int, by: str) -> list[Invited]:
    """Return a member's invitations to a chapter that are still kept, the one that ends first."""
    table = invitation.c
    rows = await db.execute(
        select(table.hash, table.until, table.used)
        .where(table.log == log, table.inviter_tag == vault.other_tag("inviter", str(log), by))
        .order_by(table.until, table.hash)
    )
    return [Invited(row.hash, id_of(row.hash[:16]), by, row.until, row.used) for row in rows]


async def mark_used(db: Writing, log: int, digest: bytes, now: int) -> None:
    """Note that somebody joined with an invitation, by the end of the day alone.

    With the minute, a dump of the database would tell which members one person invited.
    """
    await db.execute(
        update(invitation)
        .where(invitation.c.log == log, invitation.c.hash == digest)
        .values(used=_end_of_day(now))
    )


async def sweep(db: Writing, now: int) -> None:
    """Delete invitations that nobody used in time, and those of which no year's budget asks."""
    table = invitation.c
    await db.execute(
        delete(invitation).where(
            table.until < now, or_(table.used.is_(None), table.used <= now - YEAR)
        )
    )


def _end_of_day(minute: int) -> int:
    return minute - minute % DAY + DAY
