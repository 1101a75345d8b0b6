"""Slow lanes: what costs the node something and anybody may ask for, one after the other.

A lane is one row that says when it is free again (the generic cell rate algorithm), so a thousand
who wait cost no more than one, and nobody is known by an address. Whoever waits holds a place in a
sealed ticket. A lane that is free for a while lets a few through at once.
"""

from datetime import datetime
from typing import Final

import msgspec
from sqlalchemy import case, delete
from sqlalchemy.dialects.postgresql import insert

from civic.kernel.database import Writing
from identity import tables


class Lane(msgspec.Struct, frozen=True):
    """One lane: `burst` at once, then one in `seconds`; whoever would wait longer than `longest`
    seconds gets no place.
    """

    name: str
    seconds: int
    burst: int
    longest: int


SIGN_UP: Final = Lane("sign_up", seconds=10, burst=30, longest=30 * 60)
"""For people without an account whose browser did no work for it."""
TRYING: Final = Lane("trying", seconds=5, burst=20, longest=30 * 60)
"""For people under whose name too much was tried, by them or by others."""
MAIL: Final = Lane("mail", seconds=60, burst=30, longest=0)
"""For people who give an address for mails: nobody waits in it, the next one tries again."""
LANES: Final = (SIGN_UP, TRYING, MAIL)


class LaneFull(Exception):
    """So many wait that it would be idle to wait with them; the lane moves on meanwhile."""


async def take_place(writing: Writing, lane: Lane, now: datetime) -> int:
    """Return the second since 1970 from which on it is one's turn; raise `LaneFull`."""
    second = int(now.timestamp())
    earliest = _earliest(lane, second)
    table = tables.lane
    latest = second + lane.longest
    row = insert(table).values(name=lane.name, free_from=earliest + lane.seconds)
    start = case((table.c.free_from < earliest, earliest), else_=table.c.free_from)
    taken = await writing.scalar(
        row.on_conflict_do_update(
            index_elements=["name"],
            set_={"free_from": start + lane.seconds},
            where=table.c.free_from <= latest,
        ).returning(table.c.free_from)
    )
    if taken is None:
        raise LaneFull
    return max(second, int(taken) - lane.seconds)


async def sweep(writing: Writing, now: datetime) -> None:
    """Delete the rows of lanes that are all free: they would tell when somebody came last."""
    for lane in LANES:
        await writing.execute(
            delete(tables.lane).where(
                tables.lane.c.name == lane.name,
                tables.lane.c.free_from <= _earliest(lane, int(now.timestamp())),
            )
        )


def _earliest(lane: Lane, second: int) -> int:
    # How far back a lane that is free counts, so that its burst is at hand.
    return second - (lane.burst - 1) * lane.seconds
