"""Terms of office: how they begin, pass on and end (pure)."""

from typing import Final

from chapters.entries import OfficeTerm
from chapters.gate import NOT_A_MEMBER
from chapters.offices import entries as o
from chapters.offices.absence import MISSED, attended, leads, stand_in, waiting, watch
from chapters.state import ChaptersState, Office, Successor, asked, of
from civic.kernel.record.entry import Act, As, Entry, due_key, minute, when
from civic.kernel.record.rules import Decision, Draft, Kind, State, round_up
from civic.kernel.refusal import Refusal, code

OFFICE_LEVEL: Final = code(
    "chapters.office_level", "The bylaws ask for more assurance of who holds an office."
)
TERM_TOO_LONG: Final = code(
    "chapters.term_too_long", "The term is over already, or longer than the bylaws allow."
)


def holder_refusal(chapter: ChaptersState, member_id: str) -> Refusal | None:
    """Say why a decision could not give somebody an office, or None.

    They are present and have the level that the bylaws ask for, not by video alone.
    """
    member = chapter.members.get(member_id)
    if member is None or member.state != "active":
        return Refusal(NOT_A_MEMBER)
    needed = chapter.bylaws.level_office
    if member.full >= needed or member.full >= asked(chapter, needed, full=True):
        return None
    return Refusal(OFFICE_LEVEL, {"needed": needed})


def give(state: State, term: OfficeTerm, since: int, *, acting: bool = False) -> None:
    """Let an office be held from a minute until its term ends."""
    until = minute(term.until)
    of(state).offices[term.id] = Office(term.office, term.member, until, since, acting)
    state.set_deadline(term.id, until, "chapters.term")
    if term.office == "lead":
        attended(state, since)
    else:
        watch(state, since)


def apply_given(state: State, entry: Entry[o.OfficeGiven]) -> None:
    """The office is held; if it was waited for, nobody waits for it any more."""
    body = entry.body
    if body.after is not None:
        of(state).successors.pop(body.after, None)
    give(state, body.term, minute(body.on))


def follow_given(state: State, entry: Entry[o.OfficeGiven]) -> tuple[Draft, ...]:
    """Let those who led by rule step back once a decision gave the office of a lead."""
    if entry.body.term.office != "lead":
        return ()
    return tuple(
        Draft(o.OfficeEnded(office_id, entry.body.on))
        for office_id, office in sorted(of(state).offices.items())
        if office.acting
    )


def due_term(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a term."""
    return (Draft(o.OfficeEnded(what_id, when(deadline))),)


def apply_ended(state: State, entry: Entry[o.OfficeEnded]) -> None:
    """The office is vacant, or it passes on at once."""
    chapter, body = of(state), entry.body
    moment = minute(body.on)
    chapter.offices.pop(body.office, None)
    state.retire(body.office)
    state.drop_deadline(body.office)
    next_one = chapter.successors.pop(body.office, None)
    if next_one is not None and holder_refusal(chapter, next_one.member) is None:
        chapter.successors[body.office] = Successor(
            next_one.decision, next_one.role, next_one.member, next_one.term, moment
        )
    if leads(chapter):
        watch(state, moment)
    else:
        waiting(state, moment)


def follow_ended(state: State, entry: Entry[o.OfficeEnded]) -> tuple[Draft, ...]:
    """Give the office to the successor who was named."""
    office = entry.body.office
    chapter = of(state)
    next_one = chapter.successors.get(office)
    if next_one is None:
        return ()
    length = min(next_one.term, chapter.bylaws.office_most)
    until = round_up(state.record, next_one.begins + length)
    term = OfficeTerm(
        state.new_id(entry.key, entry.part), next_one.role, next_one.member, when(until)
    )
    return (Draft(o.OfficeGiven(next_one.decision, entry.body.on, term, office)),)


def apply_named(state: State, entry: Entry[o.SuccessorNamed]) -> None:
    """The successor waits for the office to end; one named earlier does not any more."""
    body = entry.body
    of(state).successors[body.after] = Successor(body.decision, body.office, body.member, body.term)


def decide_resigned(state: State, act: Act[o.OfficeResigned], now: int) -> Decision:
    """Let a holder lay down their office."""
    return (Draft(o.OfficeEnded(act.by.id, when(now))),)


def apply_resigned(state: State, entry: Entry[o.OfficeResigned]) -> None:
    """The end of the office follows."""


def due_missed(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """Let somebody step in for a lead who was missed too long."""
    chapter = of(state)
    found = stand_in(chapter)
    if found is None:
        raise LookupError("a lead is missed and nobody can step in, yet a deadline stands")
    until = round_up(state.record, deadline + chapter.bylaws.office_most)
    made = state.new_id(due_key(state.record.log_id, deadline, what_id), 0)
    term = OfficeTerm(made, "lead", found.member, when(until))
    return (Draft(o.ActingLeadGiven(when(deadline), term)),)


def apply_acting(state: State, entry: Entry[o.ActingLeadGiven]) -> None:
    """Somebody leads until a vote appoints a lead, or the term is over."""
    give(state, entry.body.term, minute(entry.body.on), acting=True)


def ends_of(chapter: ChaptersState, member: str, on: str) -> tuple[Draft, ...]:
    """Return the ends of all offices of a member who goes, by ascending id."""
    return tuple(
        Draft(o.OfficeEnded(office_id, on))
        for office_id, office in sorted(chapter.offices.items())
        if office.member == member
    )


KINDS: Final = (
    Kind(o.OfficeGiven, apply_given, world=True),
    Kind(o.SuccessorNamed, apply_named, world=True),
    Kind(o.ActingLeadGiven, apply_acting, world=True),
    Kind(o.OfficeResigned, apply_resigned, decide_resigned, frozenset({As.OFFICE}), world=True),
    Kind(o.OfficeEnded, apply_ended, world=True),
)
DUE: Final = {"chapters.term": due_term, MISSED: due_missed}
FOLLOW: Final = (
    (o.OfficeGiven.kind, follow_given),
    (o.OfficeEnded.kind, follow_ended),
)
