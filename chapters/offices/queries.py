"""What pages read of offices: who may do what until when, and who follows."""

from typing import Final

import msgspec
from sqlalchemy import text

from civic.kernel.database import Reading
from civic.kernel.record.shown import Text, name_of

SHOWN: Final = 200


class OfficeLine(msgspec.Struct, frozen=True):
    """An office that is or was held. Times are minutes.

    `decision` gave it, `ended_by` is the decision that ended it before its time; `follows` is the
    member who takes over when it ends.
    """

    id: str
    role: str
    member: str
    name: Text | None
    since: int
    until: int
    decision: str | None
    acting: bool
    ended: int | None
    ended_by: str | None
    follows: str | None
    follows_name: Text | None


_OFFICES: Final = text(
    """
    SELECT o.id, o.role, o.member, m.name, n.bytes, n.erased_by, o.since, o.until, o.decision,
        o.acting, o.ended, o.ended_by, s.member, f.name, fn.bytes, fn.erased_by
    FROM view.office o
    JOIN view.member m ON m.log = o.log AND m.id = o.member
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name
    LEFT JOIN view.successor s ON s.log = o.log AND s.after = o.id AND o.ended IS NULL
    LEFT JOIN view.member f ON f.log = s.log AND f.id = s.member
    LEFT JOIN record.content fn ON fn.log = f.log AND fn.hash = f.name
    WHERE o.log = :log AND (o.ended IS NULL OR o.ended > :since)
    ORDER BY array_position(
        ARRAY['lead', 'facilitator', 'verifier', 'auditor', 'trustee', 'steward'], o.role
    ), o.since, o.id LIMIT :limit
    """
)


async def offices(db: Reading, log: int, since: int, limit: int = SHOWN) -> list[OfficeLine]:
    """Return the offices in force, and those that ended after a minute, by role and beginning."""
    found = []
    for row in await db.execute(_OFFICES, {"log": log, "since": since, "limit": limit}):
        fields = (*row[:3], name_of(*row[3:6]), *row[6:13], name_of(*row[13:16]))
        found.append(OfficeLine(*fields))
    return found
