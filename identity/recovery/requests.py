"""Requests to be let in with the help of guardians: asked, agreed to by two, waited for, stopped.

Whoever asks gets two codes. The short one they tell their guardians; the long one is theirs alone.
A guardian's share is sealed to a key that follows from the long code, so what lies at the node
opens nothing. Seventy-two hours after the second guardian agreed the long code lets its holder set
new factors, unless somebody who is signed in has stopped it.

Who asks under an unknown name, or one without guardians, gets the same answer by the same
statements: a row for nobody, which the next sweep removes.
"""

from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple

from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from sqlalchemy import delete, func, insert, or_, select, update

from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, Writing, reading, writing
from civic.kernel.keys import SealBroken
from identity import limits, names, notices, vault
from identity import tables as identity_tables
from identity.recovery import codes, guardians, tables, way_back
from identity.sessions import SignedIn
from identity.side import IdentityKeys, Private
from identity.trying import NOTHING, Shown, may_try

DELAY_HOURS: Final = 72
"""Between the second guardian's word and the way in."""
OPEN_DAYS: Final = 14
"""How long a request waits for guardians, and afterwards for its person."""
_SHORT: Final = "guardians-code"
_LONG: Final = "guardians-own"


class Codes(NamedTuple):
    """What somebody who asks is given, whoever they are."""

    short: str
    long: str


async def ask(side: Private, name: str, shown: Shown = NOTHING) -> Codes:
    """Ask the guardians of the account with a sign-in name; raise `trying.Crowded`.

    All devices of the account are told.
    """
    now, keys = side.clock.now(), side.keys
    hashed = names.name_hash(keys.names, names.normalise(name))
    await may_try(side, limits.ASK_GUARDIANS, hashed, shown)
    given = Codes(codes.draw(codes.SHORT), codes.draw())
    account, guarded = identity_tables.account.c, tables.guarded
    async with writing(side.engine) as unit:
        found = await unit.scalar(
            select(account.id)
            .join_from(identity_tables.account, guarded, guarded.c.account_id == account.id)
            .where(account.name_hash == hashed)
        )
        await unit.execute(
            insert(tables.request).values(
                code_hash=codes.code_hash(keys.recovery, given.short, _SHORT),
                own_hash=codes.code_hash(keys.recovery, given.long, _LONG),
                account_id=found,
                public_key=bytes(_key(keys, given.long).public_key),
                until=now.date() + timedelta(days=OPEN_DAYS),
            )
        )
        await notices.tell(unit, found or "", notices.RECOVERY_ASKED, now)
        await notices.tell_later(unit, found or "", notices.RECOVERY_ASKED, now)
    return given


async def agree(
    side: Private, me: SignedIn, invitation_id: bytes, typed: str
) -> Literal["first", "second"] | None:
    """Help somebody whom one guards, by the short code that they told; None if it does not fit.

    A guardian counts once for a request. The second one's word starts the delay, and all devices
    of the account are told. Raises `limits.Limited`.
    """
    now, keys, request = side.clock.now(), side.keys, tables.request
    await limits.take(side.engine, limits.RECOVER, me.account_id.encode(), now)
    own = next((one for one in me.vault.guarding if one.invitation == invitation_id), None)
    if own is None:
        return None
    async with writing(side.engine) as unit:
        row = (
            await unit.execute(
                select(request, tables.guarded.c.shares)
                .join_from(
                    request,
                    tables.guarded,
                    tables.guarded.c.account_id == request.c.account_id,
                )
                .where(
                    request.c.code_hash == codes.code_hash(keys.recovery, typed, _SHORT),
                    request.c.until >= now.date(),
                )
                .with_for_update(of=request)
            )
        ).one_or_none()
        share = None if row is None else guardians.open_share(own.key, row.shares)
        if row is None or share is None:
            return None
        # Which of the three it is stands in the open, so that each counts once.
        given = share[:1] + SealedBox(PublicKey(row.public_key)).encrypt(share)
        if row.first is None:
            change: dict[str, object] = {"first": given}
        elif row.first[:1] == share[:1]:
            return "first"
        elif row.second is not None:
            return "second"
        else:
            ready = now + timedelta(hours=DELAY_HOURS)
            change = {
                "second": given,
                "ready": minute_of(ready),
                "until": ready.date() + timedelta(days=OPEN_DAYS),
            }
            for tell in (notices.tell, notices.tell_later):
                await tell(unit, row.account_id, notices.RECOVERY_AGREED, now)
        await unit.execute(
            update(request).where(request.c.code_hash == row.code_hash).values(**change)
        )
    return "first" if row.first is None else "second"


async def come_back(side: Private, typed: str) -> str | None:
    """Return the ticket of whoever has the long code of a request whose delay is over.

    None for everything else: whether there is such a request, whether guardians have agreed, and
    whether it was stopped, is not told. Raises `limits.Limited`.
    """
    now, keys = side.clock.now(), side.keys
    own_hash = codes.code_hash(keys.recovery, typed, _LONG)
    await limits.take(side.engine, limits.RECOVER, own_hash, now)
    request, guarded, account = tables.request, tables.guarded, identity_tables.account
    async with reading(side.engine) as unit:
        row = (
            await unit.execute(
                select(request, guarded.c.wrapped_key, account.c.vault)
                .join_from(request, guarded, guarded.c.account_id == request.c.account_id)
                .join(account, account.c.id == request.c.account_id)
                .where(request.c.own_hash == own_hash, request.c.ready <= minute_of(now))
            )
        ).one_or_none()
    if row is None:
        return None
    box = SealedBox(_key(keys, typed))
    try:
        one, other = (box.decrypt(given[1:]) for given in (row.first, row.second))
        data_key = guardians.open_data_key(one, other, row.wrapped_key, row.account_id)
    except (CryptoError, SealBroken, ValueError):
        return None
    name = vault.open_vault(data_key, row.vault, row.account_id).name
    return way_back.proved(side, row.account_id, data_key, name, "guardians", own_hash)


async def stop(unit: Writing, account_id: str) -> bool:
    """Stop all requests for an account. False if there was none."""
    request = tables.request
    ended = await unit.execute(delete(request).where(request.c.account_id == account_id))
    return ended.rowcount > 0


class Standing(NamedTuple):
    """What an account's page says of recovery."""

    codes_left: int
    requests: int
    """Requests to guardians that are open."""


async def standing(unit: Reading, account_id: str) -> Standing:
    """Return how recovery of an account stands, in one query."""
    code, request = tables.code.c, tables.request.c
    row = await unit.execute(
        select(
            select(func.count()).where(code.account_id == account_id).scalar_subquery(),
            select(func.count()).where(request.account_id == account_id).scalar_subquery(),
        )
    )
    return Standing(*row.one())


async def sweep(unit: Writing, now: datetime) -> None:
    """Delete requests of nobody, and requests and invitations whose time is over."""
    request, invitation, today = tables.request, tables.invitation, now.date()
    await unit.execute(
        delete(request).where(or_(request.c.account_id.is_(None), request.c.until < today))
    )
    await unit.execute(delete(invitation).where(invitation.c.until < today))


def _key(keys: IdentityKeys, typed: str) -> PrivateKey:
    return PrivateKey(codes.code_key(keys.recovery, typed, _LONG))
