"""Who may still be told that a record has grown, asked for all streams of a process at once."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import ARRAY, Integer, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import reading
from identity import sessions


class Watching(NamedTuple):
    """A session in which a member watches a chapter."""

    log: int
    member: str
    session: bytes
    """The hash of the session's id."""
    turned: int
    """How often something had happened with a member's key on this node when it was opened."""


_PRESENT: Final = text(
    """
    SELECT asked.log, asked.member, l.signed_size,
        (SELECT coalesce(sum(turned), 0)::bigint FROM record.log) AS turned
    FROM unnest(:logs, :members) AS asked(log, member)
    JOIN record.log l ON l.no = asked.log AND l.replica = 0
    JOIN view.member m
        ON m.log = asked.log AND m.id = asked.member AND m.state IN ('active', 'suspended')
    """
).bindparams(bindparam("logs", type_=ARRAY(Integer)), bindparam("members", type_=ARRAY(Text)))


async def sizes_for(
    engine: AsyncEngine, asked: Sequence[Watching], now: datetime
) -> dict[Watching, int]:
    """Return the signed size of the record for all who may still be told it, in two queries.

    Left out is whose session has ended or was given another token, who is no present member any
    more, and everybody once something happened with any member's key: they have to ask anew.
    """
    async with reading(engine) as db:
        going_on = await sessions.going_on(db, {one.session for one in asked}, now)
        pairs = sorted({(one.log, one.member) for one in asked})
        values = {"logs": [log for log, _ in pairs], "members": [member for _, member in pairs]}
        rows = await db.execute(_PRESENT, values)
        present = {(log, member): (size, turned) for log, member, size, turned in rows}
    sizes = {}
    for one in asked:
        size, turned = present.get((one.log, one.member), (0, -1))
        if one.session in going_on and turned == one.turned:
            sizes[one] = size
    return sizes
