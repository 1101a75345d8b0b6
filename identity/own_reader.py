"""The language and time zone that somebody keeps with their account, for all their devices.

Sealed under the account's data key, and of one length for all: the database tells neither. Whoever
is signed in reads by them, whatever the browser says.
"""

from typing import Final

import msgspec
from sqlalchemy import update

from civic.kernel.database import Writing
from civic.kernel.keys import SealBroken, open_sealed, seal
from identity.sessions import SignedIn
from identity.tables import account

_LENGTH: Final = 128


class Kept(msgspec.Struct, frozen=True):
    """A language by its tag, and a time zone by its name."""

    language: str
    zone: str


def kept_by(me: SignedIn) -> Kept | None:
    """Return what somebody keeps with their account; None where they keep nothing."""
    if me.sealed_reader is None:
        return None
    try:
        raw = open_sealed(me.data_key, me.sealed_reader, _context(me.account_id))
    except SealBroken:
        # Sealed under a key that the account had before: they may choose again.
        return None
    return msgspec.json.decode(raw.rstrip(b" "), type=Kept)


async def keep(unit: Writing, me: SignedIn, kept: Kept | None) -> None:
    """Keep a choice with an account in place of an earlier one; None forgets it."""
    sealed = None
    if kept is not None:
        raw = msgspec.json.encode(kept).ljust(_LENGTH)
        sealed = seal(me.data_key, raw, _context(me.account_id))
    me.sealed_reader = sealed
    await unit.execute(
        update(account).where(account.c.id == me.account_id).values(sealed_reader=sealed)
    )


def _context(account_id: str) -> bytes:
    return b"civic/identity/reader/1\n" + account_id.encode()
