"""Codes that somebody shows to be vouched for: a quarter of an hour, and whose they are."""

import secrets
from typing import Final

from sqlalchemy import (
    delete,
    select,
)
from sqlalchemy.dialects.postgresql import insert

from chapters.assurance.attestations.tables import (
    code,
    tag_of,
)
from civic.kernel.database import Reading, Writing
from civic.kernel.record.ties import Vault

CODE_TIME: Final = 15
"""Minutes for which a code can be typed on another phone."""
CODE_DIGITS: Final = 8


async def new_code(db: Writing, vault: Vault, log: int, member: str, now: int) -> str:
    """Return a new code of a member, in place of an earlier one."""
    own = tag_of(vault, "code of", log, member)
    await db.execute(delete(code).where(code.c.log == log, code.c.member_tag == own))
    while True:
        given = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"
        tag = tag_of(vault, "code", log, given)
        row = insert(code).values(
            log=log,
            tag=tag,
            member_tag=own,
            sealed=vault.seal(tag, member.encode()),
            until=now + CODE_TIME,
        )
        # What somebody else is showing just now must not stand for two people.
        if (await db.execute(row.on_conflict_do_nothing())).rowcount:
            return given


async def member_of_code(db: Reading, vault: Vault, log: int, typed: str, now: int) -> str | None:
    """Return whose code this is, None if nobody's or too old."""
    tag = tag_of(vault, "code", log, "".join(one for one in typed if one.isdigit()))
    found = select(code.c.sealed).where(code.c.log == log, code.c.tag == tag, code.c.until >= now)
    sealed = await db.scalar(found)
    return None if sealed is None else vault.open(tag, sealed).decode()
