"""Drafts: half-written texts that their person chose to keep on the node, for thirty days.

They are sealed under the account's data key, and found by a keyed hash of the form that they belong
to: the database tells neither what somebody is writing nor where. One form has one draft.
"""

import hmac
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

import msgspec
from litestar import Request
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Reading, Writing, reading, writing
from civic.kernel.keys import open_sealed, seal
from civic.kernel.web.forms import Form
from identity.sessions import SignedIn
from identity.tables import draft as table
from identity.web import private_of, signed_in

DAYS: Final = 30
"""For how many days a draft is kept; keeping it again begins anew."""
MOST: Final = 50
"""Drafts that one account may keep."""
_BLOCK: Final = 4096


class TooMany(Exception):
    """The account keeps as many drafts as it may."""


class Draft(msgspec.Struct, frozen=True):
    """What somebody had written into a form, and the path to which it would be sent."""

    to: str
    fields: tuple[tuple[str, str], ...]
    last_day: date

    def __repr__(self) -> str:
        return "Draft(...)"


def place_of(to: str, on: str = "") -> str:
    """Return what a draft belongs to: the form's path, and what it replies to if to anything."""
    return f"{to} {on}".strip()


async def keep(
    unit: Writing,
    me: SignedIn,
    to: str,
    fields: Sequence[tuple[str, str]],
    now: datetime,
) -> date:
    """Keep a draft in place of an earlier one of the same form; return its last day.

    Raises `TooMany`.
    """
    last_day = now.date() + timedelta(days=DAYS)
    draft = Draft(to, tuple(fields), last_day)
    key = _key(me, place_of(to, dict(fields).get("on", "")))
    packed = msgspec.msgpack.encode(draft)
    framed = len(packed).to_bytes(4, "big") + packed
    # How long it is must not tell a comment from a proposal, or one day's writing from the next's.
    sealed = seal(me.data_key, framed + bytes(-len(framed) % _BLOCK), _context(me, key))
    row = insert(table).values(account_id=me.account_id, key=key, sealed=sealed, last_day=last_day)
    await unit.execute(
        row.on_conflict_do_update(
            index_elements=["account_id", "key"],
            set_={"sealed": row.excluded.sealed, "last_day": row.excluded.last_day},
        )
    )
    held = await unit.scalar(select(func.count()).where(table.c.account_id == me.account_id))
    if (held or 0) > MOST:
        raise TooMany
    return last_day


async def find(unit: Reading, me: SignedIn, place: str, today: date) -> Draft | None:
    """Return the draft that belongs to a form, None if there is none."""
    key = _key(me, place)
    sealed = await unit.scalar(
        select(table.c.sealed).where(
            table.c.account_id == me.account_id, table.c.key == key, table.c.last_day >= today
        )
    )
    return None if sealed is None else _open(me, key, sealed)


async def listed(unit: Reading, me: SignedIn) -> list[Draft]:
    """Return all drafts of a person, the one that goes first first."""
    rows = await unit.execute(
        select(table.c.key, table.c.sealed)
        .where(table.c.account_id == me.account_id)
        .order_by(table.c.last_day, table.c.key)
    )
    return [_open(me, key, sealed) for key, sealed in rows]


async def drop(unit: Writing, me: SignedIn, place: str) -> None:
    """Forget the draft of a form: it was sent, or is not wanted any more."""
    key = _key(me, place)
    await unit.execute(delete(table).where(table.c.account_id == me.account_id, table.c.key == key))


async def sweep(unit: Writing, now: datetime) -> None:
    """Delete drafts whose thirty days are over."""
    await unit.execute(delete(table).where(table.c.last_day < now.date()))


async def restored(request: Request[Any, Any, Any], form: Form, on: str = "") -> Form:
    """Return an empty form with what its person had kept of it; the key is the form's own.

    The page of a form has the path to which it is sent.
    """
    me = await signed_in(request)
    if me is None:
        return form
    side = private_of(request)
    async with reading(side.engine) as unit:
        place = place_of(request.url.path, on)
        draft = await find(unit, me, place, side.clock.now().date())
    if draft is None:
        return form
    known = {field.name for field in form.fields}
    typed: dict[str, tuple[str, ...]] = {}
    for name, value in draft.fields:
        if name in known:
            typed[name] = (*typed.get(name, ()), value)
    return msgspec.structs.replace(form, typed={**form.typed, **typed}, kept=True)


async def sent(request: Request[Any, Any, Any], on: str = "") -> None:
    """Forget the draft of the form that a request sent: what it says stands now."""
    me = await signed_in(request)
    if me is not None:
        async with writing(private_of(request).engine) as unit:
            await drop(unit, me, place_of(request.url.path, on))


def _key(me: SignedIn, place: str) -> bytes:
    return hmac.digest(me.data_key, b"civic/identity/draft/1\n" + place.encode(), "sha256")


def _open(me: SignedIn, key: bytes, sealed: bytes) -> Draft:
    framed = open_sealed(me.data_key, sealed, _context(me, key))
    size = int.from_bytes(framed[:4], "big")
    return msgspec.msgpack.decode(framed[4 : 4 + size], type=Draft)


def _context(me: SignedIn, key: bytes) -> bytes:
    return f"civic/identity/draft/1\n{me.account_id}\n{key.hex()}".encode()
