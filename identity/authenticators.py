"""The ways in which a person signs in to their account: listed, named, removed, never the last.

An authenticator is a passkey, or a passphrase together with a phone's codes.
"""

from datetime import date
from typing import Final, NamedTuple

from sqlalchemy import delete, exists, func, literal, select, update

from civic.kernel.database import Reading, Writing
from identity import openings, own_names, tables
from identity.sessions import SignedIn

PASSPHRASE: Final = openings.PASSPHRASE
"""The id of the passphrase among an account's authenticators; a passkey has its local id."""


class Authenticator(NamedTuple):
    """One way to sign in, as its person sees it."""

    id: str
    name: str
    """What the person calls it, empty if they gave no name."""
    added_month: str
    last_used: date | None
    by_secret: bool
    """Whether what it opens, nothing at the node could open."""

    @property
    def is_passkey(self) -> bool:
        """Whether it is a passkey."""
        return self.id != PASSPHRASE


class Ways(NamedTuple):
    """Which ways to sign in an account has."""

    passphrase: bool
    passkeys: int

    @property
    def none(self) -> bool:
        """Whether there is none, as in accounts that links alone lead to."""
        return not self.passphrase and not self.passkeys

    @property
    def number(self) -> int:
        """How many there are."""
        return self.passkeys + self.passphrase


class LastOne(Exception):
    """The account would have no way to sign in left."""


async def ways(reading: Reading, account_id: str) -> Ways:
    """Return which ways to sign in an account has."""
    phrase, passkey = tables.passphrase.c, tables.passkey.c
    row = (
        await reading.execute(
            select(
                exists().where(phrase.account_id == account_id),
                select(func.count()).where(passkey.account_id == account_id).scalar_subquery(),
            )
        )
    ).one()
    return Ways(*row)


async def listed(reading: Reading, me: SignedIn) -> list[Authenticator]:
    """Return a person's own authenticators, the oldest first."""
    phrase, passkey = tables.passphrase.c, tables.passkey.c
    found = await reading.execute(
        select(
            literal(PASSPHRASE).label("id"),
            phrase.sealed_name,
            phrase.added_month,
            phrase.last_used,
            literal(True).label("by_secret"),
        )
        .where(phrase.account_id == me.account_id)
        .union_all(
            select(
                passkey.id,
                passkey.sealed_name,
                passkey.added_month,
                passkey.last_used,
                passkey.by_secret,
            ).where(passkey.account_id == me.account_id)
        )
        .order_by("added_month", "id")
    )
    return [
        Authenticator(
            row.id,
            own_names.open_name(me.data_key, row.sealed_name, me.account_id, "authenticator"),
            row.added_month,
            row.last_used,
            row.by_secret,
        )
        for row in found
    ]


async def rename(writing: Writing, me: SignedIn, authenticator: str, name: str) -> bool:
    """Give one of a person's authenticators a name of their own; False if it is not theirs."""
    sealed = own_names.seal_name(me.data_key, name, me.account_id, "authenticator")
    table = tables.passphrase if authenticator == PASSPHRASE else tables.passkey
    change = update(table).where(table.c.account_id == me.account_id).values(sealed_name=sealed)
    if authenticator != PASSPHRASE:
        change = change.where(tables.passkey.c.id == authenticator)
    return (await writing.execute(change)).rowcount == 1


async def remove(writing: Writing, me: SignedIn, authenticator: str) -> bool:
    """Remove one of a person's authenticators; False if it is not theirs.

    Raises `LastOne`, which the account's lock decides when two are removed at once.
    """
    account = tables.account.c
    await writing.execute(select(account.id).where(account.id == me.account_id).with_for_update())
    own = {one.id for one in await listed(writing, me)}
    if authenticator not in own:
        return False
    if own == {authenticator}:
        raise LastOne
    if authenticator == PASSPHRASE:
        # What a browser keeps is of use to a passphrase alone.
        for table in (tables.passphrase, tables.totp, tables.known_browser):
            await writing.execute(delete(table).where(table.c.account_id == me.account_id))
    else:
        await writing.execute(delete(tables.passkey).where(tables.passkey.c.id == authenticator))
    return True
