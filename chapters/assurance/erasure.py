"""Erasing papers of assurance once no level and no dispute rests on them any more."""

from typing import Final

from sqlalchemy import text

from chapters.assurance.levels import CASE_TIME
from chapters.bylaws import DAY, YEAR
from civic.kernel.database import Writing

KEPT_AFTER: Final = 30 * DAY
"""Minutes for which the papers of a dispute can still be read when it is over."""

LOOKED_BACK: Final = YEAR
"""How far back is looked for what is over: what the record says late, it says as of then."""

# Who vouched for somebody whose level was lost is needed until the others' vouches are reviewed.
# A paper that belongs to no term and no dispute is that of a case which nobody answered.
_OVER: Final = """
    SELECT n.hash, n.of FROM view.level_term t
    JOIN view.named_paper n ON n.log = t.log AND n.of = t.id
    WHERE t.log = :log AND t.ended > :since AND NOT EXISTS (
        SELECT FROM view.dispute w
        WHERE w.log = t.log AND w.member = t.member AND w.ended IS NULL
    )
    UNION ALL
    SELECT n.hash, n.of FROM view.dispute d
    JOIN view.named_paper n ON n.log = d.log AND n.of = d.id
    WHERE d.log = :log AND d.ended > :since AND d.ended <= :kept_until
    UNION ALL
    SELECT n.hash, n.of FROM view.named_paper n
    WHERE n.log = :log AND n.since > :since AND n.since < :cases_until AND length(n.of) = 64
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
    values = {
        "log": log,
        "since": now - LOOKED_BACK,
        "kept_until": now - KEPT_AFTER,
        "cases_until": now - CASE_TIME,
    }
    await db.execute(_BACKING, values)
    return int((await db.execute(_PAPERS, values)).rowcount)
