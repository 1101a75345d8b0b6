"""Personal access tokens: for programs, with what they may do and an end.

A token carries its own wrapping of the account's data key, as a session does: the database has the
token's hash, and nothing that opens a vault. Its prefix lets leaked tokens be found.
"""

import re
import secrets
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final, NamedTuple

from sqlalchemy import delete, exists, func, insert, or_, select, update

from civic.kernel.database import Reading, Writing
from identity import own_names, scopes, tables, vault
from identity.scopes import Scope
from identity.sessions import TURNED, SignedIn, id_hash

PREFIX: Final = "civic_pat_"
DAYS: Final = (1, 7, 30, 90)
"""How long a token may live."""
MOST: Final = 20
"""Tokens that one account may have at a time."""

_TOKEN: Final = re.compile(PREFIX + r"[A-Za-z0-9_-]{43}")
_token, _account = tables.access_token.c, tables.account.c


class TooMany(Exception):
    """The account has as many tokens as it may have."""


class Made(NamedTuple):
    """A token that was just made; it is shown once and stored nowhere."""

    token: str
    last_day: date

    def __repr__(self) -> str:
        return "Made(...)"


class Held(NamedTuple):
    """One token, as its person sees it."""

    id_hash: bytes
    name: str
    scopes: frozenset[Scope]
    added_month: str
    last_used: date | None
    last_day: date


def is_one(token: str | None) -> bool:
    """Tell whether something has the form of a personal access token."""
    return token is not None and _TOKEN.fullmatch(token) is not None


async def make(
    writing: Writing,
    me: SignedIn,
    name: str,
    may: frozenset[Scope],
    days: int,
    now: datetime,
) -> Made:
    """Make a token that works until the end of the day `days` from now (UTC).

    Raises `TooMany`, which the account's lock decides when two are made at once.
    """
    if days not in DAYS or not may:
        raise ValueError("a token has a scope, and one of the lengths of life")
    await writing.execute(select(_account.id).where(_account.id == me.account_id).with_for_update())
    held = await writing.scalar(
        select(func.count()).where(
            _token.account_id == me.account_id, _token.last_day >= now.date()
        )
    )
    if (held or 0) >= MOST:
        raise TooMany
    token, last_day = PREFIX + secrets.token_urlsafe(32), now.date() + timedelta(days=days)
    await writing.execute(
        insert(tables.access_token).values(
            id_hash=id_hash(token),
            account_id=me.account_id,
            wrapped_key=vault.wrap(vault.bearer_key(token), me.data_key, me.account_id),
            scopes=scopes.written(may),
            made_by=me.proved_by,
            last_day=last_day,
            sealed_name=own_names.seal_name(me.data_key, name, me.account_id, "token"),
            added_month=now.strftime("%Y-%m"),
        )
    )
    return Made(token, last_day)


async def load(reading: Reading, token: str, now: datetime) -> "ByToken | None":
    """Return who is behind a token, None for one that is worth nothing."""
    row = (
        (
            await reading.execute(
                select(
                    _token.id_hash,
                    _token.account_id,
                    _token.wrapped_key,
                    _token.scopes,
                    _token.made_by.label("proved_by"),
                    _token.last_used,
                    _account.vault,
                    _account.sealed_reader,
                    exists().where(tables.intent.c.account_id == _account.id).label("unfinished"),
                    TURNED,
                )
                .join_from(tables.access_token, tables.account, _token.account_id == _account.id)
                .where(_token.id_hash == id_hash(token), _token.last_day >= now.date())
            )
        )
        .mappings()
        .one_or_none()
    )
    return None if row is None else ByToken(token, dict(row))


class ByToken(SignedIn):
    """Somebody for whom a program acts with a personal access token, for one request."""

    def __init__(self, token: str, row: Mapping[str, Any]) -> None:
        own = {**row, "last_used": row["last_used"] or date.min, "step_up": None, "notices": ()}
        super().__init__(token, own)
        self.may: frozenset[Scope] = scopes.read(row["scopes"])
        self.in_office = False
        """Whether the call at hand is one of office, for which the token was made."""

    def fresh(self, now: datetime) -> bool:
        """A token proves nothing anew; for acts of office its person said so when making it."""
        return self.in_office


async def touch(writing: Writing, known: SignedIn, now: datetime) -> None:
    """Note that a token is used today."""
    today = now.date()
    await writing.execute(
        update(tables.access_token)
        .where(
            _token.id_hash == known.id_hash,
            or_(_token.last_used.is_(None), _token.last_used < today),
        )
        .values(last_used=today)
    )


async def held(reading: Reading, me: SignedIn, now: datetime) -> list[Held]:
    """Return a person's own tokens that still work, the one that ends next first."""
    rows = await reading.execute(
        select(tables.access_token)
        .where(_token.account_id == me.account_id, _token.last_day >= now.date())
        .order_by(_token.last_day, _token.id_hash)
    )
    return [
        Held(
            row.id_hash,
            own_names.open_name(me.data_key, row.sealed_name, me.account_id, "token"),
            scopes.read(row.scopes),
            row.added_month,
            row.last_used,
            row.last_day,
        )
        for row in rows
    ]


async def revoke(writing: Writing, account_id: str, token_hash: bytes) -> bool:
    """Make one of an account's own tokens worthless; False if it is not theirs."""
    gone = await writing.execute(
        delete(tables.access_token).where(
            _token.id_hash == token_hash, _token.account_id == account_id
        )
    )
    return gone.rowcount == 1


async def sweep(writing: Writing, now: datetime) -> None:
    """Delete tokens whose days are over."""
    await writing.execute(delete(tables.access_token).where(_token.last_day < now.date()))
