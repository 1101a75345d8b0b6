"""In which phase a proposal is, and to which proposal something said belongs (pure)."""

from typing import Final

from chapters.participation import MATTER_UNKNOWN
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code
from deliberation.state import NAME, DeliberationState, Proposal

OVER: Final = frozenset({"decided", "lapsed", "withdrawn"})
"""Phases after which none comes. (A decision that cannot take effect is no end: the return to
discussion follows it within the same act.)"""

WRONG_PHASE: Final = code("deliberation.wrong_phase", "The proposal is not in the phase for this.")
UNKNOWN_SUBJECT: Final = code(
    "deliberation.unknown_subject", "What this is about does not stand in the record."
)
REACTION_VALUE: Final = code(
    "deliberation.reaction_value", "A reaction agrees (1), disagrees (-1) or passes (0)."
)


def proposal_in(state: State, proposal_id: str, *phases: str) -> Proposal | Refusal:
    """Return a proposal that must be in one of the phases, or why not."""
    deliberation: DeliberationState = state.parts[NAME]
    proposal = deliberation.proposals.get(proposal_id)
    if proposal is None:
        return Refusal(MATTER_UNKNOWN)
    if proposal.phase not in phases:
        return Refusal(WRONG_PHASE, {"phase": proposal.phase})
    return proposal


def matter_of(state: State, subject: str) -> str | None:
    """Return the proposal that a proposal, argument or comment belongs to, or None."""
    deliberation: DeliberationState = state.parts[NAME]
    if subject in deliberation.proposals:
        return subject
    known = deliberation.subjects.get(subject)
    return None if known is None or known.what == "task" else known.proposal
