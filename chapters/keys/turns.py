"""What became of members' keys, for those who have to know which account holds a member."""

from typing import Final

from sqlalchemy import text

from civic.kernel.database import Reading
from identity.holding import Turn

# Members join few chapters and lose few keys: all of it is some rows.
_TURNS: Final = text(
    """
    SELECT m.id, m.handed, coalesce(m.key, ''),
        coalesce((
            SELECT k.id FROM view.key_change k JOIN record.log l ON l.no = k.log AND l.replica = 0
            WHERE k.log = m.log AND k.member = m.id AND k.ended_entry IS NULL
        ), ''),
        ARRAY(
            SELECT k.id FROM view.key_change k
            WHERE k.log = m.log AND k.member = m.id AND k.done AND k.id <> m.handed
        )
    FROM view.member m WHERE m.handed IS NOT NULL
    """
)


async def read(db: Reading) -> dict[str, Turn]:
    """Return what became of keys in all chapters of the node, by member id.

    A change that waits can be stopped on the chapter's own node alone: copies name none.
    """
    rows = await db.execute(_TURNS)
    return {
        member: Turn(change, key, waiting, frozenset(former))
        for member, change, key, waiting, former in rows
    }
