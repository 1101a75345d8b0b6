"""How a proposal stands: its phase in words, its dates as a timeline, its vote as charts."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from types import MappingProxyType
from typing import Final, NamedTuple

from civic.kernel.clock import moment_of
from civic.kernel.web import charts
from civic.kernel.web.dates import Moment, moment_of_minute
from civic.kernel.web.figures import count
from civic.kernel.web.language import N_, _, ngettext
from civic.pages.bylaw_words import spell_permille
from deliberation.queries import MatterLine, MatterView, PhaseMark
from voting.queries import ElectionView

PHASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "support": N_("Gathering support"),
        "discussion": N_("Discussion"),
        "notice": N_("Fixed text"),
        "vote": N_("Vote"),
        "decided": N_("Decided"),
        "lapsed": N_("Not enough support"),
        "withdrawn": N_("Withdrawn"),
        "imported": N_("Brought in"),
    }
)
OUTCOMES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "accepted": N_("Decided: yes"),
        "rejected": N_("Decided: no"),
        "no_quorum": N_("No quorum"),
    }
)
_NEXT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "support": N_("The time for it ends"),
        "discussion": N_("The discussion ends"),
        "notice": N_("The vote opens"),
        "vote": N_("The vote closes"),
    }
)
_SHORT: Final[Mapping[str, str]] = MappingProxyType(
    {
        "support": N_("support ends"),
        "discussion": N_("discussion ends"),
        "notice": N_("vote opens"),
        "vote": N_("vote closes"),
    }
)
_COURSE: Final = ("support", "discussion", "notice", "vote")


class Standing(NamedTuple):
    """The answer to what is decided, by when, and how far it has come."""

    state: str
    tone: str
    headline: str
    moment: Moment | None
    before: str


def badge_of(line: MatterLine) -> tuple[str, str]:
    """Return the state of a proposal in a word or two, and its tone."""
    if line.phase == "decided" and line.outcome is not None:
        tone = {"accepted": "good", "rejected": "bad"}.get(line.outcome, "warn")
        if line.options and line.outcome == "accepted":
            return _("Decided"), tone
        return _(OUTCOMES[line.outcome]), tone
    tone = {"lapsed": "warn", "withdrawn": "plain", "imported": "plain", "support": "plain"}.get(
        line.phase, "accent"
    )
    return _(PHASES[line.phase]), tone


def next_words(line: MatterLine) -> str:
    """Return what the next date of an open proposal is, in few words."""
    return _(_SHORT.get(line.phase, ""))


def said_of(line: MatterLine) -> str:
    """Say in one line how much was said about a proposal."""
    arguments, comments = line.pro + line.con, line.comments
    parts = []
    if line.statements:
        parts.append(
            ngettext("%(n)s statement", "%(n)s statements", line.statements)
            % {"n": count(line.statements)}
        )
    if arguments:
        parts.append(
            ngettext("%(n)s argument", "%(n)s arguments", arguments) % {"n": count(arguments)}
        )
    if comments:
        parts.append(ngettext("%(n)s comment", "%(n)s comments", comments) % {"n": count(comments)})
    return " · ".join(parts)


def standing(matter: MatterView, elections: Sequence[ElectionView], now: int) -> Standing:
    """Return how a proposal stands, in words ready to be shown."""
    line = matter.line
    state, tone = badge_of(line)
    moment = None if line.phase_until is None else moment_of_minute(line.phase_until, now)
    headline = _headline(matter, elections)
    if line.phase not in _NEXT:
        ended = line.ended if line.ended is not None else line.phase_since
        return Standing(state, tone, headline, moment_of_minute(ended, now), "")
    return Standing(state, tone, headline, moment, _(_NEXT[line.phase]))


def _headline(matter: MatterView, elections: Sequence[ElectionView]) -> str:
    line = matter.line
    match line.phase:
        case "support":
            return _("It is discussed as soon as %(n)s members support it. So far %(have)s do.") % {
                "n": count(line.needed),
                "have": count(line.supports),
            }
        case "discussion" if matter.kept_field is not None:
            return _("It was accepted but could not take effect, so it is discussed again.")
        case "discussion":
            return _("Say what speaks for it and what against it. The text is fixed at the end.")
        case "notice":
            return _("The text is fixed. There is time to read it before the vote.")
        case "vote":
            return _vote_headline(line, elections)
        case "decided":
            return _decided_headline(matter, elections)
        case "lapsed":
            return _("It did not find enough support in time, so it stands still.")
        case "withdrawn":
            return _("Its author withdrew it, or its words were erased.")
        case _:
            return _("A conversation held elsewhere, brought in to be read.")


def _vote_headline(line: MatterLine, elections: Sequence[ElectionView]) -> str:
    if line.options:
        return _("Which of the %(n)d options do you approve of?") % {"n": line.options}
    return _("Shall this be done: yes or no?")


def _decided_headline(matter: MatterView, elections: Sequence[ElectionView]) -> str:
    line = matter.line
    counted = next((one for one in elections if one.counts is not None), None)
    if line.outcome == "no_quorum":
        return _("Too few members took part in the vote. Nothing was decided.")
    if counted is None or counted.counts is None:
        return _(OUTCOMES[line.outcome or "rejected"])
    if line.options:
        if not matter.winners:
            return _("No option found the majority that the bylaws ask for.")
        chosen = "; ".join(matter.labels[i].text or _("an erased option") for i in matter.winners)
        return _("Chosen: %(options)s") % {"options": chosen}
    yes, no, _abstain = counted.counts
    return _("Yes %(yes)s, no %(no)s.") % {"yes": count(yes), "no": count(no)} + (
        " " + _effect_words(matter) if line.outcome == "accepted" else ""
    )


MEASURES_DONE: Final = {
    "remove": N_("The office ended by this decision, without anybody having to do it."),
    "expel": N_("The member is none any more, by this decision."),
    "readmit": N_("By this decision they may ask to come back."),
    "lift": N_("The suspension ended by this decision, without anybody having to do it."),
}
"""What decisions about people did."""


def _effect_words(matter: MatterView) -> str:
    if matter.changes:
        return _("The bylaws changed by this decision, without anybody having to do it.")
    if matter.rules is not None:
        return _("The chapter adopted the newer rules by this decision.")
    if matter.measure is not None:
        return _(MEASURES_DONE[matter.measure.do])
    if matter.appointment is not None:
        return _("The office was given by this decision, without anybody having to do it.")
    return _("It is decided.")


def timeline(matter: MatterView, now: int) -> charts.Timeline | None:
    """Return the phases of a proposal, those to come reckoned from its bylaws; None without any."""
    marks = [mark for mark in matter.timeline if mark.phase in _COURSE]
    if not marks:
        return None
    ends = _ends(matter, marks)
    phases = [
        charts.Phase(_(PHASES[mark.phase]), moment_of(mark.at), moment_of(end), _note(matter, mark))
        for mark, end in zip(marks, ends, strict=True)
    ]
    if matter.line.phase in _COURSE:
        phases += _to_come(matter, marks[-1].phase, ends[-1])
    return charts.timeline(phases, moment_of(now))


def _ends(matter: MatterView, marks: Sequence[PhaseMark]) -> list[int]:
    """Return when each phase ended or will end: when the next began, else its deadline."""
    line = matter.line
    last = line.phase_until if line.phase in _COURSE else line.ended
    if last is None:
        last = marks[-1].until if marks[-1].until is not None else marks[-1].at
    return [*(mark.at for mark in marks[1:]), last]


def _to_come(matter: MatterView, phase: str, start: int) -> list[charts.Phase]:
    lengths = {
        "discussion": matter.bylaws.discussion_time,
        "notice": max(matter.bylaws.notice_time, matter.bylaws.tick),
        "vote": matter.bylaws.vote_time,
    }
    coming = []
    for name in _COURSE[_COURSE.index(phase) + 1 :]:
        note = (
            _("if it finds enough support; sooner if it finds it sooner")
            if (phase == "support" and name == "discussion")
            else ""
        )
        end = start + lengths[name]
        coming.append(charts.Phase(_(PHASES[name]), moment_of(start), moment_of(end), note))
        start = end
    return coming


def _note(matter: MatterView, mark: PhaseMark) -> str:
    put_off = any(
        other.phase == "extended" and other.entry > mark.entry for other in matter.timeline
    )
    return _("put off once because the node was down") if put_off and mark.until is None else ""


def bars(matter: MatterView, election: ElectionView) -> charts.Bars | None:
    """Return the counted result of a vote, None while it is open."""
    if election.counts is None or election.passed is None:
        return None
    share = spell_permille(election.majority)
    if election.options:
        labels = [label.text or _("Option %(n)d") % {"n": n + 1}
                  for n, label in enumerate(matter.labels)]  # fmt: skip
        chosen = labels[election.passed[0]] if len(election.passed) == 1 else None
        return charts.bars(
            _("Approvals of each option, as shares of those who voted"),
            [(label, n, "option") for label, n in zip(labels, election.counts, strict=True)],
            whole=election.cast or 0,
            threshold=Fraction(election.majority, 1000),
            threshold_text=_("needed: more than %(share)s of those who voted") % {"share": share},
            chosen=chosen,
        )
    yes, no, abstained = election.counts
    words = {"share": share, "n": count(abstained)}
    return charts.bars(
        _("Yes and no"),
        [(_("Yes"), yes, "yes"), (_("No"), no, "no")],
        threshold=Fraction(election.majority, 1000),
        threshold_text=_("needed: more than %(share)s of yes and no; %(n)s abstained") % words,
        chosen=_("Yes") if election.passed else None,
    )


def turnout(election: ElectionView) -> charts.Meter:
    """Return how many of the roll took part so far, and where the quorum stands."""
    took_part = election.cast if election.cast is not None else election.voted
    need = -(-election.quorum * election.roll // 1000)
    return charts.quorum(took_part, election.roll, need)
