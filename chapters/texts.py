"""Which content the chapters domain's entries name, for audits."""

from typing import Any, Final

from chapters import entries as e
from chapters.assurance.texts import PAPERS
from chapters.standing.papers import NAMING, named
from civic.kernel.record.content_audit import Text, TextTable
from civic.kernel.record.entry import Entry


def _founded(entry: Entry[Any]) -> tuple[Text, ...]:
    return tuple((digest, None, None, None) for digest in entry.content)


def _display_name(entry: Entry[e.DisplayNameSet]) -> tuple[Text, ...]:
    return ((entry.content[0], entry.body.length, None, None),)


def _name_erased(entry: Entry[e.DisplayNameErased]) -> tuple[str, ...]:
    return (entry.body.words,)


def _invitation(entry: Entry[e.Joined]) -> tuple[str, ...]:
    return (entry.body.paper,)


def _ties(entry: Entry[e.TookPart]) -> tuple[str, ...]:
    return entry.body.hashes


TEXTS: Final = TextTable(
    texts={e.Founded.kind: _founded, e.DisplayNameSet.kind: _display_name},
    erased={e.DisplayNameErased.kind: _name_erased},
    papers={
        e.Joined.kind: _invitation,
        e.TookPart.kind: _ties,
        **PAPERS,
        **dict.fromkeys(NAMING, named),
    },
)
"""The chapter's name, display names, and the papers of invitations, ties, reasons and levels."""
