"""Deeds about a proposal: propose, support, argue, comment, react, vote, follow up."""

from collections.abc import Sequence
from typing import Literal, NamedTuple

from chapters.bylaws import Change
from chapters.papers import PAPER_MISSING, TIED_TWICE
from chapters.participation import ROW_COUNT
from civic.deeds.hand import SignatureNeeded, WantedRow, proof
from civic.deeds.holding import held_row, unsigned_vote
from civic.deeds.person import Desk, Outcome, Person, Texts, done
from civic.kernel.record.adoption import Adoption
from civic.kernel.record.content import length_of
from civic.kernel.record.entry import As, row_message, when
from civic.kernel.record.submission import BoxRow, Promise
from civic.kernel.refusal import Refusal
from deliberation import entries as e
from voting.entries import Cast

Secrecy = Literal["roll_call", "pseudonymous"]


class Wording(NamedTuple):
    """A proposal's title, text and labels of options in a further language."""

    lang: str
    title: str
    text: str
    options: tuple[str, ...] = ()


def _add_words(
    texts: Texts, binding: Sequence[str], also: Sequence[Wording]
) -> tuple[e.Wording, ...]:
    """Add the binding texts and what they are in further languages, of which each names one."""
    originals = [texts.add(words) for words in binding]
    for one in also:
        # Where there are more or fewer than those that bind, the rules refuse them.
        of = [*originals, *([None] * len(one.options))]
        for words, original in zip((one.title, one.text, *one.options), of, strict=False):
            texts.add(words, one.lang, original)
    return tuple(e.Wording(one.lang, length_of(one.title), length_of(one.text)) for one in also)


async def propose(
    desk: Desk,
    person: Person,
    *,
    title: str,
    text: str,
    lang: str,
    idempotency: str,
    secrecy: Secrecy,
    options: Sequence[str] = (),
    changes: Sequence[Change] = (),
    appointment: e.Appointment | None = None,
    measure: e.Measure | None = None,
    rules: Adoption | None = None,
    also: Sequence[Wording] = (),
) -> Outcome:
    """Propose something, under a voice of its own; the text in `lang` binds."""
    draws = desk.draws(person, idempotency)
    matter = draws.id()
    texts = Texts(draws, lang)
    further = _add_words(texts, (title, text, *options), also)
    body = e.Proposed(
        matter,
        lang,
        length_of(title),
        length_of(text),
        len(options),
        secrecy,
        tuple(changes),
        appointment,
        rules,
        measure,
        further,
    )
    return done(matter, await desk.by_voice(person, matter, body, idempotency, texts=texts))


async def support(desk: Desk, person: Person, proposal: str, idempotency: str) -> Outcome:
    """Support a proposal."""
    body = e.Supported(proposal)
    return done(proposal, await desk.by_voice(person, proposal, body, idempotency))


async def withdraw_support(desk: Desk, person: Person, proposal: str, idempotency: str) -> Outcome:
    """Take support back."""
    body = e.SupportWithdrawn(proposal)
    return done(proposal, await desk.by_voice(person, proposal, body, idempotency))


async def argue(
    desk: Desk,
    person: Person,
    proposal: str,
    side: Literal["pro", "con"],
    text: str,
    lang: str,
    idempotency: str,
) -> Outcome:
    """Give an argument."""
    draws = desk.draws(person, idempotency)
    texts = Texts(draws, lang)
    texts.add(text)
    argument = draws.id()
    body = e.Argued(argument, proposal, side, length_of(text))
    return done(argument, await desk.by_voice(person, proposal, body, idempotency, texts=texts))


async def comment(
    desk: Desk, person: Person, matter: str, on: str, text: str, lang: str, idempotency: str
) -> Outcome:
    """Comment on a proposal, an argument or another comment of a matter."""
    draws = desk.draws(person, idempotency)
    texts = Texts(draws, lang)
    texts.add(text)
    own = draws.id()
    body = e.Commented(own, on, length_of(text))
    return done(own, await desk.by_voice(person, matter, body, idempotency, texts=texts))


async def revise(
    desk: Desk,
    person: Person,
    proposal: str,
    version: int,
    texts_now: Sequence[str],
    lang: str,
    idempotency: str,
    also: Sequence[Wording] = (),
    reason: str = "",
) -> Outcome:
    """Give one's proposal a new title, text and option labels (`texts_now`, in this order).

    `reason` says in the same language why; empty where nobody gives one.
    """
    texts = Texts(desk.draws(person, idempotency), lang)
    further = _add_words(texts, texts_now, also)
    title, text = length_of(texts_now[0]), length_of(texts_now[1])
    if reason:
        texts.add(reason)
    length = length_of(reason) if reason else None
    body = e.Revised(proposal, version, title, text, also=further, reason_length=length)
    return done(proposal, await desk.by_voice(person, proposal, body, idempotency, texts=texts))


async def withdraw(desk: Desk, person: Person, proposal: str, idempotency: str) -> Outcome:
    """Withdraw one's proposal."""
    body = e.Withdrawn(proposal)
    return done(proposal, await desk.by_voice(person, proposal, body, idempotency))


async def erase(
    desk: Desk, person: Person, matter: str, of: str, words: Sequence[str], idempotency: str
) -> Outcome:
    """Have one's own words erased."""
    body = e.WordsErased(of, tuple(sorted(words)))
    return done(of, await desk.by_voice(person, matter, body, idempotency))


async def fill_box(
    desk: Desk, person: Person, matter: str, subject: str, value: int
) -> Promise | Refusal:
    """Put a reaction or pseudonymous vote into its box, under the row id in its matter."""
    outcome = await _fill_box(desk, person, matter, subject, value)
    if outcome in (Refusal(TIED_TWICE), Refusal(PAPER_MISSING)):
        # The same person reacted for the first time twice at once: the other row is theirs now.
        # Or the tie that this process remembers was erased.
        desk.forget_id(person, matter, As.ROW)
        outcome = await _fill_box(desk, person, matter, subject, value)
    if person.seed is not None and isinstance(outcome, Refusal) and outcome.code == ROW_COUNT:
        # The same person answered twice at once, and both counted alike.
        outcome = await _fill_box(desk, person, matter, subject, value)
    return outcome


async def _fill_box(
    desk: Desk, person: Person, matter: str, subject: str, value: int
) -> Promise | Refusal:
    by, tie, key = await desk.own_id(person, matter, As.ROW)
    hand = person.hand
    if hand is not None and key is None:
        raise hand.cannot("other_id")
    if hand is not None and hand.prepare:
        last = await desk.book.row_count(person.log, subject, by.id)
        hand.rows.append(WantedRow(matter, subject, by.id, value, last))
        raise SignatureNeeded(hand)
    count, made = 0, None
    if key is not None:
        if hand is not None:
            count = hand.told.counts.get(subject, 0)
        else:
            count = await desk.book.row_count(person.log, subject, by.id) + 1
        made = proof(key, row_message(person.log_id, subject, by.id, count, value))
    check = held_row(person.holds, signed=made is not None, election=subject)
    return await desk.book.put(person.log, BoxRow(subject, by.id, value, made, tie, count, check))


async def cast(desk: Desk, person: Person, election: str, value: int, idempotency: str) -> Outcome:
    """Vote in a roll call, under the member's own id."""
    keyless = desk.member_key(person) is None
    check = unsigned_vote(person.holds, election) if keyless else None
    body = Cast(election, value)
    return done(election, await desk.by_member(person, body, idempotency, check=check))


async def set_task(
    desk: Desk,
    person: Person,
    office: str,
    proposal: str,
    text: str,
    lang: str,
    until: int,
    idempotency: str,
) -> Outcome:
    """Set a task after a decision, to be done until a minute."""
    draws = desk.draws(person, idempotency)
    texts = Texts(draws, lang)
    texts.add(text)
    task = draws.id()
    body = e.TaskSet(task, proposal, when(until), length_of(text))
    return done(task, await desk.by_office(person, office, body, idempotency, texts=texts))


async def finish_task(
    desk: Desk, person: Person, office: str, task: str, idempotency: str
) -> Outcome:
    """Say that a task is done."""
    return done(task, await desk.by_office(person, office, e.TaskDone(task), idempotency))


async def record_outcome(
    desk: Desk,
    person: Person,
    office: str,
    proposal: str,
    *,
    result: e.Result,
    again: e.Again,
    expected: str,
    happened: str,
    lang: str,
    idempotency: str,
) -> Outcome:
    """Record what was expected of a proposal and what came of it."""
    draws = desk.draws(person, idempotency)
    texts = Texts(draws, lang)
    texts.add(expected)
    texts.add(happened)
    card = draws.id()
    body = e.OutcomeRecorded(
        card, proposal, result, again, length_of(expected), length_of(happened)
    )
    return done(card, await desk.by_office(person, office, body, idempotency, texts=texts))
