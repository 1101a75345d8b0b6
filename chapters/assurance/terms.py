"""What levels rest on: terms that begin, end and are forgotten (writes the state, in place)."""

from bisect import bisect_right, insort
from collections.abc import Sequence
from typing import Final

from chapters.assurance.state import (
    NAME,
    SEEN,
    VOUCHED,
    AssuranceState,
    Challenge,
    Seen,
    Standing,
    Vouched,
    full_level,
    of,
    verifiers_of,
)
from chapters.bylaws import DAY, YEAR
from chapters.state import of as chapter_of
from civic.kernel.record.rules import State

EXPIRY: Final = "chapters.expiry"
"""The transition that ends a term."""


def vouch(state: State, member: str, term: Vouched) -> None:
    """Let a level rest on vouches; they replace earlier ones."""
    standing = of(state).standing.setdefault(member, Standing())
    if standing.vouched is not None:
        _end(state, standing.vouched.id)
    standing.vouched = term
    _begin(state, member, term.id, term.until)


def see(state: State, member: str, term: Seen) -> None:
    """Let a level rest on what two verifiers saw (or on having founded the chapter)."""
    standing = of(state).standing.setdefault(member, Standing())
    if standing.seen is not None:
        _end(state, standing.seen.id)
    standing.seen = term
    _begin(state, member, term.id, term.until)


def without(standing: Standing, term: str) -> int:
    """Return the level that remains when a term is over."""
    seen = standing.seen is not None and standing.seen.id != term
    vouched = standing.vouched is not None and standing.vouched.id != term
    return SEEN if seen else VOUCHED if vouched else 0


def expire(state: State, term: str, on: int) -> None:
    """End a term that was over at a minute, whenever that is recorded."""
    member = of(state).terms.get(term)
    if member is None:
        return
    standing = of(state).standing[member]
    if standing.vouched is not None and standing.vouched.id == term:
        standing.vouched = None
    if standing.seen is not None and standing.seen.id == term:
        standing.seen = None
    _end(state, term)
    _settle(state, member, on)


def lose(state: State, member: str, on: int) -> None:
    """End all that a member's level rests on, which was over at a minute.

    A dispute about it remembers what that was: who gives up a level hides nobody who vouched.
    """
    own = of(state)
    standing = own.standing.pop(member, None)
    if standing is not None:
        if member in own.disputed:
            remember(own.challenges[own.disputed[member]], standing)
        for term in (standing.vouched, standing.seen):
            if term is not None:
                _end(state, term.id)
        _settle(state, member, on)


def remember(challenge: Challenge, standing: Standing | None) -> None:
    """Note in a dispute what a level rests on."""
    if standing is None:
        return
    if standing.vouched is not None:
        challenge.vouched = standing.vouched.id
    if standing.seen is not None:
        challenge.seen, challenge.checked = standing.seen.id, standing.seen.way != "founding"


def forget(state: State, member: str, on: int) -> None:
    """Let a member who left have no level; what is disputed about it goes on.

    Else who is challenged would leave, and nobody looked at whom the same people vouched for.
    """
    if NAME in state.parts:
        lose(state, member, on)


def note_verifiers(state: State) -> None:
    """Remember who holds the office of a verifier now, for what the rules can count."""
    now = state.record.at
    seen = of(state).verifiers
    seen.update(dict.fromkeys(verifiers_of(chapter_of(state)), now))
    for member in [one for one, last in seen.items() if last <= now - YEAR]:
        del seen[member]


def within(sums: Sequence[tuple[int, int]], after: int) -> int:
    """Return what was counted later than a minute; `sums` are (minute, sum of all until then)."""
    if not sums:
        return 0
    place = bisect_right(sums, (after, 2**53))
    return sums[-1][1] - (sums[place - 1][1] if place else 0)


def count(sums: list[tuple[int, int]], now: int, amount: int) -> None:
    """Add to what was counted, and drop what lies more than a year back."""
    sums.append((now, amount + (sums[-1][1] if sums else 0)))
    old = bisect_right(sums, (now - YEAR, 2**53)) - 1
    if old > 0:
        # The last of the old ones stays: what came later is reckoned from its sum.
        del sums[:old]


def could_vouch(state: State, now: int) -> int:
    """Return a bound of how many members could vouch at some time within a year."""
    own = of(state)
    return own.vouchers + len(own.ceased) - bisect_right(own.ceased, now - YEAR)


def could_verify(state: State, now: int) -> int:
    """Return how many members are known to have been verifiers within the last 30 days."""
    lately = {one for one, last in of(state).verifiers.items() if last > now - 30 * DAY}
    return len(lately.union(verifiers_of(chapter_of(state))))


def _begin(state: State, member: str, term: str, until: int) -> None:
    of(state).terms[term] = member
    state.set_deadline(term, until, EXPIRY, people=True)
    _settle(state, member, state.record.at)


def _end(state: State, term: str) -> None:
    of(state).terms.pop(term, None)
    state.retire(term)
    state.drop_deadline(term)


def _settle(state: State, member_id: str, on: int) -> None:
    """Give a member the level that their terms lead to."""
    own, member = of(state), chapter_of(state).members[member_id]
    standing = own.standing.get(member_id, Standing())
    level = without(standing, "")
    by_video = standing.seen is not None and standing.seen.way == "video"
    full = level if not by_video else VOUCHED if standing.vouched is not None else 0
    could, can = full_level(member) >= SEEN, full >= SEEN
    _count_voucher(own, on, before=could, after=can)
    if level != member.level:
        member.levels = (*member.levels, (state.record.size, level))
    member.level, member.full = level, full
    if level == 0:
        own.standing.pop(member_id, None)


def _count_voucher(own: AssuranceState, now: int, *, before: bool, after: bool) -> None:
    own.vouchers += after - before
    if before and not after:
        del own.ceased[: bisect_right(own.ceased, now - YEAR)]
        # What is recorded late is over since its deadline, which may lie before others.
        insort(own.ceased, now)
