"""To what in a record words belong, who wrote them, and whether they were put to a vote (pure)."""

from typing import Final, NamedTuple

from chapters.state import of as chapter_of
from civic.kernel.record.rules import State
from civic.kernel.refusal import Refusal, code
from deliberation.phases import UNKNOWN_SUBJECT
from deliberation.state import Proposal, of

NOT_THE_AUTHOR: Final = code("deliberation.not_the_author", "Only the author may do this.")
FROZEN_WORDS: Final = code(
    "deliberation.frozen_words", "Words put to a vote are evidence and are not erased."
)
OTHER_WORDS: Final = code("deliberation.other_words", "These words do not belong to what is named.")


class Belonging(NamedTuple):
    """What words belong to: `said` by members (or participants), or written in office or an appeal.

    `author` is the voice that wrote them, empty where no voice of the matter did; `matter` is that
    of what was said, else empty.
    """

    words: frozenset[str]
    author: str
    matter: str
    said: bool
    proposal: Proposal | None = None


def belonging(state: State, of_id: str, words: tuple[str, ...]) -> Belonging | Refusal:
    """Return to what some words belong: a proposal, statement, task, card, or an appeal's words.

    Refused where they belong to something else, or were put to a vote.
    """
    found = _found(state, of_id)
    if found is None:
        return Refusal(UNKNOWN_SUBJECT)
    if found.proposal is not None and not found.proposal.frozen.isdisjoint(words):
        return Refusal(FROZEN_WORDS)
    return found if found.words.issuperset(words) else Refusal(OTHER_WORDS)


def _found(state: State, of_id: str) -> Belonging | None:
    deliberation = of(state)
    proposal = deliberation.proposals.get(of_id)
    if proposal is not None:
        words = frozenset((*proposal.words, *proposal.older_words))
        author = proposal.author if _is_voice(state, of_id, proposal.author) else ""
        return Belonging(words, author, of_id, said=True, proposal=proposal)
    subject = deliberation.subjects.get(of_id)
    if subject is not None:
        words = frozenset((subject.words,))
        if subject.what == "task":
            return Belonging(words, "", "", said=False)
        # Of an imported statement the author is a participant, who cannot act.
        author = subject.author if _is_voice(state, subject.proposal, subject.author) else ""
        return Belonging(words, author, subject.proposal, said=True)
    if of_id in deliberation.cards:
        return Belonging(frozenset(deliberation.cards[of_id]), "", "", said=False)
    hiding = deliberation.moderation.hidings.get(of_id)
    if hiding is not None and hiding.plea:
        return Belonging(frozenset((hiding.plea,)), hiding.author, "", said=False)
    return None


def _is_voice(state: State, matter: str, author: str) -> bool:
    return author in chapter_of(state).matters[matter].voices
