"""The chapters domain's rules: founding, admission, offices, bylaws, stewards (pure)."""

from collections.abc import Container
from typing import Any, Final

from chapters import entries as e
from chapters.bylaws import (
    CHARTER,
    CHARTER_HASH,
    DAY,
    TEMPLATES,
    Change,
    below_charter,
    changed,
    stale_field,
    unfit_field,
)
from chapters.gate import (
    ID_TAKEN,
    NOT_A_MEMBER,
    NOT_IN_OFFICE,
    needs_texts,
    newcomer,
)
from chapters.participation import TOOK_PART
from chapters.state import NAME, ChaptersState, Member, Office, of
from civic.kernel import keys
from civic.kernel.record import note
from civic.kernel.record.entry import Act, As, Entry, minute
from civic.kernel.record.rules import Decision, Draft, Kind, Part, State, set_tick
from civic.kernel.refusal import Refusal, code

WRONG_FOUNDING: Final = code(
    "chapters.wrong_founding",
    "The founding does not name this log's key, the charter in force or a known template.",
)
BELOW_CHARTER: Final = code("chapters.below_charter", "The bylaws undercut the charter.")
NOT_FORMING: Final = code("chapters.not_forming", "The chapter is constituted already.")
ADMISSION_CLOSED: Final = code(
    "chapters.admission_closed", "The bylaws do not let people in in this way."
)
NOT_APPLIED: Final = code("chapters.not_applied", "There is no such application.")
FOUNDERS_DIFFER: Final = code(
    "chapters.founders_differ",
    "The founders are not as many as the bylaws ask, or have not all met each other.",
)
FIRST_OFFICES: Final = code(
    "chapters.first_offices",
    "The first offices need a lead and two verifiers, all founders, for at most twelve months.",
)
NAME_UNKNOWN: Final = code("chapters.name_unknown", "These words are not the name in force.")
VOICE_UNKNOWN: Final = code("chapters.voice_unknown", "This voice has not spoken in this matter.")
STEWARDS_UNMET: Final = code(
    "chapters.stewards_unmet", "Not enough of the stewards in office have approved the new ones."
)
APPLICATION_TIME: Final = 30 * DAY


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
    low = below_charter(body.bylaws)
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
    _admit(chapter, body.founder, Member("applied", key=body.founder_key))
    state.set_deadline(
        state.record.node, minute(entry.at) + CHARTER.forming_most, "chapters.forming", people=True
    )


def _admit(chapter: ChaptersState, member_id: str, member: Member) -> None:
    chapter.admitted += 1
    chapter.active += 1
    member.state, member.number = "active", chapter.admitted
    chapter.members[member_id] = member


def decide_joined(state: State, act: Act[e.Joined], now: int) -> Decision:
    """Let somebody in who holds an invitation (the invitation itself is a restricted paper)."""
    chapter = of(state)
    refused = newcomer(state, act, act.body.member, act.body.member_key, 0)
    if refused is not None:
        return refused
    if chapter.stage == "active" and chapter.bylaws.admission == "lead":
        return Refusal(ADMISSION_CLOSED)
    return ()


def apply_joined(state: State, entry: Entry[e.Joined]) -> None:
    """One more member."""
    _admit(of(state), entry.body.member, Member("applied", key=entry.body.member_key))


def decide_applied(state: State, act: Act[e.Applied], now: int) -> Decision:
    """Take an application where a lead may admit."""
    refused = newcomer(state, act, act.body.member, act.body.member_key, 0)
    if refused is not None:
        return refused
    if of(state).bylaws.admission == "invitation":
        return Refusal(ADMISSION_CLOSED)
    return ()


def apply_applied(state: State, entry: Entry[e.Applied]) -> None:
    """An applicant waits for a lead, for a month at most."""
    body = entry.body
    of(state).members[body.member] = Member("applied", key=body.member_key)
    state.set_deadline(body.member, minute(entry.at) + APPLICATION_TIME, "chapters.application")


def decide_admitted(state: State, act: Act[e.Admitted], now: int) -> Decision:
    """Let a lead admit an applicant."""
    chapter = of(state)
    if chapter.offices[act.by.id].role != "lead":
        return Refusal(NOT_IN_OFFICE)
    if chapter.bylaws.admission == "invitation":
        return Refusal(ADMISSION_CLOSED)
    member = chapter.members.get(act.body.member)
    if member is None or member.state != "applied":
        return Refusal(NOT_APPLIED)
    return ()


def apply_admitted(state: State, entry: Entry[e.Admitted]) -> None:
    """The applicant is a member."""
    chapter = of(state)
    _admit(chapter, entry.body.member, chapter.members[entry.body.member])
    state.drop_deadline(entry.body.member)


def apply_lapsed(state: State, entry: Entry[e.ApplicationLapsed]) -> None:
    """The application is gone; the id is not used again."""
    of(state).members[entry.body.member].state = "left"
    state.drop_deadline(entry.body.member)


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
    sound = all(
        term.member in founders and now < minute(term.until) <= now + CHARTER.term_most
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
    state.drop_deadline(state.record.node)
    for term in entry.body.offices:
        _give(state, term)


def _give(state: State, term: e.OfficeTerm) -> None:
    until = minute(term.until)
    of(state).offices[term.id] = Office(term.office, term.member, until)
    state.set_deadline(term.id, until, "chapters.term")


def apply_dissolved(state: State, entry: Entry[e.Dissolved]) -> None:
    """Nothing is accepted any more."""
    of(state).stage = "dissolved"
    state.drop_deadline(state.record.node)


def decide_left(state: State, act: Act[e.Left], now: int) -> Decision:
    """Let a member leave; their offices end with it."""
    return tuple(
        Draft(e.OfficeEnded(office_id))
        for office_id, office in sorted(of(state).offices.items())
        if office.member == act.by.id
    )


def apply_left(state: State, entry: Entry[e.Left]) -> None:
    """One member fewer; the name goes with the member, the id stays."""
    chapter = of(state)
    member = chapter.members[entry.by.id]
    member.state, member.name = "left", None
    chapter.active -= 1
    chapter.confirmed.pop(entry.by.id, None)


def decide_name(state: State, act: Act[e.DisplayNameSet], now: int) -> Decision:
    """Let a member choose a display name."""
    return needs_texts(state, act, 1) or ()


def apply_name(state: State, entry: Entry[e.DisplayNameSet]) -> None:
    """The name in force is these words."""
    of(state).members[entry.by.id].name = entry.content[0]


def decide_name_erased(state: State, act: Act[e.DisplayNameErased], now: int) -> Decision:
    """Let a member have their own name erased."""
    if of(state).members[act.by.id].name != act.body.words:
        return Refusal(NAME_UNKNOWN)
    return ()


def apply_name_erased(state: State, entry: Entry[e.DisplayNameErased]) -> None:
    """The member has no name."""
    of(state).members[entry.by.id].name = None


def decide_name_given(state: State, act: Act[e.NameGiven], now: int) -> Decision:
    """Let a member stand by a voice with their name (that it is theirs, a paper shows)."""
    matter = of(state).matters.get(act.body.matter)
    if matter is None or act.body.voice not in matter.voices:
        return Refusal(VOICE_UNKNOWN)
    return ()


def nothing(state: State, entry: Entry[Any]) -> None:
    """The entry says something to people and changes nothing in the rules."""


def apply_bylaws(state: State, entry: Entry[e.BylawsChanged]) -> None:
    """New bylaws are in force; a new tick from the next full hour."""
    chapter = of(state)
    bylaws = changed(chapter.bylaws, entry.body.changes)
    chapter.versions.append(bylaws)
    state.record.grace = bylaws.outage_grace
    set_tick(state.record, minute(entry.body.on), bylaws.tick)


def bylaws_effect(state: State, decision: str, on: str, changes: tuple[Change, ...]) -> Draft:
    """Return what a decided change of bylaws leads to: the change, or the reason it cannot be."""
    bylaws = of(state).bylaws
    stale = stale_field(bylaws, changes) or unfit_field(bylaws, changes)
    if stale is not None:
        return Draft(e.BylawsKept(decision, on, stale))
    return Draft(e.BylawsChanged(decision, on, changes))


def apply_given(state: State, entry: Entry[e.OfficeGiven]) -> None:
    """The office is held until its term ends."""
    _give(state, entry.body.term)


def apply_ended(state: State, entry: Entry[e.OfficeEnded]) -> None:
    """The office is vacant."""
    of(state).offices.pop(entry.body.office, None)
    state.drop_deadline(entry.body.office)


def steward_message(log_id: str, body: e.StewardsNamed) -> bytes:
    """Return the bytes that a steward signs to approve new stewards."""
    named = ",".join(body.keys)
    return f"civic/stewards/1\n{log_id}\n{body.number}\n{body.threshold}\n{named}".encode()


def prepare_stewards(log_id: str, act: Act[e.StewardsNamed]) -> Refusal | None:
    """Verify the approvals' signatures."""
    message = steward_message(log_id, act.body)
    for approval in act.body.approvals:
        if not keys.verify(
            bytes.fromhex(approval.public_key), message, bytes.fromhex(approval.signature)
        ):
            return Refusal(STEWARDS_UNMET)
    return None


def decide_stewards(state: State, act: Act[e.StewardsNamed], now: int) -> Decision:
    """Let a lead name the first stewards, and k of the old ones approve the next."""
    chapter, body = of(state), act.body
    if chapter.offices[act.by.id].role != "lead":
        return Refusal(NOT_IN_OFFICE)
    approved = {one.public_key for one in body.approvals} & set(chapter.stewards)
    # The number keeps an approval from being used again when the same stewards are back.
    if (
        body.number != chapter.stewards_number + 1
        or len(approved) < chapter.stewards_needed
        or body.threshold > len(body.keys)
        or len(set(body.keys)) != len(body.keys)
    ):
        return Refusal(STEWARDS_UNMET)
    return ()


def apply_stewards(state: State, entry: Entry[e.StewardsNamed]) -> None:
    """These keys can move the chapter."""
    chapter = of(state)
    chapter.stewards, chapter.stewards_needed = entry.body.keys, entry.body.threshold
    chapter.stewards_number = entry.body.number


def decide_imported(state: State, act: Act[e.MembersImported], now: int) -> Decision:
    """Take in people of a conversation held elsewhere."""
    members = act.body.members
    if len(set(members)) != len(members) or any(state.knows(one) for one in members):
        return Refusal(ID_TAKEN)
    return ()


def apply_imported(state: State, entry: Entry[e.MembersImported]) -> None:
    """They stand in the record at level 0, without a vote."""
    chapter = of(state)
    for one in entry.body.members:
        chapter.members[one] = Member("imported")
    chapter.imported += len(entry.body.members)


def ids(state: State) -> tuple[Container[str], ...]:
    """Return what holds the ids of members and offices."""
    chapter = of(state)
    return chapter.members, chapter.offices


def due_forming(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a chapter that was not constituted in time."""
    return (Draft(e.Dissolved()),)


def due_term(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a term."""
    return (Draft(e.OfficeEnded(what_id)),)


def due_application(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End an application that nobody answered."""
    return (Draft(e.ApplicationLapsed(what_id)),)


_MEMBER: Final = frozenset({As.MEMBER})
_OFFICE: Final = frozenset({As.OFFICE})
_NODE: Final = frozenset({As.NODE})

PART: Final = Part(
    NAME,
    ChaptersState,
    (
        Kind(e.Founded, apply_founded, decide_founded, _MEMBER, world=True, texts=True),
        Kind(e.Joined, apply_joined, decide_joined, _MEMBER),
        Kind(e.Applied, apply_applied, decide_applied, _MEMBER),
        Kind(e.Admitted, apply_admitted, decide_admitted, _OFFICE),
        Kind(e.ApplicationLapsed, apply_lapsed),
        Kind(e.FounderConfirmed, apply_confirmed, decide_confirmed, _MEMBER),
        Kind(e.Constituted, apply_constituted, decide_constituted, _MEMBER, world=True),
        Kind(e.Dissolved, apply_dissolved, world=True),
        Kind(e.Left, apply_left, decide_left, _MEMBER),
        Kind(e.DisplayNameSet, apply_name, decide_name, _MEMBER, texts=True),
        Kind(e.DisplayNameErased, apply_name_erased, decide_name_erased, _MEMBER),
        Kind(e.NameGiven, nothing, decide_name_given, _MEMBER),
        TOOK_PART,
        Kind(e.BylawsChanged, apply_bylaws, world=True),
        Kind(e.BylawsKept, nothing, world=True),
        Kind(e.OfficeGiven, apply_given, world=True),
        Kind(e.OfficeEnded, apply_ended, world=True),
        Kind(
            e.StewardsNamed,
            apply_stewards,
            decide_stewards,
            _OFFICE,
            world=True,
            prepare=prepare_stewards,
        ),
        Kind(e.MembersImported, apply_imported, decide_imported, _NODE),
    ),
    ids=ids,
    due={
        "chapters.forming": due_forming,
        "chapters.term": due_term,
        "chapters.application": due_application,
    },
)
