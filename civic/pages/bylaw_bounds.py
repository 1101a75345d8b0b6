"""What the charter asks of bylaws, in words, and how two sets of bylaws differ."""

from typing import NamedTuple

from chapters.bylaws import DAY, MAXIMA, MINIMA, TEMPLATES, Bylaws, Value
from civic.kernel.web.language import _
from civic.pages.bylaw_words import RULES, spell_permille, value_in_words


class Line(NamedTuple):
    """A bylaw on its page: its name, its value, what the charter asks, another value to compare.

    `differs` tells whether the other value is another one.
    """

    field: str
    name: str
    value: str
    bound: str
    other: str
    differs: bool


def _plain(field: str, value: int) -> str:
    # A majority reads as "more than", which a bound of it does not say twice.
    return spell_permille(value) if field == "majority" else value_in_words(field, value)


def bound_in_words(field: str) -> str:
    """Say what the charter asks of a bylaw, empty where it asks nothing."""
    if field in MINIMA and field in MAXIMA:
        least, most = _plain(field, MINIMA[field]), _plain(field, MAXIMA[field])
        return _("from %(least)s to %(most)s") % {"least": least, "most": most}
    if field in MINIMA:
        return _("at least %(least)s") % {"least": _plain(field, MINIMA[field])}
    if field in MAXIMA:
        return _("at most %(most)s") % {"most": _plain(field, MAXIMA[field])}
    return ""


def beyond_charter(field: str, value: Value) -> str:
    """Say why the charter does not let a bylaw have a value, empty where it does."""
    number = int(value) if not isinstance(value, str) else 0
    low = field in MINIMA and number < MINIMA[field]
    high = field in MAXIMA and number > MAXIMA[field]
    if not low and not high:
        return ""
    return _("The charter of the network asks for %(bound)s here") % {
        "bound": bound_in_words(field)
    }


def lines_of(bylaws: Bylaws, other: Bylaws | None = None) -> list[Line]:
    """Return all bylaws in words beside what the charter asks, and beside other bylaws."""
    lines = []
    for rule in RULES:
        value = getattr(bylaws, rule.field)
        against = None if other is None else getattr(other, rule.field)
        lines.append(
            Line(
                rule.field,
                _(rule.name),
                value_in_words(rule.field, value),
                bound_in_words(rule.field),
                "" if against is None else value_in_words(rule.field, against),
                against is not None and against != value,
            )
        )
    return lines


def months_of(months: int) -> int:
    """Return the minutes of so many months, a twelfth of a year each and a day less than it has."""
    return months * 365 * DAY // 12


def differing(templates: tuple[str, ...]) -> list[tuple[str, str, list[str]]]:
    """Return the bylaws in which templates differ: field, name, and the value in each."""
    found = []
    for rule in RULES:
        values = [getattr(TEMPLATES[name], rule.field) for name in templates]
        if len(set(values)) > 1:
            words = [value_in_words(rule.field, value) for value in values]
            found.append((rule.field, _(rule.name), words))
    return found
