"""Weeks of activity, wherever a minute lies in them."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.clock import moment_of
from civic.overview import WEEK, WEEKS, Activity, monday, weeks_until

MINUTES = st.integers(29_000_000, 40_000_000)


@given(MINUTES)
def test_a_week_begins_on_monday_at_midnight(minute: int) -> None:
    start = monday(minute)
    assert 0 <= minute - start < WEEK
    begun = moment_of(start)
    assert (begun.weekday(), begun.hour, begun.minute) == (0, 0, 0)


@given(MINUTES, st.integers(0, 60 * WEEK), st.integers(0, 60 * WEEK))
def test_weeks_end_with_the_present_one_and_keep_what_was_counted(
    read: int, age: int, later: int
) -> None:
    start = monday(read) - (WEEKS - 1) * WEEK
    counts = list(range(1, WEEKS + 1))
    now = read + later
    first, series = weeks_until(Activity(start, counts, counts, counts, counts), read - age, now)
    weeks = series[0]
    assert 8 <= len(weeks) <= WEEKS
    assert first + timedelta(weeks=len(weeks) - 1) == moment_of(monday(now)).date()
    # The number of a week that was counted says when it was.
    for place, number in enumerate(weeks):
        week = moment_of(start + (number - 1) * WEEK).date() if number else None
        assert week is None or week == first + timedelta(weeks=place)
    assert weeks[-1] == (WEEKS if monday(now) == monday(read) else 0)
