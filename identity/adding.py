"""A passphrase and a phone for an account that exists: as its second way to sign in, or anew.

Like signing up it takes two pages, and nothing is stored until the phone's code is right.
"""

import msgspec
from sqlalchemy import delete

from civic.kernel.database import writing
from identity import accounts, browsers, limits, notices, openings, tables, totp
from identity.accounts import Factors
from identity.sessions import SignedIn
from identity.side import Private
from identity.signing_up import TICKET_MINUTES, Enrolment, WrongCode, new_factors
from identity.tickets import TicketOver, open_ticket, seal_ticket, spend, until


class AddTicket(msgspec.Struct, frozen=True):
    """The second page: everything but the proof that the phone has the secret."""

    account_id: str
    factors: Factors
    until: int


async def begin(side: Private, me: SignedIn, typed: str) -> Enrolment:
    """Take a new passphrase and draw a TOTP secret.

    Raises `TooWeak`, `limits.Limited` and `passphrase.Busy`.
    """
    name = me.vault.name
    given = await new_factors(
        side, me.account_id, me.data_key, name, typed, limits.STEP_UP, me.id_hash
    )
    ticket = AddTicket(me.account_id, given, until(side, TICKET_MINUTES))
    return Enrolment(name, given.totp_secret, seal_ticket(side, ticket))


def shown_again(side: Private, me: SignedIn, ticket: str) -> Enrolment:
    """Return what a second page's ticket carries, to show it again; raise `TicketOver`."""
    return Enrolment(me.vault.name, _opened(side, me, ticket).factors.totp_secret, ticket)


async def confirm(side: Private, me: SignedIn, ticket: str, code: str) -> None:
    """Set passphrase and phone once the phone's code is right, in place of earlier ones.

    All other devices are told; what the earlier ones opened ends. Raises `WrongCode` and
    `TicketOver`.
    """
    opened = _opened(side, me, ticket)
    now = side.clock.now()
    step = totp.matching_step(opened.factors.totp_secret, code, now)
    if step is None:
        raise WrongCode
    async with writing(side.engine) as unit:
        if not await spend(unit, opened.factors.salt, opened.until):
            raise TicketOver
        for table in (tables.passphrase, tables.totp):
            await unit.execute(delete(table).where(table.c.account_id == me.account_id))
        await accounts.add_factors(unit, side.keys, me.account_id, opened.factors, step, now)
        await notices.tell(unit, me.account_id, notices.PASSPHRASE_SET, now, but=me.id_hash)
        await browsers.forget_all(unit, me.account_id)
        way = openings.PASSPHRASE
        await openings.end(unit, me.account_id, me.data_key, way, but=me.id_hash)


def _opened(side: Private, me: SignedIn, ticket: str) -> AddTicket:
    opened = open_ticket(side, ticket, AddTicket)
    if opened.account_id != me.account_id:
        raise TicketOver
    return opened
