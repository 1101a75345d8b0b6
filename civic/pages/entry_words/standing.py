"""Entries about offices and how members stand, in plain words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from chapters.offices import entries as o
from chapters.standing import entries as s
from civic.kernel.web.language import N_, _
from civic.pages.telling import date_of, plain, role_name, until


def _office_given(body: o.OfficeGiven) -> str:
    return _("A decision gave an office: %(office)s until %(until)s.") % {
        "office": role_name(body.term.office),
        "until": date_of(body.term.until),
    }


def _successor(body: o.SuccessorNamed) -> str:
    return _("A decision named who takes over an office when it ends: %(office)s.") % {
        "office": role_name(body.office)
    }


def _acting(body: o.ActingLeadGiven) -> str:
    return _(
        "A lead was missed too long. Another office holder leads, until %(until)s at the latest."
    ) % {"until": date_of(body.term.until)}


def _office_ended(body: o.OfficeEnded) -> str:
    if body.decision is not None:
        return _("A decision ended an office before its time.")
    return _("A term of office ended.")


ENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "term": N_("A suspension ended: its term is over."),
        "appeal": N_("A suspension ended: two others in office lifted it on appeal."),
        "unanswered": N_("A suspension ended: nobody upheld it against the appeal in time."),
        "decision": N_("A decision ended a suspension."),
        "lifted": N_("A suspension was taken back."),
        "left": N_("A suspension ended: the member left."),
        "expelled": N_("A suspension ended: the member was expelled."),
    }
)
"""Why suspensions end."""


def _suspension_ended(body: s.SuspensionEnded) -> str:
    return _(ENDS[body.why])


SENTENCES: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        o.OfficeGiven.kind: _office_given,
        o.SuccessorNamed.kind: _successor,
        o.ActingLeadGiven.kind: _acting,
        o.OfficeResigned.kind: plain(N_("Somebody laid down their office.")),
        o.OfficeEnded.kind: _office_ended,
        s.ApplicationRefused.kind: plain(
            N_("A lead refused an application; the reason is for the applicant alone.")
        ),
        s.Reapplied.kind: plain(N_("Somebody who left asked to come back.")),
        s.SuspensionAsked.kind: until(
            N_("An office asked that a member be suspended until %(until)s.")
        ),
        s.SuspensionRequestLapsed.kind: plain(N_("A request to suspend somebody came to nothing.")),
        s.Suspended.kind: plain(N_("A second office agreed: the member is suspended.")),
        s.Appealed.kind: plain(N_("The suspended member appealed.")),
        s.AppealJudged.kind: lambda body: (
            _("An office judged the appeal: lift the suspension.")
            if body.lift
            else _("An office judged the appeal: the suspension stands.")
        ),
        s.SuspensionLifted.kind: plain(N_("Somebody who had suspended a member took it back.")),
        s.SuspensionEnded.kind: _suspension_ended,
        s.Expelled.kind: plain(N_("A decision expelled a member.")),
        s.ExpulsionLifted.kind: plain(
            N_("A decision lets somebody who was expelled ask to come back.")
        ),
        s.ReasonErased.kind: plain(N_("A reason was erased.")),
    }
)
"""What tells each kind."""
