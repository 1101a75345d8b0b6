"""Feeds and calendars of any words and dates are what their RFCs demand, and keep their ids."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from chapters.queries import ChapterLine
from civic.feeds.atom import atom
from civic.feeds.calendar import LAST, calendar
from civic.feeds.news import Deadline, FeedPage, News, feed_for_world, lasting_id
from civic.kernel.record.shown import Text
from civic.kernel.web.language import LANGUAGES, Reader, reading_as
from tests.civic.feeds.parsers import read_atom, read_calendar

ORIGIN = "https://node.example"
CHAPTER_ID = "ab" * 32
WORDS = st.builds(Text, st.just("00" * 32), st.none() | st.text(min_size=1, max_size=120))
MINUTES = st.integers(0, 2**32)
PHASES = ("support", "discussion", "notice", "vote", "decided", "lapsed", "withdrawn")


def chapter(name: Text) -> ChapterLine:
    return ChapterLine(
        1, CHAPTER_ID, name, "active", "circle", 100, 3, 0, 9, 100, False, "world", 0
    )


@st.composite
def news(draw: st.DrawFn, entry: int) -> News:
    phase = draw(st.sampled_from(PHASES))
    decided = phase == "decided"
    outcome = draw(st.sampled_from(("accepted", "rejected", "no_quorum"))) if decided else None
    return News(
        entry,
        draw(st.integers(0, 2**26)),
        f"matter{entry % 3}",
        draw(WORDS),
        phase,
        draw(st.none() | st.integers(0, 2**26)),
        outcome,
        (2, 1) if decided else None,
        3 if decided else None,
        4 if decided else None,
        draw(st.integers(0, 3)),
    )


@st.composite
def pages(draw: st.DrawFn) -> FeedPage:
    told = [draw(news(entry)) for entry in range(draw(st.integers(0, 5)), 0, -1)]
    dates = []
    for number in range(draw(st.integers(0, 5))):
        what = draw(st.sampled_from(("support", "discussion", "notice", "vote", "task")))
        words = draw(WORDS) if what == "task" else None
        until, at = draw(MINUTES), draw(st.integers(0, 2**26))
        own = f"date{number}"
        dates.append(Deadline(own, own, draw(WORDS), what, until, number, at, words))
    return FeedPage(chapter(draw(WORDS)), told, dates)


@given(pages(), st.sampled_from(tuple(LANGUAGES)))
def test_any_feed_can_be_read(page: FeedPage, tag: str) -> None:
    with reading_as(Reader(tag)):
        raw = atom(page, ORIGIN, f"/c/{CHAPTER_ID}/feed.atom")
        _feed, entries = read_atom(raw)
        assert atom(page, ORIGIN, f"/c/{CHAPTER_ID}/feed.atom") == raw
    assert [one["phase"] for one in entries] == [one.phase for one in page.news]
    assert [one["id"] for one in entries] == [
        lasting_id(CHAPTER_ID, one.entry).urn for one in page.news
    ]


@given(pages(), st.sampled_from(tuple(LANGUAGES)))
def test_any_calendar_can_be_read(page: FeedPage, tag: str) -> None:
    with reading_as(Reader(tag)):
        raw = calendar(page, ORIGIN)
        events = read_calendar(raw)
        assert calendar(page, ORIGIN) == raw
    assert len([one for one in page.dates if one.until < LAST]) <= len(events)


@given(pages())
def test_the_world_learns_only_of_what_is_fixed(page: FeedPage) -> None:
    shown = feed_for_world(page)
    assert {one.phase for one in shown.news} <= {"notice", "vote", "decided"}
    assert {one.what for one in shown.dates} <= {"notice", "vote"}
    assert {one.entry for one in shown.news} <= {one.entry for one in page.news}


def test_what_went_back_to_discussion_is_not_told_to_the_world() -> None:
    title = Text("00" * 32, "A garden")
    voted = News(7, 50, "m", title, "vote", 60, None, None, None, None, 0)
    again = msgspec.structs.replace(voted, entry=9, phase="discussion")
    open_now = Deadline("m", "m", title, "discussion", 90, 9, 60, None)
    page = FeedPage(chapter(title), [again, voted], [open_now])
    assert feed_for_world(page) == FeedPage(page.chapter, [], [])


def test_an_event_keeps_its_id_while_its_date_moves() -> None:
    title = Text("00" * 32, "A garden")
    first = Deadline("m", "m", title, "vote", 5000, 4, 100, None)
    later = msgspec.structs.replace(first, until=9000, entry=6, at=200)
    decided = News(8, 9000, "m", title, "decided", None, "accepted", (2, 1), 3, 4, 0)
    seen = [
        read_calendar(calendar(FeedPage(chapter(title), news, dates), ORIGIN))[0]
        for news, dates in (([], [first]), ([], [later]), ([decided], []))
    ]
    assert len({one["UID"] for one in seen}) == 1
    assert [one["SEQUENCE"] for one in seen] == ["4", "6", "8"]
    assert seen[0]["DTSTART"] == "19700104T112000Z"
    assert seen[2]["SUMMARY"] == "Decided: yes: A garden"


def test_the_same_words_in_another_language() -> None:
    title = Text("00" * 32, "A garden")
    vote = News(7, 50, "m", title, "vote", 60, None, None, None, None, 0)
    page = FeedPage(chapter(title), [vote], [])
    english = read_atom(atom(page, ORIGIN))[1]
    with reading_as(Reader("ru")):
        russian = read_atom(atom(page, ORIGIN))[1]
    assert english[0]["id"] == russian[0]["id"]
    assert english[0]["summary"].startswith("Vote. The vote closes: Thu 1 Jan 1970, 01:00 UTC")
    assert russian[0]["summary"] != english[0]["summary"]


def test_a_calendar_names_the_zone_of_its_chapter_and_keeps_its_times() -> None:
    title = Text("00" * 32, "A garden")
    date = Deadline("m", "m", title, "vote", 5000, 4, 100, None)
    here = FeedPage(chapter(title), [], [date])
    there = FeedPage(msgspec.structs.replace(here.chapter, zone="Europe/Vilnius"), [], [date])
    assert b"X-WR-TIMEZONE" not in calendar(here, ORIGIN)
    raw = calendar(there, ORIGIN)
    assert raw.count(b"\r\nX-WR-TIMEZONE:Europe/Vilnius\r\n") == 1
    assert read_calendar(raw) == read_calendar(calendar(here, ORIGIN))
