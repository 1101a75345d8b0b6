"""Counts and shares as people read them."""

from fractions import Fraction


def count(number: int) -> str:
    """Return a whole number with its thousands apart: `12,345`."""
    return f"{number:,}"


def percent(share: Fraction) -> str:
    """Return a share as a percentage with one decimal, rounded down: `66.6%`.

    Rounding down never lets a share look as if it had reached a threshold that it missed.
    """
    whole, tenth = divmod(int(share * 1000), 10)
    return f"{whole}.{tenth}%"


def share(part: int, whole: int) -> Fraction:
    """Return `part` of `whole` as an exact fraction; of nothing it is zero."""
    return Fraction(part, whole) if whole else Fraction(0)
