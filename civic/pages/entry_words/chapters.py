"""Entries about a chapter, its people and their keys, in plain words."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from chapters import entries as c
from chapters.keys import entries as k
from civic.kernel.web.language import N_, _, ngettext
from civic.pages.bylaw_words import changes_in_words, name_of
from civic.pages.founding import TEMPLATE_NAMES
from civic.pages.telling import plain
from deliberation.effects import RULES

STATED: Final = frozenset({c.MembersImported.kind, c.TookPart.kind})
"""What the node says of its own accord."""


def _founded(body: c.Founded) -> str:
    name = body.template
    if name in TEMPLATE_NAMES:
        name = _(TEMPLATE_NAMES[name][0])
    return _("The chapter was founded, under the rules of version %(rules)d and the template "
             "“%(template)s”.") % {"rules": body.rules, "template": name}  # fmt: skip


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


SENTENCES: Final[Mapping[str, Callable[[Any], str]]] = MappingProxyType(
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
        c.NameGiven.kind: plain(N_("A member stands by their words in a matter with their name.")),
        c.TookPart.kind: _took_part,
        c.BylawsChanged.kind: _bylaws_changed,
        c.BylawsKept.kind: _bylaws_kept,
        c.StewardsNamed.kind: _stewards,
        c.MembersImported.kind: _members_imported,
        k.KeyReplaced.kind: plain(N_("A member put another key in place of theirs.")),
        k.KeyChangeAnnounced.kind: plain(
            N_(
                "Two verifiers saw a member who lost their key. A new key takes its place in "
                "three days unless the member stops it."
            )
        ),
        k.KeyChangeVetoed.kind: plain(N_("A member stopped a change of their key.")),
        k.KeyChanged.kind: plain(N_("The new key of a member who lost theirs is in force.")),
        k.ActDisowned.kind: lambda body: (
            _("Who acts under this id says: I did not do what entry %(n)s says.")
            % {"n": body.index}
        ),
    }
)
"""What tells each kind."""
