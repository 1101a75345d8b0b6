"""Words are hidden before they are erased: by an office, with appeal to two others (pure).

Who hides them does not judge. Two who say that the words are to be shown bring them back, and so
does a week in which no two uphold that they stay hidden: nobody silences anybody for long alone.
Words that came back after an appeal, by whatever way, are not hidden again. A proposal whose
present words are hidden is neither frozen nor lapses before it is settled, and is withdrawn when
they stay hidden.
"""

from typing import Final

from chapters.bylaws import DAY
from chapters.gate import ID_TAKEN, NOT_IN_OFFICE, needs_texts
from chapters.offices.absence import in_office
from chapters.state import holds
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, As, Entry, minute, when
from civic.kernel.record.rules import Decision, Draft, Kind, State, round_up
from civic.kernel.refusal import Refusal, code
from deliberation import entries as d
from deliberation.moderation import entries as e
from deliberation.moderation.state import Hiding
from deliberation.phases import UNKNOWN_SUBJECT
from deliberation.state import of
from deliberation.words import NOT_THE_AUTHOR, belonging

HIDING_UNKNOWN: Final = code(
    "deliberation.hiding_unknown", "There are no such hidden words, or they are past this step."
)
HIDDEN_ALREADY: Final = code("deliberation.hidden_already", "These words are hidden already.")
CLEARED: Final = code(
    "deliberation.cleared", "Words that came back on appeal are not hidden again."
)
NO_APPEAL: Final = code(
    "deliberation.no_appeal", "The time to appeal is over, or the author appealed already."
)
OWN_CASE: Final = code(
    "deliberation.own_case", "Who hid words or judged them already does not judge them."
)
HIDE_FIRST: Final = code(
    "deliberation.hide_first",
    "Words of others are hidden first, and erased when that is settled, or at once for a need.",
)
JUDGING_TIME: Final = 7 * DAY
"""Minutes in which two others must uphold that words stay hidden that were appealed for."""
WHAT: Final = "deliberation.hiding"
"""The transition of a hiding: the time to appeal, or to judge, is over."""
_JUDGES: Final = ("lead", "facilitator", "verifier")


def decide_hidden(state: State, act: Act[e.WordsHidden], now: int) -> Decision:
    """Let a lead or facilitator hide what somebody said."""
    known, body = of(state).moderation, act.body
    if state.knows(body.id):
        return Refusal(ID_TAKEN)
    if not holds(chapter_of(state), act.by.id, "lead", "facilitator"):
        return Refusal(NOT_IN_OFFICE)
    found = belonging(state, body.of, body.words)
    if isinstance(found, Refusal):
        return found
    if not found.said:
        return Refusal(UNKNOWN_SUBJECT)
    if not known.hidden.keys().isdisjoint(body.words):
        return Refusal(HIDDEN_ALREADY)
    return () if known.cleared.isdisjoint(body.words) else Refusal(CLEARED)


def apply_hidden(state: State, entry: Entry[e.WordsHidden]) -> None:
    """The words are not shown; their author has the bylaws' time to appeal."""
    chapter, known, body = chapter_of(state), of(state).moderation, entry.body
    found = belonging(state, body.of, body.words)
    if isinstance(found, Refusal):
        raise TypeError("the hidden words belong to nothing")
    at, words = minute(entry.at), sorted(set(body.words))
    by = chapter.offices[entry.by.id].member
    known.hidings[body.id] = Hiding(body.of, found.matter, found.author, words, by, at)
    known.hidden.update(dict.fromkeys(words, body.id))
    state.set_deadline(body.id, at + chapter.bylaws.appeal_time, WHAT, people=True)


def decide_appealed(state: State, act: Act[e.HidingAppealed], now: int) -> Decision:
    """Let the author appeal, once and in time."""
    found = of(state).moderation.hidings.get(act.body.hiding)
    if found is None or found.stage == "over":
        return Refusal(HIDING_UNKNOWN)
    if act.by.id != found.author:
        return Refusal(NOT_THE_AUTHOR)
    if found.stage != "open":
        return Refusal(NO_APPEAL)
    return needs_texts(state, act, 1) or ()


def apply_appealed(state: State, entry: Entry[e.HidingAppealed]) -> None:
    """Two others have a week to uphold it; else the words come back."""
    found = of(state).moderation.hidings[entry.body.hiding]
    found.stage, found.plea = "appealed", entry.content[0]
    state.set_deadline(entry.body.hiding, minute(entry.at) + JUDGING_TIME, WHAT, people=True)


def decide_judged(state: State, act: Act[e.HidingJudged], now: int) -> Decision:
    """Let another office holder judge; the second of one mind settles it."""
    chapter, body = chapter_of(state), act.body
    found = of(state).moderation.hidings.get(body.hiding)
    if found is None or found.stage != "appealed":
        return Refusal(HIDING_UNKNOWN)
    if not holds(chapter, act.by.id, *_JUDGES):
        return Refusal(NOT_IN_OFFICE)
    member = chapter.offices[act.by.id].member
    if member == found.by or member in found.judged:
        return Refusal(OWN_CASE)
    if body.show not in found.judged.values():
        return ()
    return _ended(state, body.hiding, now, "overturned" if body.show else "upheld")


def apply_judged(state: State, entry: Entry[e.HidingJudged]) -> None:
    """One more judgement."""
    member = chapter_of(state).offices[entry.by.id].member
    of(state).moderation.hidings[entry.body.hiding].judged[member] = entry.body.show


def decide_lifted(state: State, act: Act[e.HidingLifted], now: int) -> Decision:
    """Let who hid the words show them again."""
    found = of(state).moderation.hidings.get(act.body.hiding)
    if found is None or found.stage == "over":
        return Refusal(HIDING_UNKNOWN)
    if chapter_of(state).offices[act.by.id].member != found.by:
        return Refusal(NOT_IN_OFFICE)
    return _ended(state, act.body.hiding, now, "lifted")


def apply_lifted(state: State, entry: Entry[e.HidingLifted]) -> None:
    """The end of the hiding follows."""


def due_hiding(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """Settle it: nobody appealed, or no two upheld it."""
    found = of(state).moderation.hidings[what_id]
    why: e.End = "unappealed" if found.stage == "open" else "unanswered"
    return _ended(state, what_id, deadline, why)


_SHOWN: Final = frozenset({"overturned", "unanswered", "lifted"})


def _ended(state: State, hiding: str, moment: int, why: e.End) -> tuple[Draft, ...]:
    found = of(state).moderation.hidings[hiding]
    shown = tuple(found.words) if why in _SHOWN else ()
    ended = Draft(e.HidingEnded(hiding, when(moment), why, shown))
    proposal = of(state).proposals.get(found.of)
    if why not in ("unappealed", "upheld") or proposal is None:
        return (ended,)
    there = proposal.phase in ("support", "discussion")
    gone = there and not set(proposal.words).isdisjoint(found.words)
    return (ended, Draft(d.Withdrawn(found.of))) if gone else (ended,)


def apply_ended(state: State, entry: Entry[e.HidingEnded]) -> None:
    """The words stay hidden, or are shown or erased."""
    body, known = entry.body, of(state).moderation
    found = known.hidings[body.hiding]
    state.drop_deadline(body.hiding)
    # Else who hid them could take it back before it is judged, and hide them anew.
    if found.stage == "appealed":
        known.cleared.update(body.shown)
    found.stage = "final" if body.why in ("unappealed", "upheld") else "over"
    if found.stage == "over":
        for one in found.words:
            known.hidden.pop(one, None)


def put_off(state: State, proposal: str) -> tuple[Draft, ...]:
    """Return that the end of a proposal's phase waits, where its present words are in question."""
    known = of(state).moderation
    for words in of(state).proposals[proposal].words:
        hiding = known.hidden.get(words)
        if hiding is None or known.hidings[hiding].stage not in ("open", "appealed"):
            continue
        # A tick later: what is due at one minute happens in the order of ids.
        until = round_up(state.record, state.record.deadlines[hiding].minute + 1)
        return (Draft(e.PutOff(proposal, hiding, when(until))),)
    return ()


def apply_put_off(state: State, entry: Entry[e.PutOff]) -> None:
    """The phase has a later end."""
    phase = of(state).proposals[entry.body.proposal].phase
    until = minute(entry.body.until)
    state.set_deadline(entry.body.proposal, until, f"deliberation.{phase}", people=True)


def erasing(
    state: State, act: Act[d.WordsErased], now: int, *, said: bool
) -> Refusal | tuple[Draft, ...]:
    """Check that an office may erase words, and return which hidings end with words erased.

    `said` tells whether members said them: those are hidden first. What they say in an appeal can
    be read until it is settled, and for good where it brought their words back.
    """
    known, words = of(state).moderation, frozenset(act.body.words)
    appeal = known.hidings.get(act.body.of)
    if act.by.as_ is As.OFFICE and act.body.urgent is None and (said or appeal is not None):
        if appeal is not None:
            settled = appeal.stage in ("final", "over") and known.cleared.isdisjoint(appeal.words)
        else:
            settled = all(
                one in known.hidden and known.hidings[known.hidden[one]].stage == "final"
                for one in words
            )
        if not settled:
            return Refusal(HIDE_FIRST)
    ended = {known.hidden[one] for one in words if one in known.hidden}
    return tuple(
        Draft(e.HidingEnded(one, when(now), "erased"))
        for one in sorted(ended)
        if words.issuperset(known.hidings[one].words)
    )


def apply_erased(state: State, entry: Entry[d.WordsErased]) -> None:
    """Erased words are hidden no more."""
    known = of(state).moderation
    for one in sorted(set(entry.body.words)):
        hiding = known.hidden.get(one)
        if hiding is not None and len(known.hidings[hiding].words) > 1:
            known.hidings[hiding].words.remove(one)
            known.hidden.pop(one)


_OFFICE: Final = frozenset({As.OFFICE})

KINDS: Final = (
    Kind(e.WordsHidden, in_office(apply_hidden), decide_hidden, _OFFICE),
    Kind(e.HidingAppealed, apply_appealed, decide_appealed, frozenset({As.VOICE}), texts=True),
    Kind(e.HidingJudged, in_office(apply_judged), decide_judged, _OFFICE),
    Kind(e.HidingLifted, in_office(apply_lifted), decide_lifted, _OFFICE),
    Kind(e.HidingEnded, apply_ended),
    Kind(e.PutOff, apply_put_off),
)
"""The kinds of entries about hidden words."""
