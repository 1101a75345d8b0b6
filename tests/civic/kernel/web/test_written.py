"""The languages in which people write."""

import pytest

from civic.kernel.web.language import LANGUAGES, Reader, reading_as
from civic.kernel.web.written import OFFERED, TAGS, best, foreign, name_of, own_name


def test_forms_offer_the_languages_of_the_pages_first_and_each_once() -> None:
    assert TAGS[: len(LANGUAGES)] == tuple(LANGUAGES)
    assert len(set(TAGS)) == len(TAGS)
    assert len({name for _tag, name in OFFERED}) == len(OFFERED)


@pytest.mark.parametrize("reading", LANGUAGES)
def test_every_offered_language_has_a_name_in_every_language(reading: str) -> None:
    with reading_as(Reader(reading)):
        assert all(name_of(tag) != tag for tag in TAGS)


@pytest.mark.parametrize(
    ("reading", "tag", "told"),
    [
        ("en", "en", ""),
        ("en", "en-US", ""),
        ("en", "be", "Belarusian"),
        ("en", "be-tarask", "Belarusian"),
        ("be", "be-tarask", ""),
        ("be-tarask", "be", ""),
        ("be", "ru", "руская"),
        ("en", "zh-Hant", "Traditional Chinese"),
        ("en", "und", ""),
        ("en", None, ""),
        ("en", "xxx", "xxx"),
    ],
)
def test_what_is_in_another_language_is_named(reading: str, tag: str | None, told: str) -> None:
    with reading_as(Reader(reading)):
        assert foreign(tag) == told


def test_a_language_calls_itself_by_its_own_name() -> None:
    with reading_as(Reader("lt")):
        assert own_name("be-tarask") == "Беларуская (тарашкевіца)"
        assert own_name("eo") == "esperanto"


@pytest.mark.parametrize(
    ("reading", "tags", "wanted", "place"),
    [
        ("ru", ("be", "ru"), "", 1),
        ("ru", ("be", "ru"), "be", 0),
        ("ru", ("be", "RU"), "xx", 1),
        ("be-tarask", ("lt", "ru", "be"), "", 2),
        ("be", ("lt", "be-tarask"), "", 1),
        ("de", ("be", "ru"), "", 0),
        ("en", ("be",), "BE", 0),
    ],
)
def test_the_reader_is_shown_what_they_read_best(
    reading: str, tags: tuple[str, ...], wanted: str, place: int
) -> None:
    with reading_as(Reader(reading)):
        assert best(tags, wanted) == place
