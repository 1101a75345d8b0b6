"""Suspensions: asked for by one office, agreed to by another, appealed to two more (pure).

A lead and a facilitator or verifier, two people, suspend together; neither judges the appeal. An
appeal that two others do not uphold in time ends the suspension, so that a lead with one friend can
keep nobody silent for long. For the same reason a member is not suspended again soon, few are at
once, and none who hold an office: a decision removes those first.
"""

from typing import Final, cast

from chapters.bylaws import DAY
from chapters.gate import ID_TAKEN, NOT_A_MEMBER, NOT_IN_OFFICE, TEXT_TAKEN
from chapters.offices.absence import in_office, waiting
from chapters.offices.terms import TERM_TOO_LONG
from chapters.standing import entries as s
from chapters.standing.state import Suspension
from chapters.state import ChaptersState, of
from civic.kernel.record.entry import Act, As, Entry, minute, when
from civic.kernel.record.rules import Decision, Draft, Kind, State
from civic.kernel.refusal import Refusal, code

FOUR_EYES: Final = code(
    "chapters.four_eyes",
    "Two different people suspend: a lead, and a facilitator or verifier.",
)
HOLDS_OFFICE: Final = code(
    "chapters.holds_office", "Who holds an office is not suspended: a decision removes them first."
)
SUSPENDED_LATELY: Final = code(
    "chapters.suspended_lately", "The member's last suspension ended too short a while ago."
)
TOO_MANY_SUSPENDED: Final = code(
    "chapters.too_many_suspended", "One in ten of the members is suspended already, or one."
)
SUSPENSION_UNKNOWN: Final = code(
    "chapters.suspension_unknown", "There is no such suspension, or it is past this step."
)
NO_APPEAL: Final = code(
    "chapters.no_appeal", "The time to appeal is over, or the member appealed already."
)
PARTIAL: Final = code(
    "chapters.partial", "Who asked for a suspension, agreed to it or judged it does not judge it."
)

REQUEST_TIME: Final = 7 * DAY
"""Minutes in which a second office must agree."""
JUDGING_TIME: Final = 7 * DAY
"""Minutes in which two others must uphold a suspension that was appealed."""
_SECOND: Final = frozenset({"facilitator", "verifier"})


def suspensions_most(chapter: ChaptersState) -> int:
    """Return how many members may be suspended or proposed for it at once."""
    return max(1, (chapter.active + chapter.suspended) // 10)


def member_refusal(chapter: ChaptersState, member_id: str, now: int) -> Refusal | None:
    """Say why offices may not suspend a member now, or None."""
    member = chapter.members.get(member_id)
    if member is None or member.state != "active":
        return Refusal(NOT_A_MEMBER)
    if any(office.member == member_id for office in chapter.offices.values()):
        return Refusal(HOLDS_OFFICE)
    if chapter.standing.rest.get(member_id, now) > now:
        return Refusal(SUSPENDED_LATELY)
    return None


def decide_asked(state: State, act: Act[s.SuspensionAsked], now: int) -> Decision:
    """Let a lead, facilitator or verifier ask that a member be suspended for a term."""
    chapter, body = of(state), act.body
    if state.knows(body.id):
        return Refusal(ID_TAKEN)
    if chapter.offices[act.by.id].role not in ("lead", *_SECOND):
        return Refusal(NOT_IN_OFFICE)
    refused = member_refusal(chapter, body.member, now)
    if refused is not None:
        return refused
    if not now < minute(body.until) <= now + chapter.bylaws.suspension_most:
        return Refusal(TERM_TOO_LONG)
    if body.paper in chapter.standing.reasons:
        return Refusal(TEXT_TAKEN)
    known = chapter.standing.suspensions.values()
    if any(one.member == body.member for one in known):
        return Refusal(SUSPENDED_LATELY)
    most = suspensions_most(chapter)
    return Refusal(TOO_MANY_SUSPENDED, {"most": most}) if len(known) >= most else ()


def apply_asked(state: State, entry: Entry[s.SuspensionAsked]) -> None:
    """The request waits for a second office."""
    chapter, body = of(state), entry.body
    office, at = chapter.offices[entry.by.id], minute(entry.at)
    chapter.standing.suspensions[body.id] = Suspension(
        body.member, minute(body.until), office.member, office.role, body.paper
    )
    chapter.standing.reasons[body.paper] = body.member
    until = min(at + REQUEST_TIME, minute(body.until))
    state.set_deadline(body.id, until, "chapters.suspension_request")
    if office.role != "lead":
        waiting(state, at)


def due_request(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a request that no second office agreed to."""
    return (Draft(s.SuspensionRequestLapsed(what_id)),)


def apply_request_lapsed(state: State, entry: Entry[s.SuspensionRequestLapsed]) -> None:
    """The request is gone."""
    of(state).standing.suspensions.pop(entry.body.suspension, None)
    state.retire(entry.body.suspension)
    state.drop_deadline(entry.body.suspension)


def decide_suspended(state: State, act: Act[s.Suspended], now: int) -> Decision:
    """Let a second office agree: one of the two is a lead, the other is not."""
    chapter = of(state)
    found = chapter.standing.suspensions.get(act.body.suspension)
    if found is None or found.begun:
        return Refusal(SUSPENSION_UNKNOWN)
    office = chapter.offices[act.by.id]
    roles = {found.asked_as, office.role}
    if office.member == found.asked_by or "lead" not in roles or not roles & _SECOND:
        return Refusal(FOUR_EYES)
    return member_refusal(chapter, found.member, now) or ()


def apply_suspended(state: State, entry: Entry[s.Suspended]) -> None:
    """The member reads, appeals or leaves, and nothing else, until the term is over."""
    chapter = of(state)
    suspension = chapter.standing.suspensions[entry.body.suspension]
    suspension.begun = minute(entry.at)
    suspension.agreed_by = chapter.offices[entry.by.id].member
    chapter.members[suspension.member].state = "suspended"
    chapter.active -= 1
    chapter.suspended += 1
    state.set_deadline(entry.body.suspension, suspension.until, "chapters.suspension")


def decide_appealed(state: State, act: Act[s.Appealed], now: int) -> Decision:
    """Let a suspended member appeal, once and in time."""
    chapter = of(state)
    found = chapter.standing.suspensions.get(act.body.suspension)
    if found is None or not found.begun or found.member != act.by.id:
        return Refusal(SUSPENSION_UNKNOWN)
    if act.body.paper in chapter.standing.reasons:
        return Refusal(TEXT_TAKEN)
    if found.appealed or now > found.begun + chapter.bylaws.appeal_time:
        return Refusal(NO_APPEAL)
    return ()


def apply_appealed(state: State, entry: Entry[s.Appealed]) -> None:
    """Two others have a week to uphold it; else it ends."""
    chapter, body = of(state), entry.body
    found = chapter.standing.suspensions[body.suspension]
    found.appealed = True
    chapter.standing.reasons[body.paper] = found.member
    until = min(found.until, minute(entry.at) + JUDGING_TIME)
    state.set_deadline(body.suspension, until, "chapters.suspension")


def decide_judged(state: State, act: Act[s.AppealJudged], now: int) -> Decision:
    """Let another office holder judge; the second of one mind decides."""
    chapter, body = of(state), act.body
    found = chapter.standing.suspensions.get(body.suspension)
    if found is None or not found.appealed or found.upheld:
        return Refusal(SUSPENSION_UNKNOWN)
    member = chapter.offices[act.by.id].member
    if member in (found.asked_by, found.agreed_by) or member in found.judged:
        return Refusal(PARTIAL)
    if body.lift and True in found.judged.values():
        return (Draft(s.SuspensionEnded(body.suspension, when(now), "appeal")),)
    return ()


def apply_judged(state: State, entry: Entry[s.AppealJudged]) -> None:
    """One more judgement; upheld by two, the suspension runs to its term."""
    chapter, body = of(state), entry.body
    found = chapter.standing.suspensions[body.suspension]
    found.judged[chapter.offices[entry.by.id].member] = body.lift
    if list(found.judged.values()).count(False) == 2:
        found.upheld = True
        state.set_deadline(body.suspension, found.until, "chapters.suspension")


def decide_lifted(state: State, act: Act[s.SuspensionLifted], now: int) -> Decision:
    """Let one of the two who suspended take it back, who asked withdraw that, or a lead decline.

    A lead who agrees to no request of others must be able to say so, or they would count as missed.
    """
    chapter, suspension = of(state), act.body.suspension
    found = chapter.standing.suspensions.get(suspension)
    if found is None:
        return Refusal(SUSPENSION_UNKNOWN)
    office = chapter.offices[act.by.id]
    declines = office.role == "lead" and not found.begun
    if not declines and office.member not in (found.asked_by, found.agreed_by):
        return Refusal(NOT_IN_OFFICE)
    if not found.begun:
        return (Draft(s.SuspensionRequestLapsed(suspension)),)
    return (Draft(s.SuspensionEnded(suspension, when(now), "lifted")),)


def apply_lifted(state: State, entry: Entry[s.SuspensionLifted]) -> None:
    """The end of the suspension follows; nobody waits for a lead any more to answer a request."""
    found = of(state).standing.suspensions[entry.body.suspension]
    if not found.begun:
        of(state).standing.suspensions.pop(entry.body.suspension)
        state.retire(entry.body.suspension)
        state.drop_deadline(entry.body.suspension)


def due_suspension(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a suspension: its term is over, or an appeal was not answered."""
    found = of(state).standing.suspensions[what_id]
    why = "term" if found.upheld or not found.appealed or deadline >= found.until else "unanswered"
    return (Draft(s.SuspensionEnded(what_id, when(deadline), cast("s.End", why))),)


def apply_suspension_ended(state: State, entry: Entry[s.SuspensionEnded]) -> None:
    """The member can act again, if they are still one, and offices leave them in peace a while."""
    chapter, body = of(state), entry.body
    found = chapter.standing.suspensions.pop(body.suspension)
    state.retire(body.suspension)
    state.drop_deadline(body.suspension)
    chapter.standing.rest[found.member] = minute(body.on) + chapter.bylaws.suspension_most
    member = chapter.members[found.member]
    if member.state == "suspended":
        member.state = "active"
        chapter.active += 1
        chapter.suspended -= 1
    elif body.why == "left":
        chapter.standing.barred[found.member] = found.until


def ends_with(chapter: ChaptersState, member: str, on: str, why: s.End) -> tuple[Draft, ...]:
    """Return what ends with the membership of somebody: suspensions, or requests for one."""
    return tuple(
        Draft(
            s.SuspensionEnded(suspension, on, why)
            if found.begun
            else s.SuspensionRequestLapsed(suspension)
        )
        for suspension, found in sorted(chapter.standing.suspensions.items())
        if found.member == member
    )


_MEMBER: Final = frozenset({As.MEMBER})
_OFFICE: Final = frozenset({As.OFFICE})

KINDS: Final = (
    Kind(s.SuspensionAsked, in_office(apply_asked), decide_asked, _OFFICE),
    Kind(s.SuspensionRequestLapsed, apply_request_lapsed),
    Kind(s.Suspended, in_office(apply_suspended), decide_suspended, _OFFICE),
    Kind(s.Appealed, apply_appealed, decide_appealed, _MEMBER),
    Kind(s.AppealJudged, in_office(apply_judged), decide_judged, _OFFICE),
    Kind(s.SuspensionLifted, in_office(apply_lifted), decide_lifted, _OFFICE),
    Kind(s.SuspensionEnded, apply_suspension_ended),
)
DUE: Final = {
    "chapters.suspension_request": due_request,
    "chapters.suspension": due_suspension,
}
