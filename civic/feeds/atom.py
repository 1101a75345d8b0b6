"""A chapter's news as an Atom feed (RFC 4287)."""

import re
import xml.etree.ElementTree as ET
from typing import Final

from civic.feeds.news import FeedPage, lasting_id
from civic.feeds.words import state_of, title_of, told
from civic.kernel.clock import moment_of
from civic.kernel.web.language import _, reader

MEDIA_TYPE: Final = "application/atom+xml"
_ATOM: Final = "http://www.w3.org/2005/Atom"
_NO_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML document may hold (XML 1.0, section 2.2)."""


def atom(page: FeedPage, origin: str, own: str = "") -> bytes:
    """Return the feed; `origin` is the node's address, `own` that of the feed unless it is secret.

    An entry is a change of phase, named by the chapter and the index of the entry in its record, so
    the same on every node that tells of it.
    """
    ET.register_namespace("", _ATOM)
    chapter = page.chapter
    home = f"{origin}/c/{chapter.chapter_id}"
    name = _clean(chapter.name.text or _("A chapter"))
    feed = ET.Element(f"{{{_ATOM}}}feed", {"xml:lang": reader().language})
    _add(feed, "id", lasting_id(chapter.chapter_id).urn)
    _add(feed, "title", name)
    _add(feed, "updated", _time(max((one.at for one in page.news), default=chapter.founded)))
    _add(_add(feed, "author"), "name", name)
    _add(feed, "link", rel="alternate", type="text/html", href=home)
    if own:
        _add(feed, "link", rel="self", type=MEDIA_TYPE, href=origin + own)
    for one in page.news:
        entry = _add(feed, "entry")
        _add(entry, "id", lasting_id(chapter.chapter_id, one.entry).urn)
        _add(entry, "title", _clean(f"{state_of(one)}: {title_of(one)}"))
        _add(entry, "updated", _time(one.at))
        _add(entry, "published", _time(one.at))
        href = f"{home}/p/{one.matter}"
        _add(entry, "link", rel="alternate", type="text/html", href=href)
        _add(entry, "category", term=one.phase)
        _add(entry, "summary", _clean(told(one)), type="text")
    raw: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return raw


def _add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    element.text = text
    return element


def _time(minute: int) -> str:
    return moment_of(minute).strftime("%Y-%m-%dT%H:%M:%SZ")


def _clean(words: str) -> str:
    return _NO_XML.sub("\ufffd", words)
