"""Coming into a chapter, leaving it and coming back: invitation, application, admission (pure)."""

from typing import Final, Literal

from chapters import entries as e
from chapters.assurance.terms import forget
from chapters.bylaws import DAY
from chapters.gate import ID_TAKEN, NOT_IN_OFFICE, TEXT_TAKEN, newcomer
from chapters.keys.rules import drop_changes
from chapters.offices.absence import in_office, waiting
from chapters.offices.terms import ends_of
from chapters.standing import entries as s
from chapters.standing.suspensions import ends_with
from chapters.state import ChaptersState, Member, of
from civic.kernel.record.entry import Act, As, Entry, minute, when
from civic.kernel.record.rules import Decision, Draft, Kind, State
from civic.kernel.refusal import Refusal, code

ADMISSION_CLOSED: Final = code(
    "chapters.admission_closed", "The bylaws do not let people in in this way."
)
NOT_APPLIED: Final = code("chapters.not_applied", "There is no such application.")
NOT_YET_BACK: Final = code(
    "chapters.not_yet_back",
    "Only former members ask to come back: nobody who was expelled, or left during a suspension "
    "that would still last.",
)
APPLICATION_TIME: Final = 30 * DAY


def admit(chapter: ChaptersState, member_id: str, member: Member, since: int) -> None:
    """Give a member the next admission number and make them active, since a minute."""
    chapter.admitted += 1
    chapter.active += 1
    member.state, member.number = "active", chapter.admitted
    member.since = 0 if member_id in chapter.founders else since
    chapter.members[member_id] = member


def decide_joined(state: State, act: Act[e.Joined], now: int) -> Decision:
    """Let somebody in who holds an invitation (the invitation itself is a restricted paper)."""
    chapter = of(state)
    refused = newcomer(state, act, act.body.member, act.body.member_key, 0)
    if refused is not None:
        return refused
    if chapter.stage == "active" and chapter.bylaws.admission == "lead":
        return Refusal(ADMISSION_CLOSED)
    return ()


def apply_joined(state: State, entry: Entry[e.Joined]) -> None:
    """One more member."""
    member = Member("applied", key=entry.body.member_key)
    admit(of(state), entry.body.member, member, minute(entry.at))


def decide_applied(state: State, act: Act[e.Applied], now: int) -> Decision:
    """Take an application where a lead may admit."""
    refused = newcomer(state, act, act.body.member, act.body.member_key, 0)
    if refused is not None:
        return refused
    if of(state).bylaws.admission == "invitation":
        return Refusal(ADMISSION_CLOSED)
    return ()


def apply_applied(state: State, entry: Entry[e.Applied]) -> None:
    """An applicant waits for a lead, for a month at most."""
    body = entry.body
    of(state).members[body.member] = Member("applied", key=body.member_key)
    _wait(state, body.member, minute(entry.at))


def _wait(state: State, member_id: str, moment: int) -> None:
    of(state).applicants += 1
    state.set_deadline(member_id, moment + APPLICATION_TIME, "chapters.application")
    waiting(state, moment)


def decide_reapplied(state: State, act: Act[s.Reapplied], now: int) -> Decision:
    """Let somebody who left ask to come back, however people join otherwise."""
    chapter = of(state)
    member = chapter.members[act.by.id]
    barred = chapter.standing.barred.get(act.by.id, now) > now
    if member.state != "left" or member.number == 0 or barred:
        return Refusal(NOT_YET_BACK)
    return ()


def apply_reapplied(state: State, entry: Entry[s.Reapplied]) -> None:
    """An applicant again, under the id they had."""
    of(state).members[entry.by.id].state = "applied"
    _wait(state, entry.by.id, minute(entry.at))


def applicant_refusal(state: State, office: str, member_id: str) -> Refusal | None:
    """Say why an office may not answer an application, or None: a lead does."""
    chapter = of(state)
    if chapter.offices[office].role != "lead":
        return Refusal(NOT_IN_OFFICE)
    member = chapter.members.get(member_id)
    if member is None or member.state != "applied":
        return Refusal(NOT_APPLIED)
    return None


def decide_admitted(state: State, act: Act[e.Admitted], now: int) -> Decision:
    """Let a lead admit an applicant."""
    chapter = of(state)
    refused = applicant_refusal(state, act.by.id, act.body.member)
    if refused is not None:
        return refused
    # Who was a member before comes back through a lead, whatever the bylaws say of newcomers.
    if chapter.bylaws.admission == "invitation" and not chapter.members[act.body.member].number:
        return Refusal(ADMISSION_CLOSED)
    return ()


def apply_admitted(state: State, entry: Entry[e.Admitted]) -> None:
    """The applicant is a member."""
    chapter, member = of(state), entry.body.member
    chapter.applicants -= 1
    admit(chapter, member, chapter.members[member], minute(entry.at))
    state.drop_deadline(member)


def decide_refused(state: State, act: Act[s.ApplicationRefused], now: int) -> Decision:
    """Let a lead refuse an applicant, with a reason."""
    if act.body.paper in of(state).standing.reasons:
        return Refusal(TEXT_TAKEN)
    return applicant_refusal(state, act.by.id, act.body.member) or ()


def apply_refused(state: State, entry: Entry[s.ApplicationRefused]) -> None:
    """The application is gone; the reason stays until it is erased."""
    of(state).standing.reasons[entry.body.paper] = entry.body.member
    _gone(state, entry.body.member)


def due_application(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End an application that nobody answered."""
    return (Draft(e.ApplicationLapsed(what_id)),)


def apply_lapsed(state: State, entry: Entry[e.ApplicationLapsed]) -> None:
    """The application is gone; a newcomer's id is not used again."""
    _gone(state, entry.body.member)


def _gone(state: State, member_id: str) -> None:
    chapter = of(state)
    chapter.applicants -= 1
    chapter.members[member_id].state = "left"
    state.drop_deadline(member_id)


def decide_left(state: State, act: Act[e.Left], now: int) -> Decision:
    """Let a member leave; their offices end with it, and what was asked against them."""
    chapter, on = of(state), when(now)
    return (*ends_of(chapter, act.by.id, on), *ends_with(chapter, act.by.id, on, "left"))


def apply_left(state: State, entry: Entry[e.Left]) -> None:
    """One member fewer; the name goes with the member, the id stays."""
    chapter = of(state)
    member = chapter.members[entry.by.id]
    member.name = None
    go(chapter, member, "left")
    chapter.confirmed.pop(entry.by.id, None)
    forget(state, entry.by.id, minute(entry.at))
    drop_changes(state, entry.by.id)


def go(chapter: ChaptersState, member: Member, becoming: Literal["left", "expelled"]) -> None:
    """Count a member out, whatever they were until now."""
    if member.state == "active":
        chapter.active -= 1
    elif member.state == "suspended":
        chapter.suspended -= 1
    member.state = becoming


def decide_imported(state: State, act: Act[e.MembersImported], now: int) -> Decision:
    """Take in people of a conversation held elsewhere."""
    members = act.body.members
    if len(set(members)) != len(members) or any(state.knows(one) for one in members):
        return Refusal(ID_TAKEN)
    return ()


def apply_imported(state: State, entry: Entry[e.MembersImported]) -> None:
    """They stand in the record at level 0, without a vote."""
    chapter = of(state)
    for one in entry.body.members:
        chapter.members[one] = Member("imported")
    chapter.imported += len(entry.body.members)


_MEMBER: Final = frozenset({As.MEMBER})
_OFFICE: Final = frozenset({As.OFFICE})

KINDS: Final = (
    Kind(e.Joined, apply_joined, decide_joined, _MEMBER),
    Kind(e.Applied, apply_applied, decide_applied, _MEMBER),
    Kind(e.Admitted, in_office(apply_admitted), decide_admitted, _OFFICE),
    Kind(s.ApplicationRefused, in_office(apply_refused), decide_refused, _OFFICE),
    Kind(s.Reapplied, apply_reapplied, decide_reapplied, _MEMBER),
    Kind(e.ApplicationLapsed, apply_lapsed),
    Kind(e.Left, apply_left, decide_left, _MEMBER),
    Kind(e.MembersImported, apply_imported, decide_imported, frozenset({As.NODE})),
)
DUE: Final = {"chapters.application": due_application}
