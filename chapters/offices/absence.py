"""A lead who disappears: since when one is missed, and who steps in (pure).

A lead is missed from the moment at which somebody begins to wait for one (an applicant, a
suspension asked for by another office, or the chapter itself because the office is vacant) until a
lead acts in office or the office is given. Missed for `lead_absence`, the rules give the office to
somebody who holds another one, until a vote appoints a lead.
"""

from collections.abc import Callable
from typing import Any, Final

from chapters.state import NAME, ChaptersState, Office, of
from civic.kernel.record.entry import As, Entry
from civic.kernel.record.entry import minute as minute_of
from civic.kernel.record.rules import State

MISSED: Final = "chapters.lead"
"""The transition; its deadline is that of the node's id."""

_OFFICE: Final = As.OFFICE


def leads(chapter: ChaptersState) -> set[str]:
    """Return the members who hold the office of a lead, acting ones among them."""
    return {office.member for office in chapter.offices.values() if office.role == "lead"}


def stand_in(chapter: ChaptersState) -> Office | None:
    """Return the office whose holder steps in for a lead, or None where there is nobody.

    That is the facilitator, else the verifier, who has held the office longest and is no lead.
    """
    known = leads(chapter)
    candidates = [
        (office.role != "facilitator", office.since, office_id, office)
        for office_id, office in chapter.offices.items()
        if office.role in ("facilitator", "verifier") and office.member not in known
    ]
    return min(candidates, key=lambda one: one[:3])[3] if candidates else None


def waits(chapter: ChaptersState) -> bool:
    """Tell whether somebody waits for a lead, or there is none."""
    asked = any(
        not one.begun and one.asked_as != "lead" for one in chapter.standing.suspensions.values()
    )
    return asked or chapter.applicants > 0 or not leads(chapter)


def watch(state: State, moment: int) -> None:
    """Set when somebody steps in for a lead who is missed, as things stand at a minute.

    Called when offices or the bylaws change, and whenever a lead begins or ceases to be missed.
    """
    chapter = of(state)
    if chapter.missed_since is None or stand_in(chapter) is None:
        state.drop_deadline(state.record.node)
        return
    # After the moment, not at it: one deadline of an id is one key in the record, and the last
    # may have been at this very minute.
    due = max(chapter.missed_since + chapter.bylaws.lead_absence, moment + 1)
    before = state.record.deadlines.get(state.record.node)
    if before is None or not before.extended or before.minute < due:
        state.set_deadline(state.record.node, due, MISSED, people=True)


def waiting(state: State, moment: int) -> None:
    """Note that something waits for a lead from a minute on."""
    chapter = of(state)
    if chapter.missed_since is None:
        chapter.missed_since = moment
    watch(state, moment)


def attended(state: State, moment: int) -> None:
    """Note that a lead acted, or that the office was given, at a minute."""
    chapter = of(state)
    chapter.missed_since = moment if waits(chapter) else None
    watch(state, moment)


def in_office(
    apply: Callable[[State, Entry[Any]], None],
) -> Callable[[State, Entry[Any]], None]:
    """Return `apply` of a kind that offices make, such that it also notes that a lead acted."""

    def applied(state: State, entry: Entry[Any]) -> None:
        apply(state, entry)
        if entry.by.as_ is _OFFICE:
            chapter: ChaptersState = state.parts[NAME]
            office = chapter.offices.get(entry.by.id)
            if office is not None and office.role == "lead":
                attended(state, minute_of(entry.at))

    return applied
