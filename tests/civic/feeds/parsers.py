"""Readers of feeds that share no code with the makers: what RFC 4287 and RFC 5545 demand."""

import re
import xml.etree.ElementTree as ET
from datetime import datetime
from typing import Any

from icalendar import Calendar

ATOM = "{http://www.w3.org/2005/Atom}"
# RFC 3339, as RFC 4287 section 3.3 narrows it.
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def one(element: ET.Element, name: str) -> ET.Element:
    """Return the only child of a name; fails for none and for several."""
    found = element.findall(ATOM + name)
    assert len(found) == 1, (name, len(found))
    return found[0]


def text(element: ET.Element, name: str) -> str:
    words = one(element, name).text
    assert words
    return words


def read_atom(raw: bytes) -> tuple[ET.Element, list[dict[str, str]]]:
    """Check a feed by RFC 4287, sections 4.1.1 and 4.1.2; return it and its entries."""
    feed = ET.fromstring(raw)
    assert feed.tag == f"{ATOM}feed"
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang")
    ids = [text(feed, "id")]
    assert text(feed, "title")
    assert _TIME.fullmatch(text(feed, "updated"))
    # An entry without an author needs one of the feed (4.2.1), and a person has a name (3.2).
    assert text(one(feed, "author"), "name")
    entries = []
    for entry in feed.findall(f"{ATOM}entry"):
        link = one(entry, "link")
        assert link.get("rel") == "alternate"
        assert _TIME.fullmatch(text(entry, "updated"))
        ids.append(text(entry, "id"))
        entries.append(
            {
                "id": ids[-1],
                "title": text(entry, "title"),
                "at": text(entry, "updated"),
                "href": link.get("href") or "",
                "phase": one(entry, "category").get("term") or "",
                "summary": text(entry, "summary"),
            }
        )
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", own) for own in ids)
    return feed, entries


def read_calendar(raw: bytes) -> list[dict[str, Any]]:
    """Check a calendar by RFC 5545, sections 3.1, 3.4 and 3.6.1; return its events."""
    for line in raw.split(b"\r\n"):
        assert len(line) <= 75
        assert not re.search(rb"[\x00-\x08\x0a-\x1f\x7f]", line)
    assert raw.startswith(b"BEGIN:VCALENDAR\r\n")
    assert raw.endswith(b"END:VCALENDAR\r\n")
    unfolded = raw.replace(b"\r\n ", b"").decode()
    head = unfolded.split("BEGIN:VEVENT")[0]
    assert head.count("VERSION:2.0") == 1
    assert head.count("PRODID:") == 1
    events = []
    for part in unfolded.split("BEGIN:VEVENT\r\n")[1:]:
        lines = part.split("\r\nEND:VEVENT")[0].split("\r\n")
        names = [re.split("[;:]", line)[0] for line in lines]
        for name in ("UID", "DTSTAMP", "DTSTART", "SUMMARY", "SEQUENCE"):
            assert names.count(name) == 1, (name, names)
        event = dict(zip(names, (line.partition(":")[2] for line in lines), strict=True))
        for name in ("DTSTAMP", "DTSTART", "LAST-MODIFIED"):
            assert re.fullmatch(r"\d{8}T\d{6}Z", event[name]), event[name]
        events.append(event)
    assert len({event["UID"] for event in events}) == len(events)
    # A second parser reads the same events, with moments that know their zone.
    again = Calendar.from_ical(raw)
    assert [str(event["uid"]) for event in again.walk("VEVENT")] == [e["UID"] for e in events]
    for event in again.walk("VEVENT"):
        start: datetime = event.decoded("dtstart")
        assert start.utcoffset() is not None
    return events
