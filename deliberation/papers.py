"""What restricted papers must show about acts of deliberation (pure)."""

from typing import Any, Final

from chapters.papers import Tie
from chapters.state import asked
from chapters.state import of as chapter_of
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code
from deliberation.entries import Proposed

LEVEL: Final = code(
    "papers.level", "The member behind this voice has not the assurance that the bylaws ask for."
)

OWN_WORDS: Final = code(
    "papers.own_words", "Who wrote hidden words judged whether they are shown again."
)


def own_words_refusal(state: State, tie: Tie, office: str) -> Refusal | None:
    """Check that the member behind the voice that wrote hidden words is not who judges them."""
    held = chapter_of(state).offices.get(office)
    return Refusal(OWN_WORDS) if held is not None and held.member == tie.member else None


def level_refusal(state: State, tie: Tie, body: Any) -> Refusal | None:
    """Check that the member behind a voice has the level needed for what the voice does."""
    if not isinstance(body, Proposed):
        return None
    chapter = chapter_of(state)
    level, needed = chapter.members[tie.member].level, chapter.bylaws.level_propose
    if level >= needed or level >= asked(chapter, needed):
        return None
    return Refusal(LEVEL, {"needed": needed})
