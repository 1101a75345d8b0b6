"""Which tick it is in a chapter, asked of the read model: what outsiders see moves with it."""

from typing import Final

from sqlalchemy import select

from chapters.tables import bylaws_version, read_bylaws
from civic.kernel.database import Reading
from civic.kernel.record import store
from civic.kernel.record.rules import FIRST_TICK

_VERSION: Final = bylaws_version.c
_HOUR: Final = 60


async def present_tick(db: Reading, head: store.Head, minute: int) -> int:
    """Return the minute at which the tick began that a minute lies in, under the bylaws in force.

    Where the read model does not have the chapter, full hours: they start ticks of every length.
    """
    return minute - minute % await _length(db, head, minute)


async def next_tick(db: Reading, head: store.Head, minute: int) -> int:
    """Return the minute at which the tick ends that a minute lies in."""
    length = await _length(db, head, minute)
    return minute - minute % length + length


async def _length(db: Reading, head: store.Head, minute: int) -> int:
    rows = (
        await db.execute(
            select(_VERSION.at, _VERSION.bylaws)
            .where(_VERSION.log == head.no)
            .order_by(_VERSION.number.desc())
            .limit(20)
        )
    ).all()
    for at, bylaws in rows:
        if at - at % _HOUR + _HOUR <= minute:
            return read_bylaws(bylaws).tick
    # A new tick holds from the next full hour on; before the first one, that of the rules.
    return FIRST_TICK if rows else _HOUR
