"""The languages of pages: messages are written in English here and shown in the reader's language.

`_` and `ngettext` translate at once; `N_` marks a text in a table that is translated when it is
shown. Who reads is known for the length of a request (`reading_as`); outside one it is English and
UTC. Catalogues are gettext files, one for each language, in `civic/locale`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path
from types import MappingProxyType
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

import msgspec
from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import civic


class Language(msgspec.Struct, frozen=True):
    """A language of the pages: its BCP 47 tag, its own name, and its locale in Unicode's CLDR.

    `before` is the language whose catalogue is asked where its own lacks a message.
    """

    tag: str
    name: str
    locale: str
    before: str = "en"


LANGUAGES: Final[Mapping[str, Language]] = MappingProxyType(
    {
        one.tag: one
        for one in (
            # Days before months and 24 hours, as everywhere the first readers live.
            Language("en", "English", "en_GB"),
            Language("be", "Беларуская", "be"),
            Language("be-tarask", "Беларуская (тарашкевіца)", "be_TARASK", before="be"),
            Language("ru", "Русский", "ru"),
            Language("uk", "Українська", "uk"),
            Language("pl", "Polski", "pl"),
            Language("lt", "Lietuvių", "lt"),
            Language("de", "Deutsch", "de"),
        )
    }
)
"""The languages of the pages, by tag, in the order in which they are offered."""

FOLDER: Final = Path(civic.__file__).parent / "locale"
"""Where the catalogues are, one file `<tag>.po` for each language but English."""


class Reader(msgspec.Struct, frozen=True):
    """For whom a page is made: the tag of a language and the name of a time zone.

    `place` is the time zone of the chapter that the page is about, UTC where it names none.
    """

    language: str = "en"
    zone: str = "UTC"
    place: str = "UTC"


_reader: ContextVar[Reader] = ContextVar("reader", default=Reader())  # noqa: B039


def reader() -> Reader:
    """Return for whom a page is being made."""
    return _reader.get()


@contextmanager
def reading_as(who: Reader) -> Iterator[None]:
    """Make what happens inside for a reader."""
    token = _reader.set(who)
    try:
        yield
    finally:
        _reader.reset(token)


def turn_to(language: str, zone: str) -> None:
    """Let the rest of a request be for a reader of this language and zone, if pages know them.

    As `come_to`: for who answers a request and has learnt what somebody keeps with their account.
    """
    now = _reader.get()
    _reader.set(
        Reader(
            language if language in LANGUAGES else now.language,
            zone if zone in _known_zones() else now.zone,
            now.place,
        )
    )


def come_to(place: str) -> None:
    """Let the rest of a request be about a chapter with this time zone.

    Whoever answers a request calls it, inside `reading_as`, which ends with the request.
    """
    _reader.set(msgspec.structs.replace(_reader.get(), place=place))


@cache
def messages(tag: str) -> NullTranslations:
    """Return the messages of a language, from its catalogue and that of the one before it.

    A language without a catalogue says everything as the one before it does.
    """
    known = LANGUAGES[tag]
    file = FOLDER / f"{tag}.po"
    if not file.is_file():
        return NullTranslations() if tag == "en" else messages(known.before)
    compiled = BytesIO()
    with file.open("rb") as raw:
        write_mo(compiled, read_po(raw, locale=known.locale.partition("_")[0]))
    compiled.seek(0)
    found = GNUTranslations(compiled)
    if known.before != "en":
        found.add_fallback(messages(known.before))
    return found


def gettext(message: str) -> str:
    """Return a message in the reader's language."""
    tag = _reader.get().language
    return message if tag == "en" else messages(tag).gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of a message that fits a number, in the reader's language."""
    return messages(_reader.get().language).ngettext(singular, plural, number)


def pgettext(context: str, message: str) -> str:
    """Return a message in the reader's language whose words mean something else elsewhere."""
    tag = _reader.get().language
    return message if tag == "en" else messages(tag).pgettext(context, message)


def N_(message: str) -> str:  # noqa: N802  (the name translators' tools look for)
    """Mark a message for translation and return it unchanged."""
    return message


_ = gettext


@cache
def locale_of(tag: str) -> Locale:
    """Return how a language writes dates and numbers."""
    return Locale.parse(LANGUAGES[tag].locale)


def locale() -> Locale:
    """Return how the reader's language writes dates and numbers."""
    return locale_of(_reader.get().language)


@cache
def zones() -> Sequence[str]:
    """Return the names of the time zones of places, sorted, UTC first."""
    places = {name for name in available_timezones() if re.fullmatch(PLACE, name)}
    return ("UTC", *sorted(places))


PLACE: Final = r"(?:Africa|America|Asia|Atlantic|Australia|Europe|Indian|Pacific)/[A-Za-z_/+-]+"
"""The form of the name of a time zone of a place, as a regular expression."""


@cache
def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name; UTC for one that is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


_RANGE: Final = re.compile(
    r"\s*([A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*|\*)\s*(?:;\s*q=([01](?:\.\d{1,3})?)\s*)?"
)
_MOST_RANGES: Final = 20


def preferred(accepted: str) -> str:
    """Return the tag of the language that fits an Accept-Language header best, else English.

    By lookup (RFC 4647, section 3.4): a range is shortened from its end until it names a language.
    """
    ranges: list[tuple[float, int, str]] = []
    for place, part in enumerate(accepted.split(",")[:_MOST_RANGES]):
        found = _RANGE.fullmatch(part)
        if found is not None and float(found[2] or 1) > 0:
            ranges.append((-float(found[2] or 1), place, found[1].lower()))
    for _weight, _place, name in sorted(ranges):
        subtags = name.split("-")
        while subtags:
            if (tag := "-".join(subtags)) in LANGUAGES:
                return tag
            subtags.pop()
    return "en"


def reader_of(language: str, zone: str, accepted: str) -> Reader:
    """Return for whom to make a page, from what they chose before and what their browser asks for.

    `language` and `zone` are empty or unknown where nothing was chosen.
    """
    tag = language if language in LANGUAGES else preferred(accepted)
    return Reader(tag, zone if zone in _known_zones() else "UTC")


@cache
def _known_zones() -> frozenset[str]:
    return frozenset(zones())
