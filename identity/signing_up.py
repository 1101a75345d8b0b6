"""Signing up in two pages: a given name with a passphrase, then a code from the phone.

Nothing is stored until the second page is confirmed. What the first page settled travels in the
form as a ticket, sealed under a node key: the person can neither choose the name nor change what
was derived, and whoever gives up half way leaves no trace.
"""

from typing import Final

import msgspec

from civic.kernel.database import reading, writing
from identity import accounts, limits, openings, passphrase, sessions, totp, vault, waiting
from identity.accounts import Factors, NewAccount
from identity.limits import Limit
from identity.passphrase import Strength
from identity.side import Private
from identity.tickets import TicketOver, open_ticket, seal_ticket, until
from identity.waiting import Standing

TICKET_MINUTES: Final = 60


class NameTicket(msgspec.Struct, frozen=True):
    """The first page: which name was given, and which account it may become."""

    name: str
    account_id: str
    worked: bool
    until: int


class EnrolTicket(msgspec.Struct, frozen=True):
    """The second page: everything but the proof that the phone has the secret."""

    account: NewAccount
    factors: Factors
    worked: bool
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


class TooEarly(Exception):
    """It is not this person's turn in the slow lane."""


class TooWeak(Exception):
    """The passphrase would be guessed; `strength` says why."""

    def __init__(self, strength: Strength) -> None:
        super().__init__("the passphrase is too weak")
        self.strength = strength


class WrongCode(Exception):
    """The code is not the one the phone shows now; the same ticket can be tried again."""


async def offer(side: Private, standing: Standing | None = None) -> Offer:
    """Give a name to somebody whose turn it is to sign up; raise `TooEarly` for others.

    Nothing is stored. Without a standing a place in the lane is taken first.
    """
    if standing is None:
        standing = await waiting.come(side)
    if standing.seconds != 0:
        raise TooEarly
    async with reading(side.engine) as unit:
        name = await accounts.free_name(unit, side.keys)
    account_id = standing.place.account_id
    return Offer(
        name,
        seal_ticket(
            side, NameTicket(name, account_id, standing.worked, until(side, TICKET_MINUTES))
        ),
    )


def offered(side: Private, ticket: str) -> str:
    """Return the name a first page's ticket carries; raise `TicketOver`."""
    return open_ticket(side, ticket, NameTicket).name


def newcomer(side: Private, ticket: str) -> tuple[NewAccount, bool]:
    """Return the account that a first page's ticket may become, and whether work led to it.

    Raises `TicketOver`.
    """
    opened = open_ticket(side, ticket, NameTicket)
    return NewAccount(opened.account_id, vault.new_key(), opened.name), opened.worked


async def enrol(side: Private, ticket: str, typed: str) -> Enrolment:
    """Take the passphrase for a given name and draw a TOTP secret.

    Raises `TicketOver`, `TooWeak`, `limits.Limited` and `passphrase.Busy`; all but the first can be
    tried again with the same ticket.
    """
    opened = open_ticket(side, ticket, NameTicket)
    account = NewAccount(opened.account_id, vault.new_key(), opened.name)
    own_id, subject = account.account_id, account.account_id.encode()
    given = await new_factors(
        side, own_id, account.data_key, account.name, typed, limits.ENROL, subject
    )
    return Enrolment(
        account.name,
        given.totp_secret,
        seal_ticket(side, EnrolTicket(account, given, opened.worked, until(side, TICKET_MINUTES))),
    )


async def new_factors(
    side: Private,
    account_id: str,
    data_key: bytes,
    name: str,
    typed: str,
    limit: Limit,
    subject: bytes,
) -> Factors:
    """Take a new passphrase for an account and draw a TOTP secret; nothing is stored.

    It counts as an attempt of `subject`. Raises `TooWeak`, `limits.Limited` and `passphrase.Busy`.
    """
    judged = passphrase.strength(typed, name)
    if not judged.enough:
        raise TooWeak(judged)
    await limits.take(side.engine, limit, subject, side.clock.now())
    salt, cost = passphrase.new_salt(), side.hasher.cost
    derived = await side.hasher.derive(typed, salt, cost)
    return accounts.factors(account_id, data_key, salt, cost, derived, totp.new_secret())


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
    if opened.worked:
        await waiting.note_worked(side)
    async with writing(side.engine) as unit:
        if not await accounts.create(unit, side.keys, account, now):
            raise TicketOver
        await limits.forget(unit, limits.ENROL, account.account_id.encode())
        await accounts.add_factors(unit, side.keys, account.account_id, opened.factors, step, now)
        by = openings.PASSPHRASE
        return await sessions.start(
            unit, account.account_id, account.data_key, now, fresh=True, by=by
        )
