"""What a decision does by itself: change bylaws, give an office, adopt newer rules (pure)."""

from typing import Final

from chapters.bylaws import Change, stale_field, unfit_field
from chapters.entries import BylawsKept, OfficeGiven, OfficeTerm
from chapters.gate import NOT_A_MEMBER
from chapters.rules import bylaws_effect
from chapters.state import of as chapter_of
from civic.kernel.record.adoption import Adoption, RulesAdopted
from civic.kernel.record.entry import Entry, minute, when
from civic.kernel.record.rules import Draft, State, round_up
from civic.kernel.refusal import Refusal, code
from deliberation import entries as e
from deliberation.state import bylaws_of, of

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
    "The bylaws as changed would be malformed or undercut the charter, or a field stands twice.",
)

RULES: Final = "rules"
"""Stands for the version of the rules where refusals and `chapters.bylaws_kept` name a field."""


def effect_refusal(
    state: State,
    options: int,
    changes: tuple[Change, ...],
    appointment: e.Appointment | None,
    rules: Adoption | None,
) -> Refusal | None:
    """Say why a proposal may not have this effect: it must be one, and fit what is in force."""
    effects = bool(options), bool(changes), appointment is not None, rules is not None
    if options == 1 or sum(effects) > 1:
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
    unfit = unfit_field(chapter.bylaws, changes)
    if unfit is not None:
        return Refusal(UNFIT_CHANGE, {"field": unfit})
    if appointment is not None:
        member = chapter.members.get(appointment.member)
        if member is None or member.state != "active":
            return Refusal(NOT_A_MEMBER)
    return None


def gives_effects(body: e.Revised) -> bool:
    """Tell whether a revision replaces what the decision does by itself."""
    return any(one is not None for one in (body.changes, body.appointment, body.rules))


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
    appointment = proposal.appointment
    if appointment is not None:
        member = chapter_of(state).members[appointment.member]
        if member.state != "active":
            return (Draft(BylawsKept(body.proposal, body.on, "appointment")),)
        until = round_up(state.record, minute(body.on) + appointment.term)
        term = OfficeTerm(
            state.new_id(entry.key, entry.part),
            appointment.office,
            appointment.member,
            when(until),
        )
        return (Draft(OfficeGiven(body.proposal, term)),)
    return ()


def follow_kept(state: State, entry: Entry[BylawsKept]) -> tuple[Draft, ...]:
    """Return a decision that could not take effect to deliberation."""
    body = entry.body
    proposal = of(state).proposals[body.decision]
    until = round_up(state.record, minute(body.on) + bylaws_of(state, proposal).discussion_time)
    return (Draft(e.Returned(body.decision, when(until))),)
