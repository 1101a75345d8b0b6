"""Who acts: a member of a chapter on this node, with or without keys of their own at hand."""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from chapters.gate import NOT_IN_OFFICE
from chapters.papers import PAPER_MISSING, Tie, make_tie, read_paper, tie_message
from chapters.state import of as chapter_of
from civic.deeds.hand import Hand, InHand, Key, SignatureNeeded, proof, public_half, signature
from civic.deeds.holding import held_first
from civic.kernel import keys
from civic.kernel.database import Writing, reading
from civic.kernel.record import store, ties
from civic.kernel.record.book import Book
from civic.kernel.record.content import Words, content_hash, make_words
from civic.kernel.record.entry import (
    Act,
    As,
    Body,
    By,
    Proof,
    act_key,
    act_message,
    id_of,
    is_id,
    key_id,
)
from civic.kernel.record.rules import State
from civic.kernel.record.submission import Also, Check, NewTie, Receipt, Submission
from civic.kernel.record.ties import Standing
from civic.kernel.refusal import Refusal
from civic.kernel.together import Together
from identity import member_keys
from identity.vault import Membership


@dataclass(frozen=True)
class Person:
    """A member of a chapter: the log's number and id, the member's id, perhaps their keys.

    `seed` is what a demonstration or a command knows; `hand` are keys that only a browser has.
    `prove` asks whoever comes over the web for a fresh factor, and raises where there is none;
    `holds` is how their account came to the member, where an account acts.
    """

    log: int
    log_id: str
    member: str
    seed: bytes | None = field(default=None, repr=False)
    hand: Hand | None = field(default=None, repr=False, compare=False)
    prove: Callable[[], Awaitable[object]] | None = field(default=None, repr=False, compare=False)
    holds: Membership | None = field(default=None, repr=False, compare=False)


@dataclass(frozen=True)
class Done:
    """An accepted act: the id of what it made (or acted on) and where it stands."""

    id: str
    receipt: Receipt


Outcome = Done | Refusal

REMEMBERED: Final = 300.0
"""Seconds for which a process remembers under which id somebody speaks or reacts in a matter."""
REMEMBERED_MOST: Final = 20_000
"""Ids that a process remembers at most."""
_Place = tuple[int, str, As, str]


@dataclass(frozen=True)
class OwnKey:
    """A member key that its holder keeps: its public half, and its signature once it is made."""

    public_key: str
    signature: str | None = None


@dataclass(frozen=True)
class ToSign:
    """An act that waits for the signature of its author; nothing is recorded yet."""

    act: Act[Any]


class Draws:
    """Ids and salts of one act, the same whenever the act is repeated under its key."""

    def __init__(self, secret: bytes, idempotency: str) -> None:
        self._key = hmac.digest(secret, idempotency.encode(), "sha256")
        self._count = 0

    def bytes(self) -> bytes:
        """Return the next 16 bytes."""
        self._count += 1
        return hmac.digest(self._key, str(self._count).encode(), "sha256")[:16]

    def id(self) -> str:
        """Return the next id."""
        return id_of(self.bytes())


class Texts:
    """The words of one act: their hashes in order, and the bytes by hash."""

    def __init__(self, draws: Draws, lang: str) -> None:
        self._draws = draws
        self._lang = lang
        self.hashes: tuple[str, ...] = ()
        self.blobs: dict[str, bytes] = {}

    def add(self, text: str, lang: str = "", original: str | None = None) -> str:
        """Add words and return their hash; `original` is that of the words they translate."""
        raw = make_words(Words(lang or self._lang, text, original), self._draws.bytes())
        digest = content_hash(raw)
        self.hashes = (*self.hashes, digest)
        self.blobs[digest] = raw
        return digest


class Desk:
    """Makes acts for persons: ids, keys, signatures, ties; then hands them to the book."""

    def __init__(self, book: Book) -> None:
        self.book = book
        self._secret = keys.derive(book.key_files.secret("papers"), b"", b"civic/draws/1")
        self._papers = Together(self._find)
        self._ids: OrderedDict[_Place, tuple[str, float]] = OrderedDict()
        self._forgetting: asyncio.TimerHandle | None = None

    def draws(self, person: Person, idempotency: str) -> Draws:
        """Return the draws of one act of a person."""
        return Draws(self._secret, f"{person.log}\n{person.member}\n{idempotency}")

    async def by_member(self, person: Person, body: Body, idempotency: str, **more: Any) -> Any:
        """Hand in an act under the member's own id, signed where the seed is at hand."""
        by = By(As.MEMBER, person.member)
        return await self.hand_in(person, by, self.member_key(person), body, idempotency, **more)

    async def by_founder(self, person: Person, body: Body, idempotency: str) -> Any:
        """Hand in what a founder does to constitute the chapter, who proved a factor just now.

        Raises what `person.prove` raises.
        """
        await proved(person)
        return await self.by_member(person, body, idempotency)

    async def by_office(
        self,
        person: Person,
        office: str,
        body: Body,
        idempotency: str,
        *,
        besides: Check | None = None,
        **more: Any,
    ) -> Any:
        """Hand in an act of an office that the person holds, who proved a factor just now.

        `besides` is asked under the lock, too. Raises what `person.prove` raises.
        """
        # Here, since all that is done in office passes here: no page and no call can forget it.
        await proved(person)
        by, key = By(As.OFFICE, office), self.member_key(person)
        check = in_office(person.member, office, besides)
        return await self.hand_in(person, by, key, body, idempotency, check=check, **more)

    async def by_voice(
        self, person: Person, matter: str, body: Body, idempotency: str, **more: Any
    ) -> Any:
        """Hand in an act under the person's voice in a matter, with the tie if it is new."""
        by, tie, key = await self.own_id(person, matter, As.VOICE)
        outcome = await self.hand_in(person, by, key, body, idempotency, tie=tie, **more)
        if outcome == Refusal(PAPER_MISSING):
            # The same person spoke for the first time twice at once: the other voice is theirs now.
            # Or the tie that this process remembers was erased.
            self.forget_id(person, matter, As.VOICE)
            by, tie, key = await self.own_id(person, matter, As.VOICE)
            outcome = await self.hand_in(person, by, key, body, idempotency, tie=tie, **more)
        return outcome

    async def hand_in(
        self,
        person: Person,
        by: By,
        key: Key | None,
        body: Body,
        idempotency: str,
        *,
        texts: Texts | None = None,
        tie: NewTie | None = None,
        papers: Mapping[str, bytes] | None = None,
        check: Check | None = None,
        also: Also | None = None,
        own: OwnKey | None = None,
        another_follows: bool = False,
    ) -> Receipt | Refusal | ToSign:
        """Make the act, sign it where there is a key, and hand it to the book.

        With an `own` key that has not signed yet, the act is given back to be signed. Raises
        `SignatureNeeded` where the person's hand has not signed it yet; if another act of the same
        form follows, that one raises, and what this returns says nothing.
        """
        content = texts.hashes if texts else ()
        act_id = act_key(person.log_id, by, idempotency)
        made = None
        if key is not None:
            message = act_message(person.log_id, body.kind, by, act_id, body, content)
            made = proof(key, message)
        if own is not None and own.signature is not None:
            made = Proof(own.public_key, own.signature)
        act: Act[Any] = Act(body.kind, by, act_id, body, content, made)
        if own is not None and own.signature is None:
            return ToSign(act)
        if person.hand is not None and key is None:
            raise person.hand.cannot("other_id")
        if person.hand is not None and person.hand.prepare:
            person.hand.want_act(act, list(texts.blobs.values()) if texts else [])
            if another_follows:
                return Receipt(0, b"")
            raise SignatureNeeded(person.hand)
        words, check = texts.blobs if texts else {}, held_first(person.holds, check)
        submission = Submission(act, words, tie, papers or {}, check, also)
        return await self.book.submit(person.log, submission)

    def member_key(self, person: Person) -> Key | None:
        """Return the member key where the seed is at hand."""
        if person.hand is not None:
            return person.hand.key("member")
        if person.seed is None:
            return None
        return member_keys.member_key(person.seed, person.log_id)

    async def own_id(
        self, person: Person, matter: str, role: As
    ) -> tuple[By, NewTie | None, Key | None]:
        """Return the id under which a person speaks or reacts in a matter.

        With it comes a tie if the id is new, and the id's key where the seed is at hand.
        """
        known = self._remembered((person.log, matter, role, person.member))
        if known is None:
            standing = Standing(person.log, matter, role.value, person.member)
            paper = await self._papers.get(standing)
            if paper is None:
                return self.new_id(person, matter, role)
            known = _tie_id(paper)
            self._ids[person.log, matter, role, person.member] = (known, self._now())
            self._forget_in_time()
        key = _id_key(person, matter, role)
        matching = key if key is not None and key_id(public_half(key)) == known else None
        return By(role, known), None, matching

    async def look_at_hand(self, person: Person) -> None:
        """Check, before anything is asked of a member's hand, that the chapter knows its key.

        Raises `SignatureNeeded` where it does not: then nothing of theirs can be signed.
        """
        hand = person.hand
        if hand is None or not hand.prepare:
            return
        await self.show_founding(person)
        members = await self.book.ask(person.log, lambda state: chapter_of(state).members)
        member = members.get(person.member)
        if member is None or member.key is None:
            raise hand.cannot("no_key")
        if public_half(hand.key("member")).hex() != member.key:
            raise hand.cannot("other_key")

    async def show_founding(self, person: Person) -> None:
        """Let a hand see in which chapter it signs."""
        if person.hand is None or not person.hand.prepare:
            return
        async with reading(self.book.engine) as db:
            found = [raw async for _, raw, _ in store.entries(db, person.log, 0, 1)]
        person.hand.at(person.log_id).founding = found[0] if found else b""

    async def _find(self, standings: Sequence[Standing]) -> dict[Standing, bytes]:
        async with reading(self.book.engine) as db:
            return await ties.find_own(db, self.book.vault, standings)

    def forget_id(self, person: Person, matter: str, role: As) -> None:
        """Look a person's id up anew the next time it is needed."""
        self._ids.pop((person.log, matter, role, person.member), None)

    def _now(self) -> float:
        return self.book.timekeeper.clock.monotonic()

    def _remembered(self, place: _Place) -> str | None:
        self._forget_old()
        found = self._ids.get(place)
        return None if found is None else found[0]

    def _forget_old(self) -> None:
        # The oldest stand first: what is over goes, so that an erased tie is soon in no memory.
        over = self._now() - REMEMBERED
        while self._ids and (
            next(iter(self._ids.values()))[1] < over or len(self._ids) > REMEMBERED_MOST
        ):
            self._ids.popitem(last=False)

    def _forget_in_time(self) -> None:
        """See to it that what is remembered goes in time, also where nobody asks any more."""
        if self._forgetting is None:
            _, since = next(iter(self._ids.values()))
            left = since + REMEMBERED - self._now() + 1
            loop = asyncio.get_running_loop()
            self._forgetting = loop.call_later(left, self._forget_by_itself)

    def _forget_by_itself(self) -> None:
        self._forgetting = None
        self._forget_old()
        if self._ids:
            self._forget_in_time()

    def new_id(self, person: Person, matter: str, role: As) -> tuple[By, NewTie, Key | None]:
        """Make the id, with its tie, of a person who has none in a matter yet."""
        key = _id_key(person, matter, role)
        own = id_of(secrets.token_bytes(16)) if key is None else key_id(public_half(key))
        tie = Tie(matter, "voice" if role is As.VOICE else "row", own, person.member)
        member_key = self.member_key(person)
        if member_key is not None:
            made = signature(member_key, tie_message(person.log_id, tie))
            if made is not None:
                tie = msgspec.structs.replace(tie, signature=made.hex())
            elif isinstance(member_key, InHand):
                member_key.hand.want_tie(tie)
        new_tie = NewTie(matter, role.value, own, person.member, make_tie(tie))
        return By(role, own), new_tie, key


async def proved(person: Person) -> None:
    """Ask whoever comes over the web for a fresh factor; raises what `person.prove` raises."""
    if person.prove is not None:
        await person.prove()


def in_office(member: str, office: str, besides: Check | None = None) -> Check:
    """Return the check that a member holds an office: the rules see who acts only where they sign.

    To be asked under the lock, since terms end; `besides` is asked then, too.
    """

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        held = chapter_of(state).offices.get(office)
        if held is None or held.member != member:
            return Refusal(NOT_IN_OFFICE)
        return None if besides is None else await besides(db, state, now)

    return check


def done(own_id: str, outcome: Receipt | Refusal) -> Outcome:
    """Return an outcome with the id that the act made."""
    return outcome if isinstance(outcome, Refusal) else Done(own_id, outcome)


def paper_hash(raw: bytes) -> str:
    """Return the hash of a paper."""
    return hashlib.sha256(raw).hexdigest()


def _id_key(person: Person, matter: str, role: As) -> Key | None:
    # No key belongs to what is no id; the rules know no such matter and say so.
    if not is_id(matter):
        return None
    if person.hand is not None:
        return person.hand.key("voice" if role is As.VOICE else "row", matter)
    if person.seed is None:
        return None
    make = member_keys.voice_key if role is As.VOICE else member_keys.row_key
    return make(person.seed, person.log_id, matter)


def _tie_id(raw: bytes) -> str:
    tie = read_paper(raw)
    if not isinstance(tie, Tie):
        raise TypeError("the paper is no tie")
    return tie.id
