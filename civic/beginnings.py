"""How a membership begins: the record first, then the account's vault, and nothing lost between.

Before the act an intent is kept with the account (identity/intents.py); after it the vault is
written and the intent dropped in one transaction. What breaks off in between is finished by the
next request of that person, whatever it asks for. Ids, salts and the log of a founding follow from
the request's key, so that whoever asks twice, even at the same moment, begins one membership.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

import msgspec
from sqlalchemy import select

from chapters import departures
from chapters.departures import Departure
from chapters.tables import member as member_table
from civic.deeds import chapter as deeds
from civic.deeds.chapter import Founding, Place
from civic.deeds.hand import Hand
from civic.deeds.person import Done, Person
from civic.endings import departure
from civic.kernel.database import Reading, Writing, reading, writing
from civic.kernel.failpoint import failpoint
from civic.kernel.record import store
from civic.kernel.record.entry import As, By, act_key
from civic.kernel.record.group import KEY_REUSED
from civic.kernel.record.submission import Receipt
from civic.kernel.refusal import Refusal, code
from civic.membership import held_now
from civic.node import Node
from identity import intents
from identity.intents import Intent
from identity.sessions import SignedIn
from identity.vault import Membership, Vault, lock_vault, update_vault

ALREADY_MEMBER = code(
    "request.already_member", "The account has a membership in this chapter already."
)
KEPT_WHOLE_DAYS: Final = 1
"""Whole days (UTC) for which a beginning may be under way after the day of its intent.

The date alone tells nothing: a minute after midnight an act of the day before is still waiting.
"""


class _Begun(NamedTuple):
    """An empty log on which a founding is to be recorded, and the key of its intent."""

    head: store.Head
    key: bytes


async def found(
    node: Node,
    known: SignedIn,
    *,
    name: str,
    lang: str,
    template: str,
    idempotency: str,
    bylaws: Mapping[str, Any],
    hand: Hand | None = None,
) -> Founding | Refusal:
    """Found a chapter for an account: one for each key, however often and where it is asked for.

    Raises `msgspec.ValidationError` for impossible bylaws, before anything is kept.
    """
    refused = deeds.founding_bylaws(template, bylaws)
    if isinstance(refused, Refusal):
        return refused
    begun = await _begin_founding(node, known, idempotency)
    if isinstance(begun, Founding):
        return begun
    failpoint("beginning.after_intent")
    outcome = await deeds.found(
        node.desk,
        name=name,
        lang=lang,
        template=template,
        idempotency=idempotency,
        bylaws=bylaws,
        seed=known.vault.seed,
        hand=hand,
        head=begun.head,
    )
    if isinstance(outcome, Refusal):
        await _give_up(node, known, begun.key, outcome)
        return outcome
    failpoint("beginning.after_record")
    await _keep(node, known, begun.key, outcome.chapter_id, outcome.founder)
    return outcome


async def _begin_founding(node: Node, known: SignedIn, idempotency: str) -> _Begun | Founding:
    key = intents.key_of(known.data_key, f"found\n{idempotency}")
    async with writing(node.engine) as db:
        # Who founds under the same key at this moment waits here, and finds the same log.
        vault = await lock_vault(db, known.account_id, known.data_key)
        before = await _founded(db, vault, idempotency)
        if before is not None:
            return before
        intent = await intents.find(db, known.account_id, known.data_key, key)
        if intent is not None:
            today = node.clock.now().date()
            await intents.put(db, known.account_id, known.data_key, key, intent, today)
            return _Begun(await store.head(db, intent.log), key)
        head = await node.book.make_log(db)
        own_id = deeds.founding_id(node.desk, head, idempotency)
        await _intend(node, known, db, key, head, own_id, idempotency)
        return _Begun(head, key)


async def _founded(db: Reading, vault: Vault, idempotency: str) -> Founding | None:
    """Return the chapter that an account founded under this key, if its vault knows one."""
    for one in vault.memberships:
        head = await store.find_chapter(db, one.chapter_id)
        if head is None:
            continue
        wanted = act_key(head.log_id, By(As.MEMBER, one.member_id), idempotency)
        for index, leaf, _ in (await store.by_keys(db, head.no, [wanted])).values():
            if index == 0:
                person = Person(head.no, head.log_id, one.member_id, vault.seed)
                done = Done(one.member_id, Receipt(0, leaf, repeated=True))
                return Founding(one.chapter_id, person, done)
    return None


async def enter(
    node: Node,
    known: SignedIn,
    place: Place,
    chapter_id: str,
    own_id: str,
    idempotency: str,
    work: Callable[[], Awaitable[tuple[Person, Any]]],
    leaves: str = "",
    hand: Hand | None = None,
) -> Any:
    """Join or apply under a member id; return what `work`, the deed under `idempotency`, led to.

    Who moves leaves the chapter `leaves`: that they do is kept in the transaction that gives their
    account the new membership, and done by the tick loop, with what their `hand` signed of it.
    Nothing in a record ties the two.
    """
    key = intents.key_of(known.data_key, f"enter\n{place.log_id}\n{own_id}")
    before = known.vault.membership(leaves)
    leaving = None
    if before is not None:
        leaving = await departure(node, before, idempotency, hand, words=False, ties=False)
    async with writing(node.engine) as db:
        await lock_vault(db, known.account_id, known.data_key)
        await _intend(node, known, db, key, place, own_id, idempotency, leaves, leaving)
    failpoint("beginning.after_intent")
    person, outcome = await work()
    if not isinstance(outcome, Done):
        await _give_up(node, known, key, outcome)
        return outcome
    failpoint("beginning.after_record")
    kept = await _keep(node, known, key, chapter_id, person, leaves, leaving)
    return outcome if kept else Refusal(ALREADY_MEMBER)


async def finish(node: Node, known: SignedIn) -> None:
    """Take into an account's vault what was recorded for it and never came there.

    What was not recorded may be under way; when a whole day has passed it is not, and is forgotten.
    """
    oldest = node.clock.now().date() - timedelta(days=KEPT_WHOLE_DAYS)
    found: list[tuple[bytes, str, Person, Intent]] = []
    over: list[bytes] = []
    async with reading(node.engine) as db:
        for key, intent, day in await intents.unfinished(db, known.account_id, known.data_key):
            if await store.by_keys(db, intent.log, [intent.act]):
                head = await store.head(db, intent.log)
                person = Person(intent.log, intent.log_id, intent.member_id)
                found.append((key, head.chapter_id or "", person, intent))
            elif day < oldest:
                over.append(key)
    for key, chapter_id, person, intent in found:
        leaving = _unpacked(intent.leaving) if intent.leaving else None
        await _keep(node, known, key, chapter_id, person, intent.leaves, leaving)
    if over:
        async with writing(node.engine) as change:
            for key in over:
                await intents.drop_old(change, known.account_id, key, oldest)


async def _intend(
    node: Node,
    known: SignedIn,
    db: Writing,
    key: bytes,
    place: Place,
    own_id: str,
    idempotency: str,
    leaves: str = "",
    leaving: Departure | None = None,
) -> None:
    act = act_key(place.log_id, By(As.MEMBER, own_id), idempotency)
    packed = b"" if leaving is None else msgspec.msgpack.encode(leaving)
    intent = Intent(place.no, place.log_id, own_id, act, leaves, packed)
    today = node.clock.now().date()
    await intents.put(db, known.account_id, known.data_key, key, intent, today)


async def _give_up(node: Node, known: SignedIn, key: bytes, outcome: object) -> None:
    if outcome == Refusal(KEY_REUSED):
        # The key stands for another act, which may still be under way: the intent is that one's.
        return
    async with writing(node.engine) as db:
        await intents.drop(db, known.account_id, key)


async def _keep(
    node: Node,
    known: SignedIn,
    key: bytes,
    chapter_id: str,
    person: Person,
    leaves: str = "",
    left: Departure | None = None,
) -> bool:
    """Write a membership into the vault; False if the account has another one there.

    A member whom no account can own then leaves: of two at the same moment one stays, and with an
    account that was just deleted its memberships go.
    """
    leaving = Departure(person.log, person.log_id, person.member, words=False, ties=True)
    membership = Membership(chapter_id, person.log_id, person.member)
    async with writing(node.engine) as db:
        try:
            vault = await lock_vault(db, known.account_id, known.data_key)
        except LookupError:
            await departures.add(db, node.book.vault, leaving)
            return False
        await intents.drop(db, known.account_id, key)
        vault = await held_now(node, db, vault)
        other = vault.membership(chapter_id)
        another = other is not None and other.member_id != person.member
        if other and another and await is_present(db, person.log, other.member_id):
            await departures.add(db, node.book.vault, leaving)
            return False
        before = vault.membership(leaves)
        head = await store.find_chapter(db, leaves) if before is not None else None
        if before is not None and head is not None:
            if left is None or left.member != before.member_id:
                left = Departure(head.no, before.log_id, before.member_id, words=False, ties=False)
            await departures.add(db, node.book.vault, left)
        await update_vault(
            db,
            known.account_id,
            known.data_key,
            lambda vault: vault.left(leaves).joined(membership),
        )
    return True


def _unpacked(packed: bytes) -> Departure:
    return msgspec.msgpack.decode(packed, type=Departure)


async def is_present(db: Reading, log: int, own_id: str) -> bool:
    """Tell whether somebody is a member of a log's chapter, suspended or not, or waits for it."""
    state = await db.scalar(
        select(member_table.c.state).where(member_table.c.log == log, member_table.c.id == own_id)
    )
    return state in ("active", "suspended", "applied")
