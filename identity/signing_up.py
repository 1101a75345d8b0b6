"""Signing up in two pages: a given name with a passphrase, then a code from the phone.

Nothing is stored until the second page is confirmed. What the first page settled travels in the
form as a ticket, sealed under a node key: the person can neither choose the name nor change what
was derived, and whoever gives up half way leaves no trace.
"""

from typing import Final

import msgspec

from civic.kernel.database import reading, writing
from identity import accounts, limits, passphrase, sessions, totp, vault
from identity.accounts import Factors, NewAccount
from identity.passphrase import Strength
from identity.side import Private
from identity.tickets import TicketOver, open_ticket, seal_ticket, until

TICKET_MINUTES: Final = 60


class NameTicket(msgspec.Struct, frozen=True):
    """The first page: which name was given."""

    name: str
    until: int


class EnrolTicket(msgspec.Struct, frozen=True):
    """The second page: everything but the proof that the phone has the secret."""

    account: NewAccount
    factors: Factors
    until: int


class Offer(msgspec.Struct, frozen=True):
    """A given name and the ticket that carries it."""

    name: str
    ticket: str


class Enrolment(msgspec.Struct, frozen=True):
    """What the second page shows, and the ticket that carries it."""

    name: str
    secret: str
    ticket: str


class TooWeak(Exception):
    """The passphrase would be guessed; `strength` says why."""

    def __init__(self, strength: Strength) -> None:
        super().__init__("the passphrase is too weak")
        self.strength = strength


class WrongCode(Exception):
    """The code is not the one the phone shows now; the same ticket can be tried again."""


async def offer(side: Private) -> Offer:
    """Give a name to somebody who wants to sign up; nothing is stored."""
    async with reading(side.engine) as unit:
        name = await accounts.free_name(unit, side.keys)
    return Offer(name, seal_ticket(side, NameTicket(name, until(side, TICKET_MINUTES))))


def offered(side: Private, ticket: str) -> str:
    """Return the name a first page's ticket carries; raise `TicketOver`."""
    return open_ticket(side, ticket, NameTicket).name


async def enrol(side: Private, ticket: str, typed: str) -> Enrolment:
    """Take the passphrase for a given name and draw a TOTP secret.

    Raises `TicketOver`, `TooWeak`, `limits.Limited` and `passphrase.Busy`; all but the first can be
    tried again with the same ticket.
    """
    name = offered(side, ticket)
    judged = passphrase.strength(typed, name)
    if not judged.enough:
        raise TooWeak(judged)
    await limits.take(side.engine, limits.SIGN_UP, limits.EVERYBODY, side.clock.now())
    salt, cost = passphrase.new_salt(), side.hasher.cost
    derived = await side.hasher.derive(typed, salt, cost)
    account = NewAccount(accounts.new_id(), vault.new_key(), name)
    secret = totp.new_secret()
    given = accounts.factors(account.account_id, account.data_key, salt, cost, derived, secret)
    return Enrolment(
        name, secret, seal_ticket(side, EnrolTicket(account, given, until(side, TICKET_MINUTES)))
    )


def enrolment(side: Private, ticket: str) -> Enrolment:
    """Return what a second page's ticket carries, to show it again; raise `TicketOver`."""
    opened = open_ticket(side, ticket, EnrolTicket)
    return Enrolment(opened.account.name, opened.factors.totp_secret, ticket)


async def confirm(side: Private, ticket: str, code: str) -> str:
    """Make the account once the phone's code is right; return the token of its first session.

    Raises `WrongCode` and `TicketOver`. A ticket that is sent twice makes one account.
    """
    opened = open_ticket(side, ticket, EnrolTicket)
    now = side.clock.now()
    step = totp.matching_step(opened.factors.totp_secret, code, now)
    if step is None:
        raise WrongCode
    account = opened.account
    async with writing(side.engine) as unit:
        if not await accounts.create(unit, side.keys, account, now):
            raise TicketOver
        await accounts.add_factors(unit, side.keys, account.account_id, opened.factors, step, now)
        return await sessions.start(unit, account.account_id, account.data_key, now, fresh=True)
