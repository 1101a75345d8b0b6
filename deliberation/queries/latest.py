"""What pages read of what people did last in a chapter."""

import msgspec
from sqlalchemy import text

from civic.kernel.database import Reading
from civic.kernel.record.shown import Text, name_of


class Recent(msgspec.Struct, frozen=True):
    """A recent act of a person (never the node), with the title of its matter."""

    index: int
    kind: str
    at: int
    role: str
    by_id: str
    matter: str | None
    title: Text | None


_RECENT = text(
    """
    SELECT e.index, e.kind, e.at, e.role, e.by_id, e.matter, m.title, tn.bytes, tn.erased_by
    FROM (
        SELECT * FROM view.entry WHERE log = :log ORDER BY index DESC LIMIT :among
    ) AS e
    LEFT JOIN view.matter m ON m.log = e.log AND m.id = e.matter
    LEFT JOIN record.content tn ON tn.log = m.log AND tn.hash = m.title
    WHERE e.role <> 'node' ORDER BY e.index DESC LIMIT :limit
    """
)


async def recent(db: Reading, log: int, limit: int = 12, among: int = 300) -> list[Recent]:
    """Return what people did last, looking at the last `among` entries only."""
    rows = await db.execute(_RECENT, {"log": log, "limit": limit, "among": among})
    found = []
    for row in rows:
        fields = (*row[:6], name_of(*row[6:9]))
        found.append(Recent(*fields))
    return found
