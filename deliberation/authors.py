"""What authors do with their own words: revise, withdraw, erase (pure)."""

from typing import Final

from chapters.gate import NOT_IN_OFFICE
from chapters.participation import (
    forget_counts,
)
from chapters.state import holds
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, As, Entry
from civic.kernel.record.rules import Decision, Draft, State
from civic.kernel.refusal import Refusal, code
from deliberation import entries as e
from deliberation.effects import (
    effect_refusal,
    gives_effects,
)
from deliberation.languages import given, texts_refusal
from deliberation.moderation.rules import erasing
from deliberation.phases import (
    proposal_in,
)
from deliberation.state import (
    of,
)
from deliberation.words import NOT_THE_AUTHOR, belonging

VERSION: Final = code("deliberation.version", "The text is not the next version.")
REASON_NEEDED: Final = code(
    "deliberation.reason_needed", "Who erases words of others in office gives a public reason."
)


def decide_revised(state: State, act: Act[e.Revised], now: int) -> Decision:
    """Let the author give a new text during the discussion."""
    found = proposal_in(state, act.body.proposal, "discussion")
    if isinstance(found, Refusal):
        return found
    if act.by.id != found.author:
        return Refusal(NOT_THE_AUTHOR)
    body = act.body
    if body.version != found.version + 1:
        return Refusal(VERSION)
    if gives_effects(body):
        refused = effect_refusal(state, found.options, body)
        if refused is not None:
            return refused
    return texts_refusal(state, act, found.lang, found.options, found.words) or ()


def apply_revised(state: State, entry: Entry[e.Revised]) -> None:
    """The text is another."""
    body = entry.body
    proposal = of(state).proposals[body.proposal]
    texts, reason = given(body, entry.content)
    proposal.version = body.version
    proposal.older_words.extend(one for one in proposal.words if one not in texts)
    proposal.words = texts
    if reason is not None:
        proposal.older_words.append(reason)
    proposal.also = tuple(one.lang for one in body.also)
    if gives_effects(body):
        proposal.changes, proposal.appointment = body.changes or (), body.appointment
        proposal.rules, proposal.measure = body.rules, body.measure


def decide_withdrawn(state: State, act: Act[e.Withdrawn], now: int) -> Decision:
    """Let the author withdraw before the text is frozen."""
    found = proposal_in(state, act.body.proposal, "support", "discussion")
    if isinstance(found, Refusal):
        return found
    return () if act.by.id == found.author else Refusal(NOT_THE_AUTHOR)


def apply_withdrawn(state: State, entry: Entry[e.Withdrawn]) -> None:
    """The proposal is over."""
    proposal = of(state).proposals[entry.body.proposal]
    proposal.phase = "withdrawn"
    proposal.supports.clear()
    forget_counts(state, entry.body.proposal)
    state.drop_deadline(entry.body.proposal)


def decide_erased(state: State, act: Act[e.WordsErased], now: int) -> Decision:
    """Let authors erase their words, and offices erase others' with a reason.

    A proposal without its words cannot go on: erasing those in force withdraws it.
    """
    found = belonging(state, act.body.of, act.body.words)
    if isinstance(found, Refusal):
        return found
    if act.by.as_ is As.OFFICE:
        if not holds(chapter_of(state), act.by.id, "lead", "facilitator"):
            return Refusal(NOT_IN_OFFICE)
        if act.body.reason is None:
            return Refusal(REASON_NEEDED)
    elif act.by.id != found.author:
        return Refusal(NOT_THE_AUTHOR)
    ended = erasing(state, act, now, said=found.said)
    if isinstance(ended, Refusal):
        return ended
    proposal = found.proposal
    there = proposal is not None and proposal.phase in ("support", "discussion")
    if there and proposal is not None and not set(proposal.words).isdisjoint(act.body.words):
        return (*ended, Draft(e.Withdrawn(act.body.of)))
    return ended
