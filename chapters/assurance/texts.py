"""Which restricted papers the entries of assurance name, for audits."""

from types import MappingProxyType
from typing import Any, Final

from chapters.assurance import entries as e
from civic.kernel.record.entry import Entry


def _several(entry: Entry[Any]) -> tuple[str, ...]:
    return tuple(entry.body.papers)


def _one(entry: Entry[Any]) -> tuple[str, ...]:
    return (entry.body.paper,)


PAPERS: Final = MappingProxyType(
    {
        e.Vouched.kind: _several,
        e.CaseOpened.kind: _one,
        e.Verified.kind: _several,
        e.Challenged.kind: _one,
        e.ChallengeDecided.kind: _several,
        e.ChallengeAppealed.kind: _one,
    }
)
"""Vouches, cases, verifications, reasons, answers and opinions."""
