"""Entries of a record in plain words: one sentence for every kind, and who acted in which role."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from chapters import entries as c
from chapters.assurance import entries as a
from chapters.keys import entries as k
from civic.kernel.record.adoption import RulesAdopted
from civic.kernel.record.entry import As, Entry
from civic.kernel.record.time import DeadlineExtended, Outage
from civic.kernel.web.language import N_, _, ngettext
from civic.pages import standing_words
from civic.pages.bylaw_words import changes_in_words, name_of
from civic.pages.telling import date_of, plain, role_name, until
from deliberation import entries as d
from deliberation.effects import RULES
from voting import entries as v

ACTORS: Final[Mapping[As, str]] = MappingProxyType(
    {
        As.MEMBER: N_("a member"),
        As.VOICE: N_("a voice in the matter"),
        As.ROW: N_("a row id"),
        As.OFFICE: N_("an office of the chapter"),
        As.NODE: N_("the node, following the rules"),
    }
)
"""In which roles people and the node act."""

STATED: Final = frozenset(
    {
        a.Vouched.kind,
        a.CaseOpened.kind,
        a.Verified.kind,
        a.Challenged.kind,
        a.ChallengeDecided.kind,
        a.VouchesReviewed.kind,
        c.MembersImported.kind,
        c.TookPart.kind,
        d.ConversationImported.kind,
        d.StatementImported.kind,
        d.ReactionsImported.kind,
        d.ReactionsRecorded.kind,
        v.VotesRecorded.kind,
        Outage.kind,
    }
)
"""What the node says of its own accord: the rules allow it, and it alone vouches that it is so."""


def _votes(n: int) -> str:
    return ngettext("%(n)d vote", "%(n)d votes", n) % {"n": n}


def _reactions(n: int) -> str:
    return ngettext("%(n)d reaction", "%(n)d reactions", n) % {"n": n}


def _founded(body: c.Founded) -> str:
    return _("The chapter was founded, under the rules of version %(rules)d and the template "
             "“%(template)s”.") % {"rules": body.rules, "template": body.template}  # fmt: skip


def _confirmed(body: c.FounderConfirmed) -> str:
    n = len(body.met)
    return ngettext(
        "A founder confirmed having met %(n)d other.",
        "A founder confirmed having met %(n)d others.",
        n,
    ) % {"n": n}


def _constituted(body: c.Constituted) -> str:
    n = len(body.founders)
    return ngettext(
        "%(n)d founder constituted the chapter and gave its first offices.",
        "%(n)d founders constituted the chapter and gave its first offices.",
        n,
    ) % {"n": n}


def _took_part(body: c.TookPart) -> str:
    n = len(body.hashes)
    if body.of == "voice":
        text = ngettext(
            "%(n)d sealed paper ties a new voice to its member.",
            "%(n)d sealed papers tie new voices to their members.",
            n,
        )
    else:
        text = ngettext(
            "%(n)d sealed paper ties a new row id to its member.",
            "%(n)d sealed papers tie new row ids to their members.",
            n,
        )
    return text % {"n": n}


def _bylaws_changed(body: c.BylawsChanged) -> str:
    changes = "; ".join(
        _("%(name)s: from %(old)s to %(new)s") % {"name": name, "old": old, "new": new}
        for name, old, new in changes_in_words(body.changes)
    )
    return _("A decision changed the bylaws. %(changes)s.") % {"changes": changes}


def _bylaws_kept(body: c.BylawsKept) -> str:
    if body.field == "appointment":
        return _("A decided appointment could not take effect: the member could not hold it.")
    if body.field == RULES:
        return _(
            "A decided adoption of newer rules could not take effect: other rules are in force "
            "meanwhile."
        )
    return _(
        "A decided change of bylaws could not take effect: “%(name)s” has changed meanwhile."
    ) % {"name": name_of(body.field)}


def _stewards(body: c.StewardsNamed) -> str:
    return _(
        "Stewards were named: any %(k)d of %(n)d keys can move the chapter to another node."
    ) % {
        "k": body.threshold,
        "n": len(body.keys),
    }


def _members_imported(body: c.MembersImported) -> str:
    n = len(body.members)
    return ngettext(
        "%(n)d participant of a conversation held elsewhere was brought in, without a vote.",
        "%(n)d participants of a conversation held elsewhere were brought in, without a vote.",
        n,
    ) % {"n": n}


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
    return _("Words were erased in office, because: “%(reason)s”") % {"reason": body.reason}


def _outcome(body: d.OutcomeRecorded) -> str:
    return {
        "success": _("An outcome card was recorded: success."),
        "standstill": _("An outcome card was recorded: standstill."),
        "failure": _("An outcome card was recorded: failure."),
    }[body.result]


def _result(body: v.Result) -> str:
    return _("The vote was counted: %(votes)s, %(counts)s.") % {
        "votes": _votes(body.cast),
        "counts": " / ".join(str(one) for one in body.counts),
    }


def _opened(body: v.Opened) -> str:
    return _("The vote opened, for %(n)d members on the roll, until %(until)s.") % {
        "n": body.roll.count,
        "until": date_of(body.until),
    }


def _outage(body: Outage) -> str:
    return _("The node was down from %(start)s to %(end)s.") % {
        "start": date_of(body.from_),
        "end": date_of(body.to),
    }


_SENTENCES: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
    {
        c.Founded.kind: _founded,
        c.Joined.kind: plain(N_("Somebody joined with an invitation.")),
        c.Applied.kind: plain(N_("Somebody asked to be admitted.")),
        c.Admitted.kind: plain(N_("A lead admitted a new member.")),
        c.ApplicationLapsed.kind: plain(N_("An application ran out unanswered.")),
        c.FounderConfirmed.kind: _confirmed,
        c.Constituted.kind: _constituted,
        c.Dissolved.kind: plain(N_("The chapter was not constituted in time and is dissolved.")),
        c.Left.kind: plain(N_("A member left.")),
        c.DisplayNameSet.kind: plain(N_("A member chose the name that members see.")),
        c.DisplayNameErased.kind: plain(N_("A member had their name erased.")),
        k.KeyReplaced.kind: plain(N_("A member put another key in place of theirs.")),
        k.KeyChangeAnnounced.kind: plain(
            N_(
                "Two verifiers saw a member who lost their key. A new key takes its place in "
                "three days unless the member stops it."
            )
        ),
        k.KeyChangeVetoed.kind: plain(N_("A member stopped a change of their key.")),
        k.KeyChanged.kind: plain(N_("The new key of a member who lost theirs is in force.")),
        k.ActDisowned.kind: lambda body: _(
            "Who acts under this id says: I did not do what entry %(n)s says."
        )
        % {"n": body.index},
        c.NameGiven.kind: plain(N_("A member stands by their words in a matter with their name.")),
        c.TookPart.kind: _took_part,
        c.BylawsChanged.kind: _bylaws_changed,
        c.BylawsKept.kind: _bylaws_kept,
        **standing_words.SENTENCES,
        a.FoundersSeen.kind: until(
            N_("The founders, who all met each other, are at level 2 until %(until)s.")
        ),
        a.Vouched.kind: _vouched,
        a.CaseOpened.kind: plain(N_("Somebody asked to be verified.")),
        a.Verified.kind: _verified,
        a.LevelExpired.kind: lambda body: _("A level ran out; the member is at level %(n)d now.")
        % {"n": body.level},
        a.LevelRenounced.kind: plain(N_("A member gave up their level.")),
        a.Challenged.kind: plain(
            N_("A member's level was challenged; two verifiers are to decide.")
        ),
        a.ChallengeDecided.kind: lambda body: _("Two verifiers decided: the level is to end.")
        if body.upheld
        else _("Two verifiers decided: the level stays."),
        a.ChallengeAppealed.kind: plain(
            N_("The member appealed; two other verifiers are to decide.")
        ),
        a.ChallengeLapsed.kind: plain(
            N_("No two verifiers agreed about a challenge in time: the level stays.")
        ),
        a.LevelLost.kind: plain(N_("A level ended after a challenge; the member is at level 0.")),
        a.VouchesReviewed.kind: _reviewed,
        c.StewardsNamed.kind: _stewards,
        c.MembersImported.kind: _members_imported,
        d.Proposed.kind: _proposed,
        d.Supported.kind: plain(N_("Somebody supports the proposal.")),
        d.SupportWithdrawn.kind: plain(N_("Somebody took their support back.")),
        d.DiscussionOpened.kind: until(
            N_("Enough support: the discussion is open until %(until)s.")
        ),
        d.Lapsed.kind: plain(N_("The proposal did not find enough support in time.")),
        d.Argued.kind: _argued,
        d.Commented.kind: plain(N_("Somebody commented.")),
        d.Revised.kind: lambda body: _("The proposal got a new text, version %(n)d.")
        % {"n": body.version},
        d.Withdrawn.kind: plain(N_("The proposal was withdrawn.")),
        d.ReactionsRecorded.kind: lambda body: _("%(what)s to an argument or comment.")
        % {"what": _reactions(len(body.rows))},
        d.Frozen.kind: lambda body: _("The text is fixed; the vote opens on %(when)s.")
        % {"when": date_of(body.vote_from)},
        d.VoteCalled.kind: until(N_("The proposal was put to a vote until %(until)s.")),
        d.Decided.kind: _decided,
        d.Returned.kind: until(
            N_("The decision could not take effect; the proposal is discussed again until "
               "%(until)s.")
        ),
        d.WordsErased.kind: _erased,
        d.TaskSet.kind: until(N_("A task was set, due on %(until)s.")),
        d.TaskDone.kind: plain(N_("A task was done.")),
        d.OutcomeRecorded.kind: _outcome,
        d.ConversationImported.kind: lambda body: _(
            "A conversation held elsewhere was brought in, from %(source)s."
        )
        % {"source": body.source},
        d.StatementImported.kind: plain(
            N_("A statement of a conversation held elsewhere was brought in.")
        ),
        d.ReactionsImported.kind: lambda body: _(
            "%(what)s of a conversation held elsewhere, of %(day)s."
        )
        % {"what": _reactions(len(body.rows)), "day": body.day},
        v.Opened.kind: _opened,
        v.Cast.kind: plain(N_("A member voted by name.")),
        v.VotesRecorded.kind: lambda body: _("%(what)s under row ids.")
        % {"what": _votes(len(body.rows))},
        v.Result.kind: _result,
        Outage.kind: _outage,
        RulesAdopted.kind: lambda body: _(
            "A decision adopted newer rules: version %(new)d takes over from version %(old)d."
        )
        % {"new": body.to, "old": body.from_},
        DeadlineExtended.kind: until(N_("A deadline that fell into an outage was put off to "
                                         "%(until)s.")),
    }
)  # fmt: skip


def sentence(entry: Entry[Any]) -> str:
    """Say what an entry records; a kind that has no words yet is named as it is."""
    told = _SENTENCES.get(entry.kind)
    return entry.kind if told is None else told(entry.body)


def actor(role: As, kind: str) -> str:
    """Say in which role somebody left an entry of a kind."""
    return _("the node") if kind in STATED and role is As.NODE else _(ACTORS[role])


def told_kinds() -> frozenset[str]:
    """Return the kinds that have words."""
    return frozenset(_SENTENCES)
