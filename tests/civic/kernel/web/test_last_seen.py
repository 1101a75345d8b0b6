"""The day on which a browser last saw the start page."""

from datetime import date, timedelta
from typing import Any, cast

import pytest

from civic.kernel.web.last_seen import FURTHEST, USUAL, last_seen
from civic.kernel.web.pages import Pages, Site

TODAY = date(2026, 3, 20)


class Browser:
    """A request, as far as it matters: its cookies, and what keeps them."""

    def __init__(self, value: str | None) -> None:
        pages = Pages(Site(), b"k" * 32)
        self.cookies = {} if value is None else {"seen": value}
        self.app = type("App", (), {"state": {"pages": pages}})()


def seen(value: str | None, today: date = TODAY) -> tuple[date, bool, str | None]:
    found = last_seen(cast("Any", Browser(value)), today)
    return found.day, found.known, found.cookie.value if found.cookie else None


def test_a_browser_that_says_nothing_is_told_of_a_week() -> None:
    assert seen(None) == (TODAY - timedelta(days=USUAL), False, ".2026-03-20")


def test_the_next_day_tells_since_the_last() -> None:
    assert seen(".2026-03-14") == (date(2026, 3, 14), True, "2026-03-14.2026-03-20")


def test_within_a_day_it_tells_the_same_and_keeps_nothing_new() -> None:
    assert seen("2026-03-14.2026-03-20") == (date(2026, 3, 14), True, None)
    assert seen(".2026-03-20") == (TODAY - timedelta(days=USUAL), False, None)


def test_who_was_long_away_is_told_of_a_month() -> None:
    day, known, _cookie = seen("2025-01-01.2025-02-01")
    assert (day, known) == (TODAY - timedelta(days=FURTHEST), False)


@pytest.mark.parametrize(
    "value",
    ["", ".", "yesterday.today", "2026-03-25.2026-03-26", "2026-99-01.", "20260314.", "x" * 99],
)
def test_what_no_day_is_says_nothing(value: str) -> None:
    assert seen(value) == (TODAY - timedelta(days=USUAL), False, ".2026-03-20")
