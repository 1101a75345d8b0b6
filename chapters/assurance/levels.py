"""How members reach levels and how these end: vouches, verifications, time (pure rules)."""

from bisect import bisect_left
from itertools import pairwise
from typing import Final

from chapters.assurance import entries as e
from chapters.assurance import terms
from chapters.assurance.state import Case, Seen, Vouched, of, verifiers_of
from chapters.bylaws import CHARTER, DAY, YEAR, Bylaws
from chapters.entries import Constituted
from chapters.gate import ID_TAKEN, NOT_A_MEMBER
from chapters.participation import HASHES_UNSORTED
from chapters.state import ChaptersState
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, Entry, minute, when
from civic.kernel.record.rules import Decision, Draft, State
from civic.kernel.refusal import Refusal, code

LEVEL_TIME: Final = code(
    "chapters.level_time", "The level would hold for longer than the bylaws and the charter allow."
)
VOUCHES_MISSING: Final = code(
    "chapters.vouches_missing", "Fewer vouches than the bylaws ask for stand behind this level."
)
TOO_MANY_VOUCHES: Final = code(
    "chapters.too_many_vouches", "More vouches than the members of level 2 could give in a year."
)
VERIFIERS_MISSING: Final = code(
    "chapters.verifiers_missing", "There are not two verifiers in office who could decide this."
)
CASE_UNKNOWN: Final = code(
    "chapters.case_unknown", "There is no such case, or it was not answered within 30 days."
)
NO_LEVEL: Final = code("chapters.no_level", "The member has not the level that this needs.")
LEVEL_HELD: Final = code(
    "chapters.level_held", "The member holds this level already, and in a way that says more."
)
TOO_MANY_VERIFIED: Final = code(
    "chapters.too_many_verified", "More verifications than the verifiers could make in 30 days."
)
NOT_APPOINTED: Final = code(
    "chapters.not_appointed", "There are not two verifiers whom a vote gave their office."
)

CASE_TIME: Final = 30 * DAY
"""Minutes for which a case waits for two verifiers."""
QUOTA_TIME: Final = 30 * DAY
"""Minutes in which a verifier confirms at most `verify_quota` people."""


def ascending(hashes: tuple[str, ...]) -> bool:
    """Tell whether hashes ascend strictly: their order must say nothing."""
    return all(one < other for one, other in pairwise(hashes))


def follow_constituted(state: State, entry: Entry[Constituted]) -> tuple[Draft, ...]:
    """Let the founders, who all met each other, be at level 2."""
    now = minute(entry.at)
    until = now + chapter_of(state).bylaws.level2_time
    own_ids: list[str] = []
    for _ in entry.body.founders:
        part = 1
        # Several ids come of one key, and none of them is in the state yet.
        while (own := state.new_id(entry.key, part)) in own_ids:
            part += 1
        own_ids.append(own)
    founders = tuple(
        e.Term(own, one) for own, one in zip(own_ids, entry.body.founders, strict=True)
    )
    return (Draft(e.FoundersSeen(when(until), founders)),)


def apply_founders(state: State, entry: Entry[e.FoundersSeen]) -> None:
    """The founders can vouch for others; their offices were not given by a vote."""
    own, until = of(state), minute(entry.body.until)
    own.first_offices.update(chapter_of(state).offices)
    for term in entry.body.terms:
        terms.see(state, term.member, Seen(term.id, until, "founding"))
    terms.note_verifiers(state)


def _new_term(chapter: ChaptersState, state: State, own: str, member: str) -> Refusal | None:
    known = chapter.members.get(member)
    if known is None or known.state != "active":
        return Refusal(NOT_A_MEMBER)
    return Refusal(ID_TAKEN) if state.knows(own) else None


def decide_vouched(state: State, act: Act[e.Vouched], now: int) -> Decision:
    """Let vouches lead to level 1: as many as the bylaws ask, no more than could be given."""
    chapter, body = chapter_of(state), act.body
    refused = _new_term(chapter, state, body.id, body.member)
    if refused is not None:
        return refused
    if len(body.papers) < chapter.bylaws.vouches:
        return Refusal(VOUCHES_MISSING, {"needed": chapter.bylaws.vouches})
    if not ascending(body.papers):
        return Refusal(HASHES_UNSORTED)
    if not now < minute(body.until) <= now + chapter.bylaws.level1_time:
        return Refusal(LEVEL_TIME)
    # A lower budget does not make wrong what was given under a higher one.
    budget = max(bylaws.vouch_budget for bylaws in chapter.versions)
    given = terms.within(of(state).given, now - YEAR) + len(body.papers)
    if given > budget * terms.could_vouch(state, now):
        return Refusal(TOO_MANY_VOUCHES)
    return ()


def apply_vouched(state: State, entry: Entry[e.Vouched]) -> None:
    """The member is at level 1 at least."""
    body = entry.body
    terms.count(of(state).given, minute(entry.at), len(body.papers))
    term = Vouched(body.id, minute(body.until), len(body.papers))
    terms.vouch(state, body.member, term)


def decide_opened(state: State, act: Act[e.CaseOpened], now: int) -> Decision:
    """Take a request to be verified, while there are verifiers."""
    if len(verifiers_of(chapter_of(state))) < CHARTER.verifiers_least:
        return Refusal(VERIFIERS_MISSING)
    return Refusal(CASE_UNKNOWN) if act.body.paper in of(state).cases else ()


def apply_opened(state: State, entry: Entry[e.CaseOpened]) -> None:
    """The case waits; those that nobody answered in time are forgotten."""
    now, own = minute(entry.at), of(state)
    # In the order of opening, so that what waits still is not looked at.
    lapsed = bisect_left(own.waiting, (now - CASE_TIME, ""))
    for _, paper in own.waiting[:lapsed]:
        # A paper that was answered may have been named again since.
        if paper in own.cases and own.cases[paper].opened + CASE_TIME < now:
            del own.cases[paper]
    del own.waiting[:lapsed]
    own.cases[entry.body.paper] = Case(now, entry.key, verifiers_of(chapter_of(state)))
    own.waiting.append((now, entry.body.paper))
    terms.note_verifiers(state)


def longest(bylaws: Bylaws, way: str) -> int:
    """Return for how many minutes level 2 holds when it was reached in some way."""
    return (
        min(bylaws.level2_time, CHARTER.video_time_most) if way == "video" else bylaws.level2_time
    )


def decide_verified(state: State, act: Act[e.Verified], now: int) -> Decision:
    """Let what two verifiers saw lead to level 2."""
    chapter, own, body = chapter_of(state), of(state), act.body
    refused = _new_term(chapter, state, body.id, body.member)
    if refused is not None:
        return refused
    if chapter.members[body.member].level == 0:
        return Refusal(NO_LEVEL, {"needed": 1})
    case = own.cases.get(body.case)
    if case is None or case.opened + CASE_TIME < now:
        return Refusal(CASE_UNKNOWN)
    if not ascending(body.papers):
        return Refusal(HASHES_UNSORTED)
    if not now < minute(body.until) <= now + longest(chapter.bylaws, body.way):
        return Refusal(LEVEL_TIME)
    seen = own.standing[body.member].seen
    if body.way == "video" and seen is not None and seen.way != "video":
        return Refusal(LEVEL_HELD)
    if body.appointed and not by_vote(state):
        return Refusal(NOT_APPOINTED)
    quota = max(bylaws.verify_quota for bylaws in chapter.versions)
    confirmed = terms.within(own.confirmed, now - QUOTA_TIME) + len(body.papers)
    if confirmed > quota * terms.could_verify(state, now):
        return Refusal(TOO_MANY_VERIFIED)
    return ()


def by_vote(state: State) -> bool:
    """Tell whether two members are verifiers by a vote, not by having founded the chapter."""
    first = of(state).first_offices
    appointed = {
        office.member
        for own_id, office in chapter_of(state).offices.items()
        if office.role == "verifier" and own_id not in first
    }
    return len(appointed) >= CHARTER.verifiers_least


def apply_verified(state: State, entry: Entry[e.Verified]) -> None:
    """The member is at level 2; the case is closed."""
    body, own = entry.body, of(state)
    own.cases.pop(body.case, None)
    terms.note_verifiers(state)
    terms.count(own.confirmed, minute(entry.at), len(body.papers))
    term = Seen(body.id, minute(body.until), body.way, body.appointed)
    if body.appointed:
        own.founders_verified.update({body.member}.intersection(chapter_of(state).founders))
    terms.see(state, body.member, term)


def due_expiry(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a term; what else the member has remains."""
    own = of(state)
    member = own.terms[what_id]
    level = terms.without(own.standing[member], what_id)
    return (Draft(e.LevelExpired(when(deadline), member, what_id, level)),)


def apply_expired(state: State, entry: Entry[e.LevelExpired]) -> None:
    """The level rests on what remains."""
    terms.expire(state, entry.body.term, minute(entry.body.on))


def decide_renounced(state: State, act: Act[e.LevelRenounced], now: int) -> Decision:
    """Let a member give up their level."""
    if chapter_of(state).members[act.by.id].level == 0:
        return Refusal(NO_LEVEL, {"needed": 1})
    return ()


def apply_renounced(state: State, entry: Entry[e.LevelRenounced]) -> None:
    """The member is at level 0."""
    terms.lose(state, entry.by.id, minute(entry.at))


def unverified_founders(state: State) -> int:
    """Return how many founders no verifiers appointed by a vote have verified.

    Who left does not count: nobody can verify them any more.
    """
    chapter, done = chapter_of(state), of(state).founders_verified
    return sum(
        one not in done and chapter.members[one].state == "active" for one in chapter.founders
    )
