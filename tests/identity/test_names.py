from hypothesis import given
from hypothesis import strategies as st

from identity import names


def test_the_list_is_what_it_promises() -> None:
    assert len(names.WORDS) == len(set(names.WORDS)) == 2048
    assert len({word[:4] for word in names.WORDS}) == 2048
    assert all(3 <= len(word) <= 8 and word.isascii() and word.islower() for word in names.WORDS)
    assert list(names.WORDS) == sorted(names.WORDS)


def test_a_name_has_four_words_of_the_list() -> None:
    drawn = names.draw().split("-")
    assert len(drawn) == 4
    assert set(drawn) <= set(names.WORDS)


words = st.lists(st.sampled_from(names.WORDS), min_size=4, max_size=4)


@given(words, st.sampled_from([" ", "-", "  ", ", ", "_", "\n"]))
def test_case_and_separators_do_not_matter(drawn: list[str], separator: str) -> None:
    name = "-".join(drawn)
    assert names.normalise(f" {separator.join(drawn).upper()} ") == name
    assert names.normalise(separator.join(word[:4] for word in drawn)) == name


@given(st.text())
def test_anything_typed_has_one_form(typed: str) -> None:
    once = names.normalise(typed)
    assert names.normalise(once) == once


def test_the_hash_needs_the_key() -> None:
    assert names.name_hash(b"a" * 32, "one") != names.name_hash(b"b" * 32, "one")
    assert names.name_hash(b"a" * 32, "one") != names.name_hash(b"a" * 32, "two")
