"""Moments as people read them: a relative word, the full date in UTC, and the form for machines."""

from datetime import UTC, date, datetime, timedelta
from typing import Final

import msgspec

from civic.kernel.web.language import N_, _, ngettext

_DAYS: Final = (N_("Mon"), N_("Tue"), N_("Wed"), N_("Thu"), N_("Fri"), N_("Sat"), N_("Sun"))
_MONTHS: Final = (
    N_("Jan"), N_("Feb"), N_("Mar"), N_("Apr"), N_("May"), N_("Jun"),
    N_("Jul"), N_("Aug"), N_("Sep"), N_("Oct"), N_("Nov"), N_("Dec"),
)  # fmt: skip


class Moment(msgspec.Struct, frozen=True):
    """A moment ready to be shown."""

    machine: str
    """For the `datetime` attribute: `2026-11-24T18:00Z`."""
    text: str
    """`Tue 24 Nov 2026, 18:00 UTC`."""
    relative: str
    """`in 3 days`, `2 hours ago`, `now`."""
    past: bool


def moment(at: datetime, now: datetime) -> Moment:
    """Prepare an aware datetime for a page that is read at `now`."""
    at = at.astimezone(UTC)
    return Moment(
        machine=at.strftime("%Y-%m-%dT%H:%MZ"),
        text=full_date(at),
        relative=relative(at - now),
        past=at <= now,
    )


def moment_of_minute(minute: int, now: int) -> Moment:
    """Prepare a time of the rules, in minutes since 1970-01-01T00:00Z, read at minute `now`."""
    return moment(datetime.fromtimestamp(minute * 60, UTC), datetime.fromtimestamp(now * 60, UTC))


def full_date(at: datetime) -> str:
    """Return a moment in full, such as `Tue 24 Nov 2026, 18:00 UTC`."""
    at = at.astimezone(UTC)
    day, month = _(_DAYS[at.weekday()]), _(_MONTHS[at.month - 1])
    return f"{day} {at.day} {month} {at.year}, {at:%H:%M} UTC"


def day_in_words(day: date | str) -> str:
    """Return a day, or its ISO 8601 form `2026-11-24`, as `Tue 24 Nov 2026`."""
    if isinstance(day, str):
        day = date.fromisoformat(day)
    return f"{_(_DAYS[day.weekday()])} {day.day} {_(_MONTHS[day.month - 1])} {day.year}"


def month_in_words(month: str) -> str:
    """Return a month given as `2026-11` as `Nov 2026`."""
    year, number = month.split("-")
    return f"{_(_MONTHS[int(number) - 1])} {year}"


def relative(distance: timedelta) -> str:
    """Say how far away a moment is, rounded towards now.

    Rounding down never promises more time than there is, nor calls a thing older than it is.
    """
    minutes = abs(int(distance.total_seconds())) // 60
    if minutes == 0:
        return _("now")
    length = _length(minutes)
    if distance > timedelta(0):
        return _("in %(length)s") % {"length": length}
    return _("%(length)s ago") % {"length": length}


def _length(minutes: int) -> str:
    hours, days = minutes // 60, minutes // (24 * 60)
    if minutes < 120:
        return ngettext("%(n)d minute", "%(n)d minutes", minutes) % {"n": minutes}
    if hours < 48:
        return ngettext("%(n)d hour", "%(n)d hours", hours) % {"n": hours}
    if days < 60:
        return ngettext("%(n)d day", "%(n)d days", days) % {"n": days}
    if days < 730:
        return ngettext("%(n)d month", "%(n)d months", days // 30) % {"n": days // 30}
    return ngettext("%(n)d year", "%(n)d years", days // 365) % {"n": days // 365}
