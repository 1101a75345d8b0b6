"""Counts and shares as people read them, in the marks of the reader's language."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from babel.numbers import format_decimal, format_percent

from civic.kernel.web.language import locale_of, reader


def count(number: int) -> str:
    """Return a whole number with its thousands apart: `12,345`."""
    return str(number) if 0 <= number < 1000 else _count(number, reader().language)


@lru_cache(1024)
def _count(number: int, language: str) -> str:
    return format_decimal(number, locale=locale_of(language))


def percent(share: Fraction) -> str:
    """Return a share as a percentage with one decimal, rounded down: `66.6%`.

    Rounding down never lets a share look as if it had reached a threshold that it missed.
    """
    return _percent(int(share * 1000), reader().language)


@lru_cache(2048)
def _percent(thousandths: int, language: str) -> str:
    locale = locale_of(language)
    # The language's own pattern, with exactly one decimal in it.
    pattern = locale.percent_formats[None].pattern.replace("0", "0.0", 1)
    return format_percent(Decimal(thousandths) / 1000, pattern, locale)


def share(part: int, whole: int) -> Fraction:
    """Return `part` of `whole` as an exact fraction; of nothing it is zero."""
    return Fraction(part, whole) if whole else Fraction(0)
