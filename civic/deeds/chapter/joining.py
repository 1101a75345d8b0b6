"""Deeds that bring people in: invite, join, apply, admit."""

from typing import Any, Final

from chapters import entries as e
from chapters import invitations
from chapters.admission import ADMISSION_CLOSED
from chapters.papers import (
    Invitation,
    check_invitation,
    inviter_refusal,
    make_invitation,
)
from chapters.state import of as chapter_of
from civic.deeds.chapter.place import Place
from civic.deeds.hand import Hand, public_half
from civic.deeds.holding import not_held
from civic.deeds.person import (
    Desk,
    Draws,
    Outcome,
    OwnKey,
    Person,
    ToSign,
    done,
    paper_hash,
)
from civic.kernel.clock import minute_of
from civic.kernel.database import Writing, reading
from civic.kernel.record.rules import State
from civic.kernel.record.submission import Receipt
from civic.kernel.refusal import Refusal, code

INVITATIONS_OPEN: Final = code(
    "request.invitations_open", "Too many invitations of this member wait to be used."
)
INVITATION_VOID: Final = code(
    "request.invitation_void", "The invitation is unknown, used, or no longer valid."
)


def _invite_refusal(state: State, inviter: str) -> Refusal | None:
    chapter = chapter_of(state)
    if chapter.stage == "active" and chapter.bylaws.admission == "lead":
        return Refusal(ADMISSION_CLOSED)
    return inviter_refusal(state, inviter)


async def invite(desk: Desk, person: Person) -> str | Refusal:
    """Return the secret of a new invitation by a member, or why it could let nobody in."""
    now = minute_of(desk.book.timekeeper.clock.now())
    async with desk.book.beside(person.log) as (db, state, tick):
        refused = not_held(state, person.holds, tick) or _invite_refusal(state, person.member)
        if refused is not None:
            return refused
        secret = await invitations.invite(db, desk.book.vault, person.log, person.member, now)
    return secret or Refusal(INVITATIONS_OPEN, {"most": invitations.OPEN_MOST})


async def join(
    desk: Desk,
    head: Place,
    secret: str,
    idempotency: str,
    seed: bytes | None = None,
    hand: Hand | None = None,
) -> tuple[Person, Outcome]:
    """Join a chapter with an invitation; the paper of who invited is restricted."""
    person, outcome = await _join(desk, head, secret, idempotency, seed, hand=hand)
    return person, done(person.member, outcome)


async def join_with_key(
    desk: Desk, head: Place, secret: str, idempotency: str, own: OwnKey
) -> tuple[Person, Outcome | ToSign]:
    """Join with a key that its holder keeps: first the act comes back, to be sent again signed.

    Who invited stands in the paper that the act names, so only the node can make this act.
    """
    person, outcome = await _join(desk, head, secret, idempotency, None, own)
    return person, outcome if isinstance(outcome, ToSign) else done(person.member, outcome)


def joining_id(desk: Desk, head: Place, secret: str, idempotency: str) -> str:
    """Return the member id that joining with an invitation under this key gives."""
    return _joining(desk, head, secret, idempotency).id()


async def _present(desk: Desk, log: int, member_id: str) -> bool:
    def present(state: State) -> bool:
        member = chapter_of(state).members.get(member_id)
        return member is not None and member.state == "active"

    return await desk.book.ask(log, present)


def applying_id(desk: Desk, head: Place, idempotency: str) -> str:
    """Return the member id that applying under this key gives."""
    return _applying(desk, head, idempotency).id()


def _joining(desk: Desk, head: Place, secret: str, idempotency: str) -> Draws:
    return desk.draws(Person(head.no, head.log_id, ""), f"join/{secret}/{idempotency}")


def _applying(desk: Desk, head: Place, idempotency: str) -> Draws:
    return desk.draws(Person(head.no, head.log_id, ""), f"apply/{idempotency}")


async def _join(
    desk: Desk,
    head: Place,
    secret: str,
    idempotency: str,
    seed: bytes | None,
    own: OwnKey | None = None,
    hand: Hand | None = None,
) -> tuple[Person, Any]:
    vault, no = desk.book.vault, head.no
    draws = _joining(desk, head, secret, idempotency)
    person = await _newcomer(desk, head, draws.id(), seed, hand)
    async with reading(desk.book.engine) as db:
        invited = await invitations.find(db, vault, no, secret)
    if invited is None:
        return person, Refusal(INVITATION_VOID)
    paper = Invitation(invited.id, invited.by, person.member)
    raw = make_invitation(paper, draws.bytes())

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        current = await invitations.find(db, vault, no, secret, lock=True)
        if current is None or current.used is not None or current.until < now:
            return Refusal(INVITATION_VOID)
        given = await invitations.used_times(db, vault, no, paper.by)
        return check_invitation(state, paper, person.member, given, now)

    async def also(db: Writing, index: int) -> None:
        now = minute_of(desk.book.timekeeper.clock.now())
        await invitations.mark_used(db, no, invited.hash, now)

    body = e.Joined(person.member, paper_hash(raw), _public_key(desk, person, own))
    outcome = await desk.by_member(
        person, body, idempotency, papers={paper_hash(raw): raw}, check=check, also=also, own=own
    )
    again = isinstance(outcome, Receipt) and outcome.repeated
    # Who left since is not let in by having come in before.
    if again and not await _present(desk, no, person.member):
        return person, Refusal(INVITATION_VOID)
    return person, outcome


async def _newcomer(
    desk: Desk, head: Place, own_id: str, seed: bytes | None, hand: Hand | None
) -> Person:
    person = Person(head.no, head.log_id, own_id, seed, hand and hand.at(head.log_id))
    await desk.show_founding(person)
    return person


async def apply_for(
    desk: Desk,
    head: Place,
    idempotency: str,
    seed: bytes | None = None,
    hand: Hand | None = None,
) -> tuple[Person, Outcome]:
    """Ask to be admitted by a lead."""
    person, outcome = await _apply_for(desk, head, idempotency, seed, hand=hand)
    return person, done(person.member, outcome)


async def apply_with_key(
    desk: Desk, head: Place, idempotency: str, own: OwnKey
) -> tuple[Person, Outcome | ToSign]:
    """Ask to be admitted with a key that its holder keeps, in two steps like `join_with_key`."""
    person, outcome = await _apply_for(desk, head, idempotency, None, own)
    return person, outcome if isinstance(outcome, ToSign) else done(person.member, outcome)


async def _apply_for(
    desk: Desk,
    head: Place,
    idempotency: str,
    seed: bytes | None,
    own: OwnKey | None = None,
    hand: Hand | None = None,
) -> tuple[Person, Any]:
    own_id = _applying(desk, head, idempotency).id()
    person = await _newcomer(desk, head, own_id, seed, hand)
    body = e.Applied(person.member, _public_key(desk, person, own))
    return person, await desk.by_member(person, body, idempotency, own=own)


def _public_key(desk: Desk, person: Person, own: OwnKey | None) -> str | None:
    if own is not None:
        return own.public_key
    member_key = desk.member_key(person)
    return public_half(member_key).hex() if member_key else None


async def admit(desk: Desk, lead: Person, office: str, member: str, idempotency: str) -> Outcome:
    """Admit an applicant, as a lead."""
    return done(member, await desk.by_office(lead, office, e.Admitted(member), idempotency))
