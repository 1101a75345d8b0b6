"""Secret sharing (Shamir 1979): any two of three shares give a secret, one alone says nothing.

For each byte of the secret a line through (0, byte) with a random slope, over GF(2^8) with the
polynomial x^8 + x^4 + x^3 + x + 1 (FIPS 197, section 4). A share is its x, one byte from 1 to 3,
and a y for each byte of the secret.
"""

import secrets
from typing import Final

SHARES: Final = 3
NEEDED: Final = 2
_POLYNOMIAL: Final = 0x11B


def split(secret: bytes) -> tuple[bytes, ...]:
    """Return three shares of a secret, each one byte longer than it."""
    slopes = secrets.token_bytes(len(secret))
    return tuple(
        bytes([x, *(byte ^ multiply(slope, x) for byte, slope in zip(secret, slopes, strict=True))])
        for x in range(1, SHARES + 1)
    )


def combine(one: bytes, other: bytes) -> bytes:
    """Return the secret of two different shares; raise ValueError for others.

    Shares of different secrets give bytes that mean nothing: what they open has to tell.
    """
    if len(one) != len(other) or len(one) < NEEDED or one[0] == other[0] or 0 in (one[0], other[0]):
        raise ValueError("two different shares of one secret are needed")
    # Lagrange's interpolation at 0; subtraction is addition here.
    inverse = _inverse(one[0] ^ other[0])
    of_one, of_other = multiply(other[0], inverse), multiply(one[0], inverse)
    return bytes(
        multiply(a, of_one) ^ multiply(b, of_other) for a, b in zip(one[1:], other[1:], strict=True)
    )


def multiply(a: int, b: int) -> int:
    """Return the product of two elements of GF(2^8), in steps that depend on neither."""
    product = 0
    for bit in range(8):
        product ^= -(b >> bit & 1) & a
        a = (a << 1) ^ (-(a >> 7) & _POLYNOMIAL)
    return product


def _inverse(a: int) -> int:
    # a^254, since a^255 = 1 for all but 0.
    power, square = 1, a
    for _ in range(7):
        square = multiply(square, square)
        power = multiply(power, square)
    return power
