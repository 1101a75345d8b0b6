"""What became of an act, in words for the person who did it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

import msgspec

from civic.kernel.record.shown import Text
from civic.kernel.web.dates import moment_of_minute
from civic.kernel.web.figures import count
from civic.kernel.web.language import N_, _, ngettext
from civic.pages import phases
from civic.pages.record import told
from civic.voice.acts import Ballot, Done, Hiding, Said, Stands
from deliberation.queries import MatterLine


class Fate(NamedTuple):
    """What somebody did, the words that it is about, and what became of it.

    `quoted` are words of theirs, or what they reacted to.
    """

    did: str
    quoted: Text | None
    became: str


DID: Final[Mapping[str, str]] = MappingProxyType(
    {
        "chapters.founded": N_("You founded the chapter"),
        "chapters.joined": N_("You joined the chapter"),
        "chapters.applied": N_("You asked to be admitted"),
        "chapters.reapplied": N_("You asked to come back"),
        "chapters.display_name_set": N_("You chose the name that members see"),
        "chapters.display_name_erased": N_("You had your name erased"),
        "chapters.name_given": N_("You stand by your words with your name"),
        "chapters.key_replaced": N_("You put another key in place of yours"),
        "chapters.act_disowned": N_("You said: I did not do this"),
        "deliberation.proposed": N_("You proposed"),
        "deliberation.supported": N_("You supported"),
        "deliberation.support_withdrawn": N_("You took your support back"),
        "deliberation.commented": N_("You commented"),
        "deliberation.revised": N_("You gave it a new text"),
        "deliberation.withdrawn": N_("You withdrew it"),
        "deliberation.words_erased": N_("You had words erased"),
        "deliberation.words_hidden": N_("You hid words in office"),
        "deliberation.hiding_appealed": N_("You appealed: words of yours were hidden"),
        "deliberation.hiding_judged": N_("You judged in office whether words are shown again"),
        "deliberation.hiding_lifted": N_("You showed words again that you had hidden"),
        "deliberation.task_set": N_("You set a task in office"),
        "deliberation.task_done": N_("You said in office that a task is done"),
        "deliberation.outcome_recorded": N_("You recorded in office what came of it"),
    }
)
"""How acts are called for who did them; others in the words of the record."""
_SIDES: Final = {"pro": N_("You argued for it"), "con": N_("You argued against it")}
_REACTED: Final = {
    1: N_("You agreed"),
    -1: N_("You disagreed"),
    0: N_("You passed"),
}
_VOTED: Final = {
    1: N_("You voted yes"),
    -1: N_("You voted no"),
    0: N_("You abstained"),
}
_PLACES: Final = {1: 0, -1: 1, 0: 2}
"""Where each answer stands among the counts of a vote on yes and no."""
_ABOUT_WORDS: Final = frozenset({"deliberation.argued", "deliberation.commented"})
_ABOUT_MATTER: Final = frozenset(
    {
        "deliberation.proposed",
        "deliberation.supported",
        "deliberation.support_withdrawn",
        "deliberation.revised",
        "deliberation.withdrawn",
        "chapters.name_given",
    }
)
EXCERPT: Final = 160
"""Characters of a text that are shown."""


def fate(done: Done, stands: Stands, now: int) -> Fate:
    """Say what somebody did and what became of it."""
    kind = done.row.line.kind if done.row is not None else ""
    if done.what == "reaction":
        said = stands.said
        became = _waiting() if done.waits else _answers(said)
        words = None if said is None else said.words
        return Fate(_(_REACTED.get(done.value, _REACTED[0])), words, became)
    if done.what == "vote" or kind == "voting.cast":
        return _vote(done, stands, now)
    if kind in _ABOUT_WORDS:
        said = stands.said
        did = _SIDES.get(said.kind if said else "", DID["deliberation.commented"])
        return Fate(_(did), None if said is None else said.words, _answers(said))
    became = ""
    if kind in _ABOUT_MATTER and stands.matter is not None:
        became = how_it_stands(stands.matter, stands.counted, now)
    if kind == "deliberation.task_set":
        became = _task(stands, now)
    if stands.hiding is not None:
        became = _hiding(stands.hiding, now)
    return Fate(_did(done), None, became)


def _did(done: Done) -> str:
    if done.row is None:
        return ""
    known = DID.get(done.row.line.kind)
    return told(done.row).words if known is None else _(known)


def how_it_stands(line: MatterLine, counted: tuple[int, ...] | None, now: int) -> str:
    """Say in a sentence how a proposal stands, or how it ended."""
    match line.phase:
        case "support":
            text = _("%(have)s of the %(n)s members it needs support it. The time ends %(when)s.")
            return text % {
                "have": count(line.supports),
                "n": count(line.needed),
                "when": _when(line.phase_until, now),
            }
        case "discussion":
            text = _("It found enough support and is discussed; the text is fixed %(when)s.")
            return text % {"when": _when(line.phase_until, now)}
        case "notice":
            text = _("Its text is fixed; the vote opens %(when)s.")
            return text % {"when": _when(line.phase_until, now)}
        case "vote":
            return _("It is voted on; the vote closes %(when)s.") % {
                "when": _when(line.phase_until, now)
            }
        case "decided":
            return _decided(line, counted)
        case "lapsed":
            return _("It did not find enough support in time, so it stands still.")
    return _("Its author withdrew it, or its words were erased.")


def _decided(line: MatterLine, counted: tuple[int, ...] | None) -> str:
    said = f"{phases.badge_of(line)[0]}."
    if counted is None or line.options or len(counted) != len(_PLACES):
        return said
    yes, no, _abstained = counted
    return f"{said} " + _("Yes %(yes)s, no %(no)s.") % {"yes": count(yes), "no": count(no)}


def _answers(said: Said | None) -> str:
    """Say how others answered an argument or comment."""
    if said is None:
        return ""
    parts = []
    if said.agree:
        parts.append(ngettext("%(n)s agrees", "%(n)s agree", said.agree) % {"n": count(said.agree)})
    if said.disagree:
        parts.append(
            ngettext("%(n)s disagrees", "%(n)s disagree", said.disagree)
            % {"n": count(said.disagree)}
        )
    if said.passed:
        parts.append(
            ngettext("%(n)s passes", "%(n)s pass", said.passed) % {"n": count(said.passed)}
        )
    if said.answers:
        parts.append(
            ngettext("%(n)s answer", "%(n)s answers", said.answers) % {"n": count(said.answers)}
        )
    return " · ".join(parts) or _("Nobody has answered yet.")


def _vote(done: Done, stands: Stands, now: int) -> Fate:
    ballot = stands.ballot
    if ballot is None:
        return Fate(_did(done), None, "")
    value = done.value if done.what == "vote" else _cast_value(done)
    did = _voted(value, ballot)
    index = None if done.row is None else done.row.line.index
    if done.what == "act" and ballot.latest is not None and ballot.latest != index:
        return Fate(did, None, _("You voted again later; that vote counts."))
    if done.waits:
        return Fate(did, None, _waiting())
    if ballot.counts is None:
        text = _("Your vote stands. The votes are counted when the vote closes, %(when)s.")
        return Fate(did, None, text % {"when": _when(ballot.until, now)})
    ended = how_it_stands(stands.matter, ballot.counts, now) if stands.matter else ""
    return Fate(did, None, f"{_agreed(value, ballot)} {ended}".strip())


class _Cast(msgspec.Struct):
    value: int


class _CastEntry(msgspec.Struct):
    body: _Cast


_cast: Final = msgspec.json.Decoder(_CastEntry)


def _cast_value(done: Done) -> int:
    return 0 if done.row is None else _cast.decode(done.row.raw).body.value


def _voted(value: int, ballot: Ballot) -> str:
    if not ballot.options:
        return _(_VOTED[value])
    n = value.bit_count()
    return ngettext("You approved of %(n)d option", "You approved of %(n)d options", n) % {"n": n}


def _agreed(value: int, ballot: Ballot) -> str:
    """Say how many voted alike, or how many of the approved options won."""
    if ballot.counts is None or ballot.passed is None:
        return ""
    if ballot.options:
        won = sum(1 for option in ballot.passed if value >> option & 1)
        text = ngettext(
            "%(n)d option that you approved of was chosen.",
            "%(n)d options that you approved of were chosen.",
            won,
        )
        return text % {"n": won}
    # Themselves among them.
    alike = ballot.counts[_PLACES[value]]
    return ngettext(
        "%(n)s of %(all)s votes was like yours.", "%(n)s of %(all)s votes were like yours.", alike
    ) % {"n": count(alike), "all": count(ballot.cast or 0)}


HIDING_ENDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "unappealed": N_("It stays hidden: nobody appealed in time."),
        "upheld": N_("It stays hidden: two others in office upheld it."),
        "overturned": N_("It came back: two others in office decided so."),
        "unanswered": N_("It came back: no two others upheld it in time."),
        "lifted": N_("It came back: who hid it took that back."),
        "erased": N_("It was erased."),
    }
)
"""How hidings end."""


def _hiding(hiding: Hiding, now: int) -> str:
    if hiding.why is not None:
        return _(HIDING_ENDS[hiding.why])
    when = {"when": _when(hiding.until, now)}
    if hiding.appealed:
        return _("Two others in office judge it; their time ends %(when)s.") % when
    return _("The author can appeal; the time for it ends %(when)s.") % when


def _task(stands: Stands, now: int) -> str:
    if stands.done is not None:
        return _("It is done.")
    if stands.due is None:
        return ""
    return _("It is to be done %(when)s.") % {"when": _when(stands.due, now)}


def _waiting() -> str:
    return _("It waits to be recorded together with others.")


def _when(minute: int | None, now: int) -> str:
    return moment_of_minute(minute if minute is not None else now, now).relative
