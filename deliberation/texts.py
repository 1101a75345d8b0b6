"""Which content the deliberation domain's entries name, for audits."""

from collections.abc import Sequence
from itertools import zip_longest
from typing import Any, Final

from civic.kernel.record.content_audit import Text, TextTable
from civic.kernel.record.entry import Entry
from deliberation import entries as e
from deliberation.languages import by_language, given
from deliberation.moderation import entries as m


def _proposal(entry: Entry[Any]) -> tuple[Text, ...]:
    # A title, a text, then a label for each option, and behind all of them the reason of a new
    # text. Revisions keep the language they began with. This is asked of acts too, before any rule
    # counted their texts.
    body = entry.body
    texts, reason = given(body, entry.content)
    binding = e.Wording(getattr(body, "lang", ""), body.title_length, body.text_length)
    wordings = (binding, *getattr(body, "also", ()))
    stated = [(one.lang, one.title_length, one.text_length) for one in wordings]
    found = _in_languages(texts, stated)
    return found if reason is None else (*found, (reason, body.reason_length, None, None))


def _in_languages(
    content: Sequence[str], stated: Sequence[tuple[str, int | None, int | None]]
) -> tuple[Text, ...]:
    """Return texts in several languages, the binding one first: each other names what it says."""
    wordings = by_language(content, len(stated))
    found: list[Text] = []
    for number, (texts, (lang, *lengths)) in enumerate(zip(wordings, stated, strict=True)):
        originals = wordings[0] if number else ()
        for digest, length, original in zip_longest(texts, lengths[: len(texts)], originals):
            found.append((digest, length, lang or None, original))
    return tuple(found)


def _one(entry: Entry[Any]) -> tuple[Text, ...]:
    return ((entry.content[0], entry.body.length, None, None),)


def _frozen(entry: Entry[e.Frozen]) -> tuple[Text, ...]:
    body = entry.body
    if body.binding is None:
        return tuple((digest, None, None, None) for digest in entry.content)
    return _in_languages(entry.content, [(one, None, None) for one in (body.binding, *body.also)])


def _card(entry: Entry[e.OutcomeRecorded]) -> tuple[Text, ...]:
    lengths = (entry.body.expected_length, entry.body.happened_length)
    pairs = zip(entry.content, lengths, strict=False)
    return tuple((one, length, None, None) for one, length in pairs)


def _erased(entry: Entry[e.WordsErased]) -> tuple[str, ...]:
    return entry.body.words


def _hidden(entry: Entry[m.WordsHidden]) -> tuple[str, ...]:
    return entry.body.words


def _shown(entry: Entry[m.HidingEnded]) -> tuple[str, ...]:
    return entry.body.shown


TEXTS: Final = TextTable(
    texts={
        e.Proposed.kind: _proposal,
        e.Revised.kind: _proposal,
        e.Argued.kind: _one,
        e.Commented.kind: _one,
        e.Frozen.kind: _frozen,
        e.TaskSet.kind: _one,
        e.OutcomeRecorded.kind: _card,
        e.ConversationImported.kind: _proposal,
        e.StatementImported.kind: _one,
        m.HidingAppealed.kind: _one,
    },
    erased={e.WordsErased.kind: _erased},
    hidden={m.WordsHidden.kind: _hidden},
    shown={m.HidingEnded.kind: _shown},
    evidence=frozenset({e.Frozen.kind}),
)
"""Proposals and their versions, arguments, comments, tasks, cards; frozen texts are evidence."""
