"""What the rules know of proposals and what was said about them."""

from typing import Final, Literal

import msgspec

from chapters.bylaws import Bylaws, Change
from chapters.state import NAME as CHAPTERS
from chapters.state import ChaptersState
from chapters.state import of as chapter_of
from civic.kernel.record.adoption import Adoption
from civic.kernel.record.rules import State
from deliberation.entries import Appointment, Measure
from deliberation.moderation.state import Moderation

NAME: Final = "deliberation"
Phase = Literal[
    "support", "discussion", "notice", "vote", "decided", "lapsed", "withdrawn", "imported"
]


class Proposal(msgspec.Struct):
    """A proposal: its author's voice, phase, text version and what a decision would do.

    `bylaws` is the index (in `ChaptersState.versions`) of the bylaws that govern it to its end.
    `older_words` are those of earlier texts, and the reasons of new ones; `frozen` are all words
    that were ever put to a vote. `supports` are those of the support phase.
    The text in `lang` binds; `also` are the further languages of the words, in their order.
    """

    author: str
    phase: Phase
    bylaws: int
    secrecy: Literal["roll_call", "pseudonymous"]
    options: int
    words: tuple[str, ...]
    changes: tuple[Change, ...] = ()
    appointment: Appointment | None = None
    version: int = 1
    older_words: list[str] = []
    frozen: set[str] = set()
    supports: set[str] = set()
    election: str | None = None
    rules: Adoption | None = None
    measure: Measure | None = None
    lang: str = "und"
    also: tuple[str, ...] = ()


class Subject(msgspec.Struct, gc=False):
    """An argument, comment or task: the matter it belongs to, who wrote it, its words."""

    proposal: str
    author: str
    words: str
    what: Literal["argument", "comment", "task"]
    done: bool = False


class DeliberationState(msgspec.Struct):
    """The deliberation domain's part of the state. `cards` are outcome cards with their words."""

    proposals: dict[str, Proposal] = {}
    subjects: dict[str, Subject] = {}
    cards: dict[str, tuple[str, ...]] = {}
    moderation: Moderation = msgspec.field(default_factory=Moderation)


def of(state: State) -> DeliberationState:
    """Return the deliberation domain's part of a state.

    What runs for nearly every entry of a record writes `state.parts[NAME]` itself: a call costs
    more than the look-up.
    """
    part: DeliberationState = state.parts[NAME]
    return part


def bylaws_of(state: State, proposal: Proposal) -> Bylaws:
    """Return the bylaws that govern a proposal: those in force when it began to gather support."""
    return chapter_of(state).versions[proposal.bylaws]


def support_needed(state: State, proposal: Proposal) -> int:
    """Return how many voices must support a proposal before it is discussed.

    Never more than there are members: a chapter that shrank can still decide.
    """
    chapter: ChaptersState = state.parts[CHAPTERS]
    bylaws, active = chapter.versions[proposal.bylaws], chapter.active
    needed = -(-bylaws.support_share * active // 1000)
    if needed < bylaws.support_least:
        needed = bylaws.support_least
    return min(active, needed) or 1
