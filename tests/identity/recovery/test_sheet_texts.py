"""A sheet has all of its sentences in every language."""

import unicodedata

import msgspec
import pytest

from identity.recovery.sheet_texts import SHEET_TEXTS, SheetTexts

CYRILLIC = {"be", "be-tarask", "ru", "uk"}
OWN_LETTERS = {
    "be": "ўі", "be-tarask": "ўі", "ru": "ыи", "uk": "їі", "pl": "łż", "lt": "ėų", "de": "üö",
}  # fmt: skip


def test_the_languages() -> None:
    assert list(SHEET_TEXTS) == ["en", "be", "be-tarask", "ru", "uk", "pl", "lt", "de"]
    assert len({texts.language for texts in SHEET_TEXTS.values()}) == len(SHEET_TEXTS)


@pytest.mark.parametrize("tag", SHEET_TEXTS)
def test_every_language_has_every_sentence(tag: str) -> None:
    sentences = msgspec.structs.asdict(SHEET_TEXTS[tag])
    assert set(sentences) == {field.name for field in msgspec.structs.fields(SheetTexts)}
    for name, text in sentences.items():
        assert text.strip() == text, name
        assert text, name
        assert unicodedata.normalize("NFC", text) == text, name
        if tag != "en" and name not in ("language", "codes"):
            assert text != getattr(SHEET_TEXTS["en"], name), name
    whole = " ".join(sentences.values())
    letters = [sign for sign in whole if sign.isalpha()]
    cyrillic = sum("CYRILLIC" in unicodedata.name(sign) for sign in letters)
    assert (cyrillic > len(letters) * 0.9) == (tag in CYRILLIC)
    assert set(OWN_LETTERS.get(tag, "")) <= set(whole.lower())


@pytest.mark.parametrize("tag", SHEET_TEXTS)
def test_sentences_end_and_titles_do_not(tag: str) -> None:
    texts = SHEET_TEXTS[tag]
    for sentence in (
        texts.purpose, texts.keep, texts.never_asked, texts.codes_note, texts.seed_note,
        texts.seed_needs_script, texts.seed_locked, texts.voting, texts.replaces,
    ):  # fmt: skip
        assert sentence.endswith(".")
        assert "JavaScript" not in sentence or sentence == texts.seed_needs_script
    for title in (texts.title, texts.name, texts.address, texts.made, texts.codes, texts.seed):
        assert not title.endswith(".")
