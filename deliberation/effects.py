"""What a decision does by itself: to bylaws, rules, offices and members (pure)."""

from typing import Final

from chapters.bylaws import stale_field
from chapters.entries import BylawsKept, OfficeTerm
from chapters.offices.entries import OfficeEnded, OfficeGiven, SuccessorNamed
from chapters.offices.terms import TERM_TOO_LONG, holder_refusal
from chapters.rules import bylaws_effect, unfit_here
from chapters.standing import expulsion
from chapters.state import ChaptersState
from chapters.state import of as chapter_of
from civic.kernel.record.adoption import RulesAdopted
from civic.kernel.record.entry import Entry, minute, when
from civic.kernel.record.rules import Draft, State, round_up
from civic.kernel.refusal import Refusal, code
from deliberation import entries as e
from deliberation.state import Proposal, bylaws_of, of

STALE_CHANGE: Final = code(
    "deliberation.stale_change", "A bylaw to be changed does not have the value named."
)
OPTIONS: Final = code(
    "deliberation.options",
    "A vote has no options (yes, no, abstain) or at least two, and one effect at most, with "
    "options none.",
)
UNFIT_CHANGE: Final = code(
    "deliberation.unfit_change",
    "The bylaws as changed would be malformed, undercut the charter or ask for more vouches than "
    "members could give, or a field stands twice.",
)

POINTLESS: Final = code(
    "deliberation.pointless", "There is nothing that this decision could do as things stand."
)

RULES: Final = "rules"
"""Stands for the version of the rules where refusals and `chapters.bylaws_kept` name a field."""


def effect_refusal(state: State, options: int, body: e.Proposed | e.Revised) -> Refusal | None:
    """Say why a proposal may not have these effects: one at most, fitting what is in force."""
    changes, appointment, rules, measure = (
        body.changes or (), body.appointment, body.rules, body.measure,
    )  # fmt: skip
    given = sum(one is not None for one in (appointment, rules, measure))
    if options == 1 or bool(options) + bool(changes) + given > 1:
        return Refusal(OPTIONS)
    chapter = chapter_of(state)
    if rules is not None:
        if rules.from_ != state.record.rules:
            return Refusal(STALE_CHANGE, {"field": RULES})
        if rules.to <= rules.from_:
            return Refusal(UNFIT_CHANGE, {"field": RULES})
    stale = stale_field(chapter.bylaws, changes)
    if stale is not None:
        return Refusal(STALE_CHANGE, {"field": stale})
    unfit = unfit_here(state, changes)
    if unfit is not None:
        return Refusal(UNFIT_CHANGE, {"field": unfit})
    if measure is not None and expulsion.pointless(chapter, measure.do, measure.of):
        return Refusal(POINTLESS)
    return None if appointment is None else _appointment_refusal(chapter, appointment)


def _appointment_refusal(chapter: ChaptersState, appointment: e.Appointment) -> Refusal | None:
    before = [one for one in (appointment.instead, appointment.after) if one is not None]
    if len(before) > 1 or any(
        one not in chapter.offices or chapter.offices[one].role != appointment.office
        for one in before
    ):
        return Refusal(POINTLESS)
    if appointment.term > chapter.bylaws.office_most:
        return Refusal(TERM_TOO_LONG)
    return holder_refusal(chapter, appointment.member)


def gives_effects(body: e.Revised) -> bool:
    """Tell whether a revision replaces what the decision does by itself."""
    return any(
        one is not None for one in (body.changes, body.appointment, body.rules, body.measure)
    )


def has_effect(proposal: Proposal) -> bool:
    """Tell whether a decision would do something by itself."""
    return bool(proposal.changes) or any(
        one is not None for one in (proposal.rules, proposal.measure, proposal.appointment)
    )


def follow_decided(state: State, entry: Entry[e.Decided]) -> tuple[Draft, ...]:
    """Let an accepted proposal take effect by itself."""
    body = entry.body
    proposal = of(state).proposals[body.proposal]
    if body.outcome != "accepted":
        return ()
    if proposal.changes:
        return (bylaws_effect(state, body.proposal, body.on, proposal.changes),)
    if proposal.rules is not None:
        if proposal.rules.from_ != state.record.rules:
            return (Draft(BylawsKept(body.proposal, body.on, RULES)),)
        return (Draft(RulesAdopted(proposal.rules.from_, proposal.rules.to)),)
    if proposal.measure is not None:
        do, of_id = proposal.measure.do, proposal.measure.of
        return expulsion.effect(chapter_of(state), do, of_id, body.proposal, body.on)
    if proposal.appointment is not None:
        return _appoint(state, entry, proposal.appointment)
    return ()


def _appoint(
    state: State, entry: Entry[e.Decided], appointment: e.Appointment
) -> tuple[Draft, ...]:
    chapter, body = chapter_of(state), entry.body
    if holder_refusal(chapter, appointment.member) is not None:
        return (Draft(BylawsKept(body.proposal, body.on, "appointment")),)
    length = min(appointment.term, chapter.bylaws.office_most)
    if appointment.after in chapter.offices:
        named = SuccessorNamed(
            body.proposal,
            body.on,
            appointment.after,
            appointment.office,
            appointment.member,
            length,
        )
        return (Draft(named),)
    until = round_up(state.record, minute(body.on) + length)
    term = OfficeTerm(
        state.new_id(entry.key, entry.part), appointment.office, appointment.member, when(until)
    )
    before = chapter.offices.get(appointment.instead or "")
    given = Draft(OfficeGiven(body.proposal, body.on, term, appointment.instead))
    if before is None or (before.acting and appointment.office == "lead"):
        # Who leads by rule steps back whenever a decision gives the office of a lead.
        return (given,)
    return given, Draft(OfficeEnded(appointment.instead or "", body.on, body.proposal))


def follow_kept(state: State, entry: Entry[BylawsKept]) -> tuple[Draft, ...]:
    """Return a decision that could not take effect to deliberation."""
    body = entry.body
    proposal = of(state).proposals[body.decision]
    until = round_up(state.record, minute(body.on) + bylaws_of(state, proposal).discussion_time)
    return (Draft(e.Returned(body.decision, when(until))),)
