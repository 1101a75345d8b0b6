"""What a version of a proposal changed: its title, text and options, word by word."""

from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec

from civic.kernel.record.shown import Text
from civic.kernel.web.word_diff import STEPS, Change, word_diff
from deliberation.queries import OldText

Part = Literal["title", "text", "option"]

FOLDED: Final = 900
"""Letters of words that stayed, from which on a page shows only those around a change."""
_AROUND: Final = 200
_STEPS_LEAST: Final = 1000
"""Comparisons that even a short label among long texts has."""


class Stretch(msgspec.Struct, frozen=True):
    """Some words, and what became of them."""

    change: Change
    text: str


class Changed(msgspec.Struct, frozen=True):
    """A part of a proposal in one language that changed: deleted, inserted and kept words in order.

    `number` counts options from 1; it is 0 for title and text. `words` is None where the words
    before or after are not there, because they were erased.
    """

    part: Part
    lang: str
    number: int
    words: tuple[Stretch, ...] | None


class Folded(msgspec.Struct, frozen=True):
    """A stretch as a page shows it: of many words that stayed, `hidden` ones open on demand."""

    change: Change
    text: str
    hidden: str = ""
    rest: str = ""


def changed(old: OldText, new: OldText) -> list[Changed]:
    """Return what changed from one version to another: title, text, options of each language.

    All of it together takes as long as one text may take by itself.
    """
    found = [pair for pair in _pairs(old, new) if _differ(*pair[3:])]
    letters = sum(_letters(*pair[3:]) for pair in found)
    return [
        Changed(part, lang, number, _words(one, other, _letters(one, other) / max(letters, 1)))
        for part, lang, number, one, other in found
    ]


def _letters(old: Text, new: Text) -> int:
    return len(old.text or "") + len(new.text or "")


def _differ(old: Text, new: Text) -> bool:
    """Tell whether two texts differ; where one is gone, their hashes alone can tell."""
    if old.hash == new.hash:
        return False
    return old.text is None or new.text is None or old.text != new.text


def _pairs(old: OldText, new: OldText) -> Iterator[tuple[Part, str, int, Text, Text]]:
    nothing = Text("", "")
    before = {one.lang: (one.title, one.text, one.labels) for one in old.also}
    after = {one.lang: (one.title, one.text, one.labels) for one in new.also}
    first = (old.title, old.text, old.labels), (new.title, new.text, new.labels)
    none: tuple[Text, Text, tuple[Text, ...]] = (nothing, nothing, ())
    further = [
        (lang, before.get(lang, none), after.get(lang, none))
        for lang in dict.fromkeys((*after, *before))
    ]
    for lang, one, other in ((new.title.lang or old.title.lang or "", *first), *further):
        yield "title", lang, 0, one[0], other[0]
        yield "text", lang, 0, one[1], other[1]
        for n in range(max(len(one[2]), len(other[2]))):
            label, new_label = (
                texts[n] if n < len(texts) else nothing for texts in (one[2], other[2])
            )
            yield "option", lang, n + 1, label, new_label


def _words(old: Text, new: Text, share: float) -> tuple[Stretch, ...] | None:
    if old.text is None or new.text is None:
        return None
    steps = max(_STEPS_LEAST, int(STEPS * share))
    return tuple(Stretch(*run) for run in word_diff(old.text, new.text, steps))


def folded(words: Sequence[Stretch]) -> list[Folded]:
    """Return stretches for a page: of long ones that stayed only the words around changes."""
    shown = []
    for place, (change, text) in enumerate((one.change, one.text) for one in words):
        if change != "kept" or len(text) < FOLDED:
            shown.append(Folded(change, text))
            continue
        head = _break_after(text, _AROUND) if place else 0
        tail = len(text) - (_AROUND if place < len(words) - 1 else 0)
        tail = max(head, text.rfind(" ", head, tail) + 1 or tail)
        shown.append(Folded(change, text[:head], text[head:tail], text[tail:]))
    return shown


def _break_after(text: str, place: int) -> int:
    """Return where the word at a place ends."""
    found = text.find(" ", place)
    return found if found >= 0 else place
