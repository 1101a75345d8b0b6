"""What is handed to the book, and what it gives back."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from civic.kernel.database import Writing
from civic.kernel.record.entry import Act, Body, Entry, Proof
from civic.kernel.record.rules import State
from civic.kernel.record.texts import Stated
from civic.kernel.refusal import Refusal


@dataclass(frozen=True)
class NewTie:
    """A paper that ties an id to a member, to be kept with the act that first uses the id."""

    matter: str
    of: str
    id: str
    member: str
    paper: bytes


Check = Callable[[Writing, State, int], Awaitable[Refusal | None]]
Also = Callable[[Writing, int], Awaitable[None]]


@dataclass(frozen=True)
class Submission:
    """An act with what belongs to it.

    `content` are words and evidence by hash, `papers` other restricted papers by hash. `check`
    is asked under the lock before the rules; `also` runs in the same transaction once the act is
    accepted, with the index of its entry. `prepared` is the version of the rules by which form and
    signatures were checked, None if they were not yet.
    """

    act: Act[Any]
    content: Mapping[str, bytes] = field(default_factory=dict)
    tie: NewTie | None = None
    papers: Mapping[str, bytes] = field(default_factory=dict)
    check: Check | None = None
    also: Also | None = None
    prepared: int | None = None

    def prepared_under(self, version: int) -> "Submission":
        """Return the same, its form and signatures checked by a version of the rules."""
        return Submission(
            self.act, self.content, self.tie, self.papers, self.check, self.also, version
        )


@dataclass(frozen=True)
class Receipt:
    """Where an accepted act stands: index and leaf hash of its first entry."""

    index: int
    leaf: bytes
    repeated: bool = False


@dataclass(frozen=True)
class BoxRow:
    """A reaction or pseudonymous vote for a box, with its row id's proof where there is one.

    `count` is that of the signed value, 0 where it is unsigned. `check` is asked under the lock,
    before all else.
    """

    subject: str
    row: str
    value: int
    proof: Proof | None = None
    tie: NewTie | None = None
    count: int = 0
    check: Callable[[State, int], Refusal | None] | None = None


@dataclass(frozen=True)
class Promise:
    """The node's word that a row will be recorded by a tick (minutes), signed by the node key.

    `count` is that of the row's signed value, 0 where it is unsigned.
    """

    subject: str
    row: str
    count: int
    value: int
    tick: int
    signature: bytes


@dataclass(frozen=True)
class BoxPlace:
    """Where a box belongs: the matter, whose deadline empties it, and how it is recorded."""

    matter: str
    deadline: str
    record: Callable[[str, str, int, Sequence[tuple[str, int]], Sequence[Any]], Body]


class Domain(Protocol):
    """What the book needs of the domains above it (put together in civic/shell.py)."""

    def voice(self, act: Act[Any]) -> str | None:
        """Return the voice whose paper `guard` needs to see: the one acting or being named."""

    def guard(self, state: State, act: Act[Any], tie: bytes | None) -> Refusal | None:
        """Check the paper behind an act's voice; `tie` is None if there is none."""

    def texts(self, act: Act[Any]) -> Sequence[Stated]:
        """Return the words an act names, and what the act says of them."""

    def titles(self, act: Act[Any]) -> Sequence[str]:
        """Return the hashes of the titles and names among the words an act names."""

    def guard_row(self, state: State, row: BoxRow, tie: bytes | None) -> Refusal | None:
        """Check the paper behind a row."""

    def box_refusal(self, state: State, row: BoxRow, now: int) -> Refusal | None:
        """Say why a row may not go into its box, or None."""

    def row_count(self, state: State, subject: str, row: str) -> int:
        """Return the count of a row's last signed value about a subject on record, or 0."""

    def count_refusal(self, last: int, row: BoxRow) -> Refusal | None:
        """Say why a row may not follow a value of its own with a count (0: unsigned), or None."""

    def box_place(self, state: State, subject: str) -> BoxPlace | None:
        """Return where the box of a subject belongs, or None if it has none."""

    def ended(self, state: State, matter: str) -> bool:
        """Tell whether a matter is over for ever: nobody speaks, reacts or votes in it any more."""

    def took_part(self, matter: str, of: str, tick: str, hashes: Sequence[str]) -> Body:
        """Return the entry that records ties of a matter."""

    def erased(self, state: State, entry: Entry[Any]) -> Sequence[str]:
        """Return the hashes of the words that an entry erases (state is after the entry)."""

    def hidden(self, entry: Entry[Any]) -> Sequence[str]:
        """Return the hashes of the words that an entry hides."""

    def shown(self, entry: Entry[Any]) -> Sequence[str]:
        """Return the hashes of hidden words that an entry shows again."""

    def visibility(self, state: State) -> str:
        """Return who reads the record: `world` or `chapter`."""

    def turned(self, state: State) -> int:
        """Return how often something happened with a member's key; it never shrinks."""
