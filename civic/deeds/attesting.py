"""Papers that people sign about each other, and the node's acts that name them.

They wait sealed; the record gets one entry, the node's, when as many are there as are needed
(docs/decisions/0016-who-met-whom.md).
"""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from chapters.assurance import attestations
from chapters.assurance.papers import make, message
from chapters.assurance.state import of
from chapters.bylaws import DAY
from civic.deeds.hand import SignatureNeeded, signature
from civic.deeds.holding import held_first
from civic.deeds.person import Desk, Person
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading
from civic.kernel.record.entry import As, Body, By, id_of, node_id, when
from civic.kernel.record.rules import State
from civic.kernel.record.submission import Also, Check


@dataclass(frozen=True)
class Given:
    """A paper was given: how many are there now, how many are needed, and whether that is all."""

    there: int
    needed: int
    recorded: bool


def own_id() -> str:
    """Return a new random id."""
    return id_of(secrets.token_bytes(16))


def signed(desk: Desk, person: Person, paper: Any, salt: bytes) -> bytes:
    """Return a paper signed by its author's member key, where that is at hand.

    Raises `SignatureNeeded` while a form only asks what there is to sign.
    """
    key = desk.member_key(person)
    text = message(person.log_id, paper)
    made = None if key is None else signature(key, text)
    if made is not None:
        paper = msgspec.structs.replace(paper, signature=made.hex())
    elif person.hand is not None:
        person.hand.papers.append(text.decode())
        raise SignatureNeeded(person.hand)
    return make(paper, salt)


async def by_node(
    desk: Desk,
    person: Person,
    body: Body,
    *,
    papers: Mapping[str, bytes],
    check: Check,
    also: Also,
    idempotency: str = "",
) -> Any:
    """Hand in an act of the node: who asked for it stands in the papers alone.

    Under the lock it is asked whether their account still holds the member.
    """
    by = By(As.NODE, node_id(person.log_id))
    key = f"assurance/{idempotency or secrets.token_hex(16)}"
    node = Person(person.log, person.log_id, person.member)
    first = held_first(person.holds, check)
    return await desk.hand_in(node, by, None, body, key, papers=papers, check=first, also=also)


def now_of(desk: Desk) -> int:
    """Return the minute of the node's clock."""
    return minute_of(desk.book.timekeeper.clock.now())


def until_of(now: int, span: int) -> str:
    """Return the end of a level: midnight, so that it tells no more than a day."""
    end = now + span
    return when(end - end % DAY if end - end % DAY > now else end)


async def vouchers_of(
    db: Reading, desk: Desk, state: State, log: int, member: str
) -> frozenset[str]:
    """Return who vouched for a member, for the vouches that hold now."""
    standing = of(state).standing.get(member)
    if standing is None or standing.vouched is None:
        return frozenset()
    term = standing.vouched.id
    found = await attestations.backers(db, desk.book.vault, log, [term])
    return frozenset(found.get(term, ()))


async def state_of(desk: Desk, log: int) -> State:
    """Return the state of a record as it stands, to be read only."""
    return await desk.book.ask(log, lambda known: known)
