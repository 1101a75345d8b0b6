"""Derivation and sealing: published vectors, and what an independent library makes of the same."""

import secrets

import pytest
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st
from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_decrypt as decrypt

from civic.kernel.keys import SealBroken, derive, open_sealed, seal

# RFC 5869, appendix A, test cases 1 to 3 (SHA-256).
VECTORS = (
    (
        b"\x0b" * 22,
        bytes(range(13)),
        bytes(range(0xF0, 0xFA)),
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865",
    ),
    (
        bytes(range(0x50)),
        bytes(range(0x60, 0xB0)),
        bytes(range(0xB0, 0x100)),
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c6"
        "5e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87",
    ),
    (
        b"\x0b" * 22,
        b"",
        b"",
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8",
    ),
)


@pytest.mark.parametrize(("secret", "salt", "info", "okm"), VECTORS)
def test_the_vectors_of_rfc_5869(secret: bytes, salt: bytes, info: bytes, okm: str) -> None:
    assert derive(secret, salt, info, len(okm) // 2).hex() == okm


@given(
    st.binary(max_size=100),
    st.binary(max_size=100),
    st.binary(max_size=100),
    st.integers(1, 255 * 32),
)
def test_another_library_derives_the_same(
    secret: bytes, salt: bytes, info: bytes, size: int
) -> None:
    other = HKDF(algorithm=SHA256(), length=size, salt=salt, info=info).derive(secret)
    assert derive(secret, salt, info, size) == other


@pytest.mark.parametrize("size", [0, -1, 255 * 32 + 1])
def test_sizes_that_hkdf_cannot_give(size: int) -> None:
    with pytest.raises(ValueError, match="HKDF"):
        derive(b"secret", b"", b"", size)


@given(st.binary(max_size=3000), st.binary(max_size=100))
def test_what_is_sealed_opens(data: bytes, context: bytes) -> None:
    key = secrets.token_bytes(32)
    sealed = seal(key, data, context)
    assert open_sealed(key, sealed, context) == data
    assert decrypt(sealed[24:], context, sealed[:24], key) == data


@given(st.binary(max_size=200), st.integers(0), st.integers(1, 255))
def test_a_changed_byte_breaks_the_seal(data: bytes, at: int, change: int) -> None:
    key = bytes(range(32))
    sealed = bytearray(seal(key, data, b"here"))
    sealed[at % len(sealed)] ^= change
    with pytest.raises(SealBroken):
        open_sealed(key, bytes(sealed), b"here")


def test_another_key_context_or_length_breaks_the_seal() -> None:
    key = bytes(32)
    sealed = seal(key, b"words", b"here")
    with pytest.raises(SealBroken):
        open_sealed(bytes([1]) + bytes(31), sealed, b"here")
    with pytest.raises(SealBroken):
        open_sealed(key, sealed, b"there")
    for size in range(len(sealed)):
        with pytest.raises(SealBroken):
            open_sealed(key, sealed[:size], b"here")
    with pytest.raises(ValueError, match="32 bytes"):
        open_sealed(key[:31], sealed, b"here")
