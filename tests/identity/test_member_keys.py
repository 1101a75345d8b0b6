import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.keys import derive, public_key, sign, signing_key, verify
from civic.kernel.record.entry import id_of, is_id
from identity.member_keys import id_of_key, member_key, row_key, voice_key

SEED = bytes(range(32))
LOG = "ab" * 32
MATTER = id_of(bytes(16))

seeds = st.binary(min_size=32, max_size=32)
ids = st.binary(min_size=16, max_size=16).map(id_of)


def test_exact_bytes() -> None:
    okm = derive(SEED, bytes.fromhex(LOG), b"voice" + MATTER.encode())
    assert bytes(voice_key(SEED, LOG, MATTER)) == okm
    assert bytes(member_key(SEED, LOG)) == derive(SEED, bytes.fromhex(LOG), b"member")
    assert bytes(row_key(SEED, LOG, MATTER)) == derive(
        SEED, bytes.fromhex(LOG), b"row" + MATTER.encode()
    )


def test_vector() -> None:
    """Frozen: another program that follows the description gets these."""
    assert public_key(member_key(SEED, LOG)).hex() == (
        "2628a1f642d7511f021cd0a85fe48acae4e9df79ad2d965c22372ba9b47ffe51"
    )
    assert id_of_key(voice_key(SEED, LOG, MATTER)) == "p5uhs4g4tkwr7p5fjovgbccpty"
    assert id_of_key(row_key(SEED, LOG, MATTER)) == "v7asnnav5hj4qmeneo34ru4mkm"


@given(seeds, ids, ids)
def test_every_use_has_a_key_of_its_own(seed: bytes, one: str, other: str) -> None:
    made = [member_key(seed, LOG), member_key(seed, "cd" * 32)]
    for matter in {one, other}:
        made += [voice_key(seed, LOG, matter), row_key(seed, LOG, matter)]
    assert len({bytes(key) for key in made}) == len(made)
    assert all(is_id(id_of_key(key)) for key in made)


def test_the_id_belongs_to_the_key() -> None:
    key = voice_key(SEED, LOG, MATTER)
    assert id_of_key(key) == id_of(hashlib.sha256(public_key(key)).digest()[:16])
    assert verify(public_key(key), b"words", sign(signing_key(bytes(key)), b"words"))


@pytest.mark.parametrize(
    ("seed", "log", "matter"),
    [(bytes(31), LOG, MATTER), (SEED, "AB" * 32, MATTER), (SEED, LOG, "x"), (SEED, "ab", MATTER)],
)
def test_malformed_input_makes_no_key(seed: bytes, log: str, matter: str) -> None:
    with pytest.raises(ValueError, match="has"):
        voice_key(seed, log, matter)
