"""Guardians: three members, any two of whom help to open an account. Who they are, no row says.

1. The person asks three members of their chapter. An invitation waits under a keyed hash of the
   member's id, sealed under a node key; the person's vault names the three.
2. Each who agrees draws an X25519 key. Its private half stays in their own vault, the public half
   goes back into the invitation, whose address is then erased.
3. Once all three agreed, the data key is wrapped under a fresh key, which is split into three
   shares, each sealed to one guardian. The invitations are deleted.

So a dump tells that an account has guardians, and neither it nor the node alone can open a share.
"""

import hmac
import secrets
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final, Literal, NamedTuple

import msgspec
from nacl.bindings import crypto_box_SEALBYTES
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, PublicKey, SealedBox
from sqlalchemy import delete, insert, select, update
from sqlalchemy.dialects.postgresql import insert as insert_or_replace

from civic.kernel.database import Reading, Writing, writing
from civic.kernel.keys import derive, open_sealed, seal
from identity import notices, openings, vault
from identity.recovery import shamir, tables
from identity.sessions import SignedIn
from identity.side import IdentityKeys, Private
from identity.vault import Guardian, Guarding, Membership, Vault

ANSWER_DAYS: Final = 30
"""How long an invitation waits for its answer, and an answer for the others."""
SEALED_SHARE: Final = 1 + 32 + crypto_box_SEALBYTES
"""Bytes of a share as it is stored."""
WHO_MOST: Final = 80
_ROOM: Final = 512


class Invitation(msgspec.Struct, frozen=True):
    """What an invitation holds under its seal."""

    who: str
    answer: Literal["", "yes", "no"] = ""
    public_key: bytes = b""


class Asked(NamedTuple):
    """A member who was asked, and what they answered."""

    name: str
    state: Literal["waiting", "yes", "no", "over"]


class Waiting(NamedTuple):
    """An invitation that waits for one's own answer."""

    id: bytes
    who: str


class NotAll(Exception):
    """Not all three have agreed."""


async def invite(side: Private, me: SignedIn, chosen: Sequence[Guardian], who: str) -> None:
    """Ask three members to be guardians; questions from before that are not settled end.

    `chosen` are drawn by `choice`. Guardians who are in force stay so until the new ones agreed.
    """
    if len({one.member_id for one in chosen}) != shamir.SHARES:
        raise ValueError("three different guardians are asked")
    until = side.clock.now().date() + timedelta(days=ANSWER_DAYS)
    async with writing(side.engine) as unit:
        before = await vault.lock_vault(unit, me.account_id, me.data_key)
        await forget(unit, before.asked)
        for one in chosen:
            await unit.execute(
                insert(tables.invitation).values(
                    id=one.invitation,
                    mailbox=_mailbox(side.keys, one.member_id),
                    sealed=_seal(side.keys, one.invitation, Invitation(who)),
                    until=until,
                )
            )
        await _change(unit, me, lambda held: msgspec.structs.replace(held, asked=tuple(chosen)))


def choice(member_id: str, name: str) -> Guardian:
    """Return a member as somebody who is about to be asked."""
    return Guardian(member_id, name[:WHO_MOST], secrets.token_bytes(16))


async def asked(reading: Reading, keys: IdentityKeys, held: Vault) -> list[Asked]:
    """Return what those who were asked have answered so far."""
    found = await _invitations(reading, keys, held.asked)
    return [Asked(one.name, _state(found.get(one.invitation))) for one in held.asked]


async def waiting(reading: Reading, keys: IdentityKeys, held: Vault) -> list[Waiting]:
    """Return the invitations that wait for a person, in any of their chapters."""
    invitation = tables.invitation.c
    rows = await reading.execute(
        select(invitation.id, invitation.sealed)
        .where(invitation.mailbox.in_(_mailboxes(keys, held.memberships)))
        .order_by(invitation.id)
    )
    return [Waiting(row.id, _open(keys, row.id, row.sealed).who) for row in rows]


async def answer(side: Private, me: SignedIn, invitation_id: bytes, *, agree: bool) -> bool:
    """Agree to be a guardian, or not; False if no such invitation waits for the person."""
    invitation, keys = tables.invitation, side.keys
    own = PrivateKey.generate()
    async with writing(side.engine) as unit:
        await vault.lock_vault(unit, me.account_id, me.data_key)
        sealed = await unit.scalar(
            select(invitation.c.sealed)
            .where(
                invitation.c.id == invitation_id,
                invitation.c.mailbox.in_(_mailboxes(keys, me.vault.memberships)),
            )
            .with_for_update()
        )
        if sealed is None:
            return False
        who = _open(keys, invitation_id, sealed).who
        given = Invitation("", "yes", bytes(own.public_key)) if agree else Invitation("", "no")
        await unit.execute(
            update(invitation)
            .where(invitation.c.id == invitation_id)
            .values(mailbox=None, sealed=_seal(keys, invitation_id, given))
        )
        if agree:
            taken = Guarding(invitation_id, who, bytes(own))
            await _change(
                unit,
                me,
                lambda now: msgspec.structs.replace(now, guarding=(*now.guarding, taken)),
            )
    return True


async def settle(side: Private, me: SignedIn) -> None:
    """Give shares to the three who agreed, in place of earlier guardians; raise `NotAll`.

    Open requests end: they rest on shares that no longer open anything.
    """
    now = side.clock.now()
    async with writing(side.engine) as unit:
        held = await vault.lock_vault(unit, me.account_id, me.data_key)
        found = await _invitations(unit, side.keys, held.asked)
        given = [found.get(one.invitation) for one in held.asked]
        keys = [one.public_key for one in given if one is not None and one.answer == "yes"]
        if len(keys) != shamir.SHARES:
            raise NotAll
        secret = secrets.token_bytes(32)
        shares = zip(keys, shamir.split(secret), strict=True)
        row = {
            "wrapped_key": vault.wrap(_wrapping(secret), me.data_key, me.account_id),
            "shares": b"".join(SealedBox(PublicKey(key)).encrypt(one) for key, one in shares),
        }
        await unit.execute(
            insert_or_replace(tables.guarded)
            .values(account_id=me.account_id, **row)
            .on_conflict_do_update(index_elements=["account_id"], set_=row)
        )
        await forget(unit, held.asked)
        await _end_requests(unit, me)
        await _change(
            unit,
            me,
            lambda before: msgspec.structs.replace(before, guardians=before.asked, asked=()),
        )
        await notices.tell(unit, me.account_id, notices.GUARDIANS_SET, now, but=me.id_hash)
        await openings.end(unit, me.account_id, me.data_key, openings.GUARDIANS, but=me.id_hash)


async def drop(side: Private, me: SignedIn) -> None:
    """Have no guardians any more, and ask nobody."""
    async with writing(side.engine) as unit:
        held = await vault.lock_vault(unit, me.account_id, me.data_key)
        await forget(unit, held.asked)
        guarded = tables.guarded
        await unit.execute(delete(guarded).where(guarded.c.account_id == me.account_id))
        await _end_requests(unit, me)
        await _change(
            unit, me, lambda before: msgspec.structs.replace(before, guardians=(), asked=())
        )
        now = side.clock.now()
        await notices.tell(unit, me.account_id, notices.GUARDIANS_SET, now, but=me.id_hash)
        await openings.end(unit, me.account_id, me.data_key, openings.GUARDIANS, but=me.id_hash)


async def stop_guarding(side: Private, me: SignedIn, invitation_id: bytes) -> None:
    """Throw away one's key to a share; the other two guardians still are enough."""
    async with writing(side.engine) as unit:
        await _change(
            unit,
            me,
            lambda held: msgspec.structs.replace(
                held,
                guarding=tuple(one for one in held.guarding if one.invitation != invitation_id),
            ),
        )


async def forget(unit: Writing, those: Sequence[Guardian]) -> None:
    """Delete the invitations of those who were asked, and what the person wrote of themselves."""
    invitation, ids = tables.invitation, [one.invitation for one in those]
    await unit.execute(delete(invitation).where(invitation.c.id.in_(ids)))


def open_share(key: bytes, shares: bytes) -> bytes | None:
    """Return the one of an account's sealed shares that a guardian's key opens, None for none."""
    box = SealedBox(PrivateKey(key))
    for at in range(0, len(shares), SEALED_SHARE):
        try:
            return box.decrypt(shares[at : at + SEALED_SHARE])
        except CryptoError:
            continue
    return None


def open_data_key(one: bytes, other: bytes, wrapped_key: bytes, account_id: str) -> bytes:
    """Return the data key that two shares open; raise ValueError or `SealBroken`."""
    return vault.unwrap(_wrapping(shamir.combine(one, other)), wrapped_key, account_id)


async def _change(unit: Writing, me: SignedIn, change: Callable[[Vault], Vault]) -> None:
    await vault.update_vault(unit, me.account_id, me.data_key, change)


async def _end_requests(unit: Writing, me: SignedIn) -> None:
    request = tables.request
    await unit.execute(delete(request).where(request.c.account_id == me.account_id))


async def _invitations(
    unit: Reading, keys: IdentityKeys, those: Sequence[Guardian]
) -> dict[bytes, Invitation]:
    invitation, ids = tables.invitation.c, [one.invitation for one in those]
    rows = await unit.execute(
        select(invitation.id, invitation.sealed).where(invitation.id.in_(ids))
    )
    return {row.id: _open(keys, row.id, row.sealed) for row in rows}


def _state(found: Invitation | None) -> Literal["waiting", "yes", "no", "over"]:
    if found is None:
        return "over"
    return found.answer or "waiting"


def _mailbox(keys: IdentityKeys, member_id: str) -> bytes:
    return hmac.digest(keys.recovery, f"mailbox\n{member_id}".encode(), "sha256")


def _mailboxes(keys: IdentityKeys, memberships: Sequence[Membership]) -> list[bytes]:
    return [_mailbox(keys, one.member_id) for one in memberships]


def _wrapping(secret: bytes) -> bytes:
    return derive(secret, b"", b"civic/identity/guarded/1")


def _seal(keys: IdentityKeys, own: bytes, invitation: Invitation) -> bytes:
    packed = msgspec.msgpack.encode(invitation)
    framed = len(packed).to_bytes(2, "big") + packed
    # One size for all: neither a name's length nor an answer shows.
    return seal(keys.recovery, framed.ljust(_ROOM, b"\0"), _context(own))


def _open(keys: IdentityKeys, own: bytes, sealed: bytes) -> Invitation:
    framed = open_sealed(keys.recovery, sealed, _context(own))
    size = int.from_bytes(framed[:2], "big")
    return msgspec.msgpack.decode(framed[2 : 2 + size], type=Invitation)


def _context(own: bytes) -> bytes:
    return b"civic/identity/guardian-invitation/1\n" + own.hex().encode()
