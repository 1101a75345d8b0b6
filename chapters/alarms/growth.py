"""Unusual growth: more new members within a month than a chapter of this size can know (pure).

For human eyes only: a reason to look at how people came in, never a reason to keep anybody out.
"""

from typing import Final, NamedTuple

from chapters.bylaws import DAY
from chapters.state import ChaptersState

MONTH: Final = 30 * DAY
LEAST: Final = 30
"""So many new members within a month are never unusual."""
SHARE: Final = 10
"""A tenth of those who were members before is never unusual either."""


class Growth(NamedTuple):
    """How many joined within the last month, and how many more than that would be unusual."""

    joined: int
    usual: int

    @property
    def alarming(self) -> bool:
        """Whether somebody should look at how these people came in."""
        return self.joined > self.usual


def growth(joined: int, members: int) -> Growth:
    """Return the growth of a chapter of so many members, of whom some joined within a month."""
    return Growth(joined, max(LEAST, (members - joined) // SHARE))


def growth_of(state: ChaptersState, now: int) -> Growth:
    """Return the growth of a chapter as the rules know it at a minute; founders never count."""
    joined = sum(
        1 for member in state.members.values() if member.number and member.since > now - MONTH
    )
    return growth(joined, state.active + state.suspended)
