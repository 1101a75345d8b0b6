"""Erasing papers of assurance once no level and no dispute rests on them any more."""

from typing import Final

from sqlalchemy import text

from chapters.assurance.levels import CASE_TIME
from chapters.bylaws import DAY
from civic.kernel.database import Writing

KEPT_AFTER: Final = 30 * DAY
"""Minutes for which the papers of a dispute can still be read when it is over."""

# Who vouched for somebody whose level was lost is needed until the others' vouches are reviewed.
_OVER: Final = """
    SELECT n.hash, n.of FROM view.named_paper n
    LEFT JOIN view.level_term t ON t.log = n.log AND t.id = n.of
    LEFT JOIN view.dispute d ON d.log = n.log AND d.id = n.of
    WHERE n.log = :log AND (
        (t.ended IS NOT NULL AND NOT EXISTS (
            SELECT FROM view.dispute w
            WHERE w.log = t.log AND w.member = t.member AND w.ended IS NULL
        ))
        OR d.ended <= :kept_until
        OR (t.id IS NULL AND d.id IS NULL AND n.since < :cases_until)
    )
"""
_BACKING: Final = text(
    f"""
    WITH over AS ({_OVER})
    DELETE FROM private.backing b USING over WHERE b.log = :log AND b.of = over.of
    """  # noqa: S608
)
_PAPERS: Final = text(
    f"""
    WITH over AS ({_OVER})
    DELETE FROM private.paper p USING over WHERE p.log = :log AND p.hash = over.hash
    """  # noqa: S608
)


async def erase_over(db: Writing, log: int, now: int) -> int:
    """Delete papers of levels and cases that are over, and of disputes over for 30 days.

    Returns how many. The record keeps their hashes; nobody can tell any more what they said.
    """
    values = {"log": log, "kept_until": now - KEPT_AFTER, "cases_until": now - CASE_TIME}
    await db.execute(_BACKING, values)
    return int((await db.execute(_PAPERS, values)).rowcount)
