"""The language of pages: messages are written in English here and marked for translators.

`_` and `ngettext` translate at once; `N_` marks a text in a table that is translated when it is
shown. Extraction finds all three; until catalogues exist they return what they are given.
"""

from gettext import NullTranslations

_messages = NullTranslations()


def gettext(message: str) -> str:
    """Return a message in the reader's language."""
    return _messages.gettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the form of a message that fits a number, in the reader's language."""
    return _messages.ngettext(singular, plural, number)


def N_(message: str) -> str:  # noqa: N802  (the name translators' tools look for)
    """Mark a message for translation and return it unchanged."""
    return message


_ = gettext
