from datetime import UTC, datetime
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from civic.kernel.web.dates import full_date, relative
from civic.kernel.web.figures import count, percent
from civic.kernel.web.language import (
    LANGUAGES,
    Reader,
    preferred,
    reader,
    reader_of,
    reading_as,
    zones,
)

AT = datetime(2026, 11, 24, 18, 0, tzinfo=UTC)


def plain(text: str) -> str:
    """A text whose spaces are all alike."""
    return " ".join(text.split())


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("", "en"),
        ("be-BY,be;q=0.9,ru;q=0.8", "be"),
        ("be-tarask", "be-tarask"),
        ("BE-Tarask;q=0.5, ru;q=0.4", "be-tarask"),
        ("fr, de-AT;q=0.5", "de"),
        ("ru;q=0, uk;q=0.1", "uk"),
        ("ru;q=0.2,pl;q=0.9", "pl"),
        ("*", "en"),
        ("be;q=x", "en"),
        (",,,;", "en"),
    ],
)
def test_the_language_that_fits_best(accepted: str, tag: str) -> None:
    assert preferred(accepted) == tag


@given(st.text())
def test_any_header_gives_a_language(accepted: str) -> None:
    assert preferred(accepted) in LANGUAGES


def test_what_was_chosen_comes_first() -> None:
    assert reader_of("lt", "Europe/Vilnius", "ru") == Reader("lt", "Europe/Vilnius")
    assert reader_of("xx", "Mars/Phobos", "ru") == Reader("ru", "UTC")
    assert "Europe/Minsk" in zones()
    assert zones()[0] == "UTC"


def test_a_reader_is_one_for_what_happens_inside() -> None:
    with reading_as(Reader("pl")):
        assert reader() == Reader("pl")
    assert reader() == Reader()


@pytest.mark.parametrize(
    ("tag", "date", "later", "number", "share"),
    [
        ("en", "Tue 24 Nov 2026, 19:00 UTC+1", "in 3 days", "12,345", "66.6%"),
        ("be", "аў, 24 ліс 2026, 19:00 UTC+1", "праз 3 дні", "12 345", "66,6 %"),
        ("ru", "вт, 24 нояб. 2026 г., 19:00 UTC+1", "через 3 дня", "12 345", "66,6 %"),
        ("de", "Di., 24. Nov. 2026, 19:00 UTC+1", "in 3 Tagen", "12.345", "66,6 %"),
    ],
)
def test_dates_and_numbers_of_each_language(
    tag: str, date: str, later: str, number: str, share: str
) -> None:
    with reading_as(Reader(tag, "Europe/Warsaw")):
        assert plain(full_date(AT)) == date
        assert relative(AT - datetime(2026, 11, 21, 17, 0, tzinfo=UTC)) == later
        assert plain(count(12345)) == number
        assert plain(percent(Fraction(2, 3))) == share


def test_all_languages_write_all_dates() -> None:
    for tag in LANGUAGES:
        with reading_as(Reader(tag, "Asia/Kathmandu")):
            assert "2026" in full_date(AT)
            assert full_date(AT).endswith("23:45 UTC+5:45")
