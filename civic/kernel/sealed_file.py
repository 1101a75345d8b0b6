"""Files encrypted under a passphrase, written and read as a stream in constant memory.

    civic-backup/1 LF, or another name of what it holds
    4 bytes   length of the header, big-endian
    header    JSON: {"kdf":"argon2id13","salt":hex16,"passes":n,"memory":bytes,"stream":hex24}
    chunks    XChaCha20-Poly1305 (libsodium secretstream) of 65,536 bytes each, the last shorter

The key is Argon2id(passphrase, salt). Everything before the chunks is authenticated with the first
chunk, and the last chunk is marked, so a file that was changed, cut off or added to is refused.
"""

import secrets
from collections.abc import Callable
from typing import BinaryIO, Final

import msgspec
from nacl import bindings, pwhash
from nacl.exceptions import CryptoError

CHUNK: Final = 65_536
BACKUP: Final = "civic-backup/1"
ACCOUNT: Final = "civic-account/1"

_MAX_HEADER: Final = 4_096
_MAX_MEMORY: Final = 1 << 30
_MAX_PASSES: Final = 16
_TAG_BYTES: Final = bindings.crypto_secretstream_xchacha20poly1305_ABYTES
_MESSAGE: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_MESSAGE
_FINAL: Final = bindings.crypto_secretstream_xchacha20poly1305_TAG_FINAL


class SealedFileError(Exception):
    """The file is another, was changed, or the passphrase is another; the text says which."""


class _Header(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kdf: str
    salt: str
    passes: int
    memory: int
    stream: str


def _key(passphrase: str, header: _Header) -> bytes:
    return pwhash.argon2id.kdf(
        bindings.crypto_secretstream_xchacha20poly1305_KEYBYTES,
        passphrase.encode(),
        bytes.fromhex(header.salt),
        opslimit=header.passes,
        memlimit=header.memory,
    )


class Sealer:
    """Encrypts what is written into a file; `finish` makes it whole."""

    def __init__(
        self,
        file: BinaryIO,
        passphrase: str,
        kind: str = BACKUP,
        *,
        passes: int = pwhash.argon2id.OPSLIMIT_MODERATE,
        memory: int = pwhash.argon2id.MEMLIMIT_MODERATE,
    ) -> None:
        """Begin a file. The defaults cost 256 MB and most of a second for each guess."""
        self._file = file
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        salt = secrets.token_bytes(pwhash.argon2id.SALTBYTES)
        wanted = _Header("argon2id13", salt.hex(), passes, memory, "")
        stream = bindings.crypto_secretstream_xchacha20poly1305_init_push(
            self._state, _key(passphrase, wanted)
        )
        raw = msgspec.json.encode(msgspec.structs.replace(wanted, stream=stream.hex()))
        self._ad: bytes | None = _magic(kind) + len(raw).to_bytes(4, "big") + raw
        self._waiting = bytearray()
        file.write(self._ad)

    def write(self, data: bytes) -> None:
        """Take more bytes."""
        waiting = self._waiting
        waiting += data
        # One chunk stays behind, since the last one is marked.
        while len(waiting) > CHUNK:
            self._push(bytes(waiting[:CHUNK]), _MESSAGE)
            del waiting[:CHUNK]

    def finish(self) -> None:
        """Write the last chunk."""
        self._push(bytes(self._waiting), _FINAL)
        self._waiting.clear()

    def _push(self, chunk: bytes, tag: int) -> None:
        self._file.write(
            bindings.crypto_secretstream_xchacha20poly1305_push(self._state, chunk, self._ad, tag)
        )
        self._ad = None


class Opener:
    """Reads what a `Sealer` wrote, each chunk checked before it is given out."""

    def __init__(self, file: BinaryIO, passphrase: str, kind: str = BACKUP) -> None:
        self._file = file
        self._rest = b""
        self._ended = False
        header, authenticated = _read_header(file, kind)
        self._ad: bytes | None = authenticated
        self._state = bindings.crypto_secretstream_xchacha20poly1305_state()
        bindings.crypto_secretstream_xchacha20poly1305_init_pull(
            self._state, bytes.fromhex(header.stream), _key(passphrase, header)
        )
        try:
            self._rest = self._pull()
        except SealedFileError:
            raise SealedFileError(
                "The passphrase is not the one of this file, or its beginning was changed."
            ) from None

    def read(self, size: int) -> bytes:
        """Return exactly `size` bytes; SealedFileError if there are not so many."""
        parts: list[bytes] = []
        while size:
            if not self._rest:
                if self._ended:
                    raise SealedFileError("The file ends in the middle of something.")
                self._rest = self._pull()
            part, self._rest = self._rest[:size], self._rest[size:]
            parts.append(part)
            size -= len(part)
        return b"".join(parts)

    def finish(self) -> None:
        """Make sure that this was all."""
        if self._rest or not self._ended or self._file.read(1):
            raise SealedFileError("Something follows the end of the file.")

    def _pull(self) -> bytes:
        chunk = self._file.read(CHUNK + _TAG_BYTES)
        try:
            data, tag = bindings.crypto_secretstream_xchacha20poly1305_pull(
                self._state, chunk, self._ad
            )
        except (CryptoError, ValueError) as error:
            raise SealedFileError("The file was changed or cut off.") from error
        self._ad = None
        self._ended = tag == _FINAL
        return bytes(data)


def _magic(kind: str) -> bytes:
    return kind.encode() + b"\n"


def _read_header(file: BinaryIO, kind: str) -> tuple[_Header, bytes]:
    magic = file.read(len(_magic(kind)))
    if magic != _magic(kind):
        what = "backup" if kind == BACKUP else "copy of an account"
        raise SealedFileError(f"This file is no {what} that this civic can read.")
    length = file.read(4)
    size = int.from_bytes(length, "big")
    raw = file.read(min(size, _MAX_HEADER))
    try:
        header = msgspec.json.decode(raw, type=_Header)
        salt, stream = bytes.fromhex(header.salt), bytes.fromhex(header.stream)
    except (msgspec.DecodeError, ValueError) as error:
        raise SealedFileError("The header of the file is damaged.") from error
    if (
        header.kdf != "argon2id13"
        or len(salt) != pwhash.argon2id.SALTBYTES
        or len(stream) != bindings.crypto_secretstream_xchacha20poly1305_HEADERBYTES
        # Nobody's file makes this program take all memory or all day.
        or not pwhash.argon2id.MEMLIMIT_MIN <= header.memory <= _MAX_MEMORY
        or not pwhash.argon2id.OPSLIMIT_MIN <= header.passes <= _MAX_PASSES
    ):
        raise SealedFileError("The header of the file is damaged.")
    return header, magic + length + raw


Write = Callable[[bytes], None]


def write_section(sealer: Sealer, name: str) -> Write:
    """Begin a named section; the function returned takes its bytes, and an empty one ends it."""
    raw = name.encode()
    sealer.write(len(raw).to_bytes(2, "big") + raw)

    def write(data: bytes) -> None:
        sealer.write(len(data).to_bytes(4, "big") + data)

    return write


def read_name(opener: Opener) -> str:
    """Return the name of the next section."""
    return opener.read(int.from_bytes(opener.read(2), "big")).decode()


def read_block(opener: Opener) -> bytes:
    """Return the next bytes of a section, empty at its end."""
    return opener.read(int.from_bytes(opener.read(4), "big"))
