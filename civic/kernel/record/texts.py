"""Words that an act brings: they must be there and be what its body says of them.

Titles and names stand beside other people's words on one line, so they may not hold characters
that nobody sees or that turn the direction of what follows (Unicode UAX #9): with them one name
could look like another. What languages need stays: joiners (U+200C, U+200D) and marks (U+200E,
U+200F). Longer texts stand in blocks of their own, where such characters reach no further.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from civic.kernel.record.content import content_hash, length_of, read_words
from civic.kernel.record.entry import Malformed
from civic.kernel.refusal import Refusal, code

WORDS_DIFFER: Final = code(
    "request.words_differ",
    "A text is missing, malformed, or has another length or language than the act states.",
)
WORDS_INVISIBLE: Final = code(
    "request.words_invisible",
    "A title or name holds characters that nobody sees or that turn the direction of text.",
)
INVISIBLE: Final = re.compile("[\t\n\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b\ufeff]")
"""Characters that a title or a name may not have: it stands on one line, as everybody sees it."""


Stated = tuple[str, int | None, str | None, str | None]
"""What an act states of words: hash, length, language, hash of what they translate; None: nothing.
"""


def words_refusal(
    named: Iterable[str],
    stated: Iterable[Stated],
    given: Mapping[str, bytes],
    titles: Collection[str] = (),
) -> Refusal | None:
    """Hold the bytes given with an act against the hashes it names and what it states of them.

    `titles` are the hashes of titles and names. An entry stands for good: what it says of words
    that readers will fetch must be true when it is written.
    """
    claims = {digest: claim for digest, *claim in stated}
    for digest in named:
        raw = given.get(digest)
        if raw is None:
            return _differ("missing")
        if content_hash(raw) != digest:
            return _differ("hash")
        try:
            words = read_words(raw)
        except Malformed:
            return _differ("form")
        length, lang, original = claims.get(digest, (None, None, None))
        if length is not None and length_of(words.text) != length:
            return _differ("length")
        if lang is not None and words.lang != lang:
            return _differ("language")
        if original is not None and words.original != original:
            return _differ("original")
        if digest in titles and INVISIBLE.search(words.text):
            return Refusal(WORDS_INVISIBLE)
    return None


def _differ(what: str) -> Refusal:
    return Refusal(WORDS_DIFFER, {"what": what})
