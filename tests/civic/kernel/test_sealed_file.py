"""Sealed files: what was written comes back, and nothing else does."""

import io
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from nacl import pwhash

from civic.kernel.sealed_file import CHUNK, Opener, SealedFileError, Sealer

CHEAP: dict[str, Any] = {
    "passes": pwhash.argon2id.OPSLIMIT_MIN,
    "memory": pwhash.argon2id.MEMLIMIT_MIN,
}
WORDS = "four good old words"


def sealed(*parts: bytes) -> bytes:
    file = io.BytesIO()
    sealer = Sealer(file, WORDS, **CHEAP)
    for part in parts:
        sealer.write(part)
    sealer.finish()
    return file.getvalue()


def opened(raw: bytes, size: int, passphrase: str = WORDS) -> bytes:
    opener = Opener(io.BytesIO(raw), passphrase)
    data = opener.read(size)
    opener.finish()
    return data


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 200_000])
def test_comes_back(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    assert opened(sealed(data[:size]), size) == data[:size]


@given(parts=st.lists(st.binary(max_size=40), max_size=8))
@settings(max_examples=20, deadline=None)
def test_parts_are_one_stream(parts: list[bytes]) -> None:
    whole = b"".join(parts)
    assert opened(sealed(*parts), len(whole)) == whole


def test_another_passphrase() -> None:
    with pytest.raises(SealedFileError, match="passphrase"):
        Opener(io.BytesIO(sealed(b"secret")), "four good new words")


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_flipped_bit_goes_unseen(data: st.DataObject) -> None:
    raw = bytearray(RAW)
    place = data.draw(st.integers(0, len(raw) * 8 - 1))
    raw[place // 8] ^= 1 << place % 8
    with pytest.raises(SealedFileError):
        opened(bytes(raw), 70_000)


@pytest.mark.parametrize("cut", [0, 5, 17, 100, 60_000, 65_800, -1])
def test_no_cut_goes_unseen(cut: int) -> None:
    with pytest.raises(SealedFileError):
        opened(RAW[:cut], 70_000)


def test_nothing_is_added() -> None:
    with pytest.raises(SealedFileError, match="changed"):
        opened(RAW + b"x", 70_000)
    with pytest.raises(SealedFileError, match="follows"):
        opened(RAW, 69_999)
    with pytest.raises(SealedFileError, match="ends"):
        opened(RAW, 70_001)


def test_a_header_does_not_exhaust_the_machine() -> None:
    raw = RAW.replace(b'"passes":1', b'"passes":9999999', 1)
    raw = raw.replace(raw[15:19], (int.from_bytes(raw[15:19], "big") + 6).to_bytes(4, "big"), 1)
    with pytest.raises(SealedFileError, match="header"):
        opened(raw, 70_000)


RAW = sealed(bytes(70_000))
