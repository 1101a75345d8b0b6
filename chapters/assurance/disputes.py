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
    return next(
        (
            own_id
            for own_id, one in of(state).challenges.items()
            if one.member == member and one.stage != "lost"
        ),
        None,
    )


def apply_challenged(state: State, entry: Entry[e.Challenged]) -> None:
    """The level stays while two verifiers decide; who gives it up hides nobody who vouched."""
    body, own = entry.body, of(state)
    vouched = own.standing[body.member].vouched
    own.challenges[body.id] = Challenge(body.member, vouched="" if vouched is None else vouched.id)
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
        _wait(state, body.challenge, minute(entry.at), FALL)


def _close(state: State, challenge: str) -> None:
    of(state).challenges.pop(challenge, None)
    state.drop_deadline(challenge)


def decide_appealed(state: State, act: Act[e.ChallengeAppealed], now: int) -> Decision:
    """Let the member whose level is to end appeal, once."""
    challenge = of(state).challenges.get(act.body.challenge)
    if challenge is None or challenge.stage != "upheld" or challenge.member != act.by.id:
        return Refusal(CHALLENGE_UNKNOWN)
    return ()


def apply_appealed(state: State, entry: Entry[e.ChallengeAppealed]) -> None:
    """Two other verifiers decide; the level ends unless they overturn it in time."""
    challenge = entry.body.challenge
    of(state).challenges[challenge].stage = "appealed"
    _wait(state, challenge, minute(entry.at), FALL)


def due_open(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a challenge about which no two verifiers agreed."""
    return (Draft(e.ChallengeLapsed(what_id)),)


def apply_lapsed(state: State, entry: Entry[e.ChallengeLapsed]) -> None:
    """The level stays."""
    _close(state, entry.body.challenge)


def due_fall(state: State, what_id: str, deadline: int) -> tuple[Draft, ...]:
    """End a level that nobody overturned the decision about."""
    return (Draft(e.LevelLost(when(deadline), what_id, of(state).challenges[what_id].member)),)


def apply_lost(state: State, entry: Entry[e.LevelLost]) -> None:
    """The member is at level 0; those for whom the same people vouched are to be looked at."""
    body, own = entry.body, of(state)
    challenge, standing = own.challenges[body.challenge], own.standing.get(body.member)
    challenge.stage = "lost"
    if standing is not None and standing.vouched is not None:
        challenge.vouched = standing.vouched.id
    state.drop_deadline(body.challenge)
    terms.lose(state, body.member, minute(body.on))


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


def on_vouches_alone(standing: Standing | None) -> bool:
    """Tell whether a level rests on vouches, and on nothing that verifiers saw."""
    return standing is not None and standing.vouched is not None and standing.seen is None


def apply_reviewed(state: State, entry: Entry[e.VouchesReviewed]) -> None:
    """The vouches hold until then, unless they end before."""
    body, own = entry.body, of(state)
    own.challenges.pop(body.challenge, None)
    for member in body.members:
        vouched = own.standing[member].vouched
        assert vouched is not None
        until = min(vouched.until, minute(body.until))
        terms.vouch(state, member, msgspec.structs.replace(vouched, until=until, review=True))


def review_until(state: State, now: int) -> str:
    """Return until when vouches that come under review now have to be given anew."""
    return when(round_up(state.record, now + REVIEW_TIME))
