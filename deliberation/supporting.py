"""How proposals begin, and find the support of members or not (pure)."""

from typing import Any, Final

from chapters.gate import ID_TAKEN
from chapters.participation import (
    TOO_MANY_TIES,
    begin_matter,
    forget_counts,
    may_speak,
    speak,
)
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, Entry, minute, when
from civic.kernel.record.rules import Decision, Draft, State, round_up
from civic.kernel.refusal import Refusal, code
from deliberation import entries as e
from deliberation.effects import (
    effect_refusal,
)
from deliberation.languages import texts_refusal
from deliberation.moderation.rules import put_off
from deliberation.phases import (
    proposal_in,
)
from deliberation.state import (
    NAME,
    DeliberationState,
    Proposal,
    bylaws_of,
    of,
    support_needed,
)

SUPPORTED_TWICE: Final = code("deliberation.supported_twice", "This voice supports it already.")
NOT_SUPPORTED: Final = code("deliberation.not_supported", "This voice does not support it.")
SECRECY: Final = code(
    "deliberation.secrecy", "The bylaws say how votes are cast, and the proposal says otherwise."
)


def decide_proposed(state: State, act: Act[e.Proposed], now: int) -> Decision:
    """Take a new proposal whose effects fit the bylaws in force."""
    body, chapter = act.body, chapter_of(state)
    if state.knows(body.id):
        return Refusal(ID_TAKEN)
    if body.secrecy != chapter.bylaws.secrecy:
        return Refusal(SECRECY)
    if not chapter.active:
        return Refusal(TOO_MANY_TIES)
    return (
        effect_refusal(state, body.options, body)
        or texts_refusal(state, act, body.lang, body.options)
        or ()
    )


def apply_proposed(state: State, entry: Entry[e.Proposed]) -> None:
    """The proposal gathers support under the bylaws in force now."""
    chapter, body = chapter_of(state), entry.body
    of(state).proposals[body.id] = Proposal(
        entry.by.id,
        "support",
        len(chapter.versions) - 1,
        body.secrecy,
        body.options,
        entry.content,
        body.changes,
        body.appointment,
        rules=body.rules,
        measure=body.measure,
        lang=body.lang,
        also=tuple(one.lang for one in body.also),
    )
    begin_matter(state, body.id)
    speak(state, body.id, entry.by.id)
    until = minute(entry.at) + chapter.bylaws.support_time
    state.set_deadline(body.id, until, "deliberation.support", people=True)


def decide_supported(state: State, act: Act[e.Supported], now: int) -> Decision:
    """Count a voice's support; with enough of it the discussion opens."""
    proposal, voice = act.body.proposal, act.by.id
    found = proposal_in(state, proposal, "support")
    if isinstance(found, Refusal):
        return found
    if voice in found.supports:
        return Refusal(SUPPORTED_TWICE)
    refused = may_speak(state, proposal, voice)
    if refused is not None:
        return refused
    if len(found.supports) + 1 >= support_needed(state, found):
        until = round_up(state.record, now + bylaws_of(state, found).discussion_time)
        return (Draft(e.DiscussionOpened(proposal, when(until))),)
    return ()


def apply_supported(state: State, entry: Entry[e.Supported]) -> None:
    """One supporter more."""
    deliberation: DeliberationState = state.parts[NAME]
    proposal, voice = entry.body.proposal, entry.by.id
    deliberation.proposals[proposal].supports.add(voice)
    speak(state, proposal, voice)


def decide_support_withdrawn(state: State, act: Act[e.SupportWithdrawn], now: int) -> Decision:
    """Let a voice take its support back while support is gathered."""
    found = proposal_in(state, act.body.proposal, "support")
    if isinstance(found, Refusal):
        return found
    return () if act.by.id in found.supports else Refusal(NOT_SUPPORTED)


def apply_support_withdrawn(state: State, entry: Entry[e.SupportWithdrawn]) -> None:
    """One supporter fewer."""
    of(state).proposals[entry.body.proposal].supports.discard(entry.by.id)


def apply_discussion(state: State, entry: Entry[Any]) -> None:
    """The proposal is discussed (again)."""
    proposal = of(state).proposals[entry.body.proposal]
    proposal.phase = "discussion"
    proposal.supports.clear()
    state.set_deadline(
        entry.body.proposal, minute(entry.body.until), "deliberation.discussion", people=True
    )


def due_support(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a proposal that did not find enough support.

    Members who left may have made enough of what there is.
    """
    waits = put_off(state, what_id)
    if waits:
        return waits
    proposal = of(state).proposals[what_id]
    if len(proposal.supports) >= support_needed(state, proposal):
        until = round_up(state.record, deadline + bylaws_of(state, proposal).discussion_time)
        return (Draft(e.DiscussionOpened(what_id, when(until))),)
    return (Draft(e.Lapsed(what_id)),)


def apply_lapsed(state: State, entry: Entry[e.Lapsed]) -> None:
    """The proposal stands still."""
    proposal = of(state).proposals[entry.body.proposal]
    proposal.phase = "lapsed"
    proposal.supports.clear()
    forget_counts(state, entry.body.proposal)
    state.drop_deadline(entry.body.proposal)
