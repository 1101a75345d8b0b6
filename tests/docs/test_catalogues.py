"""The catalogues say all that the source says, in every language of the pages."""

import re
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Message

from civic.kernel.web.language import LANGUAGES, messages
from docs.languages.catalogues import catalogue_of, messages_in, messages_of_source
from docs.languages.same import SAME

TAGS = [tag for tag in LANGUAGES if tag != "en"]
_PLACEHOLDERS = re.compile(r"%\([a-z_0-9]+\)[sd]|%%|%[sd]|\{[a-z_0-9]*\}")
_LETTERS = re.compile(r"[a-z]{2}", re.IGNORECASE)


@pytest.fixture(scope="module")
def source() -> dict[tuple[str | None, object], Message]:
    return {(one.context, one.id): one for one in messages_in(messages_of_source())}


def forms_of(message: Message) -> tuple[str, ...]:
    string = message.string
    return (string,) if isinstance(string, str) else tuple(string or ())


def english_of(message: Message) -> tuple[str, ...]:
    return (message.id,) if isinstance(message.id, str) else tuple(message.id)


def translated(tag: str) -> Iterator[Message]:
    return messages_in(catalogue_of(LANGUAGES[tag]))


def test_the_source_marks_its_messages(
    source: dict[tuple[str | None, object], Message],
) -> None:
    assert len(source) > 2000


@pytest.mark.parametrize("tag", TAGS)
def test_a_catalogue_has_the_messages_of_the_source(
    tag: str, source: dict[tuple[str | None, object], Message]
) -> None:
    """Else `python -m docs.languages.catalogues` was not run, and then translated."""
    there = {(one.context, one.id) for one in translated(tag)}
    assert not source.keys() - there
    assert not there - source.keys()


@pytest.mark.parametrize("tag", TAGS)
def test_every_message_is_translated_in_all_its_forms(tag: str) -> None:
    forms = catalogue_of(LANGUAGES[tag]).num_plurals
    for message in translated(tag):
        needed = 1 if isinstance(message.id, str) else forms
        given = forms_of(message)
        assert len(given) == needed, message.id
        assert all(form.strip() for form in given), message.id
        assert not message.fuzzy, message.id


@pytest.mark.parametrize("tag", TAGS)
def test_placeholders_and_ends_are_those_of_the_message(tag: str) -> None:
    for message in translated(tag):
        english = english_of(message)
        wanted = sorted(_PLACEHOLDERS.findall(english[-1]))
        for form in forms_of(message):
            assert sorted(_PLACEHOLDERS.findall(form)) == wanted, message.id
            assert form[:1].isspace() == english[0][:1].isspace(), message.id
            assert form[-1:].isspace() == english[0][-1:].isspace(), message.id


@pytest.mark.parametrize("tag", TAGS)
def test_nothing_is_left_in_english_but_what_is_listed(tag: str) -> None:
    same = {
        message.id
        for message in translated(tag)
        if isinstance(message.id, str)
        and message.string == message.id
        and _LETTERS.search(_PLACEHOLDERS.sub("", message.id))
    }
    assert same <= SAME.get("all", frozenset()) | SAME.get(tag, frozenset())


def test_what_is_listed_as_the_same_is_the_same_somewhere() -> None:
    said = {
        (tag, message.id)
        for tag in TAGS
        for message in translated(tag)
        if message.string == message.id
    }
    for tag, listed in SAME.items():
        for text in listed:
            assert any((one, text) in said for one in (TAGS if tag == "all" else (tag,))), text


@pytest.mark.parametrize("tag", TAGS)
def test_a_catalogue_can_be_used(tag: str) -> None:
    assert messages(tag).gettext("Comments") != "Comments"
    one, many = "%(n)d member", "%(n)d members"
    assert messages(tag).ngettext(one, many, 1) != messages(tag).ngettext(one, many, 5)
