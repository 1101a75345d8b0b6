"""docs/asvs.md answers every requirement of V6 to V9, and what it names is there."""

from tests.docs.named_tests import ROOT, missing_places, missing_tests, rows_of

TEXT = (ROOT / "docs" / "asvs.md").read_text(encoding="utf-8")
SECTIONS = {
    "6.1": 3, "6.2": 12, "6.3": 8, "6.4": 6, "6.5": 8, "6.6": 4, "6.7": 2, "6.8": 3,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 3, "7.6": 2,
    "8.1": 4, "8.2": 4, "8.3": 3, "8.4": 2,
    "9.1": 3, "9.2": 4,
}  # fmt: skip
"""How many requirements each section of ASVS 5.0 has."""


def rows() -> list[list[str]]:
    return [row for row in rows_of(TEXT) if row[0] != "id"]


def test_no_requirement_is_left_out() -> None:
    expected = [f"{part}.{n + 1}" for part, count in SECTIONS.items() for n in range(count)]
    assert [row[0] for row in rows()] == expected


def test_each_is_judged_and_has_its_place() -> None:
    for row in rows():
        assert len(row) == 3, row
        assert row[1] in {"met", "not applicable", "not met"}, row
        assert row[2], row
        assert row[1] != "met" or "`" in row[2], row


def test_what_is_named_exists() -> None:
    assert missing_tests(TEXT) == []
    assert missing_places(TEXT) == []
    security = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    assert missing_places(security) == []


def test_the_words_that_make_no_passphrase_are_those_in_use() -> None:
    from identity.passphrase import OUR_WORDS

    said = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    listed = said.partition("sign-in name:\n")[2].partition(".")[0]
    assert tuple(word.strip() for word in listed.replace("\n", " ").split(",")) == OUR_WORDS
