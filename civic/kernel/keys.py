"""Keys of a node: Ed25519 signing keys, sealed boxes and derivation, kept as files of mode 0600."""

import hmac
import os
import secrets
from pathlib import Path

from nacl._sodium import ffi, lib  # type: ignore[import-not-found]
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_ABYTES,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
    crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
    crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    crypto_sign_BYTES,
    crypto_sign_PUBLICKEYBYTES,
)
from nacl.signing import SigningKey

SEED_SIZE = 32
_NOTHING = ffi.NULL


class SealBroken(Exception):
    """Sealed bytes do not open: another key, another context, or damage."""


def derive(secret: bytes, salt: bytes, info: bytes, size: int = 32) -> bytes:
    """Derive `size` bytes from a secret by HKDF-SHA256 (RFC 5869)."""
    # In a few calls of the standard library: each request of somebody signed in derives a key.
    if not 0 < size <= 255 * 32:
        raise ValueError("HKDF-SHA256 gives 1 to 8160 bytes")
    extracted = hmac.digest(salt or bytes(32), secret, "sha256")
    block = out = hmac.digest(extracted, info + b"\x01", "sha256")
    while len(out) < size:
        block = hmac.digest(extracted, block + info + bytes([len(out) // 32 + 1]), "sha256")
        out += block
    return out[:size]


def seal(key: bytes, data: bytes, context: bytes) -> bytes:
    """Encrypt and authenticate `data` for `context` under a 32-byte key.

    XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha) with a random 24-byte nonce before the ciphertext.
    """
    nonce = secrets.token_bytes(crypto_aead_xchacha20poly1305_ietf_NPUBBYTES)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(data, context, nonce, key)


def open_sealed(key: bytes, sealed: bytes, context: bytes) -> bytes:
    """Return what `seal` was given; raise `SealBroken` if key, context or bytes differ."""
    cut = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES
    size = len(sealed) - cut - crypto_aead_xchacha20poly1305_ietf_ABYTES
    if size < 0:
        raise SealBroken("too short")
    if len(key) != crypto_aead_xchacha20poly1305_ietf_KEYBYTES:
        raise ValueError(f"a key has {crypto_aead_xchacha20poly1305_ietf_KEYBYTES} bytes")
    # What PyNaCl's binding comes to without its checks, which cost four times the work itself.
    opened = ffi.new("unsigned char[]", size)
    length = ffi.new("unsigned long long *")
    broken: int = lib.crypto_aead_xchacha20poly1305_ietf_decrypt(
        opened,
        length,
        _NOTHING,
        sealed[cut:],
        len(sealed) - cut,
        context,
        len(context),
        sealed[:cut],
        key,
    )
    if broken:
        raise SealBroken("wrong key, context or bytes")
    plain: bytes = ffi.buffer(opened, size)[:]
    return plain


def signing_key(seed: bytes) -> SigningKey:
    """Return the Ed25519 signing key of a 32-byte seed (RFC 8032)."""
    return SigningKey(seed)


def public_key(key: SigningKey) -> bytes:
    """Return the 32 bytes of a key's public half."""
    return bytes(key.verify_key)


def sign(key: SigningKey, message: bytes) -> bytes:
    """Return the 64-byte Ed25519 signature of a message."""
    return key.sign(message).signature


def verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Tell whether an Ed25519 signature is good; False also for malformed keys or signatures."""
    if len(public) != crypto_sign_PUBLICKEYBYTES or len(signature) != crypto_sign_BYTES:
        return False
    return opens(public, signature + message)


def opens(public: bytes, signed: bytes) -> bool:
    """Tell whether a key of 32 bytes signed a message that stands behind its signature of 64."""
    # What `VerifyKey.verify` comes to, without its objects and copies: libsodium takes no buffer
    # to mean that the message is not wanted back.
    opened: int = lib.crypto_sign_open(_NOTHING, _NOTHING, signed, len(signed), public)
    return opened == 0


def random_hex(size: int) -> str:
    """Return random bytes in hexadecimal."""
    return secrets.token_hex(size)


class KeyFiles:
    """Secret keys as single files under one folder (0700), each file 0600 and written once."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def secret(self, name: str) -> bytes:
        """Return the 32-byte secret of a name, made and synced to disk at first use.

        Two processes that ask at once get the same secret: the file is linked into place.
        """
        path = self.folder / name
        try:
            return self._read(path)
        except FileNotFoundError:
            self._write_once(path, secrets.token_bytes(SEED_SIZE))
            return self._read(path)

    def rename(self, name: str, to: str) -> None:
        """Give a secret another name, which must be new."""
        self.put(to, self.secret(name))
        (self.folder / name).unlink()

    def known(self, name: str) -> bool:
        """Tell whether a secret of this name exists."""
        return (self.folder / name).exists()

    def names(self) -> list[str]:
        """Return the names of all secrets, sorted."""
        if not self.folder.exists():
            return []
        return sorted(p.name for p in self.folder.iterdir() if not p.name.startswith("."))

    def put(self, name: str, secret: bytes) -> None:
        """Store a secret under a name that must be new (or hold the same bytes)."""
        path = self.folder / name
        self._write_once(path, secret)
        if self._read(path) != secret:
            raise FileExistsError(path)

    def _read(self, path: Path) -> bytes:
        secret = path.read_bytes()
        if len(secret) != SEED_SIZE:
            raise ValueError(f"{path} does not hold a key of {SEED_SIZE} bytes")
        return secret

    def _write_once(self, path: Path, secret: bytes) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        part = self.folder / f".{path.name}.{secrets.token_hex(8)}"
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(handle, secret)
            os.fsync(handle)
        finally:
            os.close(handle)
        try:
            os.link(part, path)
        except FileExistsError:
            pass
        finally:
            part.unlink()
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
