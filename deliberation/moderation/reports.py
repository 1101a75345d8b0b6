"""Reports: members tell those in office of words, in private. Nothing keeps who did.

A keyed tag of member and subject lets each report something once, one of member and day lets
nobody report without end; neither leads back to a member without the key, and after thirty days
all of it goes.
"""

from typing import Final

import msgspec
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Table, Text, text

from chapters.bylaws import DAY
from civic.kernel.database import Reading, Writing, private_metadata
from civic.kernel.record import shown
from civic.kernel.record.tables import log as log_table
from civic.kernel.record.ties import Vault
from civic.kernel.refusal import Refusal, code

KEPT: Final = 30 * DAY
"""Minutes after which a report is forgotten that nobody answered."""
MOST: Final = 10
"""Reports of one member in a day."""
REPORTED_OFTEN: Final = code(
    "request.reported_often", "Somebody can report ten times a day at most."
)

report = Table(
    "report",
    private_metadata,
    Column("log", Integer, ForeignKey(log_table.c.no), primary_key=True),
    Column("tag", LargeBinary, primary_key=True),
    Column("by_day", LargeBinary, nullable=False),
    Column("subject", Text, nullable=False),
    Column("sealed", LargeBinary, nullable=False),
    Column("day", Integer, nullable=False, info={"time": "day"}),
    comment="Words that members reported to those in office, in their own words; not by whom.",
)
Index(None, report.c.log, report.c.subject)
# How much somebody reported today is asked before each report.
Index(None, report.c.log, report.c.by_day)

_KEEP: Final = text(
    "INSERT INTO private.report (log, tag, by_day, subject, sealed, day) "
    "VALUES (:log, :tag, :by_day, :subject, :sealed, :day) "
    "ON CONFLICT (log, tag) DO UPDATE SET sealed = excluded.sealed, day = excluded.day"
)
_TODAY: Final = text(
    "SELECT count(*) FROM private.report WHERE log = :log AND by_day = :by_day AND tag <> :tag"
)
_WAITING: Final = text(
    """
    SELECT r.subject, coalesce(s.kind, 'proposal'), coalesce(s.matter, m.id), q.title, t.bytes,
        t.erased_by, w.hash, w.bytes, w.erased_by, coalesce(s.author, m.author),
        array_agg(ROW(r.tag, r.sealed) ORDER BY r.tag), count(*), min(r.day)
    FROM private.report r
    LEFT JOIN view.statement s ON s.log = r.log AND s.id = r.subject
    LEFT JOIN view.matter m ON m.log = r.log AND m.id = r.subject
    JOIN view.matter q ON q.log = r.log AND q.id = coalesce(s.matter, m.id)
    LEFT JOIN record.content t ON t.log = q.log AND t.hash = q.title
    LEFT JOIN record.content w ON w.log = r.log AND w.hash = coalesce(s.words, m.text)
    WHERE r.log = :log
    GROUP BY r.subject, s.kind, s.matter, m.id, q.title, t.bytes, t.erased_by, w.hash, w.bytes,
        w.erased_by, s.author, m.author
    ORDER BY count(*) DESC, r.subject LIMIT :limit
    """
)
_COUNT: Final = text("SELECT count(DISTINCT r.subject) FROM private.report r WHERE r.log = :log")
_DROP: Final = text("DELETE FROM private.report WHERE log = :log AND subject = :subject")
_SWEEP: Final = text("DELETE FROM private.report WHERE day <= :day")


class Reported(msgspec.Struct, frozen=True):
    """Words that were reported: how often, and what those say who did. `day` ends the first day."""

    subject: str
    kind: str
    matter: str
    title: shown.Text
    words: shown.Text
    author: str
    reasons: tuple[str, ...]
    count: int
    day: int


async def keep(
    db: Writing, vault: Vault, log: int, member: str, subject: str, reason: str, now: int
) -> Refusal | None:
    """Keep what a member says of words; a later report of the same words replaces the earlier."""
    day = now - now % DAY + DAY
    tag = vault.other_tag("report", str(log), member, subject)
    by_day = vault.other_tag("reports", str(log), member, str(day))
    values = {"log": log, "tag": tag, "by_day": by_day, "subject": subject, "day": day}
    if int(await db.scalar(_TODAY, values) or 0) >= MOST:
        return Refusal(REPORTED_OFTEN)
    await db.execute(_KEEP, {**values, "sealed": vault.seal(tag, reason.encode())})
    return None


async def waiting(db: Reading, vault: Vault, log: int, limit: int = 20) -> list[Reported]:
    """Return what was reported and not answered yet, the most often reported first."""
    rows = await db.execute(_WAITING, {"log": log, "limit": limit})
    return [
        Reported(
            row[0],
            row[1],
            row[2],
            shown.text_of(*row[3:6]),
            shown.text_of(*row[6:9]),
            row[9],
            tuple(vault.open(tag, sealed).decode() for tag, sealed in row[10]),
            row[11],
            row[12],
        )
        for row in rows
    ]


async def count(db: Reading, log: int) -> int:
    """Return how many things were reported and not answered yet."""
    return int(await db.scalar(_COUNT, {"log": log}) or 0)


async def drop(db: Writing, log: int, subject: str) -> None:
    """Forget the reports of something, once it was hidden, erased or left as it is."""
    await db.execute(_DROP, {"log": log, "subject": subject})


async def sweep(db: Writing, now: int) -> None:
    """Forget reports that nobody answered."""
    await db.execute(_SWEEP, {"day": now - KEPT})
