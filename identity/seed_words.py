"""The written form of a seed, as it stands on a recovery sheet and is typed in again.

    sum  = first 3 bytes of SHA-256(`civic/seed/1` and the 32 bytes of the seed)
    text = lowercase base32 (RFC 4648, without padding) of seed and sum: 56 letters and digits,
           in 14 groups of 4 with spaces between them

Read back, spaces, hyphens and capitals do not matter, and the digits 0, 1 and 8, which base32 does
not have, are read as the letters o, l and b. Of mistyped texts 1 in 16 million is taken for another
seed. `docs/protocol/vectors/seeds.json` holds examples; js/seed_words.js is the same in browsers.
"""

import base64
import hashlib
import re
from typing import Final

from civic.kernel.keys import SEED_SIZE

GROUPS: Final = 14
GROUP: Final = 4

_SUM: Final = 3
_SIZE: Final = GROUPS * GROUP
_SPACING: Final = re.compile(r"[\s\-\u2010-\u2015]+")
_LOOKS_LIKE: Final = str.maketrans("018", "olb")


class NoSeed(ValueError):
    """A text is no written seed; the message says how it differs."""


def write(seed: bytes) -> str:
    """Return the written form of a seed of 32 bytes."""
    if len(seed) != SEED_SIZE:
        raise ValueError(f"a seed has {SEED_SIZE} bytes")
    text = base64.b32encode(seed + _sum(seed)).decode().lower()
    return " ".join(text[start : start + GROUP] for start in range(0, _SIZE, GROUP))


def read(text: str) -> bytes:
    """Return the seed of a written form; raise `NoSeed`."""
    letters = _SPACING.sub("", text).lower().translate(_LOOKS_LIKE)
    if len(letters) != _SIZE:
        raise NoSeed(f"{len(letters)} letters and digits instead of {_SIZE}")
    if not re.fullmatch(r"[a-z2-7]+", letters):
        raise NoSeed("a character that no seed is written with")
    raw = base64.b32decode(letters.upper())
    seed, given = raw[:SEED_SIZE], raw[SEED_SIZE:]
    if given != _sum(seed):
        raise NoSeed("mistyped: the letters do not fit together")
    return seed


def _sum(seed: bytes) -> bytes:
    return hashlib.sha256(b"civic/seed/1" + seed).digest()[:_SUM]
