"""Words that an act brings: they must be there and be what its body says of them."""

from collections.abc import Iterable, Mapping
from typing import Final

from civic.kernel.record.content import content_hash, length_of, read_words
from civic.kernel.record.entry import Malformed
from civic.kernel.refusal import Refusal, code

WORDS_DIFFER: Final = code(
    "request.words_differ",
    "A text is missing, malformed, or has another length or language than the act states.",
)


def words_refusal(
    named: Iterable[str],
    stated: Iterable[tuple[str, int | None, str | None]],
    given: Mapping[str, bytes],
) -> Refusal | None:
    """Hold the bytes given with an act against the hashes it names and what it states of them.

    `stated` are (hash, length, language), None where the act states nothing. An entry stands for
    good: what it says of words that readers will fetch must be true when it is written.
    """
    claims = {digest: (length, lang) for digest, length, lang in stated}
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
        length, lang = claims.get(digest, (None, None))
        if length is not None and length_of(words.text) != length:
            return _differ("length")
        if lang is not None and words.lang != lang:
            return _differ("language")
    return None


def _differ(what: str) -> Refusal:
    return Refusal(WORDS_DIFFER, {"what": what})
