"""Level 2: a case with a random number, two verifiers, one of them drawn by lot."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from chapters.assurance import attestations, checks, levels
from chapters.assurance import entries as e
from chapters.assurance.attestations import OpenCase
from chapters.assurance.levels import CASE_UNKNOWN, LEVEL_HELD
from chapters.assurance.papers import CasePaper, Verification, Way, make, read
from chapters.assurance.state import Case, of
from chapters.state import of as chapter_of
from civic.deeds.attesting import (
    Given,
    by_node,
    now_of,
    own_id,
    signed,
    state_of,
    until_of,
    vouchers_of,
)
from civic.deeds.holding import not_held
from civic.deeds.person import Desk, Person, done, paper_hash
from civic.kernel.database import Reading, Writing, reading
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code

CASE_OPEN: Final = code("request.case_open", "There is an open case of this member already.")


async def open_case(desk: Desk, person: Person, relatives: Sequence[str], idempotency: str) -> Any:
    """Ask to be verified; verifiers who are near to the person take no part."""
    vault, log, now = desk.book.vault, person.log, now_of(desk)
    draws = desk.draws(person, f"case/{idempotency}")
    paper = CasePaper(draws.id(), person.member, tuple(sorted(set(relatives))))
    raw = make(paper, draws.bytes())
    digest = paper_hash(raw)

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        before = await attestations.case_of(db, vault, log, person.member)
        if before is not None and before.hash in of(state).cases:
            return Refusal(CASE_OPEN)
        return checks.case_refusal(state, paper)

    async def also(db: Writing, index: int) -> None:
        await attestations.open_case(db, vault, log, paper, digest, now)

    key = f"case/{person.member}/{idempotency}"
    body = e.CaseOpened(digest)
    outcome = await by_node(
        desk, person, body, papers={digest: raw}, check=check, also=also, idempotency=key
    )
    return done(paper.case, outcome)


@dataclass(frozen=True)
class Lot:
    """A case as the record holds it, and who was drawn for it by lot."""

    known: OpenCase
    case: Case
    drawn: str | None


async def lot_of(db: Reading, desk: Desk, state: State, log: int, known: OpenCase) -> Lot | None:
    """Return who was drawn for a case; None for a case that the record holds no more."""
    case = of(state).cases.get(known.hash)
    if case is None or case.opened + levels.CASE_TIME < now_of(desk):
        return None
    vouchers = await vouchers_of(db, desk, state, log, known.paper.member)
    return Lot(known, case, checks.drawn(state, case, known.paper, vouchers, known.passed))


@dataclass(frozen=True)
class Seat:
    """What a verifier can do in a case: who was drawn by lot, and why they may not confirm."""

    known: OpenCase
    case: Case
    drawn: str | None
    said: tuple[Verification, ...]
    refused: Refusal | None


async def seat(
    db: Reading, desk: Desk, state: State, log: int, known: OpenCase, verifier: str
) -> Seat | None:
    """Return a verifier's place in a case; None for a case that the record holds no more."""
    vault, now = desk.book.vault, now_of(desk)
    case = of(state).cases.get(known.hash)
    if case is None or case.opened + levels.CASE_TIME < now:
        return None
    vouchers = await vouchers_of(db, desk, state, log, known.paper.member)
    good = await _good_verifications(db, desk, state, log, known, vouchers)
    said = tuple(one for _raw, one in good.values())
    confirmed = await attestations.done(
        db, vault, log, "verification", verifier, now - levels.QUOTA_TIME, waits=True
    )
    return place(state, known, case, vouchers, said, verifier, confirmed)


def place(
    state: State,
    known: OpenCase,
    case: Case,
    vouchers: Collection[str],
    said: tuple[Verification, ...],
    verifier: str,
    confirmed: int,
) -> Seat:
    """Return a verifier's place in a case from what is known of it."""
    drawn = checks.drawn(state, case, known.paper, vouchers, known.passed)
    mine = Verification(known.paper.case, known.paper.member, verifier, "document", known.passed)
    others = [one.verifier for one in said]
    refused = checks.verification_refusal(state, known.paper, mine, vouchers, others, confirmed)
    if refused is None and others and drawn is not None and drawn not in (*others, verifier):
        # One of the two places is kept for the one drawn by lot.
        refused = Refusal(checks.LOT)
    return Seat(known, case, drawn, said, refused)


async def _good_verifications(
    db: Reading, desk: Desk, state: State, log: int, known: OpenCase, vouchers: Collection[str]
) -> dict[str, tuple[bytes, Verification]]:
    """Return what verifiers said in a case, by hash, as far as it still holds."""
    vault, after = desk.book.vault, now_of(desk) - levels.QUOTA_TIME
    waiting = await attestations.waiting(db, vault, log, "verification", known.paper.case)
    good: dict[str, tuple[bytes, Verification]] = {}
    for digest, raw in waiting.items():
        paper = read(raw)
        if not isinstance(paper, Verification) or paper.verifier in known.passed:
            continue
        made = await attestations.done(db, vault, log, "verification", paper.verifier, after)
        refused = checks.verification_refusal(state, known.paper, paper, vouchers, (), made)
        if refused is None:
            good[digest] = (raw, paper)
    return good


async def confirm(
    desk: Desk, person: Person, number: str, way: Way, idempotency: str
) -> Given | Refusal:
    """Say, as a verifier, that one saw the person of a case; the second leads to level 2."""
    vault, log, now = desk.book.vault, person.log, now_of(desk)
    draws = desk.draws(person, f"confirm/{idempotency}")
    async with desk.book.beside(log) as (db, state, tick):
        refused = not_held(state, person.holds, tick)
        if refused is not None:
            return refused
        known = await attestations.case_by_number(db, vault, log, number)
        own = None if known is None else await seat(db, desk, state, log, known, person.member)
        if known is None or own is None:
            return Refusal(CASE_UNKNOWN)
        if own.refused is not None:
            return own.refused
        if way == "video" and _holds_better(state, known.paper.member):
            return Refusal(LEVEL_HELD)
        member = known.paper.member
        paper = Verification(number, member, person.member, way, known.passed)
        raw = signed(desk, person, paper, draws.bytes())
        await attestations.keep(db, vault, log, "verification", number, raw, now)
    if not own.said:
        return Given(1, 2, recorded=False)
    outcome = await _record_case(desk, person, known)
    return outcome if isinstance(outcome, Refusal) else Given(2, 2, recorded=True)


def _holds_better(state: State, member: str) -> bool:
    standing = of(state).standing.get(member)
    return standing is not None and standing.seen is not None and standing.seen.way != "video"


async def stand_aside(desk: Desk, person: Person, number: str) -> Refusal | None:
    """Let a verifier take no part in a case; no reason is asked for or kept."""
    vault, log = desk.book.vault, person.log
    async with desk.book.beside(log) as (db, state, tick):
        refused = not_held(state, person.holds, tick)
        if refused is not None:
            return refused
        known = await attestations.case_by_number(db, vault, log, number)
        own = None if known is None else await seat(db, desk, state, log, known, person.member)
        if known is None or own is None:
            return Refusal(CASE_UNKNOWN)
        if own.refused is not None and own.refused.code != checks.LOT:
            return own.refused
        await attestations.pass_over(db, vault, log, known, person.member)
    return None


def _pair(
    state: State,
    known: OpenCase,
    good: Mapping[str, tuple[bytes, Verification]],
    vouchers: Collection[str],
) -> list[str]:
    """Return which two of the verifications count: with the one drawn by lot, if one was."""
    case = of(state).cases.get(known.hash)
    drawn = None if case is None else checks.drawn(state, case, known.paper, vouchers, known.passed)
    return sorted(good, key=lambda one: (good[one][1].verifier != drawn, one))[:2]


async def settle_cases(desk: Desk, person: Person) -> None:
    """Record the cases that two verifiers answered, where a crash came between."""
    async with reading(desk.book.engine) as db:
        known = await attestations.cases(db, desk.book.vault, person.log)
    for one in known:
        await _record_case(desk, person, one, waiting=True)


async def _record_case(
    desk: Desk, person: Person, known: OpenCase, *, waiting: bool = False
) -> Any:
    vault, log, now, number = desk.book.vault, person.log, now_of(desk), known.paper.case
    state, member = await state_of(desk, log), known.paper.member
    async with reading(desk.book.engine) as db:
        vouchers = await vouchers_of(db, desk, state, log, member)
        good = await _good_verifications(db, desk, state, log, known, vouchers)
    pair = _pair(state, known, good, vouchers)
    if len(pair) < 2:
        return None if waiting else Refusal(CASE_UNKNOWN)
    papers = {digest: good[digest][0] for digest in pair}
    said = [good[digest][1] for digest in pair]
    verifiers, way = [one.verifier for one in said], checks.way_of(said)

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        case = of(state).cases.get(known.hash)
        vouchers = await vouchers_of(db, desk, state, log, member)
        good = await _good_verifications(db, desk, state, log, known, vouchers)
        if case is None or not papers.keys() <= good.keys():
            return Refusal(CASE_UNKNOWN)
        if checks.appointed(state, verifiers) != body.appointed:
            return Refusal(checks.APPOINTED)
        return checks.lot_refusal(state, case, known.paper, said, vouchers)

    async def also(db: Writing, index: int) -> None:
        await attestations.end(db, vault, log, "verification", number, verifiers, now)
        await attestations.close_case(db, log, known.hash)
        await attestations.back(db, vault, log, body.id, verifiers)

    span = levels.longest(chapter_of(state).bylaws, way)
    body = e.Verified(
        own_id(),
        member,
        known.hash,
        way,
        until_of(now, span),
        checks.appointed(state, verifiers),
        tuple(sorted(papers)),
    )
    return await by_node(desk, person, body, papers=papers, check=check, also=also)
