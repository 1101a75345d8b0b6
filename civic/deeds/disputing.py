"""Levels in dispute: challenged, decided by two, appealed; then the others' vouches reviewed."""

from collections.abc import Iterable, Sequence
from typing import Any

from chapters.assurance import attestations, checks, disputes
from chapters.assurance import entries as e
from chapters.assurance.disputes import CHALLENGE_UNKNOWN, on_vouches_alone
from chapters.assurance.papers import Answer, Opinion, Reasons, Stage, make, read
from chapters.assurance.state import Challenge, of
from chapters.bylaws import YEAR
from chapters.state import of as chapter_of
from civic.deeds.attesting import Given, by_node, now_of, signed, state_of
from civic.deeds.holding import not_held
from civic.deeds.person import Desk, Person, done, paper_hash
from civic.kernel.database import Reading, Writing, reading
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal


async def challenge(
    desk: Desk, person: Person, member: str, text: str, lang: str, idempotency: str
) -> Any:
    """Challenge a member's level, with reasons that only those read who decide, and the member."""
    vault, log, now = desk.book.vault, person.log, now_of(desk)
    draws = desk.draws(person, f"challenge/{idempotency}")
    paper = Reasons(draws.id(), member, person.member, lang, text)
    raw = signed(desk, person, paper, draws.bytes())

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        given = await attestations.done(db, vault, log, "challenge", person.member, now - YEAR)
        return checks.challenge_refusal(state, paper, given)

    async def also(db: Writing, index: int) -> None:
        await attestations.note(db, vault, log, "challenge", person.member, now)
        await attestations.back(db, vault, log, paper.challenge, [person.member])

    body = e.Challenged(paper.challenge, member, paper_hash(raw))
    key = f"challenge/{person.member}/{idempotency}"
    outcome = await by_node(
        desk,
        person,
        body,
        papers={body.paper: raw},
        check=check,
        also=also,
        idempotency=key,
    )
    return done(paper.challenge, outcome)


def stage_of(known: Challenge) -> Stage:
    """Return whose turn a dispute is: the first two verifiers', or that of the appeal."""
    return "first" if known.stage == "open" else "appeal"


async def near(db: Reading, desk: Desk, state: State, log: int, own: str) -> frozenset[str]:
    """Return who may not decide a dispute: who challenged, vouched, verified or decided first."""
    wanted = [own, *disputes.terms_of(state, of(state).challenges[own])]
    found = await attestations.backers(db, desk.book.vault, log, wanted)
    return frozenset(one for authors in found.values() for one in authors)


async def opinion_refusal(
    db: Reading, desk: Desk, state: State, log: int, own: str, verifier: str
) -> Refusal | None:
    """Say why a verifier may not decide a dispute now, or None."""
    known = of(state).challenges.get(own)
    if known is None or known.stage not in ("open", "appealed"):
        return Refusal(CHALLENGE_UNKNOWN)
    stage = stage_of(known)
    there = await _opinions(db, desk, log, own, stage)
    paper = Opinion(own, stage, verifier, upheld=True)
    others = [one.verifier for one in there.values()]
    return checks.opinion_refusal(
        state, known.member, paper, await near(db, desk, state, log, own), others
    )


async def _opinions(
    db: Reading, desk: Desk, log: int, own: str, stage: Stage
) -> dict[str, Opinion]:
    waiting = await attestations.waiting(db, desk.book.vault, log, "opinion", f"{own}/{stage}")
    papers = {digest: read(raw) for digest, raw in waiting.items()}
    return {digest: one for digest, one in papers.items() if isinstance(one, Opinion)}


async def decide(
    desk: Desk, person: Person, own: str, idempotency: str, *, upheld: bool
) -> Given | Refusal:
    """Say, as a verifier, what one decides; when two agree, that is recorded."""
    vault, log, now = desk.book.vault, person.log, now_of(desk)
    draws = desk.draws(person, f"decide/{idempotency}")
    async with desk.book.beside(log) as (db, state, tick):
        refused = not_held(state, person.holds, tick)
        refused = refused or await opinion_refusal(db, desk, state, log, own, person.member)
        if refused is not None:
            return refused
        stage = stage_of(of(state).challenges[own])
        paper = Opinion(own, stage, person.member, upheld)
        raw = signed(desk, person, paper, draws.bytes())
        await attestations.keep(db, vault, log, "opinion", f"{own}/{stage}", raw, now)
    outcome = await _record_decision(desk, person, own, stage)
    if isinstance(outcome, Refusal):
        return outcome
    return Given(1 if outcome is None else 2, 2, recorded=outcome is not None)


async def _record_decision(desk: Desk, person: Person, own: str, stage: Stage) -> Any:
    vault, log, now = desk.book.vault, person.log, now_of(desk)
    subject = f"{own}/{stage}"
    async with reading(desk.book.engine) as db:
        state = await state_of(desk, log)
        good = await _good_opinions(db, desk, state, log, own, stage)
        waiting = await attestations.waiting(db, vault, log, "opinion", subject)
    pair = _agreed(good)
    if pair is None:
        return None
    verifiers = [good[digest].verifier for digest in pair]
    papers = {digest: waiting[digest] for digest in pair}

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        known = of(state).challenges.get(own)
        if known is None or stage_of(known) != stage:
            return Refusal(CHALLENGE_UNKNOWN)
        good = await _good_opinions(db, desk, state, log, own, stage)
        return None if papers.keys() <= good.keys() else Refusal(CHALLENGE_UNKNOWN)

    async def also(db: Writing, index: int) -> None:
        await attestations.end(db, vault, log, "opinion", subject, (), now)
        before = await attestations.backers(db, vault, log, [own])
        authors = sorted({*before.get(own, ()), *verifiers})
        await attestations.back(db, vault, log, own, authors)

    body = e.ChallengeDecided(own, good[pair[0]].upheld, pair)
    return await by_node(desk, person, body, papers=papers, check=check, also=also)


async def _good_opinions(
    db: Reading, desk: Desk, state: State, log: int, own: str, stage: Stage
) -> dict[str, Opinion]:
    """Return the opinions that wait in a dispute, as far as they still count."""
    if own not in of(state).challenges:
        return {}
    member = of(state).challenges[own].member
    apart = await near(db, desk, state, log, own)
    return {
        digest: one
        for digest, one in (await _opinions(db, desk, log, own, stage)).items()
        if checks.opinion_refusal(state, member, one, apart, ()) is None
    }


def _agreed(good: dict[str, Opinion]) -> tuple[str, str] | None:
    """Return the sorted hashes of two opinions that say the same, or None."""
    for upheld in (True, False):
        same = sorted(digest for digest, one in good.items() if one.upheld is upheld)
        if len(same) >= 2:
            return same[0], same[1]
    return None


async def appeal(
    desk: Desk, person: Person, own: str, text: str, lang: str, idempotency: str
) -> Any:
    """Appeal, as the member whose level is to end."""
    draws = desk.draws(person, f"appeal/{idempotency}")
    raw = make(Answer(own, person.member, lang, text), draws.bytes())
    body = e.ChallengeAppealed(own, paper_hash(raw))
    outcome = await desk.by_member(person, body, idempotency, papers={body.paper: raw})
    return done(own, outcome)


async def review_lost(desk: Desk, person: Person) -> None:
    """After a level was lost, let those be vouched for anew for whom the same people vouched."""
    state = await state_of(desk, person.log)
    for own, known in sorted(of(state).challenges.items()):
        if known.stage == "lost":
            await _review(desk, person, own)


async def _review(desk: Desk, person: Person, own: str) -> None:
    vault, log, now = desk.book.vault, person.log, now_of(desk)
    state = await state_of(desk, log)
    async with reading(desk.book.engine) as db:
        vouchers, members = await _affected(db, desk, state, log, own)

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        # Somebody may just have been vouched for: the next minute finds them too.
        found = await _affected(db, desk, state, log, own)
        return None if found == (vouchers, members) else Refusal(CHALLENGE_UNKNOWN)

    async def also(db: Writing, index: int) -> None:
        for one in vouchers:
            await attestations.note(db, vault, log, "failed", one, now)

    tick = desk.book.timekeeper.tick(state.record)
    body = e.VouchesReviewed(own, disputes.review_until(state, tick), members)
    await by_node(desk, person, body, papers={}, check=check, also=also)


async def _affected(
    db: Reading, desk: Desk, state: State, log: int, own: str
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return who vouched for the member of a lost level, and the others they vouched for.

    Among those others is also whom that member vouched for.
    """
    known = of(state).challenges.get(own)
    if known is None or known.stage != "lost":
        return (), ()
    vouched = {
        standing.vouched.id: member
        for member, standing in of(state).standing.items()
        if standing.vouched is not None
        and on_vouches_alone(standing)
        and chapter_of(state).members[member].state == "active"
    }
    backers = await attestations.backers(db, desk.book.vault, log, [known.vouched, *vouched])
    vouchers = backers.get(known.vouched, ())
    failed = (*vouchers, known.member)
    return tuple(sorted(vouchers)), tuple(sorted(_meeting(vouched, backers, failed)))


def _meeting(
    vouched: dict[str, str], backers: dict[str, tuple[str, ...]], vouchers: Sequence[str]
) -> Iterable[str]:
    return (
        member
        for term, member in vouched.items()
        if not set(vouchers).isdisjoint(backers.get(term, ()))
    )
