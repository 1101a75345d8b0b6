"""Entries about the node and its rules, in plain words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from civic.kernel.record.adoption import RulesAdopted
from civic.kernel.record.time import DeadlineExtended, Outage
from civic.kernel.web.language import N_, _
from civic.pages.telling import date_of, until

STATED: Final = frozenset({Outage.kind})
"""What the node says of its own accord."""


def _outage(body: Outage) -> str:
    return _("The node was down from %(start)s to %(end)s.") % {
        "start": date_of(body.from_),
        "end": date_of(body.to),
    }


SENTENCES: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        Outage.kind: _outage,
        RulesAdopted.kind: lambda body: (
            _("A decision adopted newer rules: version %(new)d takes over from version %(old)d.")
            % {"new": body.to, "old": body.from_}
        ),
        DeadlineExtended.kind: until(
            N_("A deadline that fell into an outage was put off to %(until)s.")
        ),
    }
)
"""What tells each kind."""
