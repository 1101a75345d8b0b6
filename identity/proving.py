"""A passphrase and a code against what is stored of them, if anything is.

What is looked up, derived and compared does not depend on whether there is an account.
"""

import hashlib
import hmac
from datetime import datetime

import msgspec
from sqlalchemy import ColumnElement, select, update

from civic.kernel.database import Reading, Writing
from identity import limits, passphrase, tables, totp, vault
from identity.passphrase import Cost, Derived
from identity.side import IdentityKeys, Private


class Factors(msgspec.Struct, frozen=True):
    """Passphrase and TOTP of a new account, as they are stored."""

    salt: bytes
    cost: Cost
    verifier: bytes
    wrapped_key: bytes
    totp_secret: str

    def __repr__(self) -> str:
        return "Factors(...)"


def factors(
    account_id: str, data_key: bytes, salt: bytes, cost: Cost, derived: Derived, totp_secret: str
) -> Factors:
    """Put together what is stored of a passphrase and a TOTP secret."""
    wrapped = vault.wrap(derived.key, data_key, account_id)
    return Factors(salt, cost, derived.verifier, wrapped, totp_secret)


class Claimant(msgspec.Struct, frozen=True):
    """Whom a sign-in is checked against: an account, or nobody with the same shape."""

    account_id: str
    factors: Factors


class Proof(msgspec.Struct, frozen=True):
    """A passphrase and a code that fit: the keys of the one, the step of the other."""

    derived: Derived
    step: int


async def proof_of(
    side: Private, given: Factors, typed: str, code: str, subject: bytes
) -> Proof | None:
    """Return the proof if passphrase and code fit; raise `passphrase.Busy`.

    Tries with the right passphrase are counted for a subject: beyond `limits.CODES` none fits, and
    the answer does not tell. Only who has the passphrase gets there.
    """
    derived = await side.hasher.derive(typed, given.salt, given.cost)
    right = hmac.compare_digest(derived.verifier, given.verifier)
    step = totp.matching_step(given.totp_secret, code, side.clock.now())
    # Others are counted where it matters to nobody, so that time does not tell either.
    counted = subject if right else hashlib.sha256(b"wrong\n" + subject).digest()
    try:
        await limits.take(side.engine, limits.CODES, counted, side.clock.now())
    except limits.Limited:
        return None
    return Proof(derived, step) if right and step is not None else None


async def claimed(writing: Writing, account_id: str, proof: Proof, now: datetime) -> bool:
    """Use a proof's code up and note the day; False if the code was used before."""
    if not await totp.claim(writing, account_id, proof.step):
        return False
    phrase = tables.passphrase
    await writing.execute(
        update(phrase).where(phrase.c.account_id == account_id).values(last_used=now.date())
    )
    return True


async def claimant_of(
    reading: Reading, keys: IdentityKeys, which: ColumnElement[bool]
) -> Claimant | None:
    """Return the account with a passphrase that fits a condition, None where there is none."""
    secret, phrase, account = tables.totp, tables.passphrase, tables.account
    row = (
        await reading.execute(
            select(account.c.id, phrase, secret.c.sealed_secret)
            .join_from(account, phrase, phrase.c.account_id == account.c.id)
            .join(secret, secret.c.account_id == account.c.id)
            .where(which)
        )
    ).one_or_none()
    if row is None:
        return None
    return Claimant(
        row.id,
        Factors(
            salt=row.salt,
            cost=Cost(row.memory_kib, row.passes, row.lanes),
            verifier=row.verifier,
            wrapped_key=row.wrapped_key,
            totp_secret=totp.open_secret(keys.totp, row.sealed_secret, row.id),
        ),
    )


def nobody(side: Private) -> Claimant:
    """Return somebody whom no passphrase fits, at the price of somebody whom one does."""
    return Claimant(
        "",
        Factors(
            salt=passphrase.new_salt(),
            cost=side.hasher.cost,
            verifier=bytes(32),
            wrapped_key=b"",
            totp_secret=totp.new_secret(),
        ),
    )
