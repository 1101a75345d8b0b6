"""Pieces of sentences: offices, members, dates, and sentences without parts."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from chapters.queries import MemberLine
from civic.kernel.clock import moment_of
from civic.kernel.record.entry import minute
from civic.kernel.web.dates import full_date
from civic.kernel.web.language import N_, _

ROLE_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "lead": N_("Lead"),
        "facilitator": N_("Facilitator"),
        "verifier": N_("Verifier"),
        "trustee": N_("Trustee"),
        "auditor": N_("Auditor of record"),
        "steward": N_("Steward"),
    }
)
"""What the offices of a chapter are called."""


def role_name(role: str) -> str:
    """Return what an office is called."""
    return _(ROLE_NAMES[role])


def name_of(member: MemberLine) -> str:
    """Return how a member is called in a list: their name, else the beginning of their id."""
    return (member.name.text if member.name else None) or _("Member %(id)s…") % {
        "id": member.id[:6]
    }


def date_of(when: str) -> str:
    """Return a moment of an entry as people read it."""
    return full_date(moment_of(minute(when)))


def until(text: str) -> Callable[[Any], str]:
    """Return what tells entries of a kind whose body names until when."""
    return lambda body: _(text) % {"until": date_of(body.until)}


def plain(text: str) -> Callable[[Any], str]:
    """Return what tells all entries of a kind in the same words."""
    return lambda body: _(text)
