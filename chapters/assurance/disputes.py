"""Levels in dispute: challenge, decision of two, appeal to two others, review of vouches (pure)."""

from typing import Final

import msgspec

from chapters.assurance import entries as e
from chapters.assurance import terms
from chapters.assurance.levels import NO_LEVEL, VERIFIERS_MISSING, ascending
from chapters.assurance.state import Challenge, Standing, of, verifiers_of
from chapters.bylaws import CHARTER, DAY
from chapters.gate import ID_TAKEN, NOT_A_MEMBER
from chapters.participation import HASHES_UNSORTED
from chapters.state import of as chapter_of
from civic.kernel.record.entry import Act, Entry, minute, when
from civic.kernel.record.rules import Decision, Draft, State, round_up
from civic.kernel.refusal import Refusal, code

DISPUTED: Final = code("chapters.disputed", "This member's level is in dispute already.")
CHALLENGE_UNKNOWN: Final = code(
    "chapters.challenge_unknown", "There is no such challenge, or this is not its turn."
)
REVIEW: Final = code(
    "chapters.review",
    "A review names present members whose level rests on vouches alone, and gives them 30 days.",
)

REVIEW_OVERDUE: Final = code(
    "chapters.review_overdue",
    "A level was lost over a week ago, and nobody was named whose vouches are to be given anew.",
)

REVIEW_WAIT: Final = 7 * DAY
"""Minutes within which a node names those who need new vouches, or that nobody does."""
REVIEW_TIME: Final = 30 * DAY
"""Minutes in which vouches under review have to be given anew."""
OPEN: Final = "chapters.challenge"
FALL: Final = "chapters.fall"


def decide_challenged(state: State, act: Act[e.Challenged], now: int) -> Decision:
    """Take a challenge of a level that is not in dispute yet."""
    chapter, body = chapter_of(state), act.body
    member = chapter.members.get(body.member)
    if member is None or member.state != "active":
        return Refusal(NOT_A_MEMBER)
    if state.knows(body.id):
        return Refusal(ID_TAKEN)
    if member.level == 0:
        return Refusal(NO_LEVEL, {"needed": 1})
    if dispute_about(state, body.member) is not None:
        return Refusal(DISPUTED)
    if len(verifiers_of(chapter)) < CHARTER.verifiers_least:
        return Refusal(VERIFIERS_MISSING)
    return ()


def dispute_about(state: State, member: str) -> str | None:
    """Return the id of the challenge of a member's level that is not over, or None."""
    return of(state).disputed.get(member)


def apply_challenged(state: State, entry: Entry[e.Challenged]) -> None:
    """The level stays while two verifiers decide."""
    body, own = entry.body, of(state)
    challenge = Challenge(body.member)
    terms.remember(challenge, own.standing.get(body.member))
    own.challenges[body.id] = challenge
    own.disputed[body.member] = body.id
    _wait(state, body.id, minute(entry.at), OPEN)


def _wait(state: State, challenge: str, now: int, what: str) -> None:
    state.set_deadline(challenge, now + chapter_of(state).bylaws.appeal_time, what, people=True)


def decide_decided(state: State, act: Act[e.ChallengeDecided], now: int) -> Decision:
    """Take what two verifiers agreed on; an appeal that fails ends the level at once."""
    body = act.body
    challenge = of(state).challenges.get(body.challenge)
    if challenge is None or challenge.stage not in ("open", "appealed"):
        return Refusal(CHALLENGE_UNKNOWN)
    if not ascending(body.papers):
        return Refusal(HASHES_UNSORTED)
    if body.upheld and challenge.stage == "appealed":
        return (Draft(e.LevelLost(when(now), body.challenge, challenge.member)),)
    return ()


def apply_decided(state: State, entry: Entry[e.ChallengeDecided]) -> None:
    """The member may appeal, or the dispute is over."""
    body = entry.body
    challenge = of(state).challenges[body.challenge]
    if not body.upheld:
        _close(state, body.challenge)
    elif challenge.stage == "open":
        challenge.stage = "upheld"
        challenge.verifiers = _others(state, challenge)
        _wait(state, body.challenge, minute(entry.at), FALL)


def _close(state: State, challenge: str) -> None:
    own = of(state)
    known = own.challenges.pop(challenge, None)
    state.retire(challenge)
    if known is not None:
        own.disputed.pop(known.member, None)
    state.drop_deadline(challenge)


def _others(state: State, challenge: Challenge) -> tuple[str, ...]:
    return tuple(one for one in verifiers_of(chapter_of(state)) if one != challenge.member)


def can_be_heard(state: State, challenge: Challenge) -> bool:
    """Tell whether there are two verifiers, as far as the record shows, who could hear an appeal.

    Of those who were in office when it was decided the first time two decided, and two may have
    verified the member: who, stands in papers alone. Whoever came later had no part in either.
    """
    now = set(_others(state, challenge))
    there = len(now.intersection(challenge.verifiers))
    had_part = CHARTER.verifiers_least * (2 if challenge.checked else 1)
    return len(now) - there + max(0, there - had_part) >= CHARTER.verifiers_least


def decide_appealed(state: State, act: Act[e.ChallengeAppealed], now: int) -> Decision:
    """Let the member whose level is to end appeal, once."""
    challenge = of(state).challenges.get(act.body.challenge)
    if challenge is None or challenge.stage != "upheld" or challenge.member != act.by.id:
        return Refusal(CHALLENGE_UNKNOWN)
    return ()


def apply_appealed(state: State, entry: Entry[e.ChallengeAppealed]) -> None:
    """Two other verifiers decide; the level ends unless they overturn it in time."""
    own_id = entry.body.challenge
    challenge = of(state).challenges[own_id]
    challenge.stage = "appealed"
    challenge.heard = can_be_heard(state, challenge)
    _wait(state, own_id, minute(entry.at), FALL)


def due_open(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a challenge about which no two verifiers agreed."""
    return (Draft(e.ChallengeLapsed(what_id)),)


def apply_lapsed(state: State, entry: Entry[e.ChallengeLapsed]) -> None:
    """The level stays."""
    _close(state, entry.body.challenge)


def due_fall(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a level that nobody overturned the decision about, if somebody could have."""
    challenge = of(state).challenges[what_id]
    # Who became a verifier a minute ago had no time to hear it.
    heard = challenge.heard and can_be_heard(state, challenge)
    if challenge.stage == "appealed" and not heard:
        until = round_up(state.record, deadline + chapter_of(state).bylaws.appeal_time)
        return (Draft(e.ChallengeProlonged(what_id, when(until))),)
    return (Draft(e.LevelLost(when(deadline), what_id, challenge.member)),)


def apply_prolonged(state: State, entry: Entry[e.ChallengeProlonged]) -> None:
    """The appeal has its time once more, and the level stays."""
    body = entry.body
    challenge = of(state).challenges[body.challenge]
    challenge.heard = can_be_heard(state, challenge)
    state.set_deadline(body.challenge, minute(body.until), FALL, people=True)


def apply_lost(state: State, entry: Entry[e.LevelLost]) -> None:
    """The member is at level 0; those for whom the same people vouched are to be looked at."""
    body, own = entry.body, of(state)
    state.drop_deadline(body.challenge)
    terms.lose(state, body.member, minute(body.on))
    own.challenges[body.challenge].stage = "lost"
    own.disputed.pop(body.member, None)


def decide_reviewed(state: State, act: Act[e.VouchesReviewed], now: int) -> Decision:
    """Take the list of those who need new vouches, from whoever can read the papers."""
    own, chapter, body = of(state), chapter_of(state), act.body
    challenge = own.challenges.get(body.challenge)
    if challenge is None or challenge.stage != "lost":
        return Refusal(CHALLENGE_UNKNOWN)
    if (
        minute(body.until) != round_up(state.record, now + REVIEW_TIME)
        or not ascending(body.members)
        or any(
            one not in chapter.members
            or chapter.members[one].state != "active"
            or not on_vouches_alone(own.standing.get(one))
            for one in body.members
        )
    ):
        return Refusal(REVIEW)
    return ()


def terms_of(state: State, challenge: Challenge) -> list[str]:
    """Return the ids of the terms whose people take no part in deciding a dispute.

    What the level rested on when it was challenged or ended, and what it rests on now.
    """
    standing = of(state).standing.get(challenge.member)
    now = () if standing is None else (standing.vouched, standing.seen)
    ids = {challenge.vouched, challenge.seen, *(one.id for one in now if one is not None)}
    return sorted(ids - {""})


def on_vouches_alone(standing: Standing | None) -> bool:
    """Tell whether a level rests on vouches, and on nothing that verifiers saw."""
    return standing is not None and standing.vouched is not None and standing.seen is None


def apply_reviewed(state: State, entry: Entry[e.VouchesReviewed]) -> None:
    """The vouches hold until then, unless they end before."""
    body, own = entry.body, of(state)
    own.challenges.pop(body.challenge, None)
    state.retire(body.challenge)
    for member in body.members:
        vouched = own.standing[member].vouched
        assert vouched is not None
        until = min(vouched.until, minute(body.until))
        terms.vouch(state, member, msgspec.structs.replace(vouched, until=until, review=True))


def review_until(state: State, now: int) -> str:
    """Return until when vouches that come under review now have to be given anew."""
    return when(round_up(state.record, now + REVIEW_TIME))
