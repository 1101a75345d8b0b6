"""Deeds about words that break a chapter's rules: report, hide, appeal, judge, erase in office."""

from collections.abc import Sequence

from chapters.papers import Tie, read_paper
from civic.deeds.holding import held_first, not_held
from civic.deeds.person import Desk, Outcome, Person, Texts, done, in_office, proved
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading, Writing
from civic.kernel.record import ties
from civic.kernel.record.content import length_of
from civic.kernel.record.entry import Malformed
from civic.kernel.record.rules import State
from civic.kernel.record.submission import Also, Check
from civic.kernel.record.ties import Standing
from civic.kernel.refusal import Refusal
from deliberation import entries as e
from deliberation.moderation import entries as m
from deliberation.moderation import reports
from deliberation.papers import OWN_WORDS
from deliberation.phases import UNKNOWN_SUBJECT
from deliberation.state import of
from deliberation.words import belonging


async def hide(
    desk: Desk,
    person: Person,
    office: str,
    subject: str,
    words: Sequence[str],
    reason: str,
    idempotency: str,
) -> Outcome:
    """Hide words of others in office, with a public reason; what was reported of them is done."""
    own = desk.draws(person, f"hide/{idempotency}").id()
    body = m.WordsHidden(own, subject, tuple(sorted(words)), reason)
    also = _answered(person.log, subject)
    return done(own, await desk.by_office(person, office, body, idempotency, also=also))


async def erase(
    desk: Desk,
    person: Person,
    office: str,
    subject: str,
    words: Sequence[str],
    reason: str,
    idempotency: str,
    urgent: e.Urgent | None = None,
) -> Outcome:
    """Erase words of others in office: once they stay hidden, or at once for an urgent need."""
    body = e.WordsErased(subject, tuple(sorted(words)), reason, urgent)
    also = _answered(person.log, subject)
    return done(subject, await desk.by_office(person, office, body, idempotency, also=also))


async def appeal(
    desk: Desk, person: Person, matter: str, hiding: str, text: str, lang: str, idempotency: str
) -> Outcome:
    """Appeal, as their author, that words are hidden; what one says is public."""
    texts = Texts(desk.draws(person, f"appeal/{idempotency}"), lang)
    texts.add(text)
    body = m.HidingAppealed(hiding, length_of(text))
    return done(hiding, await desk.by_voice(person, matter, body, idempotency, texts=texts))


async def judge(
    desk: Desk, person: Person, office: str, hiding: str, show: bool, idempotency: str
) -> Outcome:
    """Judge an appeal in office; never about one's own words."""
    body = m.HidingJudged(hiding, show)
    besides = not_the_author(desk, person, hiding)
    return done(hiding, await desk.by_office(person, office, body, idempotency, besides=besides))


async def lift(desk: Desk, person: Person, office: str, hiding: str, idempotency: str) -> Outcome:
    """Show words again that one hid."""
    body = m.HidingLifted(hiding)
    return done(hiding, await desk.by_office(person, office, body, idempotency))


async def report(desk: Desk, person: Person, subject: str, reason: str) -> Refusal | None:
    """Tell those in office of words, in private: nothing keeps who did."""
    if "\x00" in reason:
        raise Malformed("a report holds a character that no text has")
    now = minute_of(desk.book.timekeeper.clock.now())
    async with desk.book.beside(person.log, alone=True) as (db, state, tick):
        # One after the other, so that nobody reports more than they may at once.
        refused = not_held(state, person.holds, tick)
        there = belonging(state, subject, ())
        if refused is None and (isinstance(there, Refusal) or not there.said):
            refused = Refusal(UNKNOWN_SUBJECT)
        return refused or await reports.keep(
            db, desk.book.vault, person.log, person.member, subject, reason, now
        )


async def leave(desk: Desk, person: Person, office: str, subject: str) -> Refusal | None:
    """Leave reported words of others as they are, in office: their reports are forgotten.

    Raises what `person.prove` raises.
    """
    await proved(person)
    check = held_first(person.holds, in_office(person.member, office))
    async with desk.book.beside(person.log) as (db, state, tick):
        refused = None if check is None else await check(db, state, tick)
        there = belonging(state, subject, ())
        if refused is None and not isinstance(there, Refusal):
            refused = await _own_words_refusal(db, desk, person, there.matter, there.author)
        if refused is None:
            await reports.drop(db, person.log, subject)
        return refused


def _answered(log: int, subject: str) -> Also:
    async def also(db: Writing, index: int) -> None:
        await reports.drop(db, log, subject)

    return also


def not_the_author(desk: Desk, person: Person, hiding: str) -> Check:
    """Return the check that somebody did not write the hidden words that they judge."""

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        found = of(state).moderation.hidings.get(hiding)
        if found is None:
            return None
        return await _own_words_refusal(db, desk, person, found.matter, found.author)

    return check


async def _own_words_refusal(
    db: Reading, desk: Desk, person: Person, matter: str, author: str
) -> Refusal | None:
    standing = Standing(person.log, matter, "voice", person.member)
    raw = (await ties.find_own(db, desk.book.vault, [standing])).get(standing)
    tie = None if raw is None else read_paper(raw)
    own = isinstance(tie, Tie) and tie.id == author
    return Refusal(OWN_WORDS) if own else None
