"""Seeds as people write them down, and as they type them in again."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from identity import seed_words
from identity.seed_words import NoSeed

VECTORS = json.loads((Path(__file__).parents[2] / "docs/protocol/vectors/seeds.json").read_text())
seeds = st.binary(min_size=32, max_size=32)


@pytest.mark.parametrize("one", VECTORS["good"])
def test_the_vectors(one: dict[str, str]) -> None:
    assert seed_words.write(bytes.fromhex(one["seed"])) == one["written"]
    for typed in (one["written"], one["typed"]):
        assert seed_words.read(typed).hex() == one["seed"]


@pytest.mark.parametrize("one", VECTORS["bad"])
def test_what_is_no_seed(one: str) -> None:
    with pytest.raises(NoSeed):
        seed_words.read(one)


@given(seeds)
def test_a_seed_comes_back(seed: bytes) -> None:
    written = seed_words.write(seed)
    assert len(written.split(" ")) == seed_words.GROUPS
    assert seed_words.read(written) == seed
    assert seed_words.read(f"\n {written.upper().replace(' ', '-')}\t") == seed


@given(seeds, st.integers(0, 55), st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"))
def test_one_wrong_letter_is_seen(seed: bytes, at: int, letter: str) -> None:
    letters = seed_words.write(seed).replace(" ", "")
    wrong = letters[:at] + letter + letters[at + 1 :]
    if wrong != letters:
        with pytest.raises(NoSeed):
            seed_words.read(wrong)


@given(st.text(max_size=90))
def test_any_other_text_is_refused(text: str) -> None:
    with pytest.raises(NoSeed):
        seed_words.read(text)


def test_a_seed_has_its_size() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seed_words.write(bytes(31))
