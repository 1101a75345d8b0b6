"""The day on which a browser last saw the start page: kept in that browser alone, as a day.

So the page can tell what has changed since, and the node keeps no list of who looked when. Signing
out and the emergency exit remove it.
"""

from datetime import date, timedelta
from typing import Any, Final, NamedTuple

from litestar import Request
from litestar.datastructures import Cookie

from civic.kernel.web.pages import pages_of

FURTHEST: Final = 30
"""Days back that are told at most."""
USUAL: Final = 7
"""Days back that are told to a browser that says nothing."""
_COOKIE: Final = "seen"
_KEPT_SECONDS: Final = 90 * 24 * 60 * 60


class LastSeen(NamedTuple):
    """Since which day to tell what changed; `known` is whether the reader was here on that day.

    `cookie` is what the browser is to keep from now on, None where nothing changes.
    """

    day: date
    known: bool
    cookie: Cookie | None


def last_seen(request: Request[Any, Any, Any], today: date) -> LastSeen:
    """Return since when to tell a reader what changed.

    That is the day before the present one on which they were here: who comes back within a day
    still reads what was new in the morning. The browser keeps both days.
    """
    earlier, latest = _kept(request.cookies.get(_COOKIE, ""), today)
    if latest != today:
        earlier, latest = latest, today
        cookie = _cookie(request, f"{earlier or ''}.{latest}", _KEPT_SECONDS)
    else:
        cookie = None
    if earlier is None:
        return LastSeen(today - timedelta(days=USUAL), False, cookie)
    oldest = today - timedelta(days=FURTHEST)
    return LastSeen(max(earlier, oldest), earlier >= oldest, cookie)


def forgotten(request: Request[Any, Any, Any]) -> Cookie:
    """Return the cookie that removes the day from a browser."""
    return _cookie(request, "", 0)


def _kept(value: str, today: date) -> tuple[date | None, date | None]:
    earlier, _dot, latest = value.partition(".")
    days = _day(earlier), _day(latest)
    # A clock that was put back, or somebody who wrote it themselves.
    return days if all(one is None or one <= today for one in days) else (None, None)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _cookie(request: Request[Any, Any, Any], value: str, max_age: int) -> Cookie:
    secure = pages_of(request).site.secure
    return Cookie(
        _COOKIE, value=value, max_age=max_age, secure=secure, httponly=True, samesite="lax"
    )
