"""The deliberation domain's rules: how a proposal goes from support to decision (pure)."""

from collections.abc import Container
from typing import Any, Final

from chapters.entries import BylawsKept
from chapters.gate import ID_TAKEN, NOT_IN_OFFICE, needs_texts
from chapters.offices.absence import in_office
from chapters.participation import (
    TOO_MANY_TIES,
    announce,
    begin_matter,
    check_counts,
    check_row_proofs,
    check_rows,
    forget_counts,
    may_speak,
    record_counts,
    record_rows,
    speak,
)
from chapters.rules import nothing
from chapters.state import holds
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, As, Entry, due_key, minute, when
from civic.kernel.record.rules import Decision, Draft, Kind, Part, State, round_up
from civic.kernel.refusal import Refusal, code
from deliberation import aftermath, imported
from deliberation import entries as e
from deliberation.effects import (
    effect_refusal,
    follow_decided,
    follow_kept,
    gives_effects,
    has_effect,
)
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
    Proposal,
    Subject,
    bylaws_of,
    of,
    support_needed,
)

NOT_THE_AUTHOR: Final = code("deliberation.not_the_author", "Only the author may do this.")
SUPPORTED_TWICE: Final = code("deliberation.supported_twice", "This voice supports it already.")
NOT_SUPPORTED: Final = code("deliberation.not_supported", "This voice does not support it.")
SECRECY: Final = code(
    "deliberation.secrecy", "The bylaws say how votes are cast, and the proposal says otherwise."
)
VERSION: Final = code("deliberation.version", "The text is not the next version.")
FROZEN_WORDS: Final = code(
    "deliberation.frozen_words", "Words put to a vote are evidence and are not erased."
)
OTHER_WORDS: Final = code("deliberation.other_words", "These words do not belong to what is named.")
REASON_NEEDED: Final = code(
    "deliberation.reason_needed", "Who erases words of others in office gives a public reason."
)


def ids(state: State) -> tuple[Container[str], ...]:
    """Return what holds the ids of proposals, what is said about them, tasks and cards."""
    known = of(state)
    return known.proposals, known.subjects, known.cards


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
        effect_refusal(state, body.options, body) or needs_texts(state, act, 2 + body.options) or ()
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
    return needs_texts(state, act, 2 + found.options, found.words) or ()


def apply_revised(state: State, entry: Entry[e.Revised]) -> None:
    """The text is another."""
    body = entry.body
    proposal = of(state).proposals[body.proposal]
    proposal.version = body.version
    proposal.older_words.extend(one for one in proposal.words if one not in entry.content)
    proposal.words = entry.content
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


def due_discussion(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """Freeze the text when the discussion ends."""
    proposal = of(state).proposals[what_id]
    # A tick of notice at least: the key of what is due is made of the deadline and the id, so that
    # two transitions of one proposal never fall on the same minute.
    notice = max(bylaws_of(state, proposal).notice_time, 1)
    vote_from = round_up(state.record, deadline + notice)
    return (Draft(e.Frozen(what_id, proposal.version, when(vote_from)), proposal.words),)


def apply_frozen(state: State, entry: Entry[e.Frozen]) -> None:
    """The words are evidence; the vote comes at its time."""
    proposal = of(state).proposals[entry.body.proposal]
    proposal.phase = "notice"
    announce(state, entry.body.proposal)
    proposal.frozen.update(entry.content)
    state.set_deadline(entry.body.proposal, minute(entry.body.vote_from), "deliberation.notice")


def due_notice(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """Call the vote."""
    proposal = of(state).proposals[what_id]
    until = round_up(state.record, deadline + bylaws_of(state, proposal).vote_time)
    election = state.new_id(due_key(state.record.log_id, deadline, what_id), 0)
    return (Draft(e.VoteCalled(what_id, election, when(until))),)


def apply_called(state: State, entry: Entry[e.VoteCalled]) -> None:
    """The proposal is voted on."""
    proposal = of(state).proposals[entry.body.proposal]
    proposal.phase, proposal.election = "vote", entry.body.election
    state.drop_deadline(entry.body.proposal)


def apply_decided(state: State, entry: Entry[e.Decided]) -> None:
    """The proposal is decided."""
    proposal = of(state).proposals[entry.body.proposal]
    proposal.phase = "decided"
    # What is to take effect by itself and cannot goes back to discussion, where counts go on.
    if entry.body.outcome != "accepted" or not has_effect(proposal):
        forget_counts(state, entry.body.proposal)


def decide_erased(state: State, act: Act[e.WordsErased], now: int) -> Decision:
    """Let authors erase their words, and offices erase others' with a reason.

    A proposal without its words cannot go on: erasing those in force withdraws it.
    """
    deliberation, body = of(state), act.body
    proposal = deliberation.proposals.get(body.of)
    author = ""
    then: tuple[Draft, ...] = ()
    if proposal is not None:
        words, author = {*proposal.words, *proposal.older_words}, proposal.author
        if not proposal.frozen.isdisjoint(body.words):
            return Refusal(FROZEN_WORDS)
        if proposal.phase in ("support", "discussion") and not set(proposal.words).isdisjoint(
            body.words
        ):
            then = (Draft(e.Withdrawn(body.of)),)
    elif (subject := deliberation.subjects.get(body.of)) is not None:
        words = {subject.words}
        # Of a task the author is an office, of an imported statement a participant: no voices.
        if subject.author in chapter_of(state).matters[subject.proposal].voices:
            author = subject.author
    elif body.of in deliberation.cards:
        words = set(deliberation.cards[body.of])
    else:
        return Refusal(UNKNOWN_SUBJECT)
    if not words.issuperset(body.words):
        return Refusal(OTHER_WORDS)
    if act.by.as_ is As.OFFICE:
        if not holds(chapter_of(state), act.by.id, "lead", "facilitator"):
            return Refusal(NOT_IN_OFFICE)
        if body.reason is None:
            return Refusal(REASON_NEEDED)
    elif act.by.id != author:
        return Refusal(NOT_THE_AUTHOR)
    return then


_VOICE: Final = frozenset({As.VOICE})
_OFFICE: Final = frozenset({As.OFFICE})
_NODE: Final = frozenset({As.NODE})

PART: Final = Part(
    NAME,
    DeliberationState,
    (
        Kind(e.Proposed, apply_proposed, decide_proposed, _VOICE, texts=True),
        Kind(e.Supported, apply_supported, decide_supported, _VOICE),
        Kind(e.SupportWithdrawn, apply_support_withdrawn, decide_support_withdrawn, _VOICE),
        Kind(e.DiscussionOpened, apply_discussion),
        Kind(e.Lapsed, apply_lapsed),
        Kind(e.Argued, apply_argued, decide_argued, _VOICE, texts=True),
        Kind(e.Commented, apply_commented, decide_commented, _VOICE, texts=True),
        Kind(e.Revised, apply_revised, decide_revised, _VOICE, texts=True),
        Kind(e.Withdrawn, apply_withdrawn, decide_withdrawn, _VOICE),
        Kind(
            e.ReactionsRecorded,
            apply_reactions,
            decide_reactions,
            _NODE,
            early=True,
            prepare=prepare_reactions,
        ),
        Kind(e.Frozen, apply_frozen, world=True, texts=True),
        Kind(e.VoteCalled, apply_called, world=True),
        Kind(e.Decided, apply_decided, world=True),
        Kind(e.Returned, apply_discussion, world=True),
        Kind(e.WordsErased, in_office(nothing), decide_erased, frozenset({As.VOICE, As.OFFICE})),
        *aftermath.KINDS,
        *imported.KINDS,
    ),
    ids=ids,
    due={
        "deliberation.support": due_support,
        "deliberation.discussion": due_discussion,
        "deliberation.notice": due_notice,
    },
    follow=(
        (e.Decided.kind, follow_decided),
        (BylawsKept.kind, follow_kept),
    ),
)
