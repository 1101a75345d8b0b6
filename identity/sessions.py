"""Sessions: who is signed in, known to the database only by the hash of the cookie's value."""

import hashlib
import re
import secrets
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    LargeBinary,
    Text,
    and_,
    bindparam,
    cast,
    delete,
    exists,
    func,
    insert,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import aggregate_order_by

from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, Writing
from civic.kernel.record.tables import log
from identity import notices, openings, tables, vault
from identity.holding import Turns, held, lost

IDLE_DAYS: Final = 14
"""A session ends when it was not used for this many days."""
LONGEST_DAYS: Final = 90
"""A session ends this many days after the sign-in, however much it is used."""
FRESH_MINUTES: Final = 5
"""How long after a sign-in the most sensitive acts need no further proof."""

_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_BEARER: Final = re.compile(r"(?:civic_pat_)?[A-Za-z0-9_-]{43}")


class SignedIn:
    """Somebody who is signed in, for the length of one request.

    The vault is opened at first use: pages that do not need it do not pay for it.
    """

    def __init__(self, token: str, row: Mapping[str, Any]) -> None:
        self.account_id: str = row["account_id"]
        self.id_hash: bytes = row["id_hash"]
        self.last_used: date = row["last_used"]
        self.step_up: int | None = row["step_up"]
        self.proved_by: bytes = row["proved_by"]
        """Mark of the way to sign in that was proved last (identity/openings.py)."""
        self._token = token
        self._wrapped: bytes = row["wrapped_key"]
        self._sealed: bytes = row["vault"]
        self.sealed_reader: bytes | None = row["sealed_reader"]
        """The language and time zone that they keep for all devices (identity/own_reader.py)."""
        self.notices: tuple[str, ...] = tuple(row["notices"] or ())
        """What this session still has to tell, as `kind day` (identity/notices.py)."""
        self.unfinished: bool = row["unfinished"]
        """Whether a membership was begun that the vault may not know of (identity/intents.py)."""
        self.turned: int = row["turned"]
        """How often something happened with a member's key on this node."""
        self.turns: Turns = {}
        """What happened with members' keys, set before anybody looks into the vault."""

    def __repr__(self) -> str:
        return "SignedIn(...)"

    @cached_property
    def data_key(self) -> bytes:
        """The account's data key, which opens its vault."""
        return vault.unwrap(vault.bearer_key(self._token), self._wrapped, self.account_id)

    @cached_property
    def _whole(self) -> vault.Vault:
        return vault.open_vault(self.data_key, self._sealed, self.account_id)

    @cached_property
    def vault(self) -> vault.Vault:
        """The vault as it was when the session was loaded, with the members that it holds."""
        return held(self._whole, self.turns)

    @cached_property
    def lost(self) -> frozenset[str]:
        """The chapters whose member this account held before another one came to hold them."""
        return frozenset(one.chapter_id for one in lost(self._whole, self.turns))

    def fresh(self, now: datetime) -> bool:
        """Tell whether the person proved a factor within the last five minutes."""
        return self.step_up is not None and minute_of(now) - self.step_up <= FRESH_MINUTES


def cookie_name(secure: bool) -> str:
    """Return the cookie's name; only over https can it be bound to the host by its prefix."""
    return "__Host-civic" if secure else "civic"


def token_of(cookies: Mapping[str, str], authorization: str | None, *, secure: bool) -> str | None:
    """Return the session token a request carries: `Authorization: Bearer` first, else the cookie.

    Anything that cannot be a token is None, so that it costs no query. A personal access token
    (identity/access_tokens.py) is taken from the header alone.
    """
    if authorization is not None:
        scheme, _, token = authorization.partition(" ")
        given = token.strip() if scheme.lower() == "bearer" else ""
        return given if _BEARER.fullmatch(given) else None
    found = cookies.get(cookie_name(secure))
    return found if found is not None and _TOKEN.fullmatch(found) else None


def id_hash(token: str) -> bytes:
    """Return the hash under which the database knows a session."""
    return hashlib.sha256(token.encode()).digest()


async def start(
    writing: Writing,
    account_id: str,
    data_key: bytes,
    now: datetime,
    *,
    fresh: bool,
    by: str,
    proved_by: str = "",
) -> str:
    """Begin a session and return its token, which is stored nowhere.

    `fresh` says whether the person has just proved their factors; `by` is the way that opens it
    (identity/openings.py), `proved_by` what was proved for that if it is something else.
    """
    token = secrets.token_urlsafe(32)
    await writing.execute(
        insert(tables.session).values(
            id_hash=id_hash(token),
            account_id=account_id,
            wrapped_key=vault.wrap(vault.bearer_key(token), data_key, account_id),
            created=now.date(),
            last_used=now.date(),
            opened_by=openings.mark_of(data_key, by),
            proved_by=openings.mark_of(data_key, proved_by or by),
            step_up=minute_of(now) if fresh else None,
        )
    )
    await notices.greet(writing, account_id, id_hash(token))
    return token


async def rotate(writing: Writing, signed_in: SignedIn, now: datetime, *, by: str) -> str | None:
    """Give a session another token after a fresh factor; None if the session has just ended.

    `by` is the way that was proved.

    The day on which it began stays, so a session that is stepped up again and again still ends.
    """
    token = secrets.token_urlsafe(32)
    moved = await writing.execute(
        update(tables.session)
        .where(tables.session.c.id_hash == signed_in.id_hash)
        .values(
            id_hash=id_hash(token),
            wrapped_key=vault.wrap(
                vault.bearer_key(token), signed_in.data_key, signed_in.account_id
            ),
            proved_by=openings.mark_of(signed_in.data_key, by),
            step_up=minute_of(now),
        )
    )
    return token if moved.rowcount == 1 else None


TURNED: Final = cast(
    select(func.coalesce(func.sum(log.c.turned), 0)).scalar_subquery(), BigInteger
).label("turned")
"""How often something happened with a member's key, in all chapters of the node together."""

_session, _account, _notice = tables.session.c, tables.account.c, tables.notice.c
_LOAD: Final = (
    select(
        _session.id_hash,
        _session.account_id,
        _session.wrapped_key,
        _session.last_used,
        _session.step_up,
        _session.proved_by,
        _account.vault,
        _account.sealed_reader,
        exists().where(tables.intent.c.account_id == _account.id).label("unfinished"),
        select(
            func.array_agg(
                aggregate_order_by(_notice.kind + " " + cast(_notice.day, Text), _notice.kind)
            )
        )
        .where(_notice.session == _session.id_hash)
        .correlate(tables.session)
        .scalar_subquery()
        .label("notices"),
        TURNED,
    )
    .join_from(tables.session, tables.account, _session.account_id == _account.id)
    .where(
        _session.id_hash == bindparam("hash"),
        _session.last_used >= bindparam("used_since"),
        _session.created >= bindparam("created_since"),
    )
)

_GOING_ON: Final = select(_session.id_hash).where(
    _session.id_hash == func.any(bindparam("hashes", type_=ARRAY(LargeBinary))),
    _session.last_used >= bindparam("used_since"),
    _session.created >= bindparam("created_since"),
)


async def load(reading: Reading, token: str | None, now: datetime) -> SignedIn | None:
    """Return who is signed in with a token, in one query; None if nobody is."""
    if token is None:
        return None
    row = (await reading.execute(_LOAD, _load_values(token, now))).mappings().one_or_none()
    return None if row is None else SignedIn(token, dict(row))


def _load_values(token: str, now: datetime) -> dict[str, object]:
    return _bounds(now) | {"hash": id_hash(token)}


def _bounds(now: datetime) -> dict[str, object]:
    today = now.date()
    return {
        "used_since": today - timedelta(days=IDLE_DAYS),
        "created_since": today - timedelta(days=LONGEST_DAYS),
    }


async def going_on(
    reading: Reading, id_hashes: Collection[bytes], now: datetime
) -> frozenset[bytes]:
    """Return which of some sessions have not ended, by the hashes of their ids."""
    found = await reading.scalars(_GOING_ON, _bounds(now) | {"hashes": list(id_hashes)})
    return frozenset(found)


async def touch(writing: Writing, signed_in: SignedIn, now: datetime) -> None:
    """Note that a session is used today; writes at most once a day."""
    today = now.date()
    if signed_in.last_used < today:
        await writing.execute(
            update(tables.session)
            .where(
                tables.session.c.id_hash == signed_in.id_hash, tables.session.c.last_used < today
            )
            .values(last_used=today)
        )


async def end(writing: Writing, token: str) -> None:
    """Sign out: the session is gone for every process at once."""
    await writing.execute(delete(tables.session).where(_session.id_hash == id_hash(token)))


async def end_one(writing: Writing, account_id: str, session_hash: bytes) -> None:
    """Sign out one of an account's own sessions."""
    own = and_(_session.id_hash == session_hash, _session.account_id == account_id)
    await notices.keep_unread(writing, own)
    await writing.execute(delete(tables.session).where(own))


async def end_all(
    writing: Writing, account_id: str, *, links: bool = True, but: bytes | None = None
) -> None:
    """Sign out everywhere, and make tokens for programs and unused links worthless too.

    `but` is the id hash of a session that goes on.
    """
    ending = _session.account_id == account_id
    if but is not None:
        ending = and_(ending, _session.id_hash != but)
    await notices.keep_unread(writing, ending)
    await writing.execute(delete(tables.session).where(ending))
    tokens = tables.access_token
    await writing.execute(delete(tokens).where(tokens.c.account_id == account_id))
    if links:
        await writing.execute(
            delete(tables.sign_in_link).where(tables.sign_in_link.c.account_id == account_id)
        )


async def sweep(writing: Writing, now: datetime) -> None:
    """Delete what has ended, and forget the minute of sign-ins that are no longer fresh."""
    today = now.date()
    over = (_session.last_used < today - timedelta(days=IDLE_DAYS)) | (
        _session.created < today - timedelta(days=LONGEST_DAYS)
    )
    await notices.keep_unread(writing, over)
    await writing.execute(delete(tables.session).where(over))
    await writing.execute(
        update(tables.session)
        .where(_session.step_up < minute_of(now) - FRESH_MINUTES)
        .values(step_up=None)
    )
