"""Content: words, restricted papers and evidence, kept beside the record under their SHA-256.

Words and papers are salted, so that a hash tells nothing once the bytes are erased; specified in
docs/protocol/record.md, section 4.
"""

import hashlib
import secrets
from enum import StrEnum
from typing import Annotated, Final

import msgspec

from civic.kernel.record.entry import Hash, Malformed, check_text, encode_json

SALT: Final = 16
MAX_CONTENT: Final = 1_000_000
"""Largest content in bytes."""
WORDS_TYPE: Final = "application/vnd.civic.words+json"

_TYPE_CHARACTERS: Final = frozenset("abcdefghijklmnopqrstuvwxyz0123456789.+-/")


class ContentClass(StrEnum):
    """How content is kept: words and papers can be erased, evidence never."""

    WORDS = "words"
    RESTRICTED = "restricted"
    EVIDENCE = "evidence"


class Words(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A text in one language; a translation names the hash of its original."""

    lang: Annotated[str, msgspec.Meta(pattern=r"^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*\Z", max_length=35)]
    text: str
    original: Hash | None = None


_words = msgspec.json.Decoder(Words)


def content_hash(raw: bytes) -> str:
    """Return the hexadecimal SHA-256 under which content is kept."""
    return hashlib.sha256(raw).hexdigest()


def salted(media_type: str, body: bytes, salt: bytes | None = None) -> bytes:
    """Return content in salted form: 16 salt bytes, media type, newline, body."""
    salt = secrets.token_bytes(SALT) if salt is None else salt
    if len(salt) != SALT:
        raise ValueError("the salt has 16 bytes")
    return salt + media_type.encode() + b"\n" + body


def unsalted(raw: bytes) -> tuple[str, bytes]:
    """Return media type and body of salted content; raise `Malformed`."""
    if len(raw) > MAX_CONTENT:
        raise Malformed(f"content longer than {MAX_CONTENT} bytes")
    head, newline, body = raw[SALT:].partition(b"\n")
    try:
        media_type = head.decode("ascii")
    except UnicodeDecodeError as error:
        raise Malformed("the media type is not ASCII") from error
    if not newline or not media_type or not _TYPE_CHARACTERS.issuperset(media_type):
        raise Malformed("no media type before the content")
    return media_type, body


def make_words(words: Words, salt: bytes | None = None) -> bytes:
    """Return words as content, with a fresh salt unless one is given."""
    body = encode_json(words)
    raw = salted(WORDS_TYPE, body, salt)
    read_words(raw)
    return raw


def read_words(raw: bytes) -> Words:
    """Return the words of content in canonical form; raise `Malformed`.

    Unlike entries, words may have line breaks and tabs; other control characters they may not.
    """
    media_type, body = unsalted(raw)
    if media_type != WORDS_TYPE:
        raise Malformed(f"no words: {media_type}")
    try:
        words = _words.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed(str(error)) from error
    if encode_json(words) != body:
        raise Malformed("words are not in canonical form")
    check_text(body.replace(b"\\\\", b"").replace(b"\\n", b"").replace(b"\\t", b""))
    return words


def length_of(text: str) -> int:
    """Return the length of a text as entries state it: its number of Unicode code points."""
    return len(text)
