"""To which matter an act under a voice id belongs, and what its author's level must be (pure)."""

from typing import Any

from chapters.keys.entries import ActDisowned
from civic.kernel.record.rules import State
from deliberation import entries as e
from deliberation.moderation.entries import HidingAppealed
from deliberation.phases import OVER, matter_of
from deliberation.state import of


def matter_of_body(state: State, body: Any) -> str | None:
    """Return the matter in which an act by a voice speaks, or None if it speaks in none.

    `state` may be that before or after the act.
    """
    match body:
        case e.Proposed(id=matter):
            return matter
        case e.Commented(on=subject):
            return matter_of(state, subject)
        case e.WordsErased(of=subject):
            hiding = of(state).moderation.hidings.get(subject)
            return matter_of(state, subject) if hiding is None else hiding.matter
        case (
            e.Supported(proposal=matter)
            | e.SupportWithdrawn(proposal=matter)
            | e.Argued(proposal=matter)
            | e.Revised(proposal=matter)
            | e.Withdrawn(proposal=matter)
            | ActDisowned(matter=matter)
        ):
            return matter
        case HidingAppealed(hiding=own_id):
            found = of(state).moderation.hidings.get(own_id)
            return None if found is None else found.matter
        case _:
            return None


def matter_of_subject(state: State, subject: str) -> str | None:
    """Return the matter to which a box's subject belongs, if it is one of deliberation."""
    known = of(state).subjects.get(subject)
    return None if known is None or known.what == "task" else known.proposal


def has_ended(state: State, matter: str) -> bool:
    """Tell whether a matter is over for ever: nobody speaks, reacts or votes in it any more."""
    proposal = of(state).proposals.get(matter)
    return proposal is not None and proposal.phase in OVER
