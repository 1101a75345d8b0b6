"""The messages of the source and the catalogues that translate them.

`python -m docs.languages.catalogues` brings the catalogues in `civic/locale` up to date with the
messages of the source: new ones are added untranslated, those that are gone leave.
"""

from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po, write_po

from civic.kernel.web.language import FOLDER, LANGUAGES, Language

ROOT: Final = Path(__file__).parent.parent.parent
_PACKAGES: Final = ("civic", "identity", "chapters", "deliberation", "voting", "templates")
_METHODS: Final = [("**.py", "python"), ("**.html", "jinja2")]
_KEYWORDS: Final = {**DEFAULT_KEYWORDS, "N_": None, "Field": (2,)}
"""What marks messages; the label of a form's field is translated when it is shown."""
_PROJECT: Final = "civic"
_HEADER: Final = "# Messages of civic in %s. AGPL-3.0-or-later, as the rest of the project."


def messages_of_source() -> Catalog:
    """Return all messages that the source marks, without translations."""
    catalog = Catalog(project=_PROJECT, charset="utf-8")
    for package in _PACKAGES:
        for file, line, message, comments, context in extract_from_dir(
            ROOT / package,
            method_map=_METHODS,
            options_map={"**.html": {"trimmed": "true"}},
            keywords=_KEYWORDS,
            comment_tags=("Translators:",),
        ):
            catalog.add(
                message,
                None,
                [(f"{package}/{file}", line)],
                auto_comments=comments,
                context=context,
            )
    return catalog


def catalogue_of(language: Language) -> Catalog:
    """Return the catalogue of a language; an empty one where there is no file yet."""
    locale = language.locale.partition("_")[0]
    file = FOLDER / f"{language.tag}.po"
    if not file.is_file():
        return Catalog(locale=locale, project=_PROJECT, charset="utf-8")
    with file.open("rb") as raw:
        return read_po(raw, locale=locale)


def messages_in(catalog: Catalog) -> Iterator[Message]:
    """Yield the messages of a catalogue, without its header."""
    return (message for message in catalog if message.id)


def write(catalog: Catalog, language: Language) -> None:
    """Write a catalogue: sorted and without places in the source, so that differences are small."""
    catalog.header_comment = _HEADER % language.name
    catalog.fuzzy = False
    text = BytesIO()
    write_po(
        text, catalog, width=100, no_location=True, sort_output=True, ignore_obsolete=True,
        omit_header=False,
    )  # fmt: skip
    lines = text.getvalue().decode().splitlines()
    # Dates and names of people and programs say nothing and differ each time.
    kept = [line for line in lines if not line.startswith(_UNSAID)]
    (FOLDER / f"{language.tag}.po").write_text("\n".join(kept).strip() + "\n", encoding="utf-8")


_UNSAID: Final = tuple(
    f'"{field}'
    for field in (
        "POT-Creation-Date", "PO-Revision-Date", "Last-Translator", "Language-Team", "Generated-By",
        "Report-Msgid-Bugs-To", "Project-Id-Version",
    )
)  # fmt: skip


def update() -> None:
    """Bring all catalogues up to date with the source."""
    source = messages_of_source()
    for language in LANGUAGES.values():
        if language.tag == "en":
            continue
        catalog = catalogue_of(language)
        # A translation of similar words would be a guess that nobody checks.
        catalog.update(source, no_fuzzy_matching=True)
        catalog.obsolete.clear()
        write(catalog, language)
        missing = sum(1 for message in messages_in(catalog) if not _translated(message))
        print(f"{language.tag:10} {len(catalog):5} messages, {missing} to be translated")


def _translated(message: Message) -> bool:
    if isinstance(message.string, str):
        return bool(message.string)
    return bool(message.string) and all(message.string or ())


if __name__ == "__main__":
    update()
