"""How a chapter begins: founding, confirming, constituting, or dissolving (pure)."""

from typing import Final

from chapters import entries as e
from chapters.admission import admit
from chapters.bylaws import CHARTER, CHARTER_HASH, TEMPLATES, unfit_to_found
from chapters.gate import ID_TAKEN, NOT_A_MEMBER, newcomer
from chapters.offices.terms import give
from chapters.state import Member, of
from civic.kernel.record import note
from civic.kernel.record.entry import Act, As, Entry, minute
from civic.kernel.record.rules import Decision, Draft, Kind, State, set_tick
from civic.kernel.refusal import Refusal, code

WRONG_FOUNDING: Final = code(
    "chapters.wrong_founding",
    "The founding does not name this log's key, the charter in force or a known template.",
)
BELOW_CHARTER: Final = code("chapters.below_charter", "The bylaws undercut the charter.")
NOT_FORMING: Final = code("chapters.not_forming", "The chapter is constituted already.")
FOUNDERS_DIFFER: Final = code(
    "chapters.founders_differ",
    "The founders are not as many as the bylaws ask, or have not all met each other.",
)
FIRST_OFFICES: Final = code(
    "chapters.first_offices",
    "The first offices need a lead and two verifiers, all founders, for at most twelve months.",
)


def decide_founded(state: State, act: Act[e.Founded], now: int) -> Decision:
    """Found a chapter on this log, under the charter in force, from a known template."""
    body = act.body
    refused = newcomer(state, act, body.founder, body.founder_key, 1)
    if refused is not None:
        return refused
    log_id = note.log_id(bytes.fromhex(body.log_key))
    if (
        log_id != state.record.log_id
        or body.charter != CHARTER_HASH
        or body.template not in TEMPLATES
        or body.rules != state.record.rules
    ):
        return Refusal(WRONG_FOUNDING)
    low = unfit_to_found(body.bylaws)
    return Refusal(BELOW_CHARTER, {"field": low}) if low else ()


def apply_founded(state: State, entry: Entry[e.Founded]) -> None:
    """The chapter is forming; its founder is its first member."""
    chapter, body = of(state), entry.body
    chapter.stage = "forming"
    chapter.template = body.template
    chapter.versions = [body.bylaws]
    chapter.founder = body.founder
    set_tick(state.record, minute(entry.at), body.bylaws.tick)
    state.record.grace = body.bylaws.outage_grace
    admit(chapter, body.founder, Member("applied", key=body.founder_key), minute(entry.at))
    state.set_deadline(
        state.record.node, minute(entry.at) + CHARTER.forming_most, "chapters.forming", people=True
    )


def decide_confirmed(state: State, act: Act[e.FounderConfirmed], now: int) -> Decision:
    """Let a founder confirm whom they have met."""
    chapter = of(state)
    if chapter.stage != "forming":
        return Refusal(NOT_FORMING)
    for met in act.body.met:
        member = chapter.members.get(met)
        if member is None or member.state != "active":
            return Refusal(NOT_A_MEMBER)
    return ()


def apply_confirmed(state: State, entry: Entry[e.FounderConfirmed]) -> None:
    """Remember whom the founder has met; a later confirmation adds."""
    of(state).confirmed.setdefault(entry.by.id, set()).update(entry.body.met)


def decide_constituted(state: State, act: Act[e.Constituted], now: int) -> Decision:
    """Constitute the chapter once its founders have all met, and give the first offices."""
    chapter, body = of(state), act.body
    if chapter.stage != "forming":
        return Refusal(NOT_FORMING)
    founders = set(body.founders)
    met = all(
        founders - {one} <= chapter.confirmed.get(one, set())
        and one in chapter.confirmed
        and chapter.members[one].state == "active"
        for one in body.founders
    )
    if (
        not met
        or len(founders) != len(body.founders)
        or len(founders) < chapter.bylaws.founders
        or act.by.id not in founders
    ):
        return Refusal(FOUNDERS_DIFFER)
    roles = [term.office for term in body.offices]
    longest = chapter.bylaws.office_most
    sound = all(
        term.member in founders and now < minute(term.until) <= now + longest
        for term in body.offices
    )
    verifiers = {term.member for term in body.offices if term.office == "verifier"}
    ids = {term.id for term in body.offices}
    if any(state.knows(one) for one in ids):
        return Refusal(ID_TAKEN)
    if (
        not sound
        or len(ids) != len(roles)
        or "lead" not in roles
        or len(verifiers) < CHARTER.verifiers_least
    ):
        return Refusal(FIRST_OFFICES)
    return ()


def apply_constituted(state: State, entry: Entry[e.Constituted]) -> None:
    """The chapter decides for itself from here on."""
    chapter = of(state)
    chapter.stage = "active"
    chapter.founders = entry.body.founders
    chapter.confirmed.clear()
    for founder in entry.body.founders:
        chapter.members[founder].since = 0
    state.drop_deadline(state.record.node)
    for term in entry.body.offices:
        give(state, term, minute(entry.at))


def due_forming(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a chapter that was not constituted in time."""
    return (Draft(e.Dissolved()),)


def apply_dissolved(state: State, entry: Entry[e.Dissolved]) -> None:
    """Nothing is accepted any more."""
    of(state).stage = "dissolved"
    state.drop_deadline(state.record.node)


_MEMBER: Final = frozenset({As.MEMBER})

KINDS: Final = (
    Kind(e.Founded, apply_founded, decide_founded, _MEMBER, world=True, texts=True),
    Kind(e.FounderConfirmed, apply_confirmed, decide_confirmed, _MEMBER),
    Kind(e.Constituted, apply_constituted, decide_constituted, _MEMBER, world=True),
    Kind(e.Dissolved, apply_dissolved, world=True),
)
DUE: Final = {"chapters.forming": due_forming}
