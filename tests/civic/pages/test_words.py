"""Bylaws and entries in plain words."""

import pytest

from chapters.bylaws import FIELDS, TEMPLATES, Change
from civic.pages import bylaw_words
from civic.pages.bylaw_plainly import in_plain_words
from civic.pages.bylaw_words import RULES, WrittenWrong
from civic.pages.entry_words import told_kinds
from civic.procedure import VERSIONS


def test_every_bylaw_has_words() -> None:
    assert {rule.field for rule in RULES} == FIELDS


@pytest.mark.parametrize("template", TEMPLATES)
def test_what_is_written_is_read_back(template: str) -> None:
    bylaws = TEMPLATES[template]
    for rule in RULES:
        value = getattr(bylaws, rule.field)
        read = bylaw_words.read(rule.field, bylaw_words.written(rule.field, value))
        assert (read, type(read)) == (value, type(value))
    assert all(name and words for name, words in in_plain_words(bylaws))


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("quorum", "33.3", 333),
        ("quorum", "33,3 %", 333),
        ("quorum", "50%", 500),
        ("discussion_time", "1.5", 2160),
        ("outage_grace", "24", 1440),
        ("unsigned_votes", "false", False),
        ("tick", "15", 15),
    ],
)
def test_people_write_values_in_many_ways(field: str, text: str, value: object) -> None:
    assert bylaw_words.read(field, text) == value


@pytest.mark.parametrize(
    ("field", "text"),
    [
        ("quorum", "many"), ("quorum", "33.33"), ("quorum", "-1"), ("quorum", "NaN"),
        ("quorum", "Infinity"), ("quorum", "1e999999"), ("founders", "2.5"), ("secrecy", "secret"),
        ("tick", "7"),
    ],
)  # fmt: skip
def test_what_is_no_value_is_said_so(field: str, text: str) -> None:
    with pytest.raises(WrittenWrong):
        bylaw_words.read(field, text)


def test_changes_are_told_from_and_to() -> None:
    changes = (Change("quorum", 200, 333), Change("secrecy", "roll_call", "pseudonymous"))
    (quorum, before, after), (_name, _from, row_ids) = bylaw_words.changes_in_words(changes)
    assert (quorum, before, after) == ("Quorum", "20%", "33.3%")
    assert "row id" in row_ids


def test_every_kind_of_entry_has_words() -> None:
    kinds = {kind for version in VERSIONS.values() for kind in version.kinds}
    assert kinds <= told_kinds()
