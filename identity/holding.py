"""Which account holds a member: the one that the last change of their key was asked from.

No table ties accounts to members, so nobody can be told that a member is theirs no more. Instead
each account's vault says by which change of key it came to its member, and the record says which
change was the last: what does not agree is held no more, whatever it is asked for.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import NamedTuple

import msgspec

from identity.vault import Membership, Vault


class Turn(NamedTuple):
    """What became of a member's key: all of it stands in the record."""

    change: str
    """The last change by verifiers that took effect, empty for none."""
    key: str
    """The key in force (hex), empty for none."""
    waiting: str = ""
    """A change that verifiers announced and that has not taken effect yet, empty for none."""
    former: frozenset[str] = frozenset()
    """The changes by verifiers that took effect before the last."""


Turns = Mapping[str, Turn]
"""By member id; members with whose keys nothing happened are not in it."""


class Turned:
    """Remembers, in one process, what became of members' keys: it happens seldom.

    What is asked with every request is a number (`turned` of each log) that grows
    whenever any of it changes; only then all of it is read anew.
    """

    def __init__(self, ask: Callable[[], Awaitable[Turns]]) -> None:
        self._ask = ask
        self._number = 0
        self._turns: Turns = {}
        self._lock = asyncio.Lock()

    async def at(self, number: int) -> Turns:
        """Return what stands in the records where the number is this, or what came since."""
        if number != self._number:
            async with self._lock:
                if number != self._number:
                    # Read after the number was: it may be newer, never older.
                    self._turns, self._number = await self._ask(), number
        return self._turns


async def nothing() -> Turns:
    """Return that nothing happened with any key: where a node has no chapters."""
    return {}


def holds(membership: Membership, turns: Turns) -> bool:
    """Tell whether an account that came so to a member still holds them."""
    turn = turns.get(membership.member_id)
    if turn is None:
        return not membership.change
    return membership.change == turn.change and membership.key in ("", turn.key)


def held(vault: Vault, turns: Turns) -> Vault:
    """Return a vault with the members whom its account holds, and no others."""
    if not turns and not any(one.change for one in vault.memberships):
        return vault
    ripe = [one for one in vault.awaited if one.change and holds(one, turns)]
    # Of two members in one chapter an account holds the one it asked for last.
    came = {one.chapter_id: one for one in ripe}
    kept = [one for one in vault.memberships if one.chapter_id not in came and holds(one, turns)]
    return msgspec.structs.replace(
        vault,
        memberships=(*kept, *came.values()),
        awaited=tuple(one for one in vault.awaited if one not in ripe),
    )


def lost(vault: Vault, turns: Turns) -> tuple[Membership, ...]:
    """Return the members whom an account held once and whom another one came to hold since."""
    chapters = {one.chapter_id for one in held(vault, turns).memberships}
    came = (
        one
        for one in vault.awaited
        if (turn := turns.get(one.member_id)) is not None and one.change in turn.former
    )
    return tuple(one for one in (*vault.memberships, *came) if one.chapter_id not in chapters)
