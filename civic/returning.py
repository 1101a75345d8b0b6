"""Members who lost everything come back: to a new account, once verifiers saw them and time passed.

The vault of the account that asks remembers which change of key it waits for. When the record has
that change, this account holds the member and no other does: see `identity.holding`.
"""

import hmac
from collections.abc import Sequence
from typing import Any, NamedTuple

from litestar.connection import ASGIConnection
from sqlalchemy import select

from chapters.keys import requests
from chapters.keys.rules import NOTICE
from chapters.keys.tables import key_change
from chapters.state import of as chapter_of
from civic.beginnings import ALREADY_MEMBER, is_present
from civic.claims import address_of
from civic.deeds import lost_keys
from civic.kernel.database import Reading, writing
from civic.kernel.keys import verify
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal
from civic.kernel.web.language import _
from civic.kernel.web.pages import Link
from civic.membership import held_now
from civic.node import Node
from identity.member_keys import asking_message
from identity.sessions import SignedIn
from identity.vault import Membership, lock_vault, update_vault
from identity.web import known_to


def alerts(connection: ASGIConnection[Any, Any, Any, Any]) -> tuple[Link, ...]:
    """Return what to show on every page to who holds a member whom somebody else asks for.

    The node does not know which account that is, so nobody can be told who is not there; but
    whoever is signed in to it brings its vault along.
    """
    known = known_to(connection)
    if known is None or not known.turns:
        return ()
    own = {one.change for one in known.vault.awaited}
    text = _("Two verifiers say that you lost your key. Stop it if that is not so.")
    return tuple(
        Link(text, f"/c/{one.chapter_id}/keys")
        for one in known.vault.memberships
        if (turn := known.turns.get(one.member_id)) and turn.waiting and turn.waiting not in own
    )


class Wait(NamedTuple):
    """How far a way back has come: `asked`, `announced` or `stopped`; `key` is the new one."""

    stage: str
    key: str = ""
    until: int = 0
    """The minute from which on the account holds the member, where it is announced."""
    entry: int = 0


class NewKey(NamedTuple):
    """A new key and its signatures, in hex.

    `possession` is over `chapters.keys.rules.possession_message`, `asking` over
    `identity.member_keys.asking_message`.
    """

    key: str
    possession: str
    asking: str


def nonce_of(known: SignedIn, log_id: str) -> str:
    """Return what stands for an account in what its new key signs, always the same in a log."""
    drawn = f"civic/key-request/1\n{log_id}".encode()
    return hmac.digest(known.data_key, drawn, "sha256")[:16].hex()


def _is_at_hand(
    known: SignedIn, log_id: str, member: str, new: NewKey, addresses: Sequence[str]
) -> bool:
    try:
        public, signature = bytes.fromhex(new.key), bytes.fromhex(new.asking)
    except ValueError:
        return False
    nonce = nonce_of(known, log_id)
    return any(
        verify(
            public,
            asking_message(log_id, nonce, address_of(one), member, public.hex()),
            signature,
        )
        for one in addresses
    )


async def ask(
    node: Node,
    known: SignedIn,
    chapter: Membership,
    log: int,
    new: NewKey,
    addresses: Sequence[str],
) -> Refusal | None:
    """Let an account ask to be given a member of a chapter: `chapter` names both.

    `addresses` are those under which the node is met; the one that was dialled was signed.
    """
    member, log_id = chapter.member_id, chapter.log_id
    # The possession stands in the record once a change was announced: with it alone somebody else
    # could ask, verifiers would see the right key, and the member would go to another account.
    if not _is_at_hand(known, log_id, member, new, addresses):
        return Refusal(lost_keys.REQUEST_UNFIT)
    request = await lost_keys.request_of(node.desk, log, log_id, member, new.key, new.possession)
    if isinstance(request, Refusal):
        return request
    lasting = await node.book.ask(log, _lasting)
    wanted = Membership(chapter.chapter_id, chapter.log_id, member, request.change)
    async with writing(node.engine) as db:
        locked = await lock_vault(db, known.account_id, known.data_key)
        other = (await held_now(node, db, locked)).membership(chapter.chapter_id)
        another = other is not None and other.member_id != member
        if other and another and await is_present(db, log, other.member_id):
            return Refusal(ALREADY_MEMBER)
        here = {one.change for one in locked.awaited if one.chapter_id == chapter.chapter_id}
        refused = await lost_keys.keep(node.desk, db, log, request, here)
        if refused is None:
            await update_vault(
                db,
                known.account_id,
                known.data_key,
                lambda vault: vault.awaiting(wanted, lasting),
            )
    return refused


def _lasting(state: State) -> frozenset[str]:
    """Return the changes that wait or hold: an account that awaits one of them needs it."""
    chapter = chapter_of(state)
    return frozenset((*chapter.key_changes, *chapter.handed.values()))


async def wait_of(
    node: Node, db: Reading, known: SignedIn, chapter_id: str, log: int
) -> Wait | None:
    """Return how far the way back has come that an account asked for last, None for no such."""
    asked = [one.change for one in known.vault.awaited if one.chapter_id == chapter_id]
    if not asked:
        return None
    for one in await requests.waiting(db, node.book.vault, log):
        if one.change in asked:
            return Wait("asked", one.key)
    column = key_change.c
    rows = await db.execute(
        select(column.at, column.entry, column.ended_entry, column.key)
        .where(column.log == log, column.id.in_(asked), column.done.is_(False))
        .order_by(column.entry.desc())
    )
    found = rows.first()
    if found is None:
        return None
    if found.ended_entry is not None:
        return Wait("stopped", found.key, entry=found.ended_entry)
    return Wait("announced", found.key, found.at + NOTICE, found.entry)
