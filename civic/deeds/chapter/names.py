"""Deeds about one's name in a chapter, and leaving, with which it goes."""

from chapters import entries as e
from chapters.state import of as chapter_of
from civic.deeds.hand import public_half
from civic.deeds.person import (
    Desk,
    Outcome,
    Person,
    Texts,
    done,
)
from civic.kernel.record.content import length_of
from civic.kernel.record.entry import key_id
from civic.kernel.record.rules import State


async def set_name(desk: Desk, person: Person, name: str, lang: str, idempotency: str) -> Outcome:
    """Choose the name that members see; the one before is erased.

    Only the name in force can be erased: what somebody is no longer called would stay for ever.
    """
    texts = Texts(desk.draws(person, idempotency), lang)
    await _erase_former(desk, person, texts.add(name), idempotency)
    body = e.DisplayNameSet(length_of(name))
    return done(person.member, await desk.by_member(person, body, idempotency, texts=texts))


async def erase_name(desk: Desk, person: Person, words: str, idempotency: str) -> Outcome:
    """Have one's own display name erased."""
    body = e.DisplayNameErased(words)
    return done(person.member, await desk.by_member(person, body, idempotency))


async def give_name(
    desk: Desk, person: Person, matter: str, voice: str, idempotency: str
) -> Outcome:
    """Stand with one's name by what one's voice said in a matter."""
    hand = person.hand
    if hand is not None and key_id(public_half(hand.key("voice", matter))) != voice:
        # A browser signs for no voice but the one of its own key.
        raise hand.cannot("other_id")
    body = e.NameGiven(matter, voice)
    return done(voice, await desk.by_member(person, body, idempotency))


async def leave(desk: Desk, person: Person, idempotency: str) -> Outcome:
    """Leave the chapter; the name goes first, since who left can have nothing erased any more."""
    await _erase_former(desk, person, None, idempotency)
    return done(person.member, await desk.by_member(person, e.Left(), idempotency))


async def _erase_former(desk: Desk, person: Person, becoming: str | None, idempotency: str) -> None:
    """Erase the name in force unless it is the new one already; what refuses this refuses more."""

    def in_force(state: State) -> str | None:
        member = chapter_of(state).members.get(person.member)
        return None if member is None else member.name

    former = await desk.book.ask(person.log, in_force)
    if former is not None and former != becoming:
        erased, key = e.DisplayNameErased(former), f"{idempotency}/{former}"
        await desk.by_member(person, erased, key, another_follows=True)
