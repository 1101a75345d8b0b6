"""The people of a demonstration's chapter."""

from dataclasses import dataclass
from typing import Any

from civic.deeds.person import Person
from civic.kernel.refusal import Refusal


class StoryBroken(Exception):
    """The rules refused something that the story says."""


def accepted(outcome: Any) -> Any:
    """Return the outcome of a deed that must not be refused; raise `StoryBroken`."""
    if isinstance(outcome, Refusal):
        raise StoryBroken(f"{outcome.code} {outcome.params}")
    return outcome


@dataclass
class Player:
    """Somebody in the story; `person` once they have an id, `since` the minute they came in.

    Who is `quiet` is chosen for nothing that others do.
    """

    number: int
    name: str
    person: Person | None = None
    since: int | None = None
    leaves: bool = False
    quiet: bool = False

    @property
    def who(self) -> Person:
        """The member; only for those who have come in."""
        assert self.person is not None
        return self.person
