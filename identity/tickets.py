"""Tickets: what one page settles for the next, sealed under a node key and stored nowhere.

Whoever gives up half way leaves no trace. What must count once is noted when it has counted, until
its ticket would be too old anyway.
"""

import base64
import binascii
import hashlib
from datetime import datetime
from typing import Any, Protocol, TypeVar

import msgspec
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.clock import minute_of
from civic.kernel.database import Writing
from civic.kernel.keys import SealBroken, open_sealed, seal
from identity import tables
from identity.side import Private


class Dated(Protocol):
    """A struct that says until which minute it holds."""

    @property
    def until(self) -> int:
        """The last minute in which it holds."""


T = TypeVar("T", bound=Dated)


class TicketOver(Exception):
    """A ticket is too old, damaged, of another kind, or was used up: begin again."""


def until(side: Private, minutes: int) -> int:
    """Return the minute that is so many minutes from now."""
    return minute_of(side.clock.now()) + minutes


def seal_ticket(side: Private, ticket: Dated) -> str:
    """Return a ticket as a form can carry it."""
    sealed = seal(side.keys.tickets, msgspec.msgpack.encode(ticket), _context(type(ticket)))
    return base64.urlsafe_b64encode(sealed).decode()


def open_ticket(side: Private, carried: str, kind: type[T]) -> T:
    """Return what a form carried back; raise `TicketOver` for anything but a good ticket."""
    try:
        sealed = base64.urlsafe_b64decode(carried.encode())
        opened: T = msgspec.msgpack.decode(
            open_sealed(side.keys.tickets, sealed, _context(kind)), type=kind
        )
    except (binascii.Error, UnicodeEncodeError, SealBroken) as error:
        raise TicketOver from error
    if opened.until < minute_of(side.clock.now()):
        raise TicketOver
    return opened


async def spend(writing: Writing, once: bytes, last_minute: int) -> bool:
    """Note that something counted that may count once; False if it did before."""
    noted = await writing.execute(
        insert(tables.spent)
        .values(hash=hashlib.sha256(once).digest(), until=last_minute + 1)
        .on_conflict_do_nothing()
    )
    return noted.rowcount == 1


async def sweep(writing: Writing, now: datetime) -> None:
    """Forget what was spent and could not be spent again anyway."""
    await writing.execute(delete(tables.spent).where(tables.spent.c.until <= minute_of(now)))


def _context(kind: type[Any]) -> bytes:
    return b"civic/identity/ticket/1\n" + kind.__name__.encode()
