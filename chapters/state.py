"""What the rules know of a chapter: bylaws, members, offices, and who took part in which matter."""

from bisect import bisect_right
from itertools import islice
from typing import Final, Literal

import msgspec

from chapters.bylaws import CHARTER, TEMPLATES, Bylaws
from chapters.entries import Role
from chapters.standing.state import Standing
from civic.kernel.record.rules import State

NAME: Final = "chapters"


def _replaced(former: tuple[int, str | None]) -> int:
    return former[0]


class Member(msgspec.Struct, gc=False):
    """A member as the rules know them. `number` counts admissions, from 1; 0 for no member yet.

    `since` is the minute of admission, 0 for founders, who wait for no vote.

    `former_keys` are those that `key` replaced, oldest first, each with the index of the entry that
    did; None where there are none. `full` is the level without what was seen by video alone;
    `levels` are all levels that ever held, oldest first, with the index of the entry that brought
    each.
    """

    state: Literal["applied", "active", "suspended", "left", "expelled", "imported"]
    number: int = 0
    level: int = 0
    key: str | None = None
    name: str | None = None
    full: int = 0
    levels: tuple[tuple[int, int], ...] = ()
    since: int = 0
    former_keys: list[tuple[int, str | None]] | None = None

    def key_at(self, index: int) -> str | None:
        """Return the key that was the member's when an entry was made, -1 for the present one."""
        if index < 0 or self.former_keys is None:
            return self.key
        place = bisect_right(self.former_keys, index, key=_replaced)
        return self.former_keys[place][1] if place < len(self.former_keys) else self.key

    def keys_until(self, index: int) -> list[str]:
        """Return all keys that were the member's up to an entry, -1 for all."""
        former = self.former_keys or ()
        known = [key for replaced, key in former if index < 0 or replaced <= index]
        return [key for key in (*known, self.key_at(index)) if key is not None]


class KeyChange(msgspec.Struct, gc=False, frozen=True):
    """A new key for a member, as two verifiers announced it."""

    member: str
    key: str


class Office(msgspec.Struct, gc=False, frozen=True):
    """An office in force; `since` and `until` in minutes. `acting`: by rule, not by a decision."""

    role: Role
    member: str
    until: int
    since: int = 0
    acting: bool = False


class Successor(msgspec.Struct, gc=False, frozen=True):
    """Who takes over when an office ends, for `term` minutes from `begins`, once it has ended."""

    decision: str
    role: Role
    member: str
    term: int
    begins: int = 0


class Participation(msgspec.Struct):
    """Who took part in a matter: ids seen, and how many papers tie them to members.

    `base` is the number of present members when the matter began less the admissions so far, so
    that `base + admitted` bounds the members who may have taken part. For a matter that was
    imported, `open` is False: nobody takes part and imported rows have no ties. `announced` is the
    index of the entry by which the last vote on it was announced, -1 before. `counts` are those of
    the last signed value of each row that signed, by subject, as long as values have an effect.
    """

    base: int
    open: bool = True
    announced: int = -1
    voices: set[str] = set()
    rows: set[str] = set()
    voices_tied: int = 0
    rows_tied: int = 0
    counts: dict[str, dict[str, int]] = {}


class ChaptersState(msgspec.Struct):
    """The chapters domain's part of the state.

    `versions` are all bylaws that were ever in force, oldest first; `admitted` counts admissions,
    `active` members who can act, `suspended` those who cannot for a time, `applicants` who waits to
    be admitted, `imported` people of imported conversations. `successors` are by the office that is
    to end, `key_changes` wait by id. `handed` has, by member, the last change of key by verifiers
    that took effect; `turned` counts whatever happened with members' keys. `missed_since` is the
    minute since which a lead is missed
    (chapters/offices/absence.py).
    """

    stage: Literal["unfounded", "forming", "active", "dissolved"] = "unfounded"
    template: str = ""
    founder: str = ""
    versions: list[Bylaws] = msgspec.field(default_factory=lambda: [TEMPLATES["town"]])
    members: dict[str, Member] = {}
    admitted: int = 0
    active: int = 0
    suspended: int = 0
    applicants: int = 0
    imported: int = 0
    confirmed: dict[str, set[str]] = {}
    founders: tuple[str, ...] = ()
    offices: dict[str, Office] = {}
    successors: dict[str, Successor] = {}
    missed_since: int | None = None
    standing: Standing = msgspec.field(default_factory=Standing)
    stewards: tuple[str, ...] = ()
    stewards_needed: int = 0
    stewards_number: int = 0
    matters: dict[str, Participation] = {}
    key_changes: dict[str, KeyChange] = {}
    handed: dict[str, str] = {}
    turned: int = 0

    @property
    def bylaws(self) -> Bylaws:
        """The bylaws in force."""
        return self.versions[-1]


def of(state: State) -> ChaptersState:
    """Return the chapters domain's part of a state.

    What runs for nearly every entry of a record writes `state.parts[NAME]` itself: a call costs
    more than the look-up.
    """
    part: ChaptersState = state.parts[NAME]
    return part


_LAST: Final = 2**53


def holds(state: ChaptersState, office_id: str, *roles: Role) -> bool:
    """Tell whether an office in force is one of the given roles."""
    office = state.offices.get(office_id)
    return office is not None and office.role in roles


def level_before(member: Member, index: int) -> int:
    """Return the level that a member had when an entry of the record was made."""
    for since, level in reversed(member.levels):
        if since < index:
            return level
    return 0


def asked(state: ChaptersState, level: int, joined_by: int = _LAST, *, full: bool = False) -> int:
    """Return the level that is really asked where the bylaws ask for one.

    It is the highest, not above theirs, that at least three present members have who joined by a
    minute (`full`: not by video alone), and 0 where there is none: levels expire, and a chapter in
    which nobody renewed them in time must still be able to decide who verifies.
    """
    for lower in range(level, 0, -1):
        having = (
            member
            for member in state.members.values()
            if member.state == "active"
            and (member.full if full else member.level) >= lower
            and member.since <= joined_by
        )
        if sum(1 for _ in islice(having, CHARTER.founders_least)) == CHARTER.founders_least:
            return lower
    return 0


def eligible(state: ChaptersState, level: int, joined_by: int) -> list[str]:
    """Return the sorted ids of the members who may vote.

    They are present, have at least a level of assurance and joined by a minute.
    """
    return sorted(
        member_id
        for member_id, member in state.members.items()
        if member.state == "active" and member.level >= level and member.since <= joined_by
    )
