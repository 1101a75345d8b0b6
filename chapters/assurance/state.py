"""What the rules know of assurance: on what each level rests, until when, and what is disputed."""

from typing import Final, Literal

import msgspec

from chapters.state import ChaptersState, Member
from civic.kernel.record.rules import State

NAME: Final = "assurance"

VOUCHED: Final = 1
"""The level of a member for whom others vouched who had met them."""
SEEN: Final = 2
"""The level of a member whom two verifiers saw, or who met all other founders."""

Way = Literal["founding", "document", "video"]


class Vouched(msgspec.Struct, frozen=True, gc=False):
    """Vouches that hold until a minute; `review` says that they have to be given anew by then."""

    id: str
    until: int
    count: int
    review: bool = False


class Seen(msgspec.Struct, frozen=True, gc=False):
    """Seen until a minute; `appointed` says by verifiers whom a vote gave their office."""

    id: str
    until: int
    way: Way
    appointed: bool = False


class Standing(msgspec.Struct, gc=False):
    """On what a member's level rests."""

    vouched: Vouched | None = None
    seen: Seen | None = None


class Case(msgspec.Struct, frozen=True):
    """A request to be verified that waits: when it was opened, by which entry, who could answer.

    `verifiers` are the sorted ids of the members in that office then, among whom the lot is drawn.
    """

    opened: int
    key: str
    verifiers: tuple[str, ...]


class Challenge(msgspec.Struct):
    """A level in dispute. `open`: two verifiers are to decide; `upheld`: the level ends unless the
    member appeals in time; `appealed`: two others are to decide; `lost`: the level has ended, and
    what the same people vouched for is not reviewed yet. `vouched` and `seen` are the ids of the
    terms that the level rested on: when it was challenged, or later ones when it ended; `checked`
    says that the latter is what two verifiers saw. `verifiers` are those who could decide first,
    sorted; `heard` says that two others could hear an appeal when its time last began to run.
    """

    member: str
    stage: Literal["open", "upheld", "appealed", "lost"] = "open"
    vouched: str = ""
    seen: str = ""
    checked: bool = False
    verifiers: tuple[str, ...] = ()
    heard: bool = True


class AssuranceState(msgspec.Struct):
    """Assurance as the rules know it.

    `terms` maps the ids of what levels rest on to their members. `given` are the vouches recorded
    so far, as (minute, sum of all until then), `confirmed` those of verifiers alike; `vouchers`
    counts the members whose level lets them vouch, `ceased` are the minutes at which others lost
    it; `verifiers` maps members to the minute when they were last known in that office.
    `first_offices` are the offices that founders gave each other, `founders_verified` those
    founders whom verifiers have seen whom a vote gave their office. `waiting` are the cases by the
    minute of their opening, closed ones too until they would have lapsed; `disputed` maps members
    to the challenge of them that is not over.
    """

    standing: dict[str, Standing] = {}
    terms: dict[str, str] = {}
    cases: dict[str, Case] = {}
    waiting: list[tuple[int, str]] = []
    challenges: dict[str, Challenge] = {}
    disputed: dict[str, str] = {}
    given: list[tuple[int, int]] = []
    confirmed: list[tuple[int, int]] = []
    vouchers: int = 0
    ceased: list[int] = []
    verifiers: dict[str, int] = {}
    first_offices: set[str] = set()
    founders_verified: set[str] = set()


def of(state: State) -> AssuranceState:
    """Return the part of a state that is about assurance."""
    part: AssuranceState = state.parts[NAME]
    return part


def full_level(member: Member) -> int:
    """Return the level that counts for vouching and for offices: video alone adds nothing to it."""
    return member.full


def may_vouch(chapter: ChaptersState, member_id: str) -> bool:
    """Tell whether somebody is a present member whose level lets them vouch."""
    member = chapter.members.get(member_id)
    return member is not None and member.state == "active" and full_level(member) >= SEEN


def verifiers_of(chapter: ChaptersState) -> tuple[str, ...]:
    """Return the sorted ids of the present members who hold the office of a verifier."""
    return tuple(
        sorted(
            {
                office.member
                for office in chapter.offices.values()
                if office.role == "verifier" and chapter.members[office.member].state == "active"
            }
        )
    )
