"""A proposal in several languages: which is shown, which there are, how forms ask for them."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import msgspec

from civic.deeds.proposal import Wording as Given
from civic.kernel.record.shown import Text
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.forms import Field, Form, Kind
from civic.kernel.web.language import _
from civic.kernel.web.written import TAGS, best, own_name
from deliberation.queries import MatterLine, MatterView, Titles, Wording

ASKED: Final = "in"
"""What in an address names the language in which a proposal is wanted."""
MOST: Final = 7
"""Further languages that a proposal may have."""
_OFFERED: Final = 3
"""Further languages that a form offers to begin with."""
_NUMBERS: Final = tuple(range(2, 2 + MOST))

FIELDS: Final = tuple(
    field
    for n in _NUMBERS
    for field in (
        Field(f"lang-{n}", "a further language", Kind.CHOICE, required=False, choices=TAGS),
        Field(f"title-{n}", "a title", required=False, least=3, most=200),
        Field(f"text-{n}", "what you propose", Kind.TEXT, required=False, most=20_000),
        Field(f"options-{n}", "the options", Kind.TEXT, required=False, most=4000),
    )
)
"""What a form asks for each further language, numbered from 2 on."""


class Language(NamedTuple):
    """A language in which a proposal is given."""

    tag: str
    name: str
    binds: bool
    shown: bool


def line_for_reader(line: MatterLine) -> MatterLine:
    """Return a matter in a list with its title in the language that the reader reads best."""
    if not line.titles:
        return line
    titles = Titles((line.lang, *line.languages), (line.title, *line.titles))
    return msgspec.structs.replace(line, title=title_for_reader(titles))


def title_for_reader(titles: Titles) -> Text:
    """Return a title in the language that the reader reads best, of those in which it is there."""
    there = [
        (tag, title)
        for tag, title in zip(titles.languages, titles.titles, strict=True)
        if title.text is not None
    ]
    return there[best([tag for tag, _title in there])][1] if there else titles.titles[0]


def title_words(title: Text) -> str:
    """Return a title, or that it is hidden or was erased."""
    if title.text is not None:
        return title.text
    return _("A hidden title") if title.hidden_by is not None else _("An erased title")


def erased_words(title: Text) -> str:
    """Say who had a title erased, when and why; nothing where it is there, or lists do not tell."""
    erasure = title.erasure
    if title.text is not None or erasure is None:
        return ""
    date = {"date": moment_of_minute(erasure.at, erasure.at).text}
    if erasure.role != "office":
        return _("Their author had these words erased on %(date)s.") % date
    said = _("These words were erased in office on %(date)s, because:") % date
    return f"{said} “{erasure.reason}”"


def for_reader(matter: MatterView, wanted: str = "") -> tuple[MatterView, tuple[Language, ...]]:
    """Return a matter with its words in one language, and the languages in which it is given.

    That is the one `wanted`, else the reader's, else the one that binds; no languages are returned
    where there is but one.
    """
    if not matter.also:
        return matter, ()
    line = matter.line
    every = (Wording(line.lang, line.title, matter.text, matter.labels), *matter.also)
    shown = best([one.lang for one in every], wanted)
    languages = tuple(
        Language(one.lang, own_name(one.lang), n == 0, n == shown) for n, one in enumerate(every)
    )
    words = every[shown]
    # Of the title alone lists know; here all is in one language, erased or not.
    line = msgspec.structs.replace(line, title=words.title, titles=(), languages=())
    found = msgspec.structs.replace(matter, line=line, text=words.text, labels=words.labels)
    return found, languages


def filled(also: Sequence[Wording]) -> dict[str, str]:
    """Return what the fields of further languages begin with."""
    values = {}
    for n, one in zip(_NUMBERS, also, strict=False):
        values[f"lang-{n}"] = one.lang
        values[f"title-{n}"] = one.title.text or ""
        values[f"text-{n}"] = one.text.text or ""
        values[f"options-{n}"] = "\n".join(label.text or "" for label in one.labels)
    return values


def shown_numbers(form: Form) -> list[int]:
    """Return the numbers of the further languages that a form has places for."""
    used = [n for n in _NUMBERS if form.value(f"title-{n}") or form.value(f"text-{n}")]
    return list(range(2, max([1 + _OFFERED, *used]) + 1))


def written(form: Form, binding: str, options: int) -> tuple[list[Given], Form]:
    """Return what a form gives in further languages; `options` is how many labels each needs.

    Fields left empty give nothing, whatever language stands above them.
    """
    found: list[Given] = []
    known = {binding.lower()}
    for n in _NUMBERS:
        lang, title, text = (form.value(f"{name}-{n}") for name in ("lang", "title", "text"))
        lines = [one.strip() for one in form.value(f"options-{n}").split("\n") if one.strip()]
        if not title and not text and not lines:
            continue
        if not lang:
            form = form.with_error(f"lang-{n}", _("Say in which language this is"))
        elif lang.lower() in known:
            form = form.with_error(f"lang-{n}", _("It is given in this language already"))
        if not title:
            form = form.with_error(f"title-{n}", _("Give the title in this language, too"))
        if not text:
            form = form.with_error(f"text-{n}", _("Give the text in this language, too"))
        if len(lines) != options:
            message = _("Write as many options as in the binding text: %(n)d") % {"n": options}
            form = form.with_error(f"options-{n}" if options else "", message)
        known.add(lang.lower())
        found.append(Given(lang, title, text, tuple(lines)))
    return found, form
