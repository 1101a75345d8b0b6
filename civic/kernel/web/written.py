"""The languages in which people write: what they are called, and how a page marks another one.

Words keep the language that their author named, whatever the reader's is.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from civic.kernel.web.language import LANGUAGES, locale_of, reader

OFFERED: Final[Sequence[tuple[str, str]]] = (
    *((one.tag, one.name) for one in LANGUAGES.values()),
    ("hy", "Հայերեն"), ("bg", "Български"), ("cs", "Čeština"), ("da", "Dansk"), ("et", "Eesti"),
    ("el", "Ελληνικά"), ("es", "Español"), ("fi", "Suomi"), ("fr", "Français"), ("ga", "Gaeilge"),
    ("he", "עברית"), ("hr", "Hrvatski"), ("hu", "Magyar"), ("is", "Íslenska"),
    ("it", "Italiano"), ("ka", "ქართული"), ("lv", "Latviešu"), ("mt", "Malti"),
    ("nl", "Nederlands"), ("nb", "Norsk bokmål"), ("pt", "Português"), ("ro", "Română"),
    ("sk", "Slovenčina"), ("sl", "Slovenščina"), ("sv", "Svenska"), ("tr", "Türkçe"),
    ("yi", "ייִדיש"),
)  # fmt: skip
"""The languages that forms offer, by tag and own name: those of the pages first."""
TAGS: Final = tuple(tag for tag, _name in OFFERED)
_OWN_NAMES: Final = dict(OFFERED)
_NO_LANGUAGE: Final = frozenset({"und", "mul", "zxx"})
"""Tags that name no single language (ISO 639-2): undetermined, several, none."""


@lru_cache(1024)
def _named(tag: str, reading: str) -> str:
    known = locale_of(reading).languages
    found: str | None = known.get(tag.replace("-", "_")) or known.get(tag.partition("-")[0])
    return found or tag


def name_of(tag: str) -> str:
    """Return what a language is called in that of the reader; the tag where nobody knows."""
    return _named(tag, reader().language)


def own_name(tag: str) -> str:
    """Return what a language calls itself, or what the reader calls it."""
    return _OWN_NAMES.get(tag) or name_of(tag)


def foreign(tag: str | None) -> str:
    """Return the name of a language where it is another than the page's, else nothing.

    Two spellings of one language are the same to who reads it.
    """
    if not tag or tag in _NO_LANGUAGE:
        return ""
    same = tag.partition("-")[0] == reader().language.partition("-")[0]
    return "" if same else name_of(tag)


def best(tags: Sequence[str], wanted: str = "") -> int:
    """Return which of several languages to show: `wanted`, else the reader's, else the first."""
    lowered = [tag.lower() for tag in tags]
    for one in (wanted.lower(), reader().language):
        if one in lowered:
            return lowered.index(one)
    own = reader().language.partition("-")[0]
    return next((place for place, tag in enumerate(lowered) if tag.partition("-")[0] == own), 0)
