"""Entries: the one canonical form in which an accepted act stands in a record.

The form is specified in docs/protocol/record.md, sections 2 and 3.
"""

import base64
import hashlib
import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final, Generic, TypeVar

import msgspec

MAX_ENTRY: Final = 60_000
"""Largest entry in bytes (docs/protocol/record.md, section 2); larger things are content."""
MAX_ACT: Final = MAX_ENTRY - 64
"""Largest act in bytes: room is left for `at` and `part`."""

# Patterns end in \Z: in Python `$` also matches before a line break at the end.
Id = Annotated[str, msgspec.Meta(pattern=r"^[a-z2-7]{25}[aeimquy4]\Z")]
"""16 bytes as 26 lowercase base32 characters (RFC 4648, without padding)."""
Ref = Annotated[str, msgspec.Meta(max_length=26)]
"""An id that the rules look up; its form needs no check of its own."""
Hash = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}\Z")]
Hex64 = Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{128}\Z")]
Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]
Integer = Annotated[int, msgspec.Meta(ge=-(2**53 - 1), le=2**53 - 1)]

# Whole dates as patterns: a day that does not exist is malformed before any rule sees it, so no
# rule needs to ask and none can fail over it.
_LEAP_YEAR: Final = r"(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)"
_DAY: Final = (
    r"(?!19[0-6])(?:19|[2-9][0-9])[0-9]{2}-(?:(?:0[1-9]|1[0-2])-(?:0[1-9]|1[0-9]|2[0-8])"
    rf"|(?:0[13-9]|1[0-2])-(?:29|30)|(?:0[13578]|1[02])-31|(?<={_LEAP_YEAR}-)02-29)"
)
_WHEN: Final = _DAY + r"T(?:[01][0-9]|2[0-3]):[0-5][0-9]Z"

Day = Annotated[str, msgspec.Meta(pattern=rf"^{_DAY}\Z")]
"""A day of the Gregorian calendar as `YYYY-MM-DD`, from 1970 on."""
When = Annotated[str, msgspec.Meta(pattern=rf"^{_WHEN}\Z")]
"""A moment as `YYYY-MM-DDTHH:MMZ`, from 1970 on; `minute` turns it into a number."""


class Malformed(Exception):
    """Bytes that are no canonical entry; the message says why."""


class UnknownKind(Exception):
    """An entry of a kind that these rules do not know: it cannot be checked."""


class As(StrEnum):
    """In which role an act was made."""

    MEMBER = "member"
    VOICE = "voice"
    ROW = "row"
    OFFICE = "office"
    NODE = "node"


class By(msgspec.Struct, frozen=True, forbid_unknown_fields=True, rename={"as_": "as"}):
    """Who acts: a role and the id that stands in it."""

    as_: As
    id: str

    def __str__(self) -> str:
        return f"{self.as_.value}:{self.id}"


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An Ed25519 public key and its signature over `act_message`."""

    public_key: Hash
    signature: Hex64


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What an entry of one kind says; a subclass names its `kind`."""

    kind: ClassVar[str]


B = TypeVar("B", bound=Body)


class Entry(
    msgspec.Struct, Generic[B], frozen=True, forbid_unknown_fields=True, omit_defaults=True
):
    """One accepted act, or one of its consequences, as it stands in the record."""

    kind: str
    at: str
    by: By
    key: str
    part: Count
    body: B
    content: tuple[Hash, ...] = ()
    proof: Proof | None = None


class Act(msgspec.Struct, Generic[B], frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A request to do something public: an entry without `at` and `part`."""

    kind: str
    by: By
    key: str
    body: B
    content: tuple[Hash, ...] = ()
    proof: Proof | None = None


_encoder = msgspec.json.Encoder()
encode_json = _encoder.encode

# `at` ends with the year 2999: what rules reckon from it never leaves the four-digit years.
_HEADER = re.compile(
    rb'\{"kind":"([a-z_]+\.[a-z_]+)","at":"((?:19|2\d)\d\d-\d\d-\d\dT\d\d:\d\dZ)",'
    rb'"by":\{"as":"[a-z]+","id":"[a-z2-7]{25}[aeimquy4]"\},"key":"[0-9a-f]{32}","part":'
)
_PLAIN_ESCAPES = re.compile(rb'(?:[^\\]|\\["\\])*')


def encode(entry: Entry[Any]) -> bytes:
    """Return the canonical bytes of an entry."""
    return _encoder.encode(entry)


class Codec:
    """Decodes the entries of the kinds of one version of the rules."""

    def __init__(self, bodies: Iterable[type[Body]]) -> None:
        self._entries: dict[bytes, msgspec.json.Decoder[Any]] = {}
        self._acts: dict[str, msgspec.json.Decoder[Any]] = {}
        self.bodies = tuple(bodies)
        for body in self.bodies:
            self._entries[body.kind.encode()] = msgspec.json.Decoder(Entry[body])  # type: ignore[valid-type]
            self._acts[body.kind] = msgspec.json.Decoder(Act[body])  # type: ignore[valid-type]

    def decode(self, raw: bytes) -> Entry[Any]:
        """Return the entry of canonical bytes.

        Raises `UnknownKind` for a well-formed header of another kind, else `Malformed`.
        """
        if len(raw) > MAX_ENTRY:
            raise Malformed(f"longer than {MAX_ENTRY} bytes")
        header = _HEADER.match(raw)
        if header is None:
            raise Malformed("the header is not in canonical form")
        kind, at = header.groups()
        minute(at.decode())
        decoder = self._entries.get(kind)
        if decoder is None:
            raise UnknownKind(kind.decode())
        try:
            entry: Entry[Any] = decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Malformed(str(error)) from error
        if _encoder.encode(entry) != raw:
            raise Malformed("not in canonical form (order, spacing, numbers or escapes)")
        check_text(raw)
        return entry

    def reread(self, raw: bytes) -> Entry[Any]:
        """Return the entry of bytes that were found canonical before."""
        entry: Entry[Any] = self._entries[raw[9 : raw.index(b'"', 9)]].decode(raw)
        return entry

    def decode_act(self, kind: str, raw: bytes) -> Act[Any]:
        """Return the act that a client sent as JSON; raise `UnknownKind` or `Malformed`."""
        decoder = self._acts.get(kind)
        if decoder is None:
            raise UnknownKind(kind)
        try:
            act: Act[Any] = decoder.decode(raw)
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise Malformed(str(error)) from error
        if act.kind != kind:
            raise Malformed("the kind differs")
        check_act(act)
        return act

    def check(self, act: Act[Any]) -> None:
        """Raise `Malformed` unless an act made in this program has the form that entries have."""
        try:
            raw = _encoder.encode(act)
            self._acts[act.kind].decode(raw)
        except (msgspec.DecodeError, ValueError, TypeError, KeyError) as error:
            raise Malformed(str(error)) from error
        _check_act(act, raw)


_KEY = re.compile(r"[0-9a-f]{32}")
_ID = re.compile(r"[a-z2-7]{25}[aeimquy4]")


def check_act(act: Act[Any]) -> None:
    """Raise `Malformed` unless the entry of this act would decode as canonical."""
    _check_act(act, _encoder.encode(act))


def _check_act(act: Act[Any], raw: bytes) -> None:
    if not _KEY.fullmatch(act.key):
        raise Malformed("the key is not 16 bytes in hexadecimal")
    if not _ID.fullmatch(act.by.id):
        raise Malformed("the id of who acts is malformed")
    if len(raw) > MAX_ACT:
        raise Malformed(f"longer than {MAX_ACT} bytes")
    check_text(raw)


def check_text(raw: bytes) -> None:
    """Raise `Malformed` for control characters or text that is not in NFC (Unicode UAX #15)."""
    if b"\\" in raw and not _PLAIN_ESCAPES.fullmatch(raw):
        raise Malformed("control characters in a string")
    if not raw.isascii() and not unicodedata.is_normalized("NFC", raw.decode()):
        raise Malformed("a string is not in Unicode normalisation form C")


_moment = re.compile(_WHEN)
_minutes: dict[str, int] = {}


def minute(text: str) -> int:
    """Return the minutes from 1970-01-01T00:00Z of a moment `YYYY-MM-DDTHH:MMZ`.

    Raises `Malformed` for anything else, also for days that do not exist.
    """
    known = _minutes.get(text)
    if known is not None:
        return known
    if _moment.fullmatch(text) is None:
        raise Malformed(f"no moment: {text!r}")
    value = int(datetime.fromisoformat(text).timestamp()) // 60
    if len(_minutes) > 100_000:
        _minutes.clear()
    _minutes[text] = value
    return value


_texts: dict[int, str] = {}


def when(value: int) -> str:
    """Return a moment given in minutes as `YYYY-MM-DDTHH:MMZ`."""
    text = _texts.get(value)
    if text is None:
        if len(_texts) > 100_000:
            _texts.clear()
        moment = datetime.fromtimestamp(value * 60, UTC)
        text = f"{moment.year:04d}-{moment:%m-%dT%H:%MZ}"
        _texts[value] = text
    return text


def id_of(raw: bytes) -> str:
    """Return 16 bytes as an id."""
    if len(raw) != 16:
        raise ValueError("an id has 16 bytes")
    return base64.b32encode(raw)[:26].decode().lower()


def id_bytes(text: str) -> bytes:
    """Return the 16 bytes of an id; raise `Malformed` if it is none."""
    if not _ID.fullmatch(text):
        raise Malformed("an id has 26 lowercase base32 characters")
    return base64.b32decode(text.upper() + "======")


def is_id(text: str) -> bool:
    """Tell whether a text is an id in canonical form."""
    return _ID.fullmatch(text) is not None


def _framed(*parts: bytes) -> bytes:
    return b"".join(len(part).to_bytes(2, "big") + part for part in parts)


def node_id(log_id: str) -> str:
    """Return the id under which the node of a log acts: the first 16 bytes of the log id."""
    return id_of(bytes.fromhex(log_id)[:16])


def act_key(log_id: str, by: By, idempotency: str) -> str:
    """Return the key of an act from the idempotency key its client drew."""
    framed = _framed(log_id.encode(), str(by).encode(), idempotency.encode())
    return hashlib.sha256(framed).digest()[:16].hex()


def due_key(log_id: str, deadline: int, what: str) -> str:
    """Return the key of a transition whose time has come."""
    framed = _framed(b"civic/due/1", log_id.encode(), when(deadline).encode(), what.encode())
    return hashlib.sha256(framed).digest()[:16].hex()


def made_id(key: str, part: int) -> str:
    """Return the id that part `part` of an act gives to what it makes by itself."""
    framed = _framed(b"civic/id/1", key.encode(), str(part).encode())
    return id_of(hashlib.sha256(framed).digest()[:16])


def key_id(public_key: bytes) -> str:
    """Return the voice or row id of a public key: the first 16 bytes of its SHA-256."""
    return id_of(hashlib.sha256(public_key).digest()[:16])


_DIGITS = bytes.maketrans(b"abcdefghijklmnopqrstuvwxyz234567", b"0123456789abcdefghijklmnopqrstuv")


def is_key_id(text: bytes, public_key: bytes) -> bool:
    """Tell whether an id in canonical form is `key_id` of a key, without encoding anything."""
    # 26 characters hold 130 bits, of which the last two are zero.
    digest = hashlib.sha256(public_key).digest()
    return int(text.translate(_DIGITS), 32) == int.from_bytes(digest[:16], "big") << 2


def act_message(
    log_id: str, kind: str, by: By, key: str, body: Body, content: tuple[str, ...]
) -> bytes:
    """Return the bytes that the proof of an act signs."""
    body_hash = hashlib.sha256(_encoder.encode(body)).hexdigest()
    content_hash = hashlib.sha256(_encoder.encode(content)).hexdigest()
    return f"civic/act/1\n{log_id}\n{kind}\n{by}\n{key}\n{body_hash}\n{content_hash}".encode()


def row_message(log_id: str, subject: str, row: str, count: int, value: int) -> bytes:
    """Return the bytes that a row id's key signs for one value about one subject.

    `count` is above that of every value that the key signed about the subject before.
    """
    return f"civic/row/1\n{log_id}\n{subject}\n{row}\n{count}\n{value}".encode()
