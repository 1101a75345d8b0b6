"""Work that a browser does instead of waiting: a number found by trying, and checked at once."""

import hashlib
from typing import Final

LEAST_BITS: Final = 16
"""Zero bits that are asked for at first: about a second of a desktop's browser."""
MOST_BITS: Final = 22
"""Zero bits that are asked for at most: about a minute."""


def is_solved(puzzle: str, bits: int, work: str) -> bool:
    """Tell whether what a browser sent is the work that a place asks for."""
    number = int(work[:16]) if work.isascii() and work.isdigit() else -1
    return number >= 0 and solves(puzzle, bits, number)


def solves(puzzle: str, bits: int, number: int) -> bool:
    """Tell whether a number solves a puzzle, which for a place in the line is its account's id.

    SHA-256 over the puzzle in ASCII, a full stop and the number in decimal digits must begin with
    so many zero bits.
    """
    digest = hashlib.sha256(f"{puzzle}.{number}".encode()).digest()
    return int.from_bytes(digest, "big") >> (256 - bits) == 0
