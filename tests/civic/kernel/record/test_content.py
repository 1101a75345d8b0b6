import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.record import content
from civic.kernel.record.content import Words, make_words, read_words, salted, unsalted
from civic.kernel.record.entry import Malformed
from tests.acts import text

SALT = bytes(range(16))


class TestWords:
    @pytest.mark.parametrize(
        "words",
        [
            Words("en", "Hello"),
            Words("sr-Latn", 'Šta?\n\tDa: "to" \\n'),
            Words("lt", "", text("original")),
            Words("en", "\\" * 7 + "n"),
        ],
    )
    def test_there_and_back(self, words: Words) -> None:
        raw = make_words(words, SALT)
        assert raw.startswith(SALT + b"application/vnd.civic.words+json\n{")
        assert read_words(raw) == words

    def test_a_fresh_salt_each_time(self) -> None:
        one, other = make_words(Words("en", "x")), make_words(Words("en", "x"))
        assert one != other
        assert content.content_hash(one) == hashlib.sha256(one).hexdigest()

    @pytest.mark.parametrize(
        "words",
        [
            Words("EN", "x"),
            Words("en\n", "x"),
            Words("e", "x"),
            Words("en", "u\u0308"),
            Words("en", "\x00"),
            Words("en", "\r"),
            Words("en", "\x1b"),
            Words("en", "x", "abc"),
            Words("en", "x", text("o") + "\n"),
        ],
    )
    def test_malformed_words_are_not_made(self, words: Words) -> None:
        with pytest.raises(Malformed):
            make_words(words)

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"{}",
            b"null",
            b'{"text":"x","lang":"en"}',
            b'{"lang":"en","text":"x","more":1}',
            b'{"lang":"en","text":"x","original":null}',
            b'{"lang":"en", "text":"x"}',
            b'{"lang":"en","text":"\\u0041"}',
            b'{"lang":"en","text":"x"}\n',
            b'{"lang":"en","text":"\xff"}',
        ],
    )
    def test_bytes_that_are_not_canonical(self, body: bytes) -> None:
        with pytest.raises(Malformed):
            read_words(salted(content.WORDS_TYPE, body, SALT))

    @given(st.text())
    def test_any_text_is_kept_or_refused(self, words: str) -> None:
        try:
            raw = make_words(Words("en", words))
        except Malformed:
            return
        assert read_words(raw).text == words

    @given(st.binary(max_size=100))
    def test_any_bytes(self, raw: bytes) -> None:
        with pytest.raises(Malformed):
            read_words(raw)


class TestSalted:
    def test_other_types_are_no_words(self) -> None:
        raw = salted("text/plain", b"x", SALT)
        assert unsalted(raw) == ("text/plain", b"x")
        with pytest.raises(Malformed):
            read_words(raw)

    @pytest.mark.parametrize("raw", [b"", SALT, SALT + b"\nx", SALT + b"A B\nx", SALT + b"\xff\nx"])
    def test_without_a_type(self, raw: bytes) -> None:
        with pytest.raises(Malformed):
            unsalted(raw)

    def test_too_long(self) -> None:
        with pytest.raises(Malformed):
            unsalted(salted("text/plain", b"x" * content.MAX_CONTENT, SALT))

    def test_a_salt_has_16_bytes(self) -> None:
        with pytest.raises(ValueError, match="16 bytes"):
            salted("text/plain", b"x", b"short")


def test_length_is_counted_in_code_points() -> None:
    assert content.length_of("žą😀") == 3
