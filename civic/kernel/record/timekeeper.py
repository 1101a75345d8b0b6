"""The present of a record: ticks from the clock, and refusal to act on a clock that is wrong."""

from datetime import timedelta
from typing import Final

from civic.kernel.clock import Clock, minute_of
from civic.kernel.record.rules import RecordState, tick_of

BEHIND: Final = 2
"""Minutes by which the clock may be behind the last entry."""
PARTED: Final = 3600.0
"""Seconds by which wall clock and monotonic clock may part in a running process."""


class ClockWrong(Exception):
    """The clock cannot be right; the message says what an operator should do."""


class Timekeeper:
    """Gives the tick at which acts are recorded now."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.confirm()

    def confirm(self) -> None:
        """Take the wall clock as right from here on (an operator has confirmed it)."""
        self._wall = self.clock.now()
        self._monotonic = self.clock.monotonic()

    def minute(self, at: int) -> int:
        """Return the present minute, for a record whose last entry bears the minute `at`.

        Raises `ClockWrong` while the clock is more than two minutes behind the last entry, or has
        parted from the monotonic clock by over an hour since it was confirmed.
        """
        now = self.clock.now()
        passed = timedelta(seconds=self.clock.monotonic() - self._monotonic)
        if abs((now - self._wall - passed).total_seconds()) > PARTED:
            raise ClockWrong(
                "The system clock jumped by more than an hour. Check it, then restart the node."
            )
        minute = minute_of(now)
        if minute + BEHIND < at:
            raise ClockWrong(
                "The system clock is behind the last entry of the record. Set it right; acts are "
                "accepted again once it has caught up."
            )
        return minute

    def tick(self, record: RecordState) -> int:
        """Return the minute of the present tick, never before the last entry.

        Raises `ClockWrong` where `minute` does.
        """
        return max(tick_of(record, self.minute(record.at)), record.at)
