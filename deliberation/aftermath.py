"""What comes after a proposal: tasks and outcome cards (pure)."""

from typing import Any, Final

from chapters.gate import ID_TAKEN, NOT_IN_OFFICE, needs_texts
from chapters.offices.absence import in_office
from chapters.participation import MATTER_UNKNOWN
from chapters.state import holds
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, As, Entry, minute
from civic.kernel.record.rules import Decision, Kind, State
from civic.kernel.refusal import Refusal, code
from deliberation import entries as e
from deliberation.phases import OVER, UNKNOWN_SUBJECT
from deliberation.state import Subject, of

NOT_OVER: Final = code("deliberation.not_over", "The proposal has no outcome yet.")
TASK_DONE: Final = code("deliberation.task_done_twice", "The task is done already.")
IN_THE_PAST: Final = code("deliberation.in_the_past", "The date lies in the past.")


def _organiser(state: State, act: Act[Any], proposal_id: str) -> Refusal | None:
    if not holds(chapter_of(state), act.by.id, "lead", "facilitator"):
        return Refusal(NOT_IN_OFFICE)
    proposal = of(state).proposals.get(proposal_id)
    if proposal is None:
        return Refusal(MATTER_UNKNOWN)
    return None if proposal.phase in OVER else Refusal(NOT_OVER)


def decide_task_set(state: State, act: Act[e.TaskSet], now: int) -> Decision:
    """Let an office set a task after a decision."""
    refused = _organiser(state, act, act.body.proposal)
    if refused is not None:
        return refused
    if state.knows(act.body.id):
        return Refusal(ID_TAKEN)
    if minute(act.body.until) <= now:
        return Refusal(IN_THE_PAST)
    return needs_texts(state, act, 1) or ()


def apply_task_set(state: State, entry: Entry[e.TaskSet]) -> None:
    """One task more."""
    body = entry.body
    of(state).subjects[body.id] = Subject(body.proposal, entry.by.id, entry.content[0], "task")


def decide_task_done(state: State, act: Act[e.TaskDone], now: int) -> Decision:
    """Let an office say that a task is done."""
    task = of(state).subjects.get(act.body.task)
    if task is None or task.what != "task":
        return Refusal(UNKNOWN_SUBJECT)
    if task.done:
        return Refusal(TASK_DONE)
    return _organiser(state, act, task.proposal) or ()


def apply_task_done(state: State, entry: Entry[e.TaskDone]) -> None:
    """The task is done."""
    of(state).subjects[entry.body.task].done = True


def decide_outcome(state: State, act: Act[e.OutcomeRecorded], now: int) -> Decision:
    """Let an office record what came of a proposal, success or failure."""
    refused = _organiser(state, act, act.body.proposal)
    if refused is not None:
        return refused
    if state.knows(act.body.id):
        return Refusal(ID_TAKEN)
    return needs_texts(state, act, 2) or ()


def apply_outcome(state: State, entry: Entry[e.OutcomeRecorded]) -> None:
    """One outcome card more."""
    of(state).cards[entry.body.id] = entry.content


_OFFICE: Final = frozenset({As.OFFICE})

KINDS: Final[tuple[Kind[Any], ...]] = (
    Kind(e.TaskSet, in_office(apply_task_set), decide_task_set, _OFFICE, texts=True),
    Kind(e.TaskDone, in_office(apply_task_done), decide_task_done, _OFFICE),
    Kind(
        e.OutcomeRecorded, in_office(apply_outcome), decide_outcome, _OFFICE, world=True, texts=True
    ),
)
