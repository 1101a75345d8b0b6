"""Which content the deliberation domain's entries name, for audits."""

from itertools import chain, repeat
from typing import Any, Final

from civic.kernel.record.content_audit import Text, TextTable
from civic.kernel.record.entry import Entry
from deliberation import entries as e


def _proposal(entry: Entry[Any]) -> tuple[Text, ...]:
    # A title, a text, then a label for each option. Revisions keep the language they began with.
    # This is asked of acts too, before any rule counted their texts.
    body, lang = entry.body, getattr(entry.body, "lang", None)
    lengths = chain((body.title_length, body.text_length), repeat(None))
    return tuple((one, length, lang) for one, length in zip(entry.content, lengths, strict=False))


def _one(entry: Entry[Any]) -> tuple[Text, ...]:
    return ((entry.content[0], entry.body.length, None),)


def _frozen(entry: Entry[e.Frozen]) -> tuple[Text, ...]:
    return tuple((digest, None, None) for digest in entry.content)


def _card(entry: Entry[e.OutcomeRecorded]) -> tuple[Text, ...]:
    lengths = (entry.body.expected_length, entry.body.happened_length)
    return tuple((one, length, None) for one, length in zip(entry.content, lengths, strict=False))


def _erased(entry: Entry[e.WordsErased]) -> tuple[str, ...]:
    return entry.body.words


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
    },
    erased={e.WordsErased.kind: _erased},
    evidence=frozenset({e.Frozen.kind}),
)
"""Proposals and their versions, arguments, comments, tasks, cards; frozen texts are evidence."""
