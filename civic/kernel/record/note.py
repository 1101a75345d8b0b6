"""Signed notes, checkpoints and cosignatures (C2SP signed-note, tlog-checkpoint, tlog-cosignature).

Everything that comes from outside is read strictly: what is not exactly the one form that we would
write ourselves is a `NoteError` with a stable reason.
"""

from binascii import a2b_base64, b2a_base64
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from hashlib import sha256

from nacl.exceptions import CryptoError
from nacl.signing import SigningKey, VerifyKey

from civic.kernel.record.merkle import HASH_BYTES, MAX_SIZE

MAX_LINES = 16
"""Signature lines of a note; witnesses of the sigsum family refuse more."""

MAX_NOTE_BYTES = 1_000_000
MAX_TIME = 2**63 - 1

_KEY_ID_BYTES = 4
_PUBLIC_KEY_BYTES = 32
_SIGNATURE_BYTES = 64
_DASH = "— "
_CONTROLS = bytes(range(0x20)).replace(b"\n", b"")


class Reason(StrEnum):
    """Why a note, key or checkpoint was refused."""

    too_long = "too_long"
    not_text = "not_text"
    no_signatures = "no_signatures"
    too_many_lines = "too_many_lines"
    malformed_line = "malformed_line"
    malformed_base64 = "malformed_base64"
    malformed_name = "malformed_name"
    malformed_key = "malformed_key"
    wrong_key_type = "wrong_key_type"
    malformed_checkpoint = "malformed_checkpoint"
    wrong_origin = "wrong_origin"
    unknown_signers = "unknown_signers"
    repeated_signature = "repeated_signature"
    bad_signature = "bad_signature"


class NoteError(ValueError):
    """A note, key or checkpoint that is refused; `reason` is stable, the text is for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(reason, detail)
        self.reason = reason
        self.detail = detail

    def __str__(self) -> str:
        return f"{self.detail} ({self.reason})"


class KeyType(IntEnum):
    """The kinds of signature that we make and check."""

    ed25519 = 0x01
    cosignature = 0x04


def encode_base64(data: bytes) -> str:
    """Standard base64 with padding, on one line."""
    return b2a_base64(data, newline=False).decode()


def decode_base64(text: str) -> bytes:
    """The inverse of `encode_base64`; any other spelling of the same bytes is a `NoteError`."""
    try:
        data = a2b_base64(text)
    except ValueError:
        data = b""
    if encode_base64(data) != text:
        raise NoteError(Reason.malformed_base64, "not canonical base64")
    return data


def decode_decimal(text: str) -> int | None:
    """A number of at most 2^63-1 without sign or leading zero, or None for anything else."""
    if not text.isascii() or not text.isdigit() or len(text) > 19 or (text[0] == "0" != text):
        return None
    number = int(text)
    return number if number <= MAX_SIZE else None


def _check_name(name: str) -> None:
    if not name or "+" in name or any(letter.isspace() or letter < " " for letter in name):
        raise NoteError(Reason.malformed_name, "a key name is empty or has a space or plus")
    try:
        name.encode()
    except UnicodeEncodeError:
        raise NoteError(Reason.malformed_name, "a key name is not valid Unicode") from None


def key_id(name: str, key_type: int, public_key: bytes) -> bytes:
    """The 4 bytes that tell a signature line's key from others of the same name."""
    return sha256(b"%b\n%c%b" % (name.encode(), key_type, public_key)).digest()[:_KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under the name by which notes know it; `NoteError` if it cannot be one."""

    name: str
    key_type: KeyType
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if len(self.public_key) != _PUBLIC_KEY_BYTES:
            raise NoteError(Reason.malformed_key, "an Ed25519 key has 32 bytes")

    @property
    def id(self) -> bytes:
        """The key id, 4 bytes."""
        return key_id(self.name, self.key_type, self.public_key)


def parse_vkey(text: str) -> VerifierKey:
    """The key of `name+id+base64`; `NoteError` where the id differs or the type is not ours."""
    name, _, rest = text.partition("+")
    digits, plus, encoded = rest.partition("+")
    if not plus:
        raise NoteError(Reason.malformed_key, "a key is written name+id+key")
    _check_name(name)
    data = decode_base64(encoded)
    if not data or key_id(name, data[0], data[1:]).hex() != digits:
        raise NoteError(Reason.malformed_key, "the key does not have this id")
    if data[0] not in (KeyType.ed25519, KeyType.cosignature):
        raise NoteError(Reason.wrong_key_type, f"keys of type {data[0]:#04x} are not supported")
    return VerifierKey(name, KeyType(data[0]), data[1:])


def format_vkey(key: VerifierKey) -> str:
    """The text `name+id+base64` of a key."""
    return f"{key.name}+{key.id.hex()}+{encode_base64(bytes([key.key_type]) + key.public_key)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line, unchecked: who is said to have signed, and the bytes of it."""

    name: str
    key_id: bytes
    blob: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A note as it was read: its text and its signature lines, unchecked."""

    text: str
    signatures: tuple[Signature, ...]


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that was checked: by which key and, for a cosignature, when (Unix seconds)."""

    key: VerifierKey
    time: int | None


def format_signature(signature: Signature) -> str:
    """The line of a signature, with its newline."""
    encoded = encode_base64(signature.key_id + signature.blob)
    return f"{_DASH}{signature.name} {encoded}\n"


def _parse_line(line: str) -> Signature:
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space:
        raise NoteError(Reason.malformed_line, "a signature line is written — name signature")
    _check_name(name)
    data = decode_base64(encoded)
    if len(data) <= _KEY_ID_BYTES:
        raise NoteError(Reason.malformed_line, "a signature line has no signature")
    return Signature(name, data[:_KEY_ID_BYTES], data[_KEY_ID_BYTES:])


def _decode_text(data: bytes) -> str:
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(Reason.too_long, f"a note has at most {MAX_NOTE_BYTES} bytes")
    if len(data.translate(None, _CONTROLS)) != len(data):
        raise NoteError(Reason.not_text, "a note has no control characters")
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise NoteError(Reason.not_text, "a note is UTF-8") from None


def parse_signatures(data: bytes) -> tuple[Signature, ...]:
    """1 to 16 signature lines, such as a witness answers with; each ends in a newline."""
    return _parse_lines(_decode_text(data))


def _parse_lines(block: str) -> tuple[Signature, ...]:
    if not block.endswith("\n"):
        raise NoteError(Reason.no_signatures, "signature lines are missing or cut off")
    lines = block[:-1].split("\n", MAX_LINES)
    if len(lines) > MAX_LINES:
        raise NoteError(Reason.too_many_lines, f"more than {MAX_LINES} signature lines")
    return tuple(map(_parse_line, lines))


def parse_note(data: bytes) -> Note:
    """Reads a note without checking any signature. Split is at the last empty line."""
    text, gap, block = _decode_text(data).rpartition("\n\n")
    if not gap:
        raise NoteError(Reason.no_signatures, "no empty line before the signatures")
    return Note(text + "\n", _parse_lines(block))


def format_note(text: str, signatures: Iterable[Signature]) -> bytes:
    """The bytes of a note; `NoteError` for a text or a number of lines that cannot be read back."""
    signatures = tuple(signatures)
    data = f"{_signable(text).decode()}\n{''.join(map(format_signature, signatures))}".encode()
    if parse_note(data) != Note(text, signatures):
        raise NoteError(Reason.malformed_line, "a signature cannot be written as a line")
    return data


def _signable(text: str) -> bytes:
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise NoteError(Reason.not_text, "a note's text is valid Unicode") from None
    _decode_text(data)
    if not text.endswith("\n"):
        raise NoteError(Reason.not_text, "a note's text ends with a newline")
    return data


def _cosigned(time: int, text: bytes) -> bytes:
    return b"cosignature/v1\ntime %d\n%b" % (time, text)


def sign(text: str, name: str, key: SigningKey) -> Signature:
    """A plain Ed25519 signature (type 0x01) of a note's text under a key name."""
    public = VerifierKey(name, KeyType.ed25519, bytes(key.verify_key))
    return Signature(name, public.id, key.sign(_signable(text)).signature)


def cosign(text: str, name: str, key: SigningKey, time: int) -> Signature:
    """A witness's cosignature/v1 (type 0x04) of a checkpoint's text at `time` (Unix seconds).

    It says: at that time this is the largest consistent head I have seen for this origin. The
    signed bytes do not name the cosigner, so a key must serve under one name only.
    """
    if not 0 <= time <= MAX_TIME:
        raise NoteError(Reason.malformed_line, "a cosignature's time is out of range")
    public = VerifierKey(name, KeyType.cosignature, bytes(key.verify_key))
    signature = key.sign(_cosigned(time, _signable(text))).signature
    return Signature(name, public.id, time.to_bytes(8, "big") + signature)


def verify_signature(text: str, signature: Signature, key: VerifierKey) -> Signed:
    """Checks one line, known to be of `key`, over a note's text; `NoteError` where it fails."""
    message, blob, time = text.encode(), signature.blob, None
    if key.key_type == KeyType.cosignature:
        time, blob = int.from_bytes(blob[:8], "big"), blob[8:]
        message = _cosigned(time, message)
    try:
        if len(blob) != _SIGNATURE_BYTES or (time or 0) > MAX_TIME:
            raise CryptoError
        VerifyKey(key.public_key).verify(message, blob)
    except CryptoError:
        detail = f"the signature of {key.name} does not verify"
        raise NoteError(Reason.bad_signature, detail) from None
    return Signed(key, time)


def verify_note(note: Note, keys: Iterable[VerifierKey]) -> tuple[Signed, ...]:
    """The checked signatures by known keys, in the order of their lines, each key once.

    Lines of unknown (name, id) are passed over. `NoteError` if a known line fails, if a known key
    signs twice (which of the two would count?), or if no line is of a known key.
    """
    known = {(key.name, key.id): key for key in keys}
    signed: list[Signed] = []
    for signature in note.signatures:
        key = known.get((signature.name, signature.key_id))
        if key is None:
            continue
        if any(earlier.key == key for earlier in signed):
            raise NoteError(Reason.repeated_signature, f"{key.name} stands twice")
        signed.append(verify_signature(note.text, signature, key))
    if not signed:
        raise NoteError(Reason.unknown_signers, "no signature by a known key")
    return tuple(signed)


def open_note(data: bytes, keys: Iterable[VerifierKey]) -> tuple[str, tuple[Signed, ...]]:
    """The text of a note and its checked signatures (see `verify_note`)."""
    note = parse_note(data)
    return note.text, verify_note(note, keys)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The head of a log: what the log key signs; `NoteError` for one that cannot be written."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        _check_name(self.origin)
        if not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            raise NoteError(Reason.malformed_checkpoint, "a size or root is out of range")


def format_checkpoint(checkpoint: Checkpoint) -> str:
    """The three lines of a checkpoint, which are the text of its note."""
    return f"{checkpoint.origin}\n{checkpoint.size}\n{encode_base64(checkpoint.root)}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """Reads exactly three lines: origin, size, root. Whether root fits size 0 is not its matter."""
    lines = text.split("\n", 4)
    if len(lines) != 4 or lines[3]:
        raise NoteError(Reason.malformed_checkpoint, "a checkpoint has three lines")
    size = decode_decimal(lines[1])
    if size is None:
        raise NoteError(Reason.malformed_checkpoint, "the size is not a decimal number")
    return Checkpoint(lines[0], size, decode_base64(lines[2]))


def log_id(public_key: bytes) -> str:
    """A log's id: the hex SHA-256 of its public key."""
    return sha256(public_key).hexdigest()


def origin(log: str) -> str:
    """The origin and key name of the log with this id; it survives a change of host."""
    return f"civic/log/{log}"


def log_key(public_key: bytes) -> VerifierKey:
    """The key under which one of our logs signs its checkpoints."""
    return VerifierKey(origin(log_id(public_key)), KeyType.ed25519, public_key)


def sign_checkpoint(checkpoint: Checkpoint, key: SigningKey) -> bytes:
    """The signed note of a checkpoint by the log's own key, named as its origin."""
    text = format_checkpoint(checkpoint)
    return format_note(text, [sign(text, checkpoint.origin, key)])


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint whose log signature was checked, and the checked cosignatures on it."""

    checkpoint: Checkpoint
    text: str
    cosignatures: tuple[Signed, ...]


def open_checkpoint(
    data: bytes, log: VerifierKey, witnesses: Iterable[VerifierKey] = ()
) -> SignedCheckpoint:
    """Reads a signed checkpoint of one log and checks it against the log's key and witnesses.

    `NoteError` unless the log's key, named as the origin, signed it exactly once and every line of
    a known witness verifies. Whether the cosignatures are enough is for the caller to say.
    """
    witnesses = tuple(witnesses)
    if log.key_type != KeyType.ed25519 or any(
        witness.key_type != KeyType.cosignature for witness in witnesses
    ):
        raise NoteError(Reason.wrong_key_type, "a log signs by type 0x01, a witness by type 0x04")
    note = parse_note(data)
    signed = verify_note(note, (log, *witnesses))
    cosignatures = tuple(each for each in signed if each.key != log)
    if len(cosignatures) == len(signed):
        raise NoteError(Reason.unknown_signers, "the log's own signature is missing")
    checkpoint = parse_checkpoint(note.text)
    if checkpoint.origin != log.name:
        raise NoteError(Reason.wrong_origin, "this is the checkpoint of another log")
    return SignedCheckpoint(checkpoint, note.text, cosignatures)
