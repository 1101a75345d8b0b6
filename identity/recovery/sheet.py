"""The recovery sheet: eight codes, shown once, in force only when two of them were typed in again.

Until then they travel in a sealed ticket and nothing is stored, so whoever loses the page half way
keeps the sheet they had. The seed of the member keys is written onto the sheet by the browser.
"""

import hmac
import secrets
from typing import Final

import msgspec
from sqlalchemy import delete, insert

from civic.kernel.database import writing
from identity import notices, openings, vault
from identity.recovery import codes, tables
from identity.sessions import SignedIn
from identity.side import IdentityKeys, Private
from identity.tickets import TicketOver, open_ticket, seal_ticket, spend, until

CODES: Final = 8
"""Codes on a sheet; each brings the account back once."""
USE: Final = "recovery-code"
_MINUTES: Final = 60


class SheetTicket(msgspec.Struct, frozen=True):
    """A sheet that is shown and not confirmed yet."""

    account_id: str
    codes: tuple[str, ...]
    asked: tuple[int, int]
    until: int


class Sheet(msgspec.Struct, frozen=True):
    """What a sheet shows, and what the form beside it carries."""

    codes: tuple[str, ...]
    asked: tuple[int, int]
    """Which two codes are to be typed in, counted from 1."""
    ticket: str

    def __repr__(self) -> str:
        return "Sheet(...)"


class WrongCodes(Exception):
    """What was typed are not the two codes that were asked for; the ticket can be tried again."""


def draw(side: Private, me: SignedIn) -> Sheet:
    """Draw the codes of a new sheet; nothing is stored."""
    drawn = tuple(codes.draw() for _ in range(CODES))
    first, second = sorted(secrets.SystemRandom().sample(range(1, CODES + 1), 2))
    ticket = SheetTicket(me.account_id, drawn, (first, second), until(side, _MINUTES))
    return Sheet(drawn, ticket.asked, seal_ticket(side, ticket))


def shown_again(side: Private, me: SignedIn, ticket: str) -> Sheet:
    """Return a sheet that is not confirmed yet; raise `TicketOver`."""
    opened = _opened(side, me, ticket)
    return Sheet(opened.codes, opened.asked, ticket)


async def confirm(side: Private, me: SignedIn, ticket: str, first: str, second: str) -> None:
    """Put a sheet in force in place of an earlier one, and tell all other devices.

    What a code of the earlier one opened ends, but for the session that asks for this.
    Raises `WrongCodes` and `TicketOver`.
    """
    opened = _opened(side, me, ticket)
    typed = (first, second)
    right = [
        hmac.compare_digest(codes.read(text), codes.read(opened.codes[number - 1]))
        for text, number in zip(typed, opened.asked, strict=True)
    ]
    if not all(right):
        raise WrongCodes
    code, keys, now = tables.code, side.keys, side.clock.now()
    async with writing(side.engine) as unit:
        if not await spend(unit, "\n".join(opened.codes).encode(), opened.until):
            raise TicketOver
        await unit.execute(delete(code).where(code.c.account_id == me.account_id))
        # In no order that would tell which row is which code on the paper.
        rows = sorted(
            (_row(keys, me, one) for one in opened.codes), key=lambda row: row["code_hash"]
        )
        await unit.execute(insert(code), rows)
        await notices.tell(unit, me.account_id, notices.SHEET_MADE, now, but=me.id_hash)
        await openings.end(unit, me.account_id, me.data_key, openings.SHEET, but=me.id_hash)


def _row(keys: IdentityKeys, me: SignedIn, code: str) -> dict[str, bytes | str]:
    key = codes.code_key(keys.recovery, code, USE)
    return {
        "account_id": me.account_id,
        "code_hash": codes.code_hash(keys.recovery, code, USE),
        "wrapped_key": vault.wrap(key, me.data_key, me.account_id),
    }


def _opened(side: Private, me: SignedIn, ticket: str) -> SheetTicket:
    opened = open_ticket(side, ticket, SheetTicket)
    if opened.account_id != me.account_id:
        raise TicketOver
    return opened
