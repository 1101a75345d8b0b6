"""A digest groups deadlines by the day of its reader's clock, and knows when it has news."""

from datetime import UTC, date, datetime, timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from chapters.queries import ChapterLine
from civic.digest.telling import MOST, Window, days_between, digest
from civic.feeds.news import Deadline, FeedPage, News
from civic.kernel.clock import minute_of
from civic.kernel.record.shown import Text
from civic.kernel.web.language import Reader, reading_as

NOW = datetime(2026, 3, 2, 7, 0, tzinfo=UTC)
MINUTE = minute_of(NOW)
DAY = 24 * 60
CHAPTER = ChapterLine(
    1, "c" * 64, Text("", "Vilnius"), "constituted", "circle", 0, 3, 0, 9, 0, False, "world", 0
)
NOTHING = Window(0, 0)


def deadline(own_id: str, until: int, at: int = 0) -> Deadline:
    return Deadline(own_id, own_id, Text("", own_id, "en"), "vote", until, 1, at, None)


def decided(own_id: str, at: int) -> News:
    return News(1, at, own_id, Text("", None), "decided", None, "accepted", (1, 0), 1, 3, 0)


def page(*of: Deadline | News) -> FeedPage:
    dates = [one for one in of if isinstance(one, Deadline)]
    return FeedPage(CHAPTER, [one for one in of if isinstance(one, News)], dates)


def test_days_are_those_of_the_reader() -> None:
    late = page(deadline("a", MINUTE + 15 * 60), deadline("b", MINUTE + 17 * 60))
    told = digest([late], NOW, NOTHING)
    assert [day.heading for day in told.days] == ["Mon 2 Mar 2026", "Tue 3 Mar 2026"]
    with reading_as(Reader("en", "Europe/Vilnius")):
        told = digest([late], NOW, NOTHING)
        assert [day.heading for day in told.days] == ["Tue 3 Mar 2026"]
        assert told.days[0].items[0].told == "The vote closes: Tue 3 Mar 2026, 00:00 UTC+2"
    assert told.days[0].items[0].href == f"/c/{'c' * 64}/p/a"


def test_the_clock_and_the_language_of_who_reads() -> None:
    chapter = msgspec.structs.replace(CHAPTER, zone="Europe/Vilnius")
    one = deadline("a", MINUTE + 15 * 60)
    one = msgspec.structs.replace(one, titles=(Text("", "Парк", "ru"), Text("", None)))
    pages = [FeedPage(chapter, [], [one])]
    item = digest(pages, NOW, NOTHING).days[0].items[0]
    assert (item.title, item.lang) == ("a", "en")
    assert (
        item.told
        == "The vote closes: Mon 2 Mar 2026, 22:00 UTC (Vilnius: Tue 3 Mar 2026, 00:00 UTC+2)"
    )
    with reading_as(Reader("ru", "Europe/Vilnius")):
        item = digest(pages, NOW, NOTHING).days[0].items[0]
    assert (item.title, item.lang) == ("Парк", "ru")
    assert "Вильнюс" not in item.told


def test_what_is_over_is_not_told_and_what_is_far_is_no_news() -> None:
    assert digest([page(deadline("a", MINUTE))], NOW, NOTHING).empty
    far = digest([page(deadline("a", MINUTE + 9 * DAY, at=5))], NOW, NOTHING)
    assert (far.empty, far.fresh) == (False, False)
    assert digest([page(deadline("a", MINUTE + 9 * DAY, at=5))], NOW, Window(5, 6)).fresh
    assert digest([page(deadline("a", MINUTE + DAY))], NOW, NOTHING).fresh


def test_an_erased_title_says_so() -> None:
    told = digest([page(decided("a", 7))], NOW, Window(7, 8))
    assert [(one.title, one.told) for one in told.decided] == [
        ("An erased title", "Decided: yes. 1 of 3 took part.")
    ]


@given(
    st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    st.sampled_from(["UTC", "Europe/Vilnius", "America/New_York", "Pacific/Kiritimati"]),
    st.lists(st.integers(1, 4), min_size=1, max_size=20),
)
def test_windows_of_mails_tile_the_time(first: date, zone: str, gaps: list[int]) -> None:
    with reading_as(Reader("en", zone)):
        end = None
        for gap in gaps:
            window = days_between(first, first + timedelta(days=gap))
            assert end in (None, window.start)
            assert abs(window.end - window.start - gap * DAY) <= 60
            end, first = window.end, first + timedelta(days=gap)


@given(st.lists(st.integers(MINUTE - DAY, MINUTE + 30 * DAY), max_size=100))
def test_every_deadline_ahead_is_told_once_the_earliest_first(untils: list[int]) -> None:
    dates = [deadline(f"{number:03}", until) for number, until in enumerate(untils)]
    told = digest([page(*dates[::2]), page(*dates[1::2])], NOW, NOTHING)
    ahead = sorted((one.until, one.id) for one in dates if one.until > MINUTE)
    assert [item.title for day in told.days for item in day.items] == [
        own_id for _until, own_id in ahead[:MOST]
    ]
    headings = [day.heading for day in told.days]
    assert len(headings) == len(set(headings))
