"""The key box: the seed of a person's member keys as their browser wrapped it, never in the open.

Each way to sign in wraps the same seed under a key from its own secret. The node keeps the bytes
and hands them back to whoever is signed in; only the browser can wrap and open them.
"""

import re
from typing import Final, NamedTuple

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing
from civic.kernel.keys import derive
from identity.tables import account
from identity.tables import key_box as table

WRAPPED_MOST: Final = 1024
"""The most bytes that a wrapped seed may have."""
METHOD: Final = re.compile(r"passphrase|passkey:[0-9A-Za-z_-]{1,64}")
"""How a way to sign in is named."""
BOXES_MOST: Final = 20
"""Ways to sign in under which one account may keep its seed."""


class Box(NamedTuple):
    """The seed as one way of signing in wraps it."""

    method: str
    wrapped: bytes


def tag_of(data_key: bytes) -> str:
    """Return by what a browser knows an account again, to use no other account's seed (hex)."""
    return derive(data_key, b"", b"civic/identity/key-box/1", 16).hex()


async def boxes(reading: Reading, account_id: str) -> list[Box]:
    """Return an account's wrapped seed, once for each way to sign in that can open it."""
    rows = await reading.execute(
        select(table.c.method, table.c.wrapped)
        .where(table.c.account_id == account_id)
        .order_by(table.c.method)
    )
    return [Box(*row) for row in rows]


async def begin(writing: Writing, account_id: str, box: Box) -> bool:
    """Keep the first wrapped seed of an account; False if it has one already.

    Two browsers that make a seed at the same moment must not both believe that theirs is kept.
    """
    # The account's row is the lock.
    await writing.execute(select(account.c.id).where(account.c.id == account_id).with_for_update())
    if await boxes(writing, account_id):
        return False
    await writing.execute(insert(table).values(account_id=account_id, **box._asdict()))
    return True


async def add(writing: Writing, account_id: str, box: Box) -> bool:
    """Keep the seed under one more way to sign in; False if it is kept so, or too often."""
    if len(await boxes(writing, account_id)) >= BOXES_MOST:
        return False
    made = await writing.execute(
        insert(table).values(account_id=account_id, **box._asdict()).on_conflict_do_nothing()
    )
    return made.rowcount == 1


async def replace(writing: Writing, account_id: str, box: Box) -> None:
    """Keep the seed under a way to sign in, in place of what was kept so before."""
    await writing.execute(
        insert(table)
        .values(account_id=account_id, **box._asdict())
        .on_conflict_do_update(
            index_elements=[table.c.account_id, table.c.method], set_={"wrapped": box.wrapped}
        )
    )


async def drop(writing: Writing, account_id: str, method: str) -> None:
    """Forget what one way to sign in opens: it is no way to sign in any more."""
    await writing.execute(
        delete(table).where(table.c.account_id == account_id, table.c.method == method)
    )
