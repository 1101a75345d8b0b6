"""Counts and shares as people read them, in the marks of the reader's language."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Final

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
    return _percent(int(share * 1000), 1, reader().language)


def per_mille(share: int) -> str:
    """Return a share given per mille as a percentage, exactly: `66.6%`, `50%`."""
    whole, tenth = divmod(share, 10)
    return _percent(share if tenth else whole, 1 if tenth else 0, reader().language)


@lru_cache(2048)
def _percent(units: int, digits: int, language: str) -> str:
    locale = locale_of(language)
    # The language's own pattern, with so many decimals in it.
    decimals = f"0.{'0' * digits}" if digits else "0"
    pattern = locale.percent_formats[None].pattern.replace("0", decimals, 1)
    return format_percent(Decimal(units).scaleb(-2 - digits), pattern, locale)


def percents(
    parts: Sequence[int], whole: int | None = None, threshold: Fraction | None = None
) -> tuple[str, ...]:
    """Return parts of one whole, by default of their sum, as percentages: `97.8%`, `2.2%`.

    They are rounded; those of their sum so that they come to exactly 100% (the largest remainders
    are rounded up), unless equal parts would then look different. They have one decimal, or as
    many as it takes to show each on its own side of a threshold: rounding never lets a share look
    as if it had reached one that it missed, nor the other way round.
    """
    base = sum(parts) if whole is None else whole
    shares = [share(part, base) for part in parts]
    complete = whole is None and base > 0
    digits, units = 1, _units(shares, 1, complete=complete)
    while (
        threshold is not None
        and digits < _DIGITS_MOST
        and _misleads(shares, units, digits, threshold)
    ):
        digits += 1
        units = _units(shares, digits, complete=complete)
    return tuple(_percent(one, digits, reader().language) for one in units)


_DIGITS_MOST: Final = 8


def _units(shares: Sequence[Fraction], digits: int, *, complete: bool) -> list[int]:
    """Return shares in units of the last of so many decimals of a percentage."""
    scale: int = 10 ** (2 + digits)
    rounded = [int(one * scale + Fraction(1, 2)) for one in shares]
    if not complete:
        return rounded
    units = [int(one * scale) for one in shares]
    rests = sorted(range(len(shares)), key=lambda n: (units[n] - shares[n] * scale, n))
    for place in rests[: scale - sum(units)]:
        units[place] += 1
    alike = len(set(zip(shares, units, strict=True))) == len(set(shares))
    return units if alike else rounded


def _misleads(
    shares: Sequence[Fraction], units: Sequence[int], digits: int, threshold: Fraction
) -> bool:
    """Tell whether a rounded share stands otherwise to a threshold than the share itself."""
    scale = 10 ** (2 + digits)
    return any(
        one != threshold
        and (one > threshold, one < threshold)
        != (Fraction(unit, scale) > threshold, Fraction(unit, scale) < threshold)
        for one, unit in zip(shares, units, strict=True)
    )


def share(part: int, whole: int) -> Fraction:
    """Return `part` of `whole` as an exact fraction; of nothing it is zero."""
    return Fraction(part, whole) if whole else Fraction(0)
