"""Expulsion, which only a decision brings or lifts, and the erasing of reasons (pure)."""

from typing import Final, Literal

from chapters.admission import go
from chapters.assurance.terms import forget
from chapters.gate import NOT_IN_OFFICE
from chapters.keys.rules import drop_changes
from chapters.offices.absence import in_office
from chapters.offices.entries import OfficeEnded
from chapters.offices.terms import ends_of
from chapters.standing import entries as s
from chapters.standing.suspensions import ends_with
from chapters.state import ChaptersState, holds, of
from civic.kernel.record.entry import Act, As, Entry, minute
from civic.kernel.record.rules import Decision, Draft, Kind, State
from civic.kernel.refusal import Refusal, code

REASON_UNKNOWN: Final = code(
    "chapters.reason_unknown", "There is no such reason, or it was erased already."
)

Do = Literal["remove", "expel", "readmit", "lift"]
"""What a decision may do about people: end an office, expel, let back in, end a suspension."""


def pointless(chapter: ChaptersState, do: Do, of_id: str) -> bool:
    """Tell whether a decision would do nothing: `of_id` is an office, a member or a suspension."""
    if do == "remove":
        return of_id not in chapter.offices
    if do == "lift":
        found = chapter.standing.suspensions.get(of_id)
        return found is None or not found.begun
    member = chapter.members.get(of_id)
    if member is None or member.number == 0:
        return True
    return (member.state == "expelled") is (do == "expel")


def effect(chapter: ChaptersState, do: Do, of_id: str, decision: str, on: str) -> tuple[Draft, ...]:
    """Return what follows from a decision about people, nothing where it was overtaken."""
    if pointless(chapter, do, of_id):
        return ()
    match do:
        case "remove":
            return (Draft(OfficeEnded(of_id, on, decision)),)
        case "lift":
            return (Draft(s.SuspensionEnded(of_id, on, "decision")),)
        case "readmit":
            return (Draft(s.ExpulsionLifted(decision, on, of_id)),)
    return (
        Draft(s.Expelled(decision, on, of_id)),
        *ends_of(chapter, of_id, on),
        *ends_with(chapter, of_id, on, "expelled"),
    )


def apply_expelled(state: State, entry: Entry[s.Expelled]) -> None:
    """The member is none any more; what was done under their ids stands."""
    chapter, own_id = of(state), entry.body.member
    member = chapter.members[own_id]
    if member.state == "applied":
        chapter.applicants -= 1
        state.drop_deadline(own_id)
    go(chapter, member, "expelled")
    forget(state, own_id, minute(entry.body.on))
    drop_changes(state, own_id)


def apply_expulsion_lifted(state: State, entry: Entry[s.ExpulsionLifted]) -> None:
    """They stand as somebody who left, and may ask to come back."""
    of(state).members[entry.body.member].state = "left"


def decide_reason_erased(state: State, act: Act[s.ReasonErased], now: int) -> Decision:
    """Let the member concerned, or a lead, have a reason erased."""
    chapter = of(state)
    concerned = chapter.standing.reasons.get(act.body.paper)
    if concerned is None or (act.by.as_ is As.MEMBER and concerned != act.by.id):
        return Refusal(REASON_UNKNOWN)
    if act.by.as_ is As.OFFICE and not holds(chapter, act.by.id, "lead"):
        return Refusal(NOT_IN_OFFICE)
    return ()


def apply_reason_erased(state: State, entry: Entry[s.ReasonErased]) -> None:
    """Nothing says the reason any more."""
    of(state).standing.reasons.pop(entry.body.paper, None)


KINDS: Final = (
    Kind(s.Expelled, apply_expelled),
    Kind(s.ExpulsionLifted, apply_expulsion_lifted),
    Kind(
        s.ReasonErased,
        in_office(apply_reason_erased),
        decide_reason_erased,
        frozenset({As.MEMBER, As.OFFICE}),
    ),
)
