"""Words that come with an act: titles and names are what they look like."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.record.content import Words, content_hash, length_of, make_words
from civic.kernel.record.texts import WORDS_DIFFER, WORDS_INVISIBLE, words_refusal
from civic.kernel.refusal import Refusal

REFUSED = "\t\n\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200b\ufeff"


def refusal(text: str, *, title: bool) -> Refusal | None:
    raw = make_words(Words("en", text), bytes(16))
    digest = content_hash(raw)
    stated = [(digest, length_of(text), "en", None)]
    return words_refusal([digest], stated, {digest: raw}, [digest] if title else [])


@pytest.mark.parametrize("sign", REFUSED)
def test_a_title_has_no_character_that_nobody_sees(sign: str) -> None:
    text = f"Later{sign}hours"
    assert refusal(text, title=True) == Refusal(WORDS_INVISIBLE)
    assert refusal(text, title=False) is None


@pytest.mark.parametrize("sign", ["\u200c", "\u200d", "\u200e", "\u200f", "\u0301", "\U0001f511"])
def test_what_languages_need_stays(sign: str) -> None:
    assert refusal(f"x{sign}x", title=True) is None


@given(st.text("ab\u05d0\u0645\u200c\u200d\u00a0 -\u4e00", min_size=1), st.sampled_from(REFUSED))
def test_wherever_it_stands_it_is_found(text: str, sign: str) -> None:
    assert refusal(text, title=True) is None
    for at in range(len(text) + 1):
        assert refusal(text[:at] + sign + text[at:], title=True) == Refusal(WORDS_INVISIBLE)


def test_a_translation_names_what_it_translates() -> None:
    other = "1" * 64
    raw = make_words(Words("ru", "Дом", other), bytes(16))
    digest = content_hash(raw)
    given = {digest: raw}
    assert words_refusal([digest], [(digest, 3, "ru", other)], given) is None
    refused = words_refusal([digest], [(digest, 3, "ru", "2" * 64)], given)
    assert refused == Refusal(WORDS_DIFFER, {"what": "original"})


def test_a_title_must_be_there_before_it_is_looked_at() -> None:
    digest = "0" * 64
    assert words_refusal([digest], [], {}, [digest]) == Refusal(WORDS_DIFFER, {"what": "missing"})
