"""Trying under a name under which much was tried already: nobody is locked out by others.

Who knows a sign-in name could use its limit up again and again. So beyond it a try costs a turn in
a slow lane that all share, or some work of the browser, the more the more was tried under that
name; and a browser in which its person signed in before has a limit of its own. What bounds guesses
at a phone's codes is another limit (`limits.CODES`), which nobody without the passphrase reaches.
"""

import secrets
from typing import Final, NamedTuple

import msgspec

from civic.kernel.database import reading, writing
from identity import browsers, lanes, limits
from identity.limits import Limit, Limited
from identity.side import Private
from identity.tickets import TicketOver, open_ticket, seal_ticket, spend, until
from identity.work import LEAST_BITS, MOST_BITS, is_solved

KEPT_MINUTES: Final = 60
"""How long a turn is kept from the moment it was asked for."""
_EASILY: Final = 10
"""Tries under one name in ten minutes before the work for a further one becomes twice as hard."""
_IDLE_SECONDS: Final = 60


class Turn(msgspec.Struct, frozen=True):
    """A turn to try once more under one name, and the work that takes its stead."""

    turn: int | None
    """Second since 1970 from which on it counts; None where the lane had no place left."""
    puzzle: str
    bits: int
    name: bytes
    """Hash of the name under which it counts."""
    until: int


class Standing(NamedTuple):
    """How somebody stands who wants to try once more."""

    ticket: str
    puzzle: str
    bits: int
    seconds: int | None
    """How long until their turn comes, None where nobody can say."""


class Shown(NamedTuple):
    """What a request shows to be let through."""

    browser: str | None = None
    """What the browser kept of an earlier sign-in."""
    ticket: str = ""
    work: str = ""


class Crowded(Limited):
    """Too much was tried under the name: wait for a turn, or let the browser work for it."""

    def __init__(self, standing: Standing) -> None:
        seconds = _IDLE_SECONDS if standing.seconds is None else standing.seconds
        super().__init__(max(1, seconds))
        self.standing = standing


NOTHING: Final = Shown()


def of_browser(limit: Limit) -> Limit:
    """Return the limit that a known browser has for itself."""
    return msgspec.structs.replace(limit, scope=f"{limit.scope}_browser")


async def may_try(side: Private, limit: Limit, hashed: bytes, shown: Shown) -> bytes | None:
    """Count a try under a name's hash, known or not; raise `Crowded`.

    Returns the hash of the browser where it is known for that name.
    """
    now, browser = side.clock.now(), None
    if shown.browser is not None:
        async with reading(side.engine) as unit:
            browser = await browsers.find(unit, shown.browser, hashed, now)
    if browser is not None:
        try:
            await limits.take(side.engine, of_browser(limit), browser, now)
        except Limited:
            # Like everybody else from here on.
            browser = None
        else:
            return browser
    try:
        await limits.take(side.engine, limit, hashed, now)
    except Limited:
        await _wait(side, hashed, shown)
    return None


async def _wait(side: Private, hashed: bytes, shown: Shown) -> None:
    """Let through whoever shows a turn that has come, or the work for it; each counts once."""
    try:
        turn = open_ticket(side, shown.ticket, Turn)
    except TicketOver:
        turn = None
    if turn is None or turn.name != hashed:
        raise Crowded(await _come(side, hashed))
    standing = _standing(side, shown.ticket, turn)
    if standing.seconds != 0 and not is_solved(turn.puzzle, turn.bits, shown.work):
        raise Crowded(standing)
    async with writing(side.engine) as unit:
        first = await spend(unit, turn.puzzle.encode(), turn.until)
    if not first:
        raise Crowded(await _come(side, hashed))
    await limits.take(side.engine, limits.TRIED_BEYOND, hashed, side.clock.now())


async def _come(side: Private, hashed: bytes) -> Standing:
    now = side.clock.now()
    turn: int | None
    try:
        async with writing(side.engine) as unit:
            turn = await lanes.take_place(unit, lanes.TRYING, now)
    except lanes.LaneFull:
        turn = None
    async with reading(side.engine) as unit:
        lately = await limits.lately(unit, limits.TRIED_BEYOND, hashed, now)
    bits = min(MOST_BITS, LEAST_BITS + (lately // _EASILY).bit_length())
    made = Turn(turn, secrets.token_hex(16), bits, hashed, until(side, KEPT_MINUTES))
    return _standing(side, seal_ticket(side, made), made)


def _standing(side: Private, ticket: str, turn: Turn) -> Standing:
    seconds = None
    if turn.turn is not None:
        seconds = max(0, turn.turn - int(side.clock.now().timestamp()))
    return Standing(ticket, turn.puzzle, turn.bits, seconds)
