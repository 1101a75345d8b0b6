"""The clock: the only place that reads the time; everything else is given it."""

import time
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """A source of the present."""

    def now(self) -> datetime:
        """Return the present as an aware datetime in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that never go back, from an arbitrary start."""
        ...


class SystemClock:
    """The operating system's clock."""

    def now(self) -> datetime:
        """Return the system's present in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return the system's monotonic clock in seconds."""
        return time.monotonic()


class SetClock:
    """A clock that moves only when told to; for demonstrations and tests."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._monotonic = 0.0

    def now(self) -> datetime:
        """Return the moment the clock was last set to."""
        return self._now

    def monotonic(self) -> float:
        """Return seconds since the clock was made, moved along with it."""
        return self._monotonic

    def advance(self, by: timedelta) -> None:
        """Move the clock forward."""
        self._now += by
        self._monotonic += by.total_seconds()

    def set(self, to: datetime) -> None:
        """Move the clock to a given moment."""
        self.advance(to.astimezone(UTC) - self._now)


def minute_of(moment: datetime) -> int:
    """Return the whole minutes from 1970-01-01T00:00Z to a moment."""
    return int(moment.timestamp()) // 60


def moment_of(minute: int) -> datetime:
    """Return the moment at which a minute (counted from 1970-01-01T00:00Z) starts."""
    return datetime.fromtimestamp(minute * 60, UTC)
