"""Level 1: a code on one phone, typed on another, and a vouch; and giving a level up."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

from chapters.assurance import attestations, checks
from chapters.assurance import entries as e
from chapters.assurance.levels import LEVEL_HELD
from chapters.assurance.papers import Vouch, read
from chapters.assurance.state import of
from chapters.bylaws import DAY, YEAR
from chapters.state import of as chapter_of
from civic.deeds.attesting import Given, by_node, now_of, own_id, signed, state_of, until_of
from civic.deeds.holding import not_held
from civic.deeds.person import Desk, Person, done
from civic.kernel.database import Reading, Writing, reading, writing
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code

RENEWAL_TIME: Final = 90 * DAY
"""Minutes before the end of a level in which it can be renewed."""

CODE_VOID: Final = code("request.code_void", "Nobody shows this code now.")


async def show_code(desk: Desk, person: Person) -> str | Refusal:
    """Return a new code for somebody who wants to be vouched for, good for a quarter of an hour."""
    async with desk.book.beside(person.log) as (db, state, tick):
        refused = not_held(state, person.holds, tick)
        if refused is not None:
            return refused
        return await attestations.new_code(
            db, desk.book.vault, person.log, person.member, now_of(desk)
        )


async def member_of_code(desk: Desk, person: Person, typed: str) -> str | Refusal:
    """Return who shows a code just now, as a voucher asks who stands before them."""
    async with reading(desk.book.engine) as db:
        found = await attestations.member_of_code(
            db, desk.book.vault, person.log, typed, now_of(desk)
        )
    return Refusal(CODE_VOID) if found is None else found


async def vouch(desk: Desk, person: Person, typed: str, idempotency: str) -> Given | Refusal:
    """Vouch for who shows a code; the last vouch that is needed leads to level 1."""
    member = await member_of_code(desk, person, typed)
    if isinstance(member, Refusal):
        return member
    return await vouch_for(desk, person, member, idempotency)


async def vouch_for(desk: Desk, person: Person, member: str, idempotency: str) -> Given | Refusal:
    """Vouch for a member; that they were met, the caller knows."""
    draws = desk.draws(person, f"vouch/{idempotency}")
    raw = signed(desk, person, Vouch(draws.id(), member, person.member), draws.bytes())
    return await _give_vouch(desk, person, member, raw)


async def _give_vouch(desk: Desk, person: Person, member: str, raw: bytes) -> Given | Refusal:
    vault, log, now = desk.book.vault, person.log, now_of(desk)
    async with desk.book.beside(log) as (db, state, tick):
        held = not_held(state, person.holds, tick) or renewable(state, member, now)
        if held is not None:
            return held
        needed = chapter_of(state).bylaws.vouches
        there = await _good_vouches(db, desk, state, log, member)
        others = [one.voucher for one in there.values()]
        given = await attestations.done(
            db, vault, log, "vouch", person.member, now - YEAR, waits=True
        )
        refused = await _refusal(db, desk, state, log, read_vouch(raw), others, given)
        if refused is not None:
            return refused
        await attestations.keep(db, vault, log, "vouch", member, raw, now)
        there = await _good_vouches(db, desk, state, log, member)
    if len(there) < needed:
        return Given(len(there), needed, recorded=False)
    outcome = await _record_vouches(desk, person, member, sorted(there)[:needed])
    return outcome if isinstance(outcome, Refusal) else Given(needed, needed, recorded=True)


def renewable(state: State, member: str, now: int) -> Refusal | None:
    """Say why nobody needs to vouch for somebody now, or None."""
    standing = of(state).standing.get(member)
    vouched = None if standing is None else standing.vouched
    if vouched is None or vouched.review or vouched.until - now <= RENEWAL_TIME:
        return None
    return Refusal(LEVEL_HELD)


def read_vouch(raw: bytes) -> Vouch:
    """Return a paper that is known to be a vouch."""
    paper = read(raw)
    assert isinstance(paper, Vouch)
    return paper


async def _refusal(
    db: Reading,
    desk: Desk,
    state: State,
    log: int,
    paper: Vouch,
    others: Sequence[str],
    given: int,
) -> Refusal | None:
    after = now_of(desk) - YEAR
    failed = await attestations.done(db, desk.book.vault, log, "failed", paper.voucher, after)
    return checks.vouch_refusal(state, paper, others, given, failed=failed > 0)


async def _good_vouches(
    db: Writing, desk: Desk, state: State, log: int, member: str
) -> dict[str, Vouch]:
    """Return the vouches that wait for somebody; those that hold no more are dropped."""
    vault, after = desk.book.vault, now_of(desk) - YEAR
    good: dict[str, Vouch] = {}
    for digest, raw in (await attestations.waiting(db, vault, log, "vouch", member)).items():
        paper = read_vouch(raw)
        given = await attestations.done(db, vault, log, "vouch", paper.voucher, after)
        others = [one.voucher for one in good.values()]
        if await _refusal(db, desk, state, log, paper, others, given) is None:
            good[digest] = paper
        else:
            await attestations.drop(db, log, [digest])
    return good


async def _record_vouches(desk: Desk, person: Person, member: str, chosen: Sequence[str]) -> Any:
    vault, log, now = desk.book.vault, person.log, now_of(desk)
    async with reading(desk.book.engine) as db:
        waiting = await attestations.waiting(db, vault, log, "vouch", member)
    papers = {digest: waiting[digest] for digest in chosen if digest in waiting}
    vouchers = [read_vouch(raw).voucher for raw in papers.values()]

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        # The same vouches may just have been recorded: then they wait no longer.
        good = await _good_vouches(db, desk, state, log, member)
        return None if papers.keys() <= good.keys() else Refusal(LEVEL_HELD)

    async def also(db: Writing, index: int) -> None:
        await attestations.end(db, vault, log, "vouch", member, vouchers, now)
        await attestations.back(db, vault, log, body.id, vouchers)

    level1_time = chapter_of(await state_of(desk, log)).bylaws.level1_time
    body = e.Vouched(own_id(), member, until_of(now, level1_time), tuple(sorted(papers)))
    return await by_node(desk, person, body, papers=papers, check=check, also=also)


async def renounce(desk: Desk, person: Person, idempotency: str) -> Any:
    """Give up one's level, so that the papers on which it rests are erased."""
    return done(person.member, await desk.by_member(person, e.LevelRenounced(), idempotency))


async def settle_vouches(desk: Desk, person: Person) -> None:
    """Record the vouches that are enough, where a crash or new bylaws came between."""
    state = await state_of(desk, person.log)
    needed = chapter_of(state).bylaws.vouches
    async with reading(desk.book.engine) as db:
        waiting = await attestations.all_waiting(db, desk.book.vault, person.log, "vouch")
    members = Counter(read_vouch(raw).member for raw in waiting)
    for member in sorted(one for one, count in members.items() if count >= needed):
        async with writing(desk.book.engine) as db:
            good = await _good_vouches(db, desk, state, person.log, member)
        if len(good) >= needed:
            await _record_vouches(desk, person, member, sorted(good)[:needed])
