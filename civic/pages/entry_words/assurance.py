"""Entries about levels, in plain words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from chapters.assurance import entries as a
from civic.kernel.web.language import N_, _, ngettext
from civic.pages.telling import date_of, plain, until

STATED: Final = frozenset(
    {
        a.Vouched.kind,
        a.CaseOpened.kind,
        a.Verified.kind,
        a.Challenged.kind,
        a.ChallengeDecided.kind,
        a.VouchesReviewed.kind,
    }
)
"""What the node says of its own accord."""


def _vouched(body: a.Vouched) -> str:
    text = ngettext(
        "%(n)d member who met them vouched for a member: level 1 until %(until)s.",
        "%(n)d members who met them vouched for a member: level 1 until %(until)s.",
        len(body.papers),
    )
    return text % {"n": len(body.papers), "until": date_of(body.until)}


def _verified(body: a.Verified) -> str:
    text = {
        "document": _("Two verifiers saw a member with a document: level 2 until %(until)s."),
        "video": _("Two verifiers saw a member by video: level 2 by video until %(until)s."),
    }[body.way]
    return text % {"until": date_of(body.until)}


def _reviewed(body: a.VouchesReviewed) -> str:
    if not body.members:
        return _("After a lost level nobody else's vouches had to be reviewed.")
    text = ngettext(
        "After a lost level %(n)d member needs new vouches until %(until)s.",
        "After a lost level %(n)d members need new vouches until %(until)s.",
        len(body.members),
    )
    return text % {"n": len(body.members), "until": date_of(body.until)}


SENTENCES: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        a.FoundersSeen.kind: until(
            N_("The founders, who all met each other, are at level 2 until %(until)s.")
        ),
        a.Vouched.kind: _vouched,
        a.CaseOpened.kind: plain(N_("Somebody asked to be verified.")),
        a.Verified.kind: _verified,
        a.LevelExpired.kind: lambda body: (
            _("A level ran out; the member is at level %(n)d now.") % {"n": body.level}
        ),
        a.LevelRenounced.kind: plain(N_("A member gave up their level.")),
        a.Challenged.kind: plain(
            N_("A member's level was challenged; two verifiers are to decide.")
        ),
        a.ChallengeDecided.kind: lambda body: (
            _("Two verifiers decided: the level is to end.")
            if body.upheld
            else _("Two verifiers decided: the level stays.")
        ),
        a.ChallengeAppealed.kind: plain(
            N_("The member appealed; two other verifiers are to decide.")
        ),
        a.ChallengeProlonged.kind: until(
            N_("There may be no two other verifiers yet: the appeal has time until %(until)s.")
        ),
        a.ChallengeLapsed.kind: plain(
            N_("No two verifiers agreed about a challenge in time: the level stays.")
        ),
        a.LevelLost.kind: plain(N_("A level ended after a challenge; the member is at level 0.")),
        a.VouchesReviewed.kind: _reviewed,
    }
)
"""What tells each kind."""
