"""Whether an account still holds the member as whom it acts, asked under the lock.

Who signed in before a change of key took effect is not told apart by the vault that their request
began with; the state is.
"""

from collections.abc import Callable
from typing import Final

from chapters.state import of as chapter_of
from civic.kernel.database import Writing
from civic.kernel.record.rules import State
from civic.kernel.record.submission import Check
from civic.kernel.refusal import Refusal, code
from identity.vault import Membership
from voting.state import of as voting_of

HELD_ELSEWHERE: Final = code(
    "request.member_held_elsewhere",
    "The member was given back to their person, and this account does not hold it any more.",
)
VOTE_BEFORE: Final = code(
    "request.vote_before_return",
    "The vote was announced before the member was given back to this account.",
)


def elsewhere(state: State, membership: Membership, now: int) -> Refusal | None:
    """Refuse a membership that rests on an earlier change of key than the last, or on a former key.

    A change whose time has come counts, also where no entry says so yet.
    """
    chapter, own = chapter_of(state), membership.member_id
    member = chapter.members.get(own)
    if member is None:
        return None
    change, key = chapter.handed.get(own, ""), member.key
    for waiting, one in chapter.key_changes.items():
        if one.member == own and state.record.deadlines[waiting].minute <= now:
            change, key = waiting, one.key
    same = membership.change == change and membership.key in ("", key)
    return None if same else Refusal(HELD_ELSEWHERE)


def not_held(state: State, membership: Membership | None, now: int) -> Refusal | None:
    """As `elsewhere`, for whoever acts: where no account does, nothing is refused."""
    return None if membership is None else elsewhere(state, membership, now)


def held_first(membership: Membership | None, check: Check | None = None) -> Check | None:
    """Return a check with the question before it whether the account holds the member."""
    if membership is None:
        return check

    async def both(db: Writing, state: State, now: int) -> Refusal | None:
        refused = elsewhere(state, membership, now)
        return refused if refused is not None or check is None else await check(db, state, now)

    return both


def held_row(
    membership: Membership | None, *, signed: bool, election: str
) -> Callable[[State, int], Refusal | None] | None:
    """Return the same questions for what goes into a box: perhaps a vote, perhaps unsigned."""
    if membership is None:
        return None

    def both(state: State, now: int) -> Refusal | None:
        refused = elsewhere(state, membership, now)
        return refused if refused or signed else too_late(state, membership, election)

    return both


def too_late(state: State, membership: Membership, election: str) -> Refusal | None:
    """Refuse an unsigned vote, announced before its member was given back to this account.

    There the key before counts, so that nobody wins a vote by whom verifiers see anew. The rules
    refuse what is signed with another; for what is unsigned the node vouches, and it cannot.
    """
    chapter, opened = chapter_of(state), voting_of(state).elections.get(election)
    member = chapter.members.get(membership.member_id)
    if not membership.change or opened is None or member is None:
        return None
    announced = chapter.matters[opened.proposal].announced
    return None if member.key_at(announced) == member.key else Refusal(VOTE_BEFORE)


def unsigned_vote(membership: Membership | None, election: str) -> Check | None:
    """Return the check of `too_late` for a vote that is an act."""
    if membership is None:
        return None

    async def check(db: Writing, state: State, now: int) -> Refusal | None:
        return too_late(state, membership, election)

    return check
