"""Accounts: made, signed in to, renamed, deleted.

Every answer to somebody who is not signed in is the same whether or not an account exists: the same
queries, one Argon2id derivation, the same refusal.
"""

import secrets
from datetime import datetime
from typing import Final, NamedTuple

import msgspec
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_skip

from civic.kernel.database import Reading, Writing, reading, writing
from civic.kernel.record.entry import id_of
from identity import (
    access_tokens,
    authenticators,
    browsers,
    drafts,
    exports,
    lanes,
    limits,
    links,
    names,
    notices,
    openings,
    sessions,
    tables,
    tickets,
    totp,
    vault,
)
from identity.proving import Factors as Factors
from identity.proving import claimant_of, claimed, nobody, proof_of
from identity.proving import factors as factors
from identity.sessions import SignedIn
from identity.side import IdentityKeys, Private
from identity.trying import NOTHING, Shown, may_try, of_browser

_DRAWS: Final = 20


class NewAccount(msgspec.Struct, frozen=True):
    """An account that was just made, with the data key that is stored nowhere in the open."""

    account_id: str
    data_key: bytes
    name: str
    user_handle: bytes = msgspec.field(default_factory=lambda: secrets.token_bytes(64))
    """64 random bytes under which passkeys know the account."""

    def __repr__(self) -> str:
        return "NewAccount(...)"


def new_id() -> str:
    """Draw the id of an account."""
    return id_of(secrets.token_bytes(16))


async def free_name(reading: Reading, keys: IdentityKeys) -> str:
    """Draw a sign-in name that no account has now."""
    for _ in range(_DRAWS):
        name = names.draw()
        taken = await reading.scalar(
            select(tables.account.c.id).where(
                tables.account.c.name_hash == names.name_hash(keys.names, name)
            )
        )
        if taken is None:
            return name
    raise RuntimeError("no free sign-in name was found: is the source of randomness broken?")


async def create(writing: Writing, keys: IdentityKeys, account: NewAccount, now: datetime) -> bool:
    """Make an account without a way to sign in but links; False if its name or id is taken."""
    made = await writing.execute(
        insert_or_skip(tables.account)
        .values(
            id=account.account_id,
            user_handle=account.user_handle,
            name_hash=names.name_hash(keys.names, account.name),
            added_month=now.strftime("%Y-%m"),
            vault=vault.seal_vault(
                account.data_key, vault.Vault(name=account.name), account.account_id
            ),
            vault_version=vault.new_version(),
        )
        .on_conflict_do_nothing()
    )
    return made.rowcount == 1


async def create_bare(writing: Writing, keys: IdentityKeys, now: datetime) -> NewAccount:
    """Make an account that can be entered by links alone, for people of a demonstration."""
    account = NewAccount(new_id(), vault.new_key(), await free_name(writing, keys))
    if not await create(writing, keys, account, now):
        raise RuntimeError("a drawn name was taken at the same moment")
    return account


async def add_factors(
    writing: Writing,
    keys: IdentityKeys,
    account_id: str,
    given: Factors,
    step: int,
    now: datetime,
) -> None:
    """Store passphrase and TOTP of an account; `step` is the step of the code that confirmed it."""
    await writing.execute(
        insert(tables.passphrase).values(
            account_id=account_id,
            salt=given.salt,
            memory_kib=given.cost.memory_kib,
            passes=given.cost.passes,
            lanes=given.cost.lanes,
            verifier=given.verifier,
            wrapped_key=given.wrapped_key,
            added_month=now.strftime("%Y-%m"),
            last_used=now.date(),
        )
    )
    await writing.execute(
        insert(tables.totp).values(
            account_id=account_id,
            sealed_secret=totp.seal_secret(keys.totp, given.totp_secret, account_id),
            last_step=step,
        )
    )


class Entered(NamedTuple):
    """Who has just signed in: the session's token, and what the browser is to keep for later."""

    token: str
    browser: str

    def __repr__(self) -> str:
        return "Entered(...)"


async def sign_in(
    side: Private, name: str, typed: str, code: str, *, shown: Shown = NOTHING
) -> str | None:
    """Return the token of a new session, or None if name, passphrase and code do not fit.

    Raises `trying.Crowded` and `passphrase.Busy`, both before anything is known about the account.
    """
    entered = await _sign_in(side, name, typed, code, shown, None, keeps=False)
    return None if entered is None else entered.token


async def sign_in_here(
    side: Private, name: str, typed: str, code: str, shown: Shown, *, replaces: str | None = None
) -> Entered | None:
    """Do what `sign_in` does for a browser, which is known from then on.

    `replaces` is the token that it had before; that session ends.
    """
    return await _sign_in(side, name, typed, code, shown, replaces, keeps=True)


async def _sign_in(
    side: Private,
    name: str,
    typed: str,
    code: str,
    shown: Shown,
    replaces: str | None,
    *,
    keeps: bool,
) -> Entered | None:
    now = side.clock.now()
    hashed = names.name_hash(side.keys.names, names.normalise(name))
    browser = await may_try(side, limits.SIGN_IN, hashed, shown)
    subject = hashed if browser is None else browser
    async with reading(side.engine) as unit:
        found = await claimant_of(unit, side.keys, tables.account.c.name_hash == hashed)
    claimant = found or nobody(side)
    proof = await proof_of(side, claimant.factors, typed, code, subject)
    if found is None or proof is None:
        return None
    data_key = vault.unwrap(proof.derived.key, found.factors.wrapped_key, found.account_id)
    async with writing(side.engine) as change:
        if not await claimed(change, found.account_id, proof, now):
            return None
        failed = await limits.lately(change, limits.SIGN_IN, hashed, now) - (browser is None)
        await limits.forget(change, limits.SIGN_IN, hashed)
        await limits.forget(change, limits.CODES, subject)
        if browser is not None:
            await limits.forget(change, of_browser(limits.SIGN_IN), browser)
        if replaces is not None:
            await sessions.end(change, replaces)
        token = await sessions.start(
            change, claimant.account_id, data_key, now, fresh=True, by=openings.PASSPHRASE
        )
        if failed >= notices.TRIED_LEAST:
            await notices.tell(change, claimant.account_id, notices.TRIED, now)
        own = await browsers.keep(change, found.account_id, shown.browser, now) if keeps else ""
        return Entered(token, own)


async def step_up(side: Private, signed_in: SignedIn, typed: str, code: str) -> str | None:
    """Return the new token of a session whose person proved passphrase and code once more.

    None if they do not fit. Raises `limits.Limited` and `passphrase.Busy`.
    """
    now, account_id = side.clock.now(), signed_in.account_id
    # By session: who stole one cannot use up the tries of the others.
    subject = signed_in.id_hash
    await limits.take(side.engine, limits.STEP_UP, subject, now)
    async with reading(side.engine) as unit:
        found = await claimant_of(unit, side.keys, tables.account.c.id == account_id)
    proof = await proof_of(side, (found or nobody(side)).factors, typed, code, subject)
    if found is None or proof is None:
        return None
    async with writing(side.engine) as change:
        if not await claimed(change, account_id, proof, now):
            return None
        for limit in (limits.STEP_UP, limits.CODES):
            await limits.forget(change, limit, subject)
        return await sessions.rotate(change, signed_in, now, by=openings.PASSPHRASE)


async def swap_name(writing: Writing, keys: IdentityKeys, signed_in: SignedIn) -> str:
    """Give an account another sign-in name in place of its present one; return it."""
    account_id = signed_in.account_id
    name = await free_name(writing, keys)
    await writing.execute(
        update(tables.account)
        .where(tables.account.c.id == account_id)
        .values(name_hash=names.name_hash(keys.names, name))
    )
    await vault.update_vault(
        writing,
        account_id,
        signed_in.data_key,
        lambda before: msgspec.structs.replace(before, name=name),
    )
    return name


async def authenticator_count(reading: Reading, account_id: str) -> int:
    """Return how many ways to sign in an account has; two are asked for before level 1."""
    return (await authenticators.ways(reading, account_id)).number


async def delete_account(writing: Writing, account_id: str) -> None:
    """Delete an account with its factors, sessions, links and vault; nothing of it stays."""
    await writing.execute(delete(tables.account).where(tables.account.c.id == account_id))


async def sweep(writing: Writing, now: datetime) -> None:
    """Delete what has ended on the private side; to be called about once a minute."""
    await sessions.sweep(writing, now)
    await links.sweep(writing, now)
    await limits.sweep(writing, now)
    await totp.sweep(writing, now)
    await tickets.sweep(writing, now)
    await lanes.sweep(writing, now)
    await notices.sweep(writing, now)
    await access_tokens.sweep(writing, now)
    await exports.sweep(writing, now)
    await drafts.sweep(writing, now)
    await browsers.sweep(writing, now)
