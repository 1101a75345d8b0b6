"""What every way back ends in: new factors, all sessions over, and everybody told.

Whoever proved a way back holds a sealed ticket for an hour. It counts once, when the new factors
are set: until then nothing has happened, and a code of the sheet can be used again.
"""

from typing import Literal

import msgspec
from sqlalchemy import delete, select

from civic.kernel.clock import minute_of
from civic.kernel.database import Writing, reading, writing
from civic.kernel.keys import SealBroken
from identity import (
    accounts,
    browsers,
    ceremony,
    everywhere,
    limits,
    notices,
    openings,
    passkeys,
    sessions,
    totp,
    vault,
)
from identity import tables as identity_tables
from identity.accounts import Factors
from identity.ceremony import Given, Party
from identity.passkeys import Asked, Entered
from identity.recovery import codes, sheet, tables
from identity.side import Private
from identity.signing_up import TICKET_MINUTES, Enrolment, WrongCode, new_factors
from identity.tickets import TicketOver, open_ticket, seal_ticket, spend, until


class WayBack(msgspec.Struct, frozen=True):
    """Somebody who proved a way back into an account, and by what."""

    account_id: str
    data_key: bytes
    name: str
    by: Literal["code", "guardians"]
    proof: bytes
    """The hash of the code of the sheet, or of the long code of the request to guardians."""
    until: int

    def __repr__(self) -> str:
        return "WayBack(...)"


class FactorsTicket(msgspec.Struct, frozen=True):
    """New factors, but for the proof that the phone has its secret."""

    way: WayBack
    factors: Factors
    until: int


class PasskeyTicket(msgspec.Struct, frozen=True):
    """A challenge whose answer is an account's new passkey."""

    way: WayBack
    challenge: bytes
    until: int


async def by_code(side: Private, typed: str) -> str | None:
    """Return the ticket of whoever typed a code of their sheet; None for any other text.

    Raises `limits.Limited`, before anything is known about the code.
    """
    keys = side.keys
    hashed = codes.code_hash(keys.recovery, typed, sheet.USE)
    await limits.take(side.engine, limits.RECOVER, hashed, side.clock.now())
    key = codes.code_key(keys.recovery, typed, sheet.USE)
    code, account = tables.code.c, identity_tables.account.c
    async with reading(side.engine) as unit:
        row = (
            await unit.execute(
                select(code.account_id, code.wrapped_key, account.vault)
                .join_from(tables.code, identity_tables.account, code.account_id == account.id)
                .where(code.code_hash == hashed)
            )
        ).one_or_none()
    if row is None:
        return None
    try:
        data_key = vault.unwrap(key, row.wrapped_key, row.account_id)
    except SealBroken:
        return None
    name = vault.open_vault(data_key, row.vault, row.account_id).name
    return proved(side, row.account_id, data_key, name, "code", hashed)


def proved(
    side: Private,
    account_id: str,
    data_key: bytes,
    name: str,
    by: Literal["code", "guardians"],
    proof: bytes,
) -> str:
    """Return the ticket of somebody who proved a way back."""
    ends = until(side, TICKET_MINUTES)
    return seal_ticket(side, WayBack(account_id, data_key, name, by, proof, ends))


def opened(side: Private, ticket: str) -> WayBack:
    """Return what was proved; raise `TicketOver`."""
    return open_ticket(side, ticket, WayBack)


async def begin_passphrase(side: Private, ticket: str, typed: str) -> Enrolment:
    """Take a new passphrase and draw a TOTP secret.

    Raises `TicketOver`, `TooWeak`, `limits.Limited` and `passphrase.Busy`.
    """
    way = opened(side, ticket)
    given = await new_factors(
        side, way.account_id, way.data_key, way.name, typed, limits.ENROL, way.account_id.encode()
    )
    onward = FactorsTicket(way, given, until(side, TICKET_MINUTES))
    return Enrolment(way.name, given.totp_secret, seal_ticket(side, onward))


def enrolment(side: Private, ticket: str) -> Enrolment:
    """Return what the page with the phone's secret shows; raise `TicketOver`."""
    carried = open_ticket(side, ticket, FactorsTicket)
    return Enrolment(carried.way.name, carried.factors.totp_secret, ticket)


async def confirm_passphrase(side: Private, ticket: str, code: str) -> str:
    """Set passphrase and phone in place of earlier ones; return the token of a new session.

    Raises `WrongCode` and `TicketOver`.
    """
    carried = open_ticket(side, ticket, FactorsTicket)
    now, way = side.clock.now(), carried.way
    step = totp.matching_step(carried.factors.totp_secret, code, now)
    if step is None:
        raise WrongCode
    async with writing(side.engine) as unit:
        await _count(unit, side, way)
        for table in (identity_tables.passphrase, identity_tables.totp):
            await unit.execute(delete(table).where(table.c.account_id == way.account_id))
        await accounts.add_factors(unit, side.keys, way.account_id, carried.factors, step, now)
        return await _enter(unit, side, way, openings.PASSPHRASE)


async def ask_passkey(side: Private, party: Party, ticket: str) -> Asked:
    """Ask for a new passkey for the account; raise `TicketOver`."""
    way = opened(side, ticket)
    challenge = PasskeyTicket(way, passkeys.new_challenge(), until(side, ceremony.MINUTES))
    account = identity_tables.account.c
    async with reading(side.engine) as unit:
        handle = await unit.scalar(select(account.user_handle).where(account.id == way.account_id))
        known = await passkeys.credential_ids(unit, way.account_id)
    options = ceremony.creation_options(party, challenge.challenge, handle or b"", way.name, known)
    return Asked(seal_ticket(side, challenge), options)


async def by_passkey(side: Private, party: Party, given: Given) -> Entered:
    """Add the new passkey and begin a session; raise `TicketOver` or `NotProved`."""
    carried = open_ticket(side, given.ticket, PasskeyTicket)
    way = carried.way
    made = ceremony.made(party, given, carried.challenge)
    async with writing(side.engine) as unit:
        if not await spend(unit, carried.challenge, carried.until):
            raise TicketOver
        await _count(unit, side, way)
        own = await passkeys.keep(unit, side, way.account_id, way.data_key, made, given)
        return Entered(await _enter(unit, side, way, openings.passkey(own)), own)


async def _count(unit: Writing, side: Private, way: WayBack) -> None:
    """Use up what was proved; raise `TicketOver` if it was used, replaced or stopped meanwhile."""
    code, request = tables.code, tables.request
    if way.by == "code":
        proof = delete(code).where(
            code.c.code_hash == way.proof, code.c.account_id == way.account_id
        )
    else:
        proof = delete(request).where(
            request.c.own_hash == way.proof,
            request.c.account_id == way.account_id,
            request.c.ready <= minute_of(side.clock.now()),
        )
    used = await unit.execute(proof)
    if used.rowcount != 1:
        raise TicketOver


async def _enter(unit: Writing, side: Private, way: WayBack, by: str) -> str:
    """End all that is open of an account, and requests for a way back; begin one session.

    `by` is the new way to sign in; the session ends with the way back, too, by which it came to be.
    """
    now, request = side.clock.now(), tables.request
    await everywhere.end_all(unit, side, way.account_id, way.data_key)
    await browsers.forget_all(unit, way.account_id)
    await unit.execute(delete(request).where(request.c.account_id == way.account_id))
    proved = openings.SHEET if way.by == "code" else openings.GUARDIANS
    token = await sessions.start(
        unit, way.account_id, way.data_key, now, fresh=True, by=by, proved_by=proved
    )
    # Behind the session that begins here: all others that begin are told.
    await notices.tell_later(unit, way.account_id, notices.RECOVERED, now)
    return token
