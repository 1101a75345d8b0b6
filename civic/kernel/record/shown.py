"""Words as pages and the API show them: the text, or that it was erased and by which entry."""

from typing import Any

import msgspec

from civic.kernel.record.content import read_words
from civic.kernel.record.entry import Malformed


class Erasure(msgspec.Struct, frozen=True):
    """Who had words erased, at which minute: in the role `voice` or `member` their author, else
    an `office`, with a public reason.
    """

    at: int
    role: str
    reason: str | None


class Text(msgspec.Struct, frozen=True):
    """A text with its language, or None where it was erased or is not kept on this node.

    `erased_by` is the index of the entry that says it was erased, `hidden_by` of the one that says
    that it is not shown for now; `hash` is the hex content hash. `erasure` tells more of erased
    words where one thing is shown by itself; most lists leave it out.
    """

    hash: str
    text: str | None
    lang: str | None = None
    erased_by: int | None = None
    hidden_by: int | None = None
    erasure: Erasure | None = None


def hidden_by(index: int) -> int:
    """Return what stands in `erased_by` of hidden words, and from that the entry that hid them.

    Below zero: all who read words read two columns, and the bytes of hidden ones are not there.
    """
    return -1 - index


def text_of(digest: bytes, raw: bytes | None, erased_by: int | None, erasure: Any = None) -> Text:
    """Return words from their hash and the columns `bytes` and `erased_by` of their content.

    `erasure` is a row of who erased them, where lists ask for it.
    """
    if raw is None and erased_by is not None and erased_by < 0:
        return Text(digest.hex(), None, hidden_by=hidden_by(erased_by))
    if raw is None:
        told = None if erasure is None else Erasure(*erasure)
        return Text(digest.hex(), None, None, erased_by, erasure=told)
    try:
        words = read_words(raw)
    except Malformed:
        return Text(digest.hex(), None)
    return Text(digest.hex(), words.text, words.lang)


def name_of(digest: bytes | None, raw: bytes | None, erased_by: int | None) -> Text | None:
    """Return words that need not be there, as a member's display name."""
    return None if digest is None else text_of(digest, raw, erased_by)
