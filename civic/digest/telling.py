"""What a digest tells: deadlines of chapters by day, and what was decided lately.

Made from what the feeds of the chapters tell, which moves once a tick, for the reader at hand.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Final

import msgspec

from civic.feeds import words
from civic.feeds.news import Deadline, FeedPage, News
from civic.kernel.clock import minute_of, moment_of
from civic.kernel.web.dates import day_in_words, full_beside
from civic.kernel.web.language import reader, reading_as, zone_of

MOST: Final = 60
"""Deadlines in a digest, the earliest."""
SOON: Final = 2
"""Days before a deadline, today among them, on which it is a reason for a mail by itself."""


class Window(msgspec.Struct, frozen=True):
    """A stretch of time, in minutes since 1970, its end not in it."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Tell whether a minute lies in it."""
        return self.start <= minute < self.end


class Item(msgspec.Struct, frozen=True):
    """A matter in a digest, with strings as people read them."""

    title: str
    lang: str
    """The tag of the language of the title, empty where that is the reader's."""
    chapter: str
    href: str
    """The path of its page on the node."""
    told: str


class Day(msgspec.Struct, frozen=True):
    """What ends on one day by the reader's clock."""

    heading: str
    items: list[Item]


class Digest(msgspec.Struct, frozen=True):
    """A digest as its reader sees it."""

    days: list[Day]
    decided: list[Item]
    fresh: bool
    """Whether something in it is new or ends soon, so that it is worth a mail."""

    @property
    def empty(self) -> bool:
        """Whether it tells nothing."""
        return not self.days and not self.decided


def local_day(now: datetime) -> date:
    """Return the day by the reader's clock."""
    return now.astimezone(zone_of(reader().zone)).date()


def days_between(first: date, last: date) -> Window:
    """Return the whole days from `first` to the one before `last`, by the reader's clock."""
    return Window(_midnight(first), _midnight(last))


def _midnight(day: date) -> int:
    return minute_of(datetime.combine(day, time(), zone_of(reader().zone)))


def digest(pages: Sequence[FeedPage], now: datetime, window: Window) -> Digest:
    """Return what chapters decide after `now`, and what they decided within a window."""
    minute = minute_of(now)
    dates = [(page, one) for page in pages for one in page.dates if one.until > minute]
    dates.sort(key=lambda pair: (pair[1].until, pair[1].id))
    decided = [
        (page, one)
        for page in pages
        for one in page.news
        if one.phase == "decided" and window.holds(one.at)
    ]
    decided.sort(key=lambda pair: (pair[1].at, pair[1].matter), reverse=True)
    soon = _midnight(local_day(now) + timedelta(days=SOON))
    return Digest(
        [
            Day(heading, [_item(page, one) for page, one in of_day])
            for heading, of_day in groupby(dates[:MOST], key=lambda pair: _heading(pair[1]))
        ],
        [_item(page, one) for page, one in decided[:MOST]],
        bool(decided) or any(one.until < soon or window.holds(one.at) for _page, one in dates),
    )


def _heading(one: Deadline) -> str:
    return day_in_words(moment_of(one.until).astimezone(zone_of(reader().zone)).date())


def _told(one: Deadline | News) -> str:
    if isinstance(one, News):
        return words.told(one)
    return f"{words.ending(one)}: {full_beside(moment_of(one.until))}"


def _item(page: FeedPage, one: Deadline | News) -> Item:
    chapter = page.chapter
    with reading_as(msgspec.structs.replace(reader(), place=chapter.zone)):
        told = _told(one)
    return Item(
        words.title_of(one),
        words.title_for_reader(one).lang or "",
        chapter.name.text or "",
        f"/c/{chapter.chapter_id}/p/{one.matter}",
        told,
    )
