"""Entries about matters, in plain words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from civic.kernel.web.language import N_, _, ngettext
from civic.pages.telling import date_of, plain, role_name, until
from deliberation import entries as d
from deliberation.moderation import entries as m

STATED: Final = frozenset(
    {
        d.ConversationImported.kind,
        d.StatementImported.kind,
        d.ReactionsImported.kind,
        d.ReactionsRecorded.kind,
    }
)
"""What the node says of its own accord."""


MEASURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "remove": N_("It was proposed to end an office before its time."),
        "expel": N_("It was proposed to expel a member."),
        "readmit": N_("It was proposed to let somebody who was expelled ask to come back."),
        "lift": N_("It was proposed to end a suspension."),
    }
)
"""What a proposal about people would do."""


def _proposed(body: d.Proposed) -> str:
    if body.changes:
        return _("A change of the bylaws was proposed.")
    if body.appointment is not None:
        return _("An appointment was proposed: %(office)s.") % {
            "office": role_name(body.appointment.office)
        }
    if body.rules is not None:
        return _("It was proposed to adopt version %(n)d of the rules.") % {"n": body.rules.to}
    if body.measure is not None:
        return _(MEASURES[body.measure.do])
    if body.options:
        return _("A choice between %(n)d options was proposed.") % {"n": body.options}
    return _("Something was proposed.")


def _argued(body: d.Argued) -> str:
    return (
        _("An argument for it was given.")
        if body.side == "pro"
        else _("An argument against it was given.")
    )


def _decided(body: d.Decided) -> str:
    return {
        "accepted": _("The proposal was accepted."),
        "rejected": _("The proposal was rejected."),
        "no_quorum": _("Too few took part: nothing was decided."),
    }[body.outcome]


def _erased(body: d.WordsErased) -> str:
    if body.reason is None:
        return _("Somebody had their own words erased.")
    reason = {"reason": body.reason}
    if body.urgent is not None:
        return _(_AT_ONCE[body.urgent]) % reason
    return _("Words were erased in office, because: “%(reason)s”") % reason


_AT_ONCE: Final[Mapping[str, str]] = MappingProxyType(
    {
        "personal_data": N_(
            "Words were erased in office at once, since they told of others what is theirs to "
            "tell: “%(reason)s”"
        ),
        "safety": N_(
            "Words were erased in office at once, since they endangered somebody: “%(reason)s”"
        ),
        "law": N_("Words were erased in office at once, since they broke a law: “%(reason)s”"),
    }
)


HIDING_ENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unappealed": N_("Nobody appealed in time: hidden words stay hidden."),
        "upheld": N_("Two others in office upheld it: hidden words stay hidden."),
        "overturned": N_("Two others in office decided on appeal: hidden words are shown again."),
        "unanswered": N_("No two upheld it in time: hidden words are shown again."),
        "lifted": N_("Hidden words are shown again: who hid them took it back."),
        "erased": N_("Hidden words were erased."),
    }
)
"""How it is settled whether hidden words stay so."""


def _outcome(body: d.OutcomeRecorded) -> str:
    return {
        "success": _("An outcome card was recorded: success."),
        "standstill": _("An outcome card was recorded: standstill."),
        "failure": _("An outcome card was recorded: failure."),
    }[body.result]


def _reactions(n: int) -> str:
    return ngettext("%(n)d reaction", "%(n)d reactions", n) % {"n": n}


SENTENCES: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        d.Proposed.kind: _proposed,
        d.Supported.kind: plain(N_("Somebody supports the proposal.")),
        d.SupportWithdrawn.kind: plain(N_("Somebody took their support back.")),
        d.DiscussionOpened.kind: until(
            N_("Enough support: the discussion is open until %(until)s.")
        ),
        d.Lapsed.kind: plain(N_("The proposal did not find enough support in time.")),
        d.Argued.kind: _argued,
        d.Commented.kind: plain(N_("Somebody commented.")),
        d.Revised.kind: lambda body: (
            _("The proposal got a new text, version %(n)d.") % {"n": body.version}
        ),
        d.Withdrawn.kind: plain(N_("The proposal was withdrawn.")),
        d.ReactionsRecorded.kind: lambda body: (
            _("%(what)s to an argument or comment.") % {"what": _reactions(len(body.rows))}
        ),
        d.Frozen.kind: lambda body: (
            _("The text is fixed; the vote opens on %(when)s.") % {"when": date_of(body.vote_from)}
        ),
        d.VoteCalled.kind: until(N_("The proposal was put to a vote until %(until)s.")),
        d.Decided.kind: _decided,
        d.Returned.kind: until(
            N_(
                "The decision could not take effect; the proposal is discussed again until "
                "%(until)s."
            )
        ),
        d.WordsErased.kind: _erased,
        m.WordsHidden.kind: lambda body: (
            _("Words were hidden in office, because: “%(reason)s”") % {"reason": body.reason}
        ),
        m.HidingAppealed.kind: plain(N_("The author of hidden words appealed.")),
        m.HidingJudged.kind: lambda body: (
            _("An office judged the appeal: show the words again.")
            if body.show
            else _("An office judged the appeal: the words stay hidden.")
        ),
        m.HidingLifted.kind: plain(N_("Who hid words took it back.")),
        m.HidingEnded.kind: lambda body: _(HIDING_ENDS[body.why]),
        m.PutOff.kind: until(
            N_(
                "It is not settled yet whether the proposal's words stay hidden: its phase goes on "
                "until %(until)s."
            )
        ),
        d.TaskSet.kind: until(N_("A task was set, due on %(until)s.")),
        d.TaskDone.kind: plain(N_("A task was done.")),
        d.OutcomeRecorded.kind: _outcome,
        d.ConversationImported.kind: lambda body: (
            _("A conversation held elsewhere was brought in, from %(source)s.")
            % {"source": body.source}
        ),
        d.StatementImported.kind: plain(
            N_("A statement of a conversation held elsewhere was brought in.")
        ),
        d.ReactionsImported.kind: lambda body: (
            _("%(what)s of a conversation held elsewhere, of %(day)s.")
            % {"what": _reactions(len(body.rows)), "day": body.day}
        ),
    }
)
"""What tells each kind."""
