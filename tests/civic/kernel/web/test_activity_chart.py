"""Weekly activity as strips of columns, and as the table beside them."""

import re
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.activity_chart import HEIGHT, STEP, activity_chart

MONDAY = date(2026, 3, 2)


def test_each_subject_has_a_scale_of_its_own() -> None:
    chart = activity_chart(MONDAY, [("Joined", [0, 2, 1]), ("Votes cast", [0, 400, 0])])
    assert chart is not None
    joined, votes = chart.strips
    assert joined.path == "M8 24v-24h6V24zM16 24v-12h6V24z"
    assert votes.path == "M8 24v-24h6V24z"
    assert joined.text == "Joined: 3, at most 2 in a week"
    assert (joined.total, votes.total) == ("3", "400")
    assert chart.width == 3 * STEP


def test_the_table_lists_weeks_in_which_something_happened_latest_first() -> None:
    chart = activity_chart(MONDAY, [("Joined", [1, 0, 0]), ("Decided", [0, 0, 5])])
    assert chart is not None
    assert [row[1:] for row in chart.rows] == [("0", "5"), ("1", "0")]
    assert "16" in chart.rows[0][0]
    assert "2" in chart.first
    assert "22" in chart.last


def test_where_nothing_happened_there_is_no_picture() -> None:
    assert activity_chart(MONDAY, [("Joined", [0, 0]), ("Decided", [0, 0])]) is None


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60))
def test_every_week_with_anything_is_seen_and_none_is_higher_than_the_strip(
    counts: list[int],
) -> None:
    chart = activity_chart(MONDAY, [("Votes cast", counts)])
    drawn = [] if chart is None else re.findall(r"v-(\d+)h", chart.strips[0].path)
    assert len(drawn) == sum(map(bool, counts))
    assert all(2 <= int(height) <= HEIGHT for height in drawn)
    assert chart is None or len(chart.rows) == len(drawn)
