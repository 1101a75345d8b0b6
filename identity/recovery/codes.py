"""Codes that people copy by hand: drawn, written, read, and known to the database by a hash.

Crockford's base32: digits and capitals without I, L, O and U. Read back, capitals, spaces and
hyphens do not matter, and the letters that look like a digit are read as that digit.
"""

import hmac
import re
import secrets
from typing import Final

from civic.kernel.keys import derive

SYMBOLS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
GROUP: Final = 4
LONG: Final = 24
"""Symbols of a code that opens something by itself: 120 bits."""
SHORT: Final = 8
"""Symbols of a code that is read aloud and opens nothing by itself: 40 bits."""

_LONGEST: Final = 100
_READ_AS: Final = str.maketrans("OILU", "011V")
_OTHERS: Final = re.compile(f"[^{SYMBOLS}]")


def draw(size: int = LONG) -> str:
    """Draw a code of so many symbols and return it as it is written, in groups of four."""
    return written("".join(secrets.choice(SYMBOLS) for _ in range(size)))


def written(symbols: str) -> str:
    """Return a code in groups of four with hyphens between them."""
    return "-".join(symbols[at : at + GROUP] for at in range(0, len(symbols), GROUP))


def read(typed: str) -> str:
    """Return the symbols of a code as a person typed it, of any text at all those that remain."""
    return _OTHERS.sub("", typed[:_LONGEST].upper().translate(_READ_AS))


def code_hash(key: bytes, typed: str, use: str) -> bytes:
    """Return the 32 bytes under which the database knows a code of some use.

    HMAC-SHA256 under a node key: with a dump alone nobody can try codes.
    """
    return hmac.digest(key, f"{use}\n{read(typed)}".encode(), "sha256")


def code_key(key: bytes, typed: str, use: str) -> bytes:
    """Derive the 32-byte key that only a code gives (HKDF, salted with a node key)."""
    return derive(read(typed).encode(), key, f"civic/identity/{use}/1".encode())
