"""What is said about proposals, and how members react to it (pure)."""

from chapters.gate import ID_TAKEN, needs_texts
from chapters.participation import (
    check_counts,
    check_row_proofs,
    check_rows,
    may_speak,
    record_counts,
    record_rows,
    speak,
)
from civic.kernel.record.entry import Act, Entry
from civic.kernel.record.rules import Decision, State
from civic.kernel.refusal import Refusal
from deliberation import entries as e
from deliberation.phases import (
    OVER,
    REACTION_VALUE,
    UNKNOWN_SUBJECT,
    WRONG_PHASE,
    matter_of,
    proposal_in,
)
from deliberation.state import (
    NAME,
    DeliberationState,
    Subject,
    of,
)


def decide_argued(state: State, act: Act[e.Argued], now: int) -> Decision:
    """Take an argument while the proposal is discussed (or gathers support)."""
    found = proposal_in(state, act.body.proposal, "support", "discussion")
    if isinstance(found, Refusal):
        return found
    if state.knows(act.body.id):
        return Refusal(ID_TAKEN)
    return may_speak(state, act.body.proposal, act.by.id) or needs_texts(state, act, 1) or ()


def apply_argued(state: State, entry: Entry[e.Argued]) -> None:
    """One argument more."""
    body = entry.body
    of(state).subjects[body.id] = Subject(body.proposal, entry.by.id, entry.content[0], "argument")
    speak(state, body.proposal, entry.by.id)


def decide_commented(state: State, act: Act[e.Commented], now: int) -> Decision:
    """Take a comment on anything in a proposal that is not over yet."""
    body = act.body
    matter = matter_of(state, body.on)
    if matter is None:
        return Refusal(UNKNOWN_SUBJECT)
    found = proposal_in(state, matter, "support", "discussion", "notice", "vote")
    if isinstance(found, Refusal):
        return found
    if state.knows(body.id):
        return Refusal(ID_TAKEN)
    return may_speak(state, matter, act.by.id) or needs_texts(state, act, 1) or ()


def apply_commented(state: State, entry: Entry[e.Commented]) -> None:
    """One comment more."""
    deliberation: DeliberationState = state.parts[NAME]
    body, voice = entry.body, entry.by.id
    matter = matter_of(state, body.on) or body.on
    deliberation.subjects[body.id] = Subject(matter, voice, entry.content[0], "comment")
    speak(state, matter, voice)


def reaction_refusal(state: State, subject: str, value: int, now: int) -> Refusal | None:
    """Say why a reaction may not go into the box of a subject at a minute, or None.

    The shell asks this when it acknowledges a reaction, and what is due may not stand in the record
    yet. A row that is recorded late has no effect.
    """
    known = of(state).subjects.get(subject)
    if known is None or known.what == "task":
        return Refusal(UNKNOWN_SUBJECT)
    found = proposal_in(state, known.proposal, "support", "discussion", "notice", "vote")
    if isinstance(found, Refusal):
        return found
    ends = {"support": known.proposal, "vote": found.election}.get(found.phase)
    deadline = state.record.deadlines.get(ends) if ends else None
    if deadline is not None and deadline.minute <= now:
        return Refusal(WRONG_PHASE, {"phase": found.phase})
    return None if value in (-1, 0, 1) else Refusal(REACTION_VALUE)


def prepare_reactions(log_id: str, act: Act[e.ReactionsRecorded]) -> Refusal | None:
    """Verify the rows' signatures."""
    return check_row_proofs(log_id, act.body.subject, act.body.rows, act.body.proofs)


def decide_reactions(state: State, act: Act[e.ReactionsRecorded], now: int) -> Decision:
    """Take a batch of reactions from the box of an argument or comment."""
    body = act.body
    known = of(state).subjects.get(body.subject)
    if known is None or known.what == "task":
        return Refusal(UNKNOWN_SUBJECT)
    if of(state).proposals[known.proposal].phase == "imported":
        return Refusal(WRONG_PHASE, {"phase": "imported"})
    if any(value not in (-1, 0, 1) for _, value in body.rows):
        return Refusal(REACTION_VALUE)
    refused = check_rows(state, known.proposal, body.tick, body.rows, now)
    if refused is None and of(state).proposals[known.proposal].phase not in OVER:
        refused = check_counts(state, known.proposal, body.subject, body.rows, body.proofs)
    return refused or ()


def apply_reactions(state: State, entry: Entry[e.ReactionsRecorded]) -> None:
    """Note the row ids and counts; what they said is counted by the read model."""
    body = entry.body
    matter = of(state).subjects[body.subject].proposal
    record_rows(state, matter, body.rows)
    if of(state).proposals[matter].phase not in OVER:
        record_counts(state, matter, body.subject, body.rows, body.proofs)
