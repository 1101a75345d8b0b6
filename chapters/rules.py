"""The chapters domain's rules: all kinds put together, and changes of bylaws (pure)."""

from collections.abc import Container
from typing import Any, Final

from chapters import admission, founding, names, stewards
from chapters import entries as e
from chapters.assurance.state import may_vouch
from chapters.bylaws import Change, changed, stale_field, unfit_field
from chapters.keys import disowning
from chapters.keys import rules as key_rules
from chapters.offices import terms
from chapters.offices.absence import watch
from chapters.participation import TOOK_PART
from chapters.standing import expulsion, suspensions
from chapters.state import NAME, ChaptersState, of
from civic.kernel.record.entry import Entry, minute
from civic.kernel.record.rules import Draft, Kind, Part, State, set_tick


def nothing(state: State, entry: Entry[Any]) -> None:
    """The entry says something to people and changes nothing in the rules."""


def apply_bylaws(state: State, entry: Entry[e.BylawsChanged]) -> None:
    """New bylaws are in force; a new tick from the next full hour."""
    chapter = of(state)
    bylaws = changed(chapter.bylaws, entry.body.changes)
    chapter.versions.append(bylaws)
    state.record.grace = bylaws.outage_grace
    moment = minute(entry.body.on)
    set_tick(state.record, moment, bylaws.tick)
    watch(state, moment)


def unfit_here(state: State, changes: tuple[Change, ...]) -> str | None:
    """Return a field that the bylaws in force could not get as things stand, or None.

    As `unfit_field`, and more vouches than there are members who could give them: nobody could be
    vouched for any more.
    """
    chapter = of(state)
    unfit = unfit_field(chapter.bylaws, changes)
    if unfit is not None:
        return unfit
    vouches = changed(chapter.bylaws, changes).vouches
    if vouches > chapter.bylaws.vouches:
        could = sum(may_vouch(chapter, one) for one in chapter.members)
        return "vouches" if vouches > could else None
    return None


def bylaws_effect(state: State, decision: str, on: str, changes: tuple[Change, ...]) -> Draft:
    """Return what a decided change of bylaws leads to: the change, or the reason it cannot be."""
    stale = stale_field(of(state).bylaws, changes) or unfit_here(state, changes)
    if stale is not None:
        return Draft(e.BylawsKept(decision, on, stale))
    return Draft(e.BylawsChanged(decision, on, changes))


def ids(state: State) -> tuple[Container[str], ...]:
    """Return what holds the ids of members, offices and suspensions."""
    chapter = of(state)
    return (
        chapter.members,
        chapter.offices,
        chapter.standing.suspensions,
        chapter.key_changes,
    )


PART: Final = Part(
    NAME,
    ChaptersState,
    (
        *founding.KINDS,
        *admission.KINDS,
        *names.KINDS,
        TOOK_PART,
        Kind(e.BylawsChanged, apply_bylaws, world=True),
        Kind(e.BylawsKept, nothing, world=True),
        *terms.KINDS,
        *suspensions.KINDS,
        *expulsion.KINDS,
        *key_rules.KINDS,
        disowning.KIND,
        stewards.KIND,
    ),
    ids=ids,
    due={**founding.DUE, **admission.DUE, **terms.DUE, **suspensions.DUE, **key_rules.DUE},
    follow=terms.FOLLOW,
)
