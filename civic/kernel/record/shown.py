"""Words as pages and the API show them: the text, or that it was erased and by which entry."""

import msgspec

from civic.kernel.record.content import read_words
from civic.kernel.record.entry import Malformed


class Text(msgspec.Struct, frozen=True):
    """A text with its language, or None where it was erased or is not kept on this node.

    `erased_by` is the index of the entry that says it was erased, `hash` the hex content hash.
    """

    hash: str
    text: str | None
    lang: str | None = None
    erased_by: int | None = None


def text_of(digest: bytes, raw: bytes | None, erased_by: int | None) -> Text:
    """Return words from their hash and the columns `bytes` and `erased_by` of their content."""
    if raw is None:
        return Text(digest.hex(), None, None, erased_by)
    try:
        words = read_words(raw)
    except Malformed:
        return Text(digest.hex(), None)
    return Text(digest.hex(), words.text, words.lang)


def name_of(digest: bytes | None, raw: bytes | None, erased_by: int | None) -> Text | None:
    """Return words that need not be there, as a member's display name."""
    return None if digest is None else text_of(digest, raw, erased_by)
