"""Stories: what the people of the demonstration's chapters say and do, as data (stories/*.toml)."""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Final, Literal

import msgspec

from chapters.bylaws import Change
from chapters.entries import Role
from deliberation.entries import Again, Result

SLUGS: Final = ("vilnius", "warsaw", "berlin")
"""The chapters in the order in which they are shown; the file of each has its name."""

Days = float
"""Days before the present are negative, days after something positive."""
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class Comment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A comment and the replies to it. `reactions` are how many agree, disagree and pass.

    `erased` tells that its author has it erased; `moderated` is the reason for which an office
    hides it, `appeal` what the author says against that, and `upheld` whether two others keep it
    hidden. `by` is the author of the proposal, or somebody. `after` is when it is said, in days
    after the discussion opened; without it, at some time during the discussion.
    """

    text: str
    after: Days | None = None
    by: Literal["author", "somebody"] = "somebody"
    reactions: tuple[int, int, int] = (0, 0, 0)
    replies: tuple["Comment", ...] = ()
    erased: bool = False
    moderated: str | None = None
    appeal: str | None = None
    upheld: bool = False


class Argument(Comment, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An argument for or against."""

    side: Literal["pro", "con"]


class Task(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A task. Days are counted from the decision: when it is set, when due and when done."""

    text: str
    set: Days
    until: Days
    done: Days | None = None


class Card(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An outcome card, `after` days after the proposal was over."""

    after: Days
    result: Result
    again: Again
    expected: str
    happened: str


class Appointed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The office that a decision gives, for so many days, to the member of this number (from 0)."""

    office: Role
    member: int
    days: int


class Measured(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The office of a member (by number, from 0) that a decision ends before its time."""

    remove: Role
    member: int


class Suspended(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A member whom the lead and the second verifier suspend for some days, and why.

    `appeal` is what the member says, `after` so many days. They do nothing else in the story.
    """

    member: int
    begins: Days
    days: int
    reason: str
    appeal: str
    after: Days


class Resigned(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who holds the office lays it down, so many days before the present (negative)."""

    office: Role
    at: Days


class Revision(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A new text by the author, so many days after the discussion opened, and why."""

    after: Days
    text: str
    reason: str = ""


class InLanguage(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proposal's words in a further language."""

    lang: str
    title: str
    text: str
    options: tuple[str, ...] = ()


class Proposal(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A proposal and its life.

    `begins` is when it is proposed (days from the present, negative); `ends` what becomes of it
    until the present. `supports` limits how many support it (by default: enough). `votes` are
    (yes, no, abstain); `ballots` are for options: how many vote, then which options they approve.
    `named` tells that the author stands by it with their name; `outage` that the node is down when
    its vote should close.
    """

    slug: str
    begins: Days
    ends: Literal[
        "support",
        "discussion",
        "notice",
        "vote",
        "accepted",
        "rejected",
        "no_quorum",
        "returned",
        "lapsed",
        "withdrawn",
    ]
    title: str
    text: str
    author: int | None = None
    supports: int | None = None
    options: tuple[str, ...] = ()
    votes: tuple[int, int, int] = (0, 0, 0)
    ballots: tuple[tuple[int, ...], ...] = ()
    changes: tuple[Change, ...] = ()
    appointment: Appointed | None = None
    measure: Measured | None = None
    named: bool = False
    outage: bool = False
    withdrawn: Days | None = None
    revision: Revision | None = None
    arguments: tuple[Argument, ...] = ()
    comments: tuple[Comment, ...] = ()
    tasks: tuple[Task, ...] = ()
    card: Card | None = None
    also: tuple[InLanguage, ...] = ()

    def answers(self) -> list[int]:
        """Return the value of each vote that is cast."""
        if not self.options:
            return [
                value for value, n in zip((1, -1, 0), self.votes, strict=True) for _ in range(n)
            ]
        return [
            sum(1 << option for option in approved)
            for count, *approved in self.ballots
            for _ in range(count)
        ]


class Story(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A chapter: its name, bylaws, people, and what they propose.

    `members` is how many there are in the end; `invited` the share of those who came by
    invitation (others apply and are admitted), `keyed` how many sign with keys of their own,
    `applicants` how many wait to be admitted, `left` how many have left. `support_days` is how long
    it takes until a proposal has enough support. `founders` found it; with `ladder` the others
    are vouched for and verified.
    """

    slug: str
    name: str
    lang: str
    template: str
    bylaws: dict[str, Any]
    members: int
    invited: Share
    keyed: int
    applicants: int
    left: int
    support_days: Days
    proposals: tuple[Proposal, ...]
    founders: int = 3
    ladder: bool = False
    suspended: tuple[Suspended, ...] = ()
    resigned: tuple[Resigned, ...] = ()


def stories() -> tuple[Story, ...]:
    """Read the stories of all chapters."""
    return tuple(read(slug) for slug in SLUGS)


def read(slug: str) -> Story:
    """Read the story of one chapter."""
    text = (files("civic.demo") / "stories" / f"{slug}.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), Story)


class Papers(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody has in hand when verifiers meet them; nothing on a node takes any of it."""

    name: str
    document: str
    personal_number: str
    email: str
    phone: str


@cache
def papers() -> tuple[Papers, ...]:
    """Return what people of the demonstration could show; nobody types it anywhere."""
    text = (files("civic.demo") / "stories" / "papers.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text)["person"], tuple[Papers, ...])


def names() -> tuple[str, ...]:
    """Return given names, as they are used in Belarus and spelled by those who bear them."""
    text = (files("civic.demo") / "stories" / "names.txt").read_text(encoding="utf-8")
    return tuple(text.split())
