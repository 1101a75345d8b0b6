"""When people of the demonstration act: a few moments a day, and what waits for each of them."""

from bisect import bisect_left
from collections.abc import Awaitable, Callable
from functools import partial
from math import inf
from random import Random
from typing import Final, TypeVarTuple

from chapters.bylaws import DAY
from civic.kernel.record.rules import FIRST_TICK

Deed = Callable[[], Awaitable[None]]
Ts = TypeVarTuple("Ts")

_HOURS: Final = (7, 12, 19)
"""Hours (UTC) around which people look at their chapter: on the way, at noon, in the evening."""


def moments(start: int, present: int, random: Random) -> list[int]:
    """Draw the moments from `start` to the present (minutes); those of a day lie on ticks.

    People act at few moments, so that the book records those of a moment together: that is what
    makes two and a half months pass in seconds.
    """
    drawn = {
        day + hour * 60 + FIRST_TICK * random.randrange(9)
        for day in range(start - start % DAY, present, DAY)
        for hour in _HOURS
    }
    last = present - present % FIRST_TICK
    return sorted({start, last, *(one for one in drawn if start < one < last)})


class Agenda:
    """The deeds of one chapter's people that are still to come."""

    def __init__(self, moments: list[int]) -> None:
        self._moments = moments
        self._waiting: list[list[Deed]] = [[] for _ in moments]
        self._passed = 0

    def at(
        self,
        minute: float,
        deed: Callable[[*Ts], Awaitable[None]],
        *what: *Ts,
        before: float = inf,
    ) -> None:
        """Let a deed happen at the first moment from a minute on, at the last one `before` another.

        What would come after the last moment of all never happens.
        """
        index = bisect_left(self._moments, minute)
        if before <= self._moments[-1]:
            index = min(index, bisect_left(self._moments, before) - 1)
        index = max(index, self._passed)
        if index < len(self._moments):
            self._waiting[index].append(partial(deed, *what))

    def take(self, index: int) -> list[Deed]:
        """Return what waits for a moment; what is planned from now on comes after it."""
        self._passed = index + 1
        deeds, self._waiting[index] = self._waiting[index], []
        return deeds

    def postpone(self, index: int) -> None:
        """Let what waits for a moment happen at the next one."""
        deeds = self.take(index)
        if self._passed < len(self._moments):
            self._waiting[self._passed][:0] = deeds
