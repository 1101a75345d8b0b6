"""By which way to sign in a session was opened, so that it ends when that way is removed.

A row says it by a keyed hash under the account's data key: the person's own session can tell, and
of a dump it shows no more than which sessions of one account were opened alike.
"""

import hmac
from typing import Final

from sqlalchemy import and_, delete, or_

from civic.kernel.database import Writing
from identity import notices, tables

PASSPHRASE: Final = "passphrase"  # noqa: S105  (the name of a way to sign in)
LINK: Final = "link"
SHEET: Final = "recovery sheet"
GUARDIANS: Final = "guardians"

_SIZE: Final = 16


def passkey(local_id: str) -> str:
    """Return how a passkey is named as a way, here and in the key box."""
    return f"passkey:{local_id}"


def way_of(authenticator: str) -> str:
    """Return how one of a person's authenticators is named as a way."""
    return PASSPHRASE if authenticator == PASSPHRASE else passkey(authenticator)


def mark_of(data_key: bytes, way: str) -> bytes:
    """Return the 16 bytes that stand for a way in the rows of one account."""
    return hmac.digest(data_key, b"civic/identity/opened/1\n" + way.encode(), "sha256")[:_SIZE]


async def end(
    writing: Writing, account_id: str, data_key: bytes, way: str, *, but: bytes | None = None
) -> int:
    """End the sessions that a way opened or in which it was proved last, and their tokens.

    Returns how many sessions ended. `but` is the id hash of the session that goes on, since its
    person has just proved that it is them. What the others had to tell is kept for those to come.
    """
    mark, session = mark_of(data_key, way), tables.session.c
    ending = and_(
        session.account_id == account_id, or_(session.opened_by == mark, session.proved_by == mark)
    )
    if but is not None:
        ending = and_(ending, session.id_hash != but)
    await notices.keep_unread(writing, ending)
    ended = await writing.execute(delete(tables.session).where(ending))
    token = tables.access_token
    await writing.execute(
        delete(token).where(token.c.account_id == account_id, token.c.made_by == mark)
    )
    return ended.rowcount
