"""Leaving for good: the chapter, then the ties, then the words, whatever breaks off in between.

What is asked for is kept as a departure (chapters/departures.py) before anything is done, and taken
up again by the tick loop until all of it is. Words go last and one matter at a time, each after a
wait that is drawn anew every minute: erased together, they would tell in the record for ever that
the voices they belong to were one person, and which member.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Final

from sqlalchemy import ARRAY, LargeBinary, bindparam, text

from chapters import departures
from chapters.departures import SIGNED_MOST, Departure, SignedLeaving
from chapters.papers import Tie, read_paper
from chapters.state import of as chapter_of
from civic.deeds import chapter as chapter_deeds
from civic.deeds import proposal as proposal_deeds
from civic.deeds.erasing import disown
from civic.deeds.hand import Hand, SignatureNeeded, Told, WantedAct, wanted_act
from civic.deeds.person import Desk, Outcome, Person
from civic.kernel.database import Reading, reading, writing
from civic.kernel.failpoint import failpoint
from civic.kernel.record import store, ties
from civic.kernel.record.entry import Act, As, By, act_key
from civic.kernel.record.rules import State
from civic.kernel.record.ties import Standing
from civic.kernel.refusal import Refusal
from deliberation.entries import WordsErased
from deliberation.state import of as deliberation_of

WAIT: Final = 120
"""Minutes that the words of one matter wait on average; after nine hours 99 in 100 are gone."""

_THERE: Final = ("active", "suspended", "expelled")
"""States of members who leave by an act; who was expelled may still wear a name."""
_GONE: Final = (None, "left", "expelled", "imported")
"""States of members from whom nothing comes any more; None where the record knows no such id."""

Words = dict[str, dict[str, list[str]]]
"""Words that can be erased: matter, then what they belong to, then their hashes."""

_KEPT = text(
    "SELECT hash FROM record.content WHERE log = :log AND hash = ANY(:hashes) "
    "AND coalesce(bytes, hidden) IS NOT NULL"
).bindparams(bindparam("hashes", type_=ARRAY(LargeBinary)))


def by_chance() -> bool:
    """Tell whether the words of a matter go now; asked once a minute for each matter."""
    return secrets.randbelow(WAIT) == 0


async def leave(desk: Desk, person: Person, idempotency: str, *, erase_ties: bool) -> Outcome:
    """Leave a chapter, and have one's ties there erased as soon as each matter has ended."""
    if person.hand is not None and person.hand.prepare:
        # Nothing is noted of a form that only asks what there is to sign.
        return await chapter_deeds.leave(desk, person, idempotency)
    leaving = Departure(
        person.log,
        person.log_id,
        person.member,
        words=False,
        ties=erase_ties,
        key=idempotency,
        signed=_signed(person),
    )
    async with writing(desk.book.engine) as db:
        own_id = await departures.add(db, desk.book.vault, leaving)
    failpoint("leaving.after_note")
    try:
        outcome = await chapter_deeds.leave(desk, person, idempotency)
    except SignatureNeeded:
        # The node alone would do by and by what its member's hand did not sign.
        await _end(desk, own_id)
        raise
    if isinstance(outcome, Refusal):
        await _end(desk, own_id)
        return outcome
    await depart(desk, own_id, leaving)
    return outcome


async def depart(
    desk: Desk, own_id: bytes, leaving: Departure, now: Callable[[], bool] = by_chance
) -> bool:
    """Do what is left of a departure; tell whether all of it is done.

    `now` says for each matter whether the words there go this time.
    """
    person = Person(leaving.log, leaving.log_id, leaving.member)
    async with reading(desk.book.engine) as db:
        replica = (await store.head(db, person.log)).replica
    if not replica and not await _leave(desk, leaving):
        return False
    failpoint("leaving.after_left")
    words = await own_words(desk, person) if leaving.words and not replica else {}
    for matter in list(words):
        if now():
            await _erase_words(desk, leaving, matter, words.pop(matter))
    if leaving.ties:
        known = await desk.book.ask(
            person.log, lambda state: list(deliberation_of(state).proposals)
        )
        # Without its tie nobody could have the words of a voice erased.
        await disown(desk, person, [matter for matter in known if matter not in words])
    if words:
        return False
    await _end(desk, own_id)
    return True


async def pending(desk: Desk) -> list[tuple[bytes, Departure]]:
    """Return the departures that are not done yet, with their ids."""
    async with reading(desk.book.engine) as db:
        return await departures.pending(db, desk.book.vault)


def _signed(person: Person) -> SignedLeaving | None:
    told = None if person.hand is None else person.hand.told
    if told is None or told.member is None:
        return None
    return SignedLeaving(told.member, {}, told.signatures)


def _as_who(leaving: Departure) -> Iterator[Person]:
    """Return who leaves: first with what they signed, if anything, then on the node's word alone.

    What cannot be recorded as it was signed, since the chapter has changed in between, is done all
    the same: who left must not stay a member.
    """
    alone = Person(leaving.log, leaving.log_id, leaving.member)
    if (signed := leaving.signed) is not None:
        told = Told(signed.member, signed.voices, signatures=signed.signatures)
        hand = Hand(told, prepare=False, log_id=leaving.log_id)
        yield Person(leaving.log, leaving.log_id, leaving.member, hand=hand)
    yield alone


async def _leave(desk: Desk, leaving: Departure) -> bool:
    def state_of(state: State) -> str | None:
        member = chapter_of(state).members.get(leaving.member)
        return None if member is None else member.state

    before = await desk.book.ask(leaving.log, state_of)
    if before in _THERE:
        for person in _as_who(leaving):
            with suppress(SignatureNeeded):
                await chapter_deeds.leave(desk, person, leaving.key)
            before = await desk.book.ask(leaving.log, state_of)
            if before in _GONE:
                break
    # Nobody can take an application back. Once it lapses it is over; who is admitted leaves then.
    return before in _GONE


async def acts_of(
    desk: Desk, leaving: Departure, most: int = SIGNED_MOST
) -> tuple[str | None, list[WantedAct]] | None:
    """Return the member's key in a chapter, and the acts by which they leave, as things stand.

    Of the acts `most` at most, and never more than can be kept. None where nobody is to leave: they
    are no member, or wait for an answer.
    """
    member = await desk.book.ask(
        leaving.log, lambda state: chapter_of(state).members.get(leaving.member)
    )
    if member is None or member.state not in _THERE:
        return None
    if member.key is None:
        return None, []
    hand = Hand(Told(member.key), prepare=True, log_id=leaving.log_id)
    person = Person(leaving.log, leaving.log_id, leaving.member, hand=hand)
    with suppress(SignatureNeeded):
        await chapter_deeds.leave(desk, person, leaving.key)
    if leaving.words:
        voices = await _voices(desk, person)
        for matter, subjects in (await own_words(desk, person)).items():
            by = By(As.VOICE, voices[matter])
            for subject, hashes in sorted(subjects.items()):
                key = act_key(leaving.log_id, by, _erasing_key(hashes))
                body = WordsErased(subject, tuple(sorted(hashes)))
                hand.acts.append(wanted_act(Act(body.kind, by, key, body), matter=matter))
    return member.key, hand.acts[: min(most, SIGNED_MOST)]


async def own_words(desk: Desk, person: Person) -> Words:
    """Return the words that somebody can still have erased, where their tie tells which are theirs.

    Not those that were put to a vote: they are evidence.
    """
    voices = await _voices(desk, person)
    words = await desk.book.ask(person.log, lambda state: _words_of(state, voices))
    async with reading(desk.book.engine) as db:
        kept = await _kept(db, person.log, words)
    return {
        matter: left
        for matter, subjects in words.items()
        if (
            left := {
                subject: still
                for subject, hashes in subjects.items()
                if (still := [one for one in hashes if one in kept])
            }
        )
    }


async def _voices(desk: Desk, person: Person) -> dict[str, str]:
    """Return the ids of a member's voices by matter, as far as ties tell."""
    known = await desk.book.ask(person.log, lambda state: list(deliberation_of(state).proposals))
    standings = [Standing(person.log, matter, "voice", person.member) for matter in known]
    async with reading(desk.book.engine) as db:
        papers = await ties.find_own(db, desk.book.vault, standings)
    return {one.matter: _id(raw) for one, raw in papers.items()}


def _words_of(state: State, voices: dict[str, str]) -> Words:
    known = deliberation_of(state)
    words: Words = {matter: {} for matter in voices}
    for matter, voice in voices.items():
        proposal = known.proposals[matter]
        if proposal.author == voice:
            texts = {*proposal.words, *proposal.older_words} - proposal.frozen
            words[matter][matter] = sorted(texts)
    for own_id, subject in known.subjects.items():
        if subject.what != "task" and voices.get(subject.proposal) == subject.author:
            words[subject.proposal][own_id] = [subject.words]
    for own_id, hiding in known.moderation.hidings.items():
        if hiding.plea and voices.get(hiding.matter) == hiding.author:
            words[hiding.matter][own_id] = [hiding.plea]
    return words


async def _kept(db: Reading, log: int, words: Words) -> set[str]:
    hashes = {one for subjects in words.values() for some in subjects.values() for one in some}
    wanted = [bytes.fromhex(one) for one in hashes]
    return {one.hex() for one in await db.scalars(_KEPT, {"log": log, "hashes": wanted})}


def _erasing_key(hashes: list[str]) -> str:
    return f"leave/{hashlib.sha256(''.join(hashes).encode()).hexdigest()}"


async def _erase_words(
    desk: Desk, leaving: Departure, matter: str, subjects: dict[str, list[str]]
) -> None:
    for subject, hashes in sorted(subjects.items()):
        key = _erasing_key(hashes)
        for person in _as_who(leaving):
            with suppress(SignatureNeeded):
                erased = await proposal_deeds.erase(desk, person, matter, subject, hashes, key)
                if not isinstance(erased, Refusal):
                    break


async def _end(desk: Desk, own_id: bytes) -> None:
    async with writing(desk.book.engine) as db:
        await departures.end(db, own_id)


def _id(raw: bytes) -> str:
    tie = read_paper(raw)
    if not isinstance(tie, Tie):
        raise TypeError("the paper is no tie")
    return tie.id
