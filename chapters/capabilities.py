"""Capability tokens: auditors and peers read a chapter's record for some days, bound to a key.

A lead gives one for a public key. The node keeps the hash of the token, the key, whom it is for in
the lead's words, and days: nothing that ties it to an account.
"""

from datetime import date, timedelta
from typing import Final

import msgspec
from sqlalchemy import (
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.proofs import token_hash
from civic.kernel.record.tables import log as log_table

DAYS: Final = 7
"""How long a token works, in days; the day on which it was given counts."""
LISTED_DAYS: Final = 30
"""How long leads still see a token that is over."""
OPEN_MOST: Final = 50
"""How many tokens of a chapter work at the same time at most."""
LABEL_MOST: Final = 60

capability = Table(
    "capability",
    private_metadata,
    Column("token_hash", LargeBinary, primary_key=True),
    Column("log", Integer, ForeignKey(log_table.c.no), nullable=False),
    # Ed25519; each request is signed with it.
    Column("public_key", LargeBinary, nullable=False),
    Column("label", Text, nullable=False),
    # The member id of the lead.
    Column("given_by", Text, nullable=False),
    # The first day on which it works no more.
    Column("until", Date, nullable=False, info={"time": "day"}),
    Column("last_used", Date, info={"time": "day"}),
    Column("revoked", Boolean, nullable=False, server_default="false"),
    comment="Tokens with which auditors and peers read a record that is not for the world.",
)
Index(None, capability.c.log, capability.c.until)

_c = capability.c


class Capability(msgspec.Struct, frozen=True):
    """A token as leads see it. `until` is the first day on which it works no more."""

    hash: bytes
    public_key: bytes
    label: str
    given_by: str
    until: date
    last_used: date | None
    revoked: bool

    def works(self, today: date) -> bool:
        """Tell whether it opens anything on a day."""
        return not self.revoked and today < self.until


_COLUMNS: Final = (
    _c.token_hash,
    _c.public_key,
    _c.label,
    _c.given_by,
    _c.until,
    _c.last_used,
    _c.revoked,
)


async def give(
    db: Writing, log: int, token: str, public_key: bytes, label: str, by: str, today: date
) -> bool:
    """Keep a token for a key; False when too many work already. The same token is kept once."""
    working = await db.scalar(
        select(func.count()).where(
            _c.log == log, _c.until > today, ~_c.revoked, _c.token_hash != token_hash(token)
        )
    )
    if (working or 0) >= OPEN_MOST:
        return False
    await db.execute(
        insert(capability)
        .values(
            token_hash=token_hash(token),
            log=log,
            public_key=public_key,
            label=label,
            given_by=by,
            until=today + timedelta(days=DAYS),
        )
        .on_conflict_do_nothing()
    )
    return True


async def find(db: Reading, log: int, token: str) -> Capability | None:
    """Return what is kept of a chapter's token, whether it works or not; None for others."""
    row = (
        await db.execute(select(*_COLUMNS).where(_c.token_hash == token_hash(token), _c.log == log))
    ).one_or_none()
    return None if row is None else Capability(*row)


async def touch(db: Writing, digest: bytes, today: date) -> None:
    """Note that a token is used on a day."""
    await db.execute(update(capability).where(_c.token_hash == digest).values(last_used=today))


async def revoke(db: Writing, log: int, digest: bytes) -> bool:
    """End a token of a chapter at once; False where there is none that works."""
    ended = await db.execute(
        update(capability)
        .where(_c.log == log, _c.token_hash == digest, ~_c.revoked)
        .values(revoked=True)
    )
    return ended.rowcount == 1


async def listed(db: Reading, log: int) -> list[Capability]:
    """Return a chapter's tokens, those that work longest first."""
    rows = await db.execute(
        select(*_COLUMNS)
        .where(_c.log == log)
        .order_by(_c.revoked, _c.until.desc(), _c.label, _c.token_hash)
    )
    return [Capability(*row) for row in rows]


async def sweep(db: Writing, today: date) -> None:
    """Delete tokens that have been over for `LISTED_DAYS`."""
    await db.execute(delete(capability).where(_c.until < today - timedelta(days=LISTED_DAYS)))
