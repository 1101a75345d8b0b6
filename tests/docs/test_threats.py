"""Every row of docs/threats.md names a test that is there."""

from tests.docs.named_tests import ROOT, TEST, missing_tests, rows_of

TEXT = (ROOT / "docs" / "threats.md").read_text(encoding="utf-8")


def rows() -> list[list[str]]:
    return [row for row in rows_of(TEXT) if row[0].isdigit()]


def test_there_are_enough_and_they_are_numbered() -> None:
    assert len(rows()) >= 25
    assert [int(row[0]) for row in rows()] == list(range(1, len(rows()) + 1))


def test_each_row_is_whole_and_names_a_test() -> None:
    for row in rows():
        assert len(row) == 6, row
        assert row[1], row
        assert row[2], row
        assert row[3], row
        assert TEST.fullmatch(row[5]), row


def test_the_named_tests_exist() -> None:
    assert missing_tests(TEXT) == []


def test_it_says_what_is_not_promised() -> None:
    assert TEXT.count("**") >= 10
