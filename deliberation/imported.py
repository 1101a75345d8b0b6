"""Conversations held elsewhere, as matters in which nobody takes part any more (pure)."""

from typing import Any, Final

from chapters.gate import ID_TAKEN, needs_texts
from chapters.participation import begin_matter
from chapters.rules import nothing
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, As, Entry
from civic.kernel.record.rules import Decision, Kind, State
from civic.kernel.refusal import Refusal, code
from deliberation import entries as e
from deliberation.phases import REACTION_VALUE, UNKNOWN_SUBJECT, proposal_in
from deliberation.state import Proposal, Subject, of

NOT_IMPORTED: Final = code(
    "deliberation.not_imported", "This needs an imported conversation or participant."
)


def decide_conversation(state: State, act: Act[e.ConversationImported], now: int) -> Decision:
    """Take in a conversation held elsewhere."""
    if state.knows(act.body.id):
        return Refusal(ID_TAKEN)
    return needs_texts(state, act, 2) or ()


def apply_conversation(state: State, entry: Entry[e.ConversationImported]) -> None:
    """A matter in which nobody takes part any more."""
    chapter, body = chapter_of(state), entry.body
    of(state).proposals[body.id] = Proposal(
        entry.by.id,
        "imported",
        len(chapter.versions) - 1,
        "roll_call",
        0,
        entry.content,
        lang=body.lang,
    )
    begin_matter(state, body.id, is_open=False)


def decide_statement(state: State, act: Act[e.StatementImported], now: int) -> Decision:
    """Take in a statement of an imported participant."""
    body = act.body
    found = proposal_in(state, body.proposal, "imported")
    if isinstance(found, Refusal):
        return found
    if state.knows(body.id):
        return Refusal(ID_TAKEN)
    member = chapter_of(state).members.get(body.member)
    if member is None or member.state != "imported":
        return Refusal(NOT_IMPORTED)
    return needs_texts(state, act, 1) or ()


def apply_statement(state: State, entry: Entry[e.StatementImported]) -> None:
    """One argument of the imported matter more."""
    body = entry.body
    of(state).subjects[body.id] = Subject(body.proposal, body.member, entry.content[0], "argument")


def decide_reactions_imported(state: State, act: Act[e.ReactionsImported], now: int) -> Decision:
    """Take in one day's reactions of imported participants."""
    body = act.body
    subject = of(state).subjects.get(body.subject)
    if subject is None:
        return Refusal(UNKNOWN_SUBJECT)
    found = proposal_in(state, subject.proposal, "imported")
    if isinstance(found, Refusal):
        return found
    members = chapter_of(state).members
    for row, value in body.rows:
        member = members.get(row)
        if member is None or member.state != "imported":
            return Refusal(NOT_IMPORTED)
        if value not in (-1, 0, 1):
            return Refusal(REACTION_VALUE)
    return ()


_NODE: Final = frozenset({As.NODE})

KINDS: Final[tuple[Kind[Any], ...]] = (
    Kind(e.ConversationImported, apply_conversation, decide_conversation, _NODE, texts=True),
    Kind(e.StatementImported, apply_statement, decide_statement, _NODE, texts=True),
    Kind(e.ReactionsImported, nothing, decide_reactions_imported, _NODE),
)
