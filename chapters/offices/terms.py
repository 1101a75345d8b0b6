"""Terms of office: how they begin and end (pure)."""

from typing import Final

from chapters import entries as e
from chapters.state import Office, of
from civic.kernel.record.entry import Entry, minute
from civic.kernel.record.rules import Draft, Kind, State


def give(state: State, term: e.OfficeTerm) -> None:
    """Let an office be held until its term ends."""
    until = minute(term.until)
    of(state).offices[term.id] = Office(term.office, term.member, until)
    state.set_deadline(term.id, until, "chapters.term")


def apply_given(state: State, entry: Entry[e.OfficeGiven]) -> None:
    """The office is held until its term ends."""
    give(state, entry.body.term)


def due_term(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a term."""
    return (Draft(e.OfficeEnded(what_id)),)


def apply_ended(state: State, entry: Entry[e.OfficeEnded]) -> None:
    """The office is vacant."""
    of(state).offices.pop(entry.body.office, None)
    state.drop_deadline(entry.body.office)


KINDS: Final = (
    Kind(e.OfficeGiven, apply_given, world=True),
    Kind(e.OfficeEnded, apply_ended, world=True),
)
DUE: Final = {"chapters.term": due_term}
