"""Who is behind a request as a member of a chapter, and what joining and leaving leave behind."""

import hmac
from typing import Any, Final

from litestar import Request
from sqlalchemy import ARRAY, Text, bindparam, select, text

from chapters.gate import NOT_A_MEMBER
from chapters.tables import member
from civic.deeds.holding import HELD_ELSEWHERE
from civic.deeds.person import Person
from civic.kernel.database import Reading, Writing, reading, writing
from civic.kernel.record import store
from civic.kernel.record.submission import Also
from civic.kernel.refusal import Refusal
from civic.kernel.web.problem import Refused
from civic.node import Node
from identity.holding import held
from identity.sessions import TURNED, SignedIn
from identity.vault import Vault, update_vault
from identity.web import must_be_signed_in, signed_in


def node_of(request: Request[Any, Any, Any]) -> Node:
    """Return the node of the application that a request came to."""
    node: Node = request.app.state["node"]
    return node


def person_in(known: SignedIn, head: store.Head) -> Person | None:
    """Return who somebody is in a chapter, or None if they are no member there."""
    membership = known.vault.membership(head.chapter_id or "")
    if membership is None:
        return None
    own_id, seed = membership.member_id, known.vault.seed
    return Person(head.no, membership.log_id, own_id, seed, holds=membership)


def no_member(known: SignedIn, chapter_id: str) -> Refusal:
    """Say why somebody is no member of a chapter: perhaps another account holds theirs now."""
    return Refusal(HELD_ELSEWHERE if chapter_id in known.lost else NOT_A_MEMBER)


async def person_of(request: Request[Any, Any, Any], head: store.Head) -> Person | None:
    """Return the member of a chapter behind a request, or None."""
    known = await signed_in(request)
    return None if known is None else person_in(known, head)


async def must_be_person(request: Request[Any, Any, Any], head: store.Head) -> Person:
    """Return the member behind a request; raise `SignInNeeded`, or `Refused` (403) for others."""
    known = await must_be_signed_in(request)
    person = person_in(known, head)
    if person is None:
        raise Refused(no_member(known, head.chapter_id or ""), status=403)
    return person


async def is_member(request: Request[Any, Any, Any], head: store.Head) -> bool:
    """Tell whether a present member of a chapter is behind a request.

    Who applied has a place in the chapter too, and anybody may apply: they read what everybody may.
    """
    person = await person_of(request, head)
    if person is None:
        return False
    column = member.c
    async with reading(node_of(request).engine) as db:
        state = await db.scalar(
            select(column.state).where(column.log == head.no, column.id == person.member)
        )
    return state in ("active", "suspended")


_TURNED: Final = select(TURNED)
_NEIGHBOUR: Final = text(
    """
    SELECT EXISTS (
        SELECT FROM unnest(:chapters, :members) AS own(chapter, member)
        JOIN view.chapter c ON c.chapter_id = own.chapter AND c.stage = 'active'
        JOIN record.log l ON l.no = c.log AND l.replica = 0
        JOIN view.member m ON m.log = c.log AND m.id = own.member AND m.state = 'active'
        JOIN view.chapter here ON here.log = :log AND here.charter = c.charter
    )
    """
).bindparams(*(bindparam(name, type_=ARRAY(Text)) for name in ("chapters", "members")))


async def is_neighbour(db: Reading, known: SignedIn, log: int) -> bool:
    """Tell whether somebody is a present member of a chapter under the charter of another one.

    `log` is that of the other one. Only constituted chapters of this node count: of a copy nobody
    here can know whether a membership has ended since.
    """
    own = known.vault.memberships
    if not own:
        return False
    values = {
        "log": log,
        "chapters": [one.chapter_id for one in own],
        "members": [one.member_id for one in own],
    }
    return bool(await db.scalar(_NEIGHBOUR, values))


def joining_key(known: SignedIn, secret: str) -> str:
    """Return the key under which an account joins with an invitation, always the same.

    So who comes again with it, from whatever page, finds the membership instead of an invitation
    that is used up.
    """
    return hmac.digest(known.data_key, b"civic/join/1\n" + secret.encode(), "sha256").hex()


async def forget(node: Node, known: SignedIn, chapter_id: str) -> None:
    """Drop a membership from the vault after leaving."""
    async with writing(node.engine) as db:
        await update_vault(
            db, known.account_id, known.data_key, lambda vault: vault.left(chapter_id)
        )


async def held_now(node: Node, db: Reading, vault: Vault) -> Vault:
    """Return a vault that was just read or locked with the members that it holds."""
    number = int(await db.scalar(_TURNED) or 0)
    return held(vault, await node.private.turned.at(number))


def rekeyed(known: SignedIn, person: Person, key: str) -> Also | None:
    """Return what makes a claim rest on the key that its member puts in place of their own.

    Other accounts that rest on the former key hold the member no more.
    """
    claimed = person.holds
    if claimed is None or not claimed.key:
        return None

    async def also(db: Writing, index: int) -> None:
        await update_vault(
            db,
            known.account_id,
            known.data_key,
            lambda vault: vault.rekeyed(claimed.chapter_id, key),
        )

    return also
