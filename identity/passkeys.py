"""Passkeys (WebAuthn level 3): made, proved, and what of the account's data key they open.

Credentials are discoverable, so signing in needs no name; the authenticator verifies its user; no
attestation is asked for and nothing of the device is kept. A challenge travels in a sealed ticket
and counts once.

The account's data key is wrapped under a secret of the authenticator where it has the extension
`prf` (WebAuthn, section 10.1.4): the browser sends its first output at sign-in, and the node stores
nothing that opens the vault. Where it has not, a node key outside the database wraps it. The second
output is for the key box in the browser and never reaches the node.
"""

import secrets
from typing import Any

import msgspec
from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from civic.kernel.database import Reading, Writing, reading, writing
from civic.kernel.keys import SealBroken, derive
from civic.kernel.record.entry import id_of
from identity import (
    accounts,
    ceremony,
    notices,
    openings,
    own_names,
    sessions,
    tables,
    vault,
    waiting,
)
from identity.accounts import NewAccount
from identity.ceremony import Given, Made, NotProved, Party
from identity.sessions import SignedIn
from identity.side import IdentityKeys, Private
from identity.tickets import TicketOver, open_ticket, seal_ticket, spend, until


class Challenge(msgspec.Struct, frozen=True):
    """What is asked of an authenticator, and for what the answer counts."""

    use: str
    challenge: bytes
    until: int
    account_id: str = ""
    """Whose passkey is asked for, or to whom one is added; empty where that is the question."""


class NewcomersChallenge(msgspec.Struct, frozen=True):
    """A challenge whose answer makes an account."""

    account: NewAccount
    worked: bool
    challenge: bytes
    until: int


class Asked(msgspec.Struct, frozen=True, rename="camel"):
    """What the browser is given: a ticket to send back, and options for its authenticator."""

    ticket: str
    public_key: msgspec.Raw


class Entered(msgspec.Struct, frozen=True):
    """A session that a passkey began or went on with."""

    token: str
    passkey_id: str
    """The local id of the passkey, by which the key box in the browser knows it."""

    def __repr__(self) -> str:
        return "Entered(...)"


class SecretMissing(Exception):
    """The passkey is right, but this browser did not give the secret that opens the account."""


def ask_anybody(side: Private, party: Party) -> Asked:
    """Ask for any passkey that this node knows, to sign in."""
    return _ask(side, party, Challenge("sign-in", new_challenge(), _until(side)), [])


async def ask_again(side: Private, party: Party, me: SignedIn) -> Asked:
    """Ask somebody who is signed in for one of their passkeys, to step up."""
    own = Challenge("step-up", new_challenge(), _until(side), me.account_id)
    async with reading(side.engine) as unit:
        return _ask(side, party, own, await credential_ids(unit, me.account_id))


async def ask_for_another(side: Private, party: Party, me: SignedIn) -> Asked:
    """Ask for a new passkey for an account; an authenticator that has one already says so."""
    challenge = Challenge("add", new_challenge(), _until(side), me.account_id)
    async with reading(side.engine) as unit:
        handle = await unit.scalar(
            select(tables.account.c.user_handle).where(tables.account.c.id == me.account_id)
        )
        known = await credential_ids(unit, me.account_id)
    options = ceremony.creation_options(
        party, challenge.challenge, handle or b"", me.vault.name, known
    )
    return Asked(seal_ticket(side, challenge), options)


def ask_newcomer(side: Private, party: Party, account: NewAccount, *, worked: bool) -> Asked:
    """Ask for the first passkey of an account that is not made yet."""
    challenge = NewcomersChallenge(account, worked, new_challenge(), _until(side))
    handle = account.user_handle
    options = ceremony.creation_options(party, challenge.challenge, handle, account.name, [])
    return Asked(seal_ticket(side, challenge), options)


async def sign_up(side: Private, party: Party, given: Given) -> Entered:
    """Make an account with a passkey; raise `TicketOver` or `NotProved`."""
    challenge = open_ticket(side, given.ticket, NewcomersChallenge)
    account, now = challenge.account, side.clock.now()
    made = ceremony.made(party, given, challenge.challenge)
    if challenge.worked:
        await waiting.note_worked(side)
    async with writing(side.engine) as unit:
        if not await accounts.create(unit, side.keys, account, now):
            raise TicketOver
        own = await keep(unit, side, account.account_id, account.data_key, made, given)
        token = await sessions.start(
            unit, account.account_id, account.data_key, now, fresh=True, by=openings.passkey(own)
        )
    return Entered(token, own)


async def add(side: Private, party: Party, me: SignedIn, given: Given) -> str:
    """Add a passkey to an account and tell all other devices; return its local id.

    Raises `TicketOver` and `NotProved`.
    """
    challenge = open_ticket(side, given.ticket, Challenge)
    if challenge.use != "add" or challenge.account_id != me.account_id:
        raise NotProved
    made = ceremony.made(party, given, challenge.challenge)
    async with writing(side.engine) as unit:
        if not await spend(unit, challenge.challenge, challenge.until):
            raise TicketOver
        own = await keep(unit, side, me.account_id, me.data_key, made, given)
        now = side.clock.now()
        await notices.tell(unit, me.account_id, notices.PASSKEY_ADDED, now, but=me.id_hash)
    return own


async def sign_in(
    side: Private, party: Party, given: Given, *, replaces: str | None = None
) -> Entered:
    """Begin a session with a passkey; `replaces` is the token that the browser had before.

    Raises `TicketOver`, `NotProved` and `SecretMissing`.
    """
    challenge = open_ticket(side, given.ticket, Challenge)
    if challenge.use != "sign-in":
        raise NotProved
    async with writing(side.engine) as unit:
        proved = await _proved(unit, side, party, challenge, given)
        if replaces is not None:
            await sessions.end(unit, replaces)
        token = await sessions.start(
            unit,
            proved.account_id,
            proved.data_key,
            side.clock.now(),
            fresh=True,
            by=openings.passkey(proved.passkey_id),
        )
    return Entered(token, proved.passkey_id)


async def step_up(side: Private, party: Party, me: SignedIn, given: Given) -> Entered | None:
    """Give a session another token after one of its account's passkeys was proved.

    None if the session has ended meanwhile. Raises `TicketOver`, `NotProved` and `SecretMissing`.
    """
    challenge = open_ticket(side, given.ticket, Challenge)
    if challenge.use != "step-up" or challenge.account_id != me.account_id:
        raise NotProved
    async with writing(side.engine) as unit:
        proved = await _proved(unit, side, party, challenge, given)
        token = await sessions.rotate(
            unit, me, side.clock.now(), by=openings.passkey(proved.passkey_id)
        )
    return None if token is None else Entered(token, proved.passkey_id)


class _Proved(msgspec.Struct, frozen=True):
    account_id: str
    passkey_id: str
    data_key: bytes


async def _proved(
    unit: Writing, side: Private, party: Party, challenge: Challenge, given: Given
) -> _Proved:
    passkey, account = tables.passkey, tables.account
    row = (
        await unit.execute(
            select(passkey, account.c.user_handle)
            .join_from(passkey, account, passkey.c.account_id == account.c.id)
            .where(passkey.c.credential_id == ceremony.credential_id(given))
            .with_for_update(of=passkey)
        )
    ).one_or_none()
    if row is None or challenge.account_id not in ("", row.account_id):
        raise NotProved
    sign_count = ceremony.proved(party, given, challenge.challenge, row.public_key, row.sign_count)
    handle = ceremony.user_handle(given)
    # A discoverable credential names its user; one that was asked for by id need not.
    if handle is None and challenge.account_id == "":
        raise NotProved
    if handle is not None and handle != row.user_handle:
        raise NotProved
    if not await spend(unit, challenge.challenge, challenge.until):
        raise TicketOver
    secret = ceremony.secret_of(given)
    data_key = _opened(side.keys, row.account_id, row.by_secret, secret, row.wrapped_key)
    changed: dict[str, Any] = {}
    if secret is not None and not row.by_secret:
        # From now on only the authenticator opens the vault.
        changed = _wrapped(side.keys, row.account_id, data_key, secret)
    await unit.execute(
        update(passkey)
        .where(passkey.c.id == row.id)
        .values(sign_count=sign_count, last_used=side.clock.now().date(), **changed)
    )
    return _Proved(row.account_id, row.id, data_key)


async def keep(
    unit: Writing, side: Private, account_id: str, data_key: bytes, made: Made, given: Given
) -> str:
    """Keep a passkey that was just made; return its local id. Raises `NotProved` if it is known."""
    now = side.clock.now()
    own = id_of(secrets.token_bytes(16))
    name = " ".join(given.name.split())[: own_names.LONGEST]
    try:
        await unit.execute(
            insert(tables.passkey).values(
                id=own,
                account_id=account_id,
                credential_id=made.credential_id,
                public_key=made.public_key,
                sign_count=made.sign_count,
                sealed_name=own_names.seal_name(data_key, name, account_id, "authenticator"),
                added_month=now.strftime("%Y-%m"),
                last_used=now.date(),
                **_wrapped(side.keys, account_id, data_key, ceremony.secret_of(given)),
            )
        )
    except IntegrityError as error:
        raise NotProved from error
    return own


def _wrapped(
    keys: IdentityKeys, account_id: str, data_key: bytes, secret: bytes | None
) -> dict[str, Any]:
    key = keys.passkeys if secret is None else _key_of(secret)
    return {
        "by_secret": secret is not None,
        "wrapped_key": vault.wrap(key, data_key, account_id),
    }


def _opened(
    keys: IdentityKeys, account_id: str, by_secret: bool, secret: bytes | None, wrapped: bytes
) -> bytes:
    if by_secret and secret is None:
        raise SecretMissing
    key = _key_of(secret) if by_secret and secret is not None else keys.passkeys
    try:
        return vault.unwrap(key, wrapped, account_id)
    except SealBroken as error:
        raise SecretMissing from error


def _key_of(secret: bytes) -> bytes:
    return derive(secret, b"", b"civic/identity/passkey/1")


def new_challenge() -> bytes:
    """Draw what an authenticator is to sign."""
    return secrets.token_bytes(32)


def _until(side: Private) -> int:
    return until(side, ceremony.MINUTES)


def _ask(side: Private, party: Party, challenge: Challenge, known: list[bytes]) -> Asked:
    options = ceremony.request_options(party, challenge.challenge, known)
    return Asked(seal_ticket(side, challenge), options)


async def credential_ids(unit: Reading, account_id: str) -> list[bytes]:
    """Return by what authenticators know the passkeys of an account."""
    passkey = tables.passkey.c
    found = await unit.scalars(
        select(passkey.credential_id).where(passkey.account_id == account_id).order_by(passkey.id)
    )
    return list(found)
