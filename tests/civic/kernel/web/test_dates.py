from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.dates import (
    day_in_words,
    moment,
    moment_of_minute,
    month_in_words,
    relative,
)
from civic.kernel.web.language import Reader, come_to, reader, reading_as

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def test_a_moment_says_all() -> None:
    at = datetime(2026, 11, 24, 19, 0, tzinfo=timezone(timedelta(hours=1)))
    shown = moment(at, NOW)
    assert shown.machine == "2026-11-24T18:00Z"
    assert shown.text == "Tue 24 Nov 2026, 18:00 UTC"
    assert shown.day == "Tue 24 Nov 2026"
    assert shown.relative == "in 3 days"
    assert not shown.past


@pytest.mark.parametrize(
    ("distance", "words"),
    [
        (timedelta(seconds=30), "now"),
        (timedelta(seconds=-59), "now"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=119), "in 119 minutes"),
        (timedelta(minutes=120), "in 2 hours"),
        (timedelta(hours=47, minutes=59), "in 47 hours"),
        (timedelta(days=2), "in 2 days"),
        (timedelta(days=-3, hours=-20), "3 days ago"),
        (timedelta(days=59), "in 59 days"),
        (timedelta(days=61), "in 2 months"),
        (timedelta(days=-800), "2 years ago"),
    ],
)
def test_relative_words(distance: timedelta, words: str) -> None:
    assert relative(distance) == words


@given(st.integers(min_value=1, max_value=10**9))
def test_no_more_time_is_promised_than_there_is(seconds: int) -> None:
    """Rounding goes towards now in both directions alike."""
    ahead = relative(timedelta(seconds=seconds)).removeprefix("in ")
    behind = relative(timedelta(seconds=-seconds)).removesuffix(" ago")
    assert ahead == behind


def test_minutes_of_the_rules() -> None:
    now = int(NOW.timestamp()) // 60
    assert moment_of_minute(now + 90, now).relative == "in 90 minutes"
    assert moment_of_minute(now + 90, now).machine == "2026-11-21T11:00Z"
    assert moment_of_minute(now, now).past


@pytest.mark.parametrize(
    ("zone", "place", "there"),
    [
        ("UTC", "UTC", ""),
        ("Europe/Berlin", "UTC", ""),
        ("Europe/Vilnius", "Europe/Vilnius", ""),
        # Another place whose clock shows the same.
        ("Europe/Kyiv", "Europe/Vilnius", ""),
        ("Europe/Berlin", "Europe/Vilnius", "Vilnius: 20:00 UTC+2"),
        ("Europe/Berlin", "Asia/Tokyo", "Tokyo: Wed 25 Nov 2026, 03:00 UTC+9"),
        # A zone that this machine has never heard of.
        ("Europe/Berlin", "Europe/Nowhere", ""),
    ],
)
def test_the_clock_of_the_chapter_stands_beside_the_readers(
    zone: str, place: str, there: str
) -> None:
    with reading_as(Reader("en", zone)):
        come_to(place)
        shown = moment(datetime(2026, 11, 24, 18, 0, tzinfo=UTC), NOW)
    assert shown.there == there
    assert shown.full == (f"{shown.text} ({there})" if there else shown.text)


def test_where_a_reader_came_to_ends_with_the_request() -> None:
    before = reader()
    with reading_as(Reader("de", "Europe/Berlin")):
        come_to("Europe/Vilnius")
        assert reader().place == "Europe/Vilnius"
    assert reader() == before


def test_days_and_months_are_words() -> None:
    assert day_in_words("2026-11-24") == day_in_words(date(2026, 11, 24)) == "Tue 24 Nov 2026"
    assert month_in_words("2026-01") == "Jan 2026"


@pytest.mark.parametrize("place", ["UTC", "Europe/Vilnius", "America/New_York"])
def test_a_minute_of_the_rules_is_told_as_its_moment_is(place: str) -> None:
    now = 29_700_000
    for language, zone in (("en", "UTC"), ("be", "Europe/Minsk"), ("de", "Asia/Kathmandu")):
        with reading_as(Reader(language, zone, place)):
            for minute in (
                now,
                now - 1,
                now + 1,
                now - 70,
                now + 5_000,
                now - 900_000,
                now + 10**6,
            ):
                at, then = (datetime.fromtimestamp(one * 60, UTC) for one in (minute, now))
                assert moment_of_minute(minute, now) == moment(at, then)
