"""The deliberation domain's rules: how a proposal goes from support to decision (pure)."""

from collections.abc import Container
from typing import Final

from chapters.entries import BylawsKept
from chapters.offices.absence import in_office
from chapters.participation import (
    announce,
    forget_counts,
)
from civic.kernel.record.entry import As, Entry, due_key, minute, when
from civic.kernel.record.rules import Draft, Kind, Part, State, round_up
from deliberation import aftermath, authors, imported, speaking, supporting
from deliberation import entries as e
from deliberation.effects import (
    follow_decided,
    follow_kept,
    has_effect,
)
from deliberation.moderation import rules as moderation
from deliberation.state import (
    NAME,
    DeliberationState,
    bylaws_of,
    of,
)


def ids(state: State) -> tuple[Container[str], ...]:
    """Return what holds the ids of proposals, what is said about them, tasks, cards, hidings."""
    known = of(state)
    return known.proposals, known.subjects, known.cards, known.moderation.hidings


def due_discussion(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """Freeze the text when the discussion ends, once it is settled whether it stays hidden."""
    waits = moderation.put_off(state, what_id)
    if waits:
        return waits
    proposal = of(state).proposals[what_id]
    # A tick of notice at least: the key of what is due is made of the deadline and the id, so that
    # two transitions of one proposal never fall on the same minute.
    notice = max(bylaws_of(state, proposal).notice_time, 1)
    vote_from = round_up(state.record, deadline + notice)
    binding = proposal.lang if proposal.also else None
    body = e.Frozen(what_id, proposal.version, when(vote_from), binding, proposal.also)
    return (Draft(body, proposal.words),)


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


_VOICE: Final = frozenset({As.VOICE})
_OFFICE: Final = frozenset({As.OFFICE})
_NODE: Final = frozenset({As.NODE})

PART: Final = Part(
    NAME,
    DeliberationState,
    (
        Kind(e.Proposed, supporting.apply_proposed, supporting.decide_proposed, _VOICE, texts=True),
        Kind(e.Supported, supporting.apply_supported, supporting.decide_supported, _VOICE),
        Kind(
            e.SupportWithdrawn,
            supporting.apply_support_withdrawn,
            supporting.decide_support_withdrawn,
            _VOICE,
        ),
        Kind(e.DiscussionOpened, supporting.apply_discussion),
        Kind(e.Lapsed, supporting.apply_lapsed),
        Kind(e.Argued, speaking.apply_argued, speaking.decide_argued, _VOICE, texts=True),
        Kind(e.Commented, speaking.apply_commented, speaking.decide_commented, _VOICE, texts=True),
        Kind(e.Revised, authors.apply_revised, authors.decide_revised, _VOICE, texts=True),
        Kind(e.Withdrawn, authors.apply_withdrawn, authors.decide_withdrawn, _VOICE),
        Kind(
            e.ReactionsRecorded,
            speaking.apply_reactions,
            speaking.decide_reactions,
            _NODE,
            early=True,
            prepare=speaking.prepare_reactions,
        ),
        Kind(e.Frozen, apply_frozen, world=True, texts=True),
        Kind(e.VoteCalled, apply_called, world=True),
        Kind(e.Decided, apply_decided, world=True),
        Kind(e.Returned, supporting.apply_discussion, world=True),
        Kind(
            e.WordsErased,
            in_office(moderation.apply_erased),
            authors.decide_erased,
            frozenset({As.VOICE, As.OFFICE}),
        ),
        *moderation.KINDS,
        *aftermath.KINDS,
        *imported.KINDS,
    ),
    ids=ids,
    due={
        "deliberation.support": supporting.due_support,
        "deliberation.discussion": due_discussion,
        "deliberation.notice": due_notice,
        moderation.WHAT: moderation.due_hiding,
    },
    follow=(
        (e.Decided.kind, follow_decided),
        (BylawsKept.kind, follow_kept),
    ),
)
