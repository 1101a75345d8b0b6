"""Offices end with the level that they ask for: what follows where a level ends (pure).

Who gives a level up, or loses it to a challenge, lays down the offices for which it is asked. Where
it merely runs out nothing is asked that fewer than three present members have, and two verifiers
stay whose level holds: a chapter in which nobody renewed in time must still be able to act.
"""

from itertools import islice

from chapters.assurance import entries as e
from chapters.assurance.state import SEEN, VOUCHED, full_level, of
from chapters.bylaws import CHARTER
from chapters.offices.entries import OfficeEnded
from chapters.offices.terms import ends_of
from chapters.state import ChaptersState
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Entry, minute
from civic.kernel.record.rules import Draft, State


def _offices_of(chapter: ChaptersState, member: str) -> bool:
    return any(office.member == member for office in chapter.offices.values())


def _lasting(state: State, member: str, on: int) -> int:
    """Return the full level that a present member still has behind a minute.

    What ends in the same minute as another's is recorded one by one, and ends for all at once.
    """
    chapter, standing = chapter_of(state), of(state).standing.get(member)
    if standing is None or chapter.members[member].state != "active":
        return 0
    deadlines = state.record.deadlines

    def lasts(term: str) -> bool:
        known = deadlines.get(term)
        return known is not None and known.minute > on

    seen = standing.seen
    if seen is not None and seen.way != "video" and lasts(seen.id):
        return SEEN
    return VOUCHED if standing.vouched is not None and lasts(standing.vouched.id) else 0


def _asked(state: State, level: int, on: int) -> int:
    """Return the highest level up to one that at least three present members have for longer."""
    for lower in range(level, 0, -1):
        having = (one for one in of(state).standing if _lasting(state, one, on) >= lower)
        if sum(1 for _ in islice(having, CHARTER.founders_least)) == CHARTER.founders_least:
            return lower
    return 0


def follow_expired(state: State, entry: Entry[e.LevelExpired]) -> tuple[Draft, ...]:
    """End the offices of somebody whose level ran out, as far as the chapter can do without."""
    chapter, member, on = chapter_of(state), entry.body.member, minute(entry.body.on)
    needed, level = chapter.bylaws.level_office, full_level(chapter.members[member])
    if level >= needed or not _offices_of(chapter, member):
        return ()
    needed = _asked(state, needed, on)
    if level >= needed:
        return ()
    verifiers = {
        office.member
        for office in chapter.offices.values()
        if office.role == "verifier" and _lasting(state, office.member, on) >= needed
    }
    kept = "verifier" if len(verifiers - {member}) < CHARTER.verifiers_least else ""
    return tuple(
        Draft(OfficeEnded(office_id, entry.body.on))
        for office_id, office in sorted(chapter.offices.items())
        if office.member == member and office.role != kept
    )


def follow_renounced(state: State, entry: Entry[e.LevelRenounced]) -> tuple[Draft, ...]:
    """End the offices of somebody who gave up their level, where it is asked for."""
    return _all_of(state, entry.by.id, entry.at)


def follow_lost(state: State, entry: Entry[e.LevelLost]) -> tuple[Draft, ...]:
    """End the offices of somebody whose level was not right, where it is asked for."""
    return _all_of(state, entry.body.member, entry.body.on)


def _all_of(state: State, member: str, on: str) -> tuple[Draft, ...]:
    chapter = chapter_of(state)
    return ends_of(chapter, member, on) if chapter.bylaws.level_office > 0 else ()
