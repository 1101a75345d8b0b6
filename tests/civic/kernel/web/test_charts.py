from datetime import UTC, datetime, timedelta
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.charts import Phase, bars, quorum, scale, sparkline, support, timeline

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


def day(number: float) -> datetime:
    return NOW + timedelta(days=number)


def percent_of(width: str) -> float:
    return float(width.rstrip("%"))


def test_bars_tell_counts_shares_and_the_winner() -> None:
    result = bars(
        "Shall we?",
        [("Yes", 2, "yes"), ("No", 1, "no")],
        threshold=Fraction(1, 2),
        threshold_text="needed: more than half",
        chosen="Yes",
    )
    assert [(row.count, row.share, row.width) for row in result.rows] == [
        ("2", "66.7%", "66.67%"),
        ("1", "33.3%", "33.33%"),
    ]
    assert [row.chosen for row in result.rows] == [True, False]
    assert result.mark == "50%"


def test_bars_of_nothing() -> None:
    assert bars("x", [("Yes", 0, "yes")]).rows[0].width == "0%"


def test_approval_is_shown_of_all_who_voted() -> None:
    assert bars("x", [("A", 3, "option"), ("B", 4, "option")], whole=4).rows[1].share == "100.0%"


def test_support() -> None:
    assert support(27, 40).text == "27 of 40 supports, 13 more are needed"
    assert support(39, 40).text == "39 of 40 supports, 1 more is needed"
    assert support(41, 40).reached
    assert support(41, 40).width == "100%"
    assert support(0, 0).width == "100%"


def test_quorum() -> None:
    meter = quorum(134, 212, 71)
    assert meter.text == "134 of 212 members took part (63.2%)"
    assert meter.reached
    assert meter.mark_text == "quorum: 71"
    assert not quorum(70, 212, 71).reached


def test_timeline_knows_where_now_is() -> None:
    line = timeline(
        [
            Phase("Support", day(-10), day(-5)),
            Phase("Discussion", day(-5), day(5)),
            Phase("Vote", day(5), None),
        ],
        NOW,
    )
    assert [segment.state for segment in line.segments] == ["past", "current", "coming"]
    assert line.text == "Phase 2 of 3: Discussion"
    current = line.segments[1]
    middle = percent_of(current.x) + percent_of(current.width) / 2
    assert percent_of(line.now_x) == pytest.approx(middle, abs=0.1)
    assert current.ends is not None
    assert current.ends.relative == "in 5 days"


def test_timeline_before_and_after() -> None:
    assert timeline([Phase("Vote", day(1), day(2))], NOW).text == "Not yet begun"
    over = timeline([Phase("Vote", day(-2), day(-1))], NOW)
    assert over.text == "All phases have ended"
    assert over.now_x == ""
    with pytest.raises(ValueError, match="at least one phase"):
        timeline([], NOW)


@given(st.lists(st.integers(min_value=0, max_value=10**7), min_size=1, max_size=30))
def test_segments_fill_the_width_and_none_vanishes(minutes: list[int]) -> None:
    starts, phases = NOW, []
    for length in minutes:
        ends = starts + timedelta(minutes=length)
        phases.append(Phase("x", starts, ends))
        starts = ends
    widths = [percent_of(segment.width) for segment in timeline(phases, NOW).segments]
    assert sum(widths) == pytest.approx(100, abs=0.5)
    assert min(widths) >= min(6, 100 / len(minutes)) - 0.01


def test_stretches_share_one_scale_that_holds_now() -> None:
    drawn = scale([(100, 200), (150, 300)], 120)
    assert (drawn.start, drawn.end, drawn.now_x) == (100, 300, "10%")
    assert [(row.x, row.width) for row in drawn.rows] == [("0%", "50%"), ("25%", "75%")]
    assert scale([(100, 200)], 300).now_x == "100%"
    assert scale([], 7).rows == ()


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)).map(sorted).map(tuple)),
    st.integers(0, 10**6),
)
def test_every_stretch_is_seen_and_stays_on_the_scale(
    spans: list[tuple[int, int]], now: int
) -> None:
    for row in scale(spans, now).rows:
        assert percent_of(row.width) >= 1
        assert percent_of(row.x) + percent_of(row.width) <= 101.1


def test_sparkline_shows_activity_and_silence() -> None:
    line = sparkline([0, 1, 100], "101 contributions")
    assert [column.height for column in line.columns] == [1, 2, 24]
    assert [column.x for column in line.columns] == [0, 4, 8]
    assert line.view_width == 11
    assert sparkline([], "none").view_width == 1
