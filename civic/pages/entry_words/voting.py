"""Entries about votes, in plain words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from civic.kernel.web.language import N_, _, ngettext
from civic.pages.telling import date_of, plain
from voting import entries as v

STATED: Final = frozenset({v.VotesRecorded.kind})
"""What the node says of its own accord."""


def _opened(body: v.Opened) -> str:
    return _("The vote opened, for %(n)d members on the roll, until %(until)s.") % {
        "n": body.roll.count,
        "until": date_of(body.until),
    }


def _result(body: v.Result) -> str:
    return _("The vote was counted: %(votes)s, %(counts)s.") % {
        "votes": _votes(body.cast),
        "counts": " / ".join(str(one) for one in body.counts),
    }


def _votes(n: int) -> str:
    return ngettext("%(n)d vote", "%(n)d votes", n) % {"n": n}


SENTENCES: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        v.Opened.kind: _opened,
        v.Cast.kind: plain(N_("A member voted by name.")),
        v.VotesRecorded.kind: lambda body: (
            _("%(what)s under row ids.") % {"what": _votes(len(body.rows))}
        ),
        v.Result.kind: _result,
    }
)
"""What tells each kind."""
