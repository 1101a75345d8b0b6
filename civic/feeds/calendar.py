"""A chapter's deadlines as a calendar (RFC 5545, with the names of RFC 7986).

All times are UTC (`...Z`): programs show them on their owner's clock, and no table of a time zone
can grow old.
"""

import re
from datetime import timedelta
from typing import Final

from icalendar import Calendar, Event, vText

from civic.feeds.news import Deadline, FeedPage, News, lasting_id
from civic.feeds.words import ending, state_of, title_of, told
from civic.kernel.clock import moment_of
from civic.kernel.web.language import _, reader

MEDIA_TYPE: Final = "text/calendar"
_CONTROLS: Final = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
"""What no text of a calendar may hold (RFC 5545, section 3.3.11); line ends become `\\n`."""
_ENDS: Final = frozenset({"decided", "lapsed"})
LAST: Final = 8000 * 365 * 24 * 60
"""A minute behind which programs need not know a date; records may name later ones."""


def calendar(page: FeedPage, origin: str) -> bytes:
    """Return the calendar: what comes up, and how the latest votes ended.

    An event keeps its UID while its date moves; SEQUENCE is the index of the entry that moved it.
    """
    chapter = page.chapter
    made = Calendar()
    made.add("prodid", "-//civic//civic 1//EN")
    made.add("version", "2.0")
    # Of these names the library knows no type, and would escape nothing.
    name = vText(_CONTROLS.sub("\ufffd", chapter.name.text or _("A chapter")))
    made.add("name", name)
    made.add("x-wr-calname", name)
    if chapter.zone != "UTC":
        # In which zone programs may show it beside their own; no time in it depends on that.
        made.add("x-wr-timezone", vText(chapter.zone))
    made.add("uid", str(lasting_id(chapter.chapter_id, "calendar")))
    made.add("url", f"{origin}/c/{chapter.chapter_id}")
    made.add("refresh-interval", timedelta(hours=1), parameters={"value": "DURATION"})
    for date in page.dates:
        if date.until < LAST:
            made.add_component(_deadline(date, chapter.chapter_id, origin))
    told_of: set[str] = set()
    for news in page.news:
        if news.phase in _ENDS and news.matter not in told_of:
            made.add_component(_ended(news, chapter.chapter_id, origin))
        told_of.add(news.matter)
    raw: bytes = made.to_ical()
    return raw


def _deadline(one: Deadline, chapter_id: str, origin: str) -> Event:
    # A vote has one event, from the notice of it to its outcome.
    subject = one.id if one.what == "task" else one.matter
    summary = f"{ending(one)}: {title_of(one)}"
    words = one.words.text if one.words is not None else None
    event = _event(one, chapter_id, origin, subject, summary, words or ending(one))
    event.add("dtstart", moment_of(one.until))
    return event


def _ended(one: News, chapter_id: str, origin: str) -> Event:
    summary = f"{state_of(one)}: {title_of(one)}"
    event = _event(one, chapter_id, origin, one.matter, summary, told(one))
    event.add("dtstart", moment_of(one.at))
    return event


def _event(
    one: Deadline | News, chapter_id: str, origin: str, subject: str, summary: str, words: str
) -> Event:
    event = Event()
    event.add("uid", str(lasting_id(chapter_id, subject)))
    changed = moment_of(one.at)
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("sequence", one.entry)
    parameters = {"language": reader().language}
    for name, text in (("summary", summary), ("description", words)):
        event.add(name, _CONTROLS.sub("\ufffd", text), parameters=parameters)
    event.add("url", f"{origin}/c/{chapter_id}/p/{one.matter}")
    # Nobody is busy because a vote closes.
    event.add("transp", "TRANSPARENT")
    return event
