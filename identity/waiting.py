"""Who may sign up now: whose turn it is in the slow lane, or whose browser did some work for it.

A place is a sealed ticket, not a row: a thousand who wait cost the node nothing. It carries the id
that the account will have, so one place makes one account, whatever is sent again.
"""

from typing import Final

import msgspec

from civic.kernel.database import reading, writing
from identity import accounts, lanes, limits
from identity.side import Private
from identity.tickets import open_ticket, seal_ticket, until
from identity.work import LEAST_BITS, MOST_BITS, is_solved

KEPT_MINUTES: Final = 90
"""How long a place is kept from the moment it was taken."""
_WORKED_EASILY: Final = 60
"""Accounts that work may make in ten minutes before it becomes twice as hard."""


class Place(msgspec.Struct, frozen=True):
    """A place in the slow lane, and the work that takes its stead."""

    turn: int | None
    """Second since 1970 from which on it may be used; None where the lane had no place left."""
    account_id: str
    """Id of the account that it may make; drawn at random, so it is the puzzle too."""
    bits: int
    until: int


class Standing(msgspec.Struct, frozen=True):
    """How somebody stands who wants to sign up."""

    ticket: str
    place: Place
    seconds: int | None
    """How long to wait: 0 for not at all, None where nobody can say."""
    worked: bool = False
    """Whether work took the place of waiting."""


async def come(side: Private) -> Standing:
    """Take a place in the slow lane."""
    now = side.clock.now()
    turn: int | None
    try:
        async with writing(side.engine) as unit:
            turn = await lanes.take_place(unit, lanes.SIGN_UP, now)
    except lanes.LaneFull:
        turn = None
    async with reading(side.engine) as unit:
        lately = await limits.lately(unit, limits.WORKED, limits.EVERYBODY, now)
    bits = min(MOST_BITS, LEAST_BITS + (lately // _WORKED_EASILY).bit_length())
    place = Place(turn, accounts.new_id(), bits, until(side, KEPT_MINUTES))
    return _standing(side, seal_ticket(side, place), place)


def come_again(side: Private, ticket: str, work: str = "") -> Standing:
    """Look at a place again, with the work done for it if there is any; raise `TicketOver`."""
    place = open_ticket(side, ticket, Place)
    standing = _standing(side, ticket, place)
    if standing.seconds != 0 and is_solved(place.account_id, place.bits, work):
        return msgspec.structs.replace(standing, seconds=0, worked=True)
    return standing


async def note_worked(side: Private) -> None:
    """Count an account that work made: the more of them lately, the harder the work."""
    await limits.take(side.engine, limits.WORKED, limits.EVERYBODY, side.clock.now())


def _standing(side: Private, ticket: str, place: Place) -> Standing:
    if place.turn is None:
        return Standing(ticket, place, None)
    return Standing(ticket, place, max(0, place.turn - int(side.clock.now().timestamp())))
