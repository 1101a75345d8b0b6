"""Sign-in names: four words that the node gives; people cannot choose one, only draw another.

A chosen name would tell whoever tries it whether a person has an account here. A given name of
44 random bits says nothing about anybody, and asking for a taken one is not possible.
"""

import hashlib
import hmac
import re
import secrets
from importlib.resources import files
from typing import Final

WORDS: Final[tuple[str, ...]] = tuple(
    (files("identity") / "words.txt").read_text(encoding="ascii").split()
)
"""2048 English words of three to eight letters; no two share their first four letters."""

LENGTH: Final = 4
"""Words in a sign-in name: 2048^4 names, 44 bits."""

_BY_START: Final = {word[:4]: word for word in WORDS}
_LONGEST: Final = 200


def draw() -> str:
    """Draw a sign-in name at random, for example `acorn-violin-harbor-tulip`."""
    return "-".join(secrets.choice(WORDS) for _ in range(LENGTH))


def normalise(typed: str) -> str:
    """Return the one written form of a name as a person typed it.

    Case, spaces, hyphens and all but the first four letters of a word do not matter. Anything that
    is no sign-in name comes back in a form that no account has.
    """
    tokens = re.findall(r"[a-z]+", typed[:_LONGEST].lower())
    return "-".join(_BY_START.get(token[:4], token) for token in tokens)


def name_hash(key: bytes, name: str) -> bytes:
    """Return the 32 bytes under which the database knows a normalised name.

    HMAC-SHA256 under a key that lies outside the database: a dump alone does not let anybody try
    the names.
    """
    return hmac.digest(key, name.encode(), hashlib.sha256)
