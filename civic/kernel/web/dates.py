"""Moments as people read them: a relative word, the full date, and the form for machines.

Names of days, units and their order are those of the reader's language in Unicode's CLDR; the clock
is that of the reader's time zone, which is named beside it.
"""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final

import msgspec
from babel.dates import format_date, format_timedelta, get_timezone_location

from civic.kernel.web.language import _, locale_of, reader, zone_of

_OWN_PATTERNS: Final = {"en": {"yMMMEd": "EEE d MMM y"}}
"""Where a language's own pattern has more commas than a line needs."""
_EXACT: Final = 10**9
"""A threshold no number reaches: the unit named is the one used."""


class Moment(msgspec.Struct, frozen=True):
    """A moment ready to be shown."""

    machine: str
    """For the `datetime` attribute: `2026-11-24T18:00Z`."""
    text: str
    """`Tue 24 Nov 2026, 18:00 UTC`."""
    day: str
    """`Tue 24 Nov 2026`, by the same clock."""
    relative: str
    """`in 3 days`, `2 hours ago`, `now`."""
    past: bool
    there: str = ""
    """`Vilnius: 20:00 UTC+2`, by the clock of the chapter at hand; empty where that is the same."""

    @property
    def full(self) -> str:
        """The date in full by both clocks."""
        return f"{self.text} ({self.there})" if self.there else self.text


def moment(at: datetime, now: datetime) -> Moment:
    """Prepare an aware datetime for a page that is read at `now`."""
    at = at.astimezone(UTC)
    return Moment(
        machine=at.strftime("%Y-%m-%dT%H:%MZ"),
        text=full_date(at),
        day=day_in_words(at.astimezone(zone_of(reader().zone)).date()),
        relative=relative(at - now),
        past=at <= now,
        there=beside(at),
    )


def moment_of_minute(minute: int, now: int, place: str = "") -> Moment:
    """Prepare a time of the rules, in minutes since 1970-01-01T00:00Z, read at minute `now`.

    `place` is the time zone of its chapter, where that is not the one that the page is about.
    """
    who = reader()
    machine, text, day, there = _standing(minute, who.language, who.zone, place or who.place)
    return Moment(machine, text, day, _away(minute - now), minute <= now, there)


@lru_cache(8192)
def _standing(minute: int, language: str, zone: str, place: str) -> tuple[str, str, str, str]:
    """Return what of a moment stays the same however much time passes."""
    at = datetime.fromtimestamp(minute * 60, UTC)
    return (
        at.strftime("%Y-%m-%dT%H:%MZ"),
        _full(minute, language, zone),
        _written(at.astimezone(zone_of(zone)).date(), "yMMMEd", language),
        "" if place in ("UTC", zone) else _beside(minute, language, zone, place),
    )


def full_date(at: datetime, zone: str | None = None) -> str:
    """Return a moment in full, such as `Tue 24 Nov 2026, 18:00 UTC`.

    `zone` names a time zone; without it the reader's is taken.
    """
    who = reader()
    return _full(int(at.timestamp()) // 60, who.language, zone or who.zone)


def beside(at: datetime) -> str:
    """Return a moment by the clock of the chapter at hand, such as `Vilnius: 20:00 UTC+2`.

    Empty where that clock shows the same, or nobody here knows it; with the day where that differs.
    """
    who = reader()
    if who.place in ("UTC", who.zone):
        return ""
    return _beside(int(at.timestamp()) // 60, who.language, who.zone, who.place)


@lru_cache(4096)
def _beside(minute: int, language: str, here: str, there: str) -> str:
    own = datetime.fromtimestamp(minute * 60, zone_of(here))
    at = own.astimezone(zone_of(there))
    if at.utcoffset() == own.utcoffset() or zone_of(there).key != there:
        return ""
    day = "" if at.date() == own.date() else f"{_written(at.date(), 'yMMMEd', language)}, "
    city = get_timezone_location(zone_of(there), locale_of(language), return_city=True)
    return f"{city}: {day}{at:%H:%M} {_zone(at)}"


def full_beside(at: datetime) -> str:
    """Return a moment in full, and beside it by the clock of the chapter at hand."""
    there = beside(at)
    return f"{full_date(at)} ({there})" if there else full_date(at)


@lru_cache(8192)
def _full(minute: int, language: str, zone: str) -> str:
    at = datetime.fromtimestamp(minute * 60, zone_of(zone))
    return f"{_written(at.date(), 'yMMMEd', language)}, {at:%H:%M} {_zone(at)}"


def _zone(at: datetime) -> str:
    # By its distance: abbreviations such as EST mean several zones, and are in English.
    distance = at.utcoffset() or timedelta(0)
    hours, minutes = divmod(abs(int(distance.total_seconds())) // 60, 60)
    if not hours and not minutes:
        return "UTC"
    sign = "+" if distance > timedelta(0) else "\N{MINUS SIGN}"
    return f"UTC{sign}{hours}" + (f":{minutes:02}" if minutes else "")


def day_in_words(day: date | str) -> str:
    """Return a day, or its ISO 8601 form `2026-11-24`, as `Tue 24 Nov 2026`."""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return _written(day, "yMMMEd", reader().language)


def month_in_words(month: str) -> str:
    """Return a month given as `2026-11` as `Nov 2026`."""
    year, number = month.split("-")
    return _written(date(int(year), int(number), 1), "yMMM", reader().language)


@lru_cache(8192)
def _written(day: date, skeleton: str, language: str) -> str:
    locale = locale_of(language)
    own = _OWN_PATTERNS.get(language, {}).get(skeleton)
    return format_date(day, own or locale.datetime_skeletons[skeleton].pattern, locale)


def relative(distance: timedelta) -> str:
    """Say how far away a moment is, rounded towards now.

    Rounding down never promises more time than there is, nor calls a thing older than it is.
    """
    seconds = int(distance.total_seconds())
    return _away(seconds // 60 if seconds > 0 else -(-seconds // 60))


def _away(minutes: int) -> str:
    if minutes == 0:
        return _("now")
    number, unit = _length(abs(minutes))
    return _distance(number if minutes > 0 else -number, unit, reader().language)


def _length(minutes: int) -> tuple[int, str]:
    hours, days = minutes // 60, minutes // (24 * 60)
    if minutes < 120:
        return minutes, "minute"
    if hours < 48:
        return hours, "hour"
    if days < 60:
        return days, "day"
    if days < 730:
        return days // 30, "month"
    return days // 365, "year"


_SECONDS: Final = {
    "minute": 60,
    "hour": 60 * 60,
    "day": 24 * 60 * 60,
    "month": 30 * 24 * 60 * 60,
    "year": 365 * 24 * 60 * 60,
}


@lru_cache(2048)
def _distance(number: int, unit: str, language: str) -> str:
    return format_timedelta(
        timedelta(seconds=number * _SECONDS[unit]),
        granularity=unit,  # type: ignore[arg-type]
        threshold=_EXACT,
        add_direction=True,
        locale=locale_of(language),
    )
