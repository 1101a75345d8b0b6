"""Coming into a chapter and leaving it: invitation, application, admission (pure)."""

from typing import Final

from chapters import entries as e
from chapters.bylaws import DAY
from chapters.gate import ID_TAKEN, NOT_IN_OFFICE, newcomer
from chapters.state import ChaptersState, Member, of
from civic.kernel.record.entry import Act, As, Entry, minute
from civic.kernel.record.rules import Decision, Draft, Kind, State
from civic.kernel.refusal import Refusal, code

ADMISSION_CLOSED: Final = code(
    "chapters.admission_closed", "The bylaws do not let people in in this way."
)
NOT_APPLIED: Final = code("chapters.not_applied", "There is no such application.")
APPLICATION_TIME: Final = 30 * DAY


def admit(chapter: ChaptersState, member_id: str, member: Member) -> None:
    """Give a member the next admission number and make them active."""
    chapter.admitted += 1
    chapter.active += 1
    member.state, member.number = "active", chapter.admitted
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
    admit(of(state), entry.body.member, Member("applied", key=entry.body.member_key))


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
    state.set_deadline(body.member, minute(entry.at) + APPLICATION_TIME, "chapters.application")


def decide_admitted(state: State, act: Act[e.Admitted], now: int) -> Decision:
    """Let a lead admit an applicant."""
    chapter = of(state)
    if chapter.offices[act.by.id].role != "lead":
        return Refusal(NOT_IN_OFFICE)
    if chapter.bylaws.admission == "invitation":
        return Refusal(ADMISSION_CLOSED)
    member = chapter.members.get(act.body.member)
    if member is None or member.state != "applied":
        return Refusal(NOT_APPLIED)
    return ()


def apply_admitted(state: State, entry: Entry[e.Admitted]) -> None:
    """The applicant is a member."""
    chapter = of(state)
    admit(chapter, entry.body.member, chapter.members[entry.body.member])
    state.drop_deadline(entry.body.member)


def due_application(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End an application that nobody answered."""
    return (Draft(e.ApplicationLapsed(what_id)),)


def apply_lapsed(state: State, entry: Entry[e.ApplicationLapsed]) -> None:
    """The application is gone; the id is not used again."""
    of(state).members[entry.body.member].state = "left"
    state.drop_deadline(entry.body.member)


def decide_left(state: State, act: Act[e.Left], now: int) -> Decision:
    """Let a member leave; their offices end with it."""
    return tuple(
        Draft(e.OfficeEnded(office_id))
        for office_id, office in sorted(of(state).offices.items())
        if office.member == act.by.id
    )


def apply_left(state: State, entry: Entry[e.Left]) -> None:
    """One member fewer; the name goes with the member, the id stays."""
    chapter = of(state)
    member = chapter.members[entry.by.id]
    member.state, member.name = "left", None
    chapter.active -= 1
    chapter.confirmed.pop(entry.by.id, None)


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

KINDS: Final = (
    Kind(e.Joined, apply_joined, decide_joined, _MEMBER),
    Kind(e.Applied, apply_applied, decide_applied, _MEMBER),
    Kind(e.Admitted, apply_admitted, decide_admitted, frozenset({As.OFFICE})),
    Kind(e.ApplicationLapsed, apply_lapsed),
    Kind(e.Left, apply_left, decide_left, _MEMBER),
    Kind(e.MembersImported, apply_imported, decide_imported, frozenset({As.NODE})),
)
DUE: Final = {"chapters.application": due_application}
