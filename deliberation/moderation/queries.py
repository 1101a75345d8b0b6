"""What pages and the API read of moderation: what was hidden or erased in office, and why."""

from typing import Any, Final

import msgspec
from sqlalchemy import BigInteger, bindparam, text

from civic.kernel.database import Reading
from civic.kernel.record.shown import Text, name_of, text_of

PAGE: Final = 20
"""Hidings on one page."""


class HidingLine(msgspec.Struct, frozen=True):
    """Words that were hidden in office, and how far it is. Times are minutes.

    `kind` is proposal, pro, con, comment or statement. `office` and `role` are those of who hid
    them, `by` the member who held the office. `until` ends the time to appeal, then that to judge.
    `shows` and `upholds` count judgements, `judges` are the members who judged. `covers` tells
    whether the words are hidden now.
    """

    id: str
    entry: int
    at: int
    of: str
    kind: str
    matter: str
    title: Text
    author: str
    words: tuple[str, ...]
    office: str
    role: str
    by: str
    name: Text | None
    reason: str
    until: int | None
    appealed: int | None
    appealed_entry: int | None
    plea: Text | None
    ended: int | None
    ended_entry: int | None
    why: str | None
    covers: bool
    shows: int
    upholds: int
    judges: tuple[str, ...]

    @property
    def stage(self) -> str:
        """How far it is: `open` to appeal, `appealed`, or `settled`."""
        if self.ended is not None:
            return "settled"
        return "open" if self.appealed is None else "appealed"


class HiddenNote(msgspec.Struct, frozen=True):
    """What stands in place of hidden words: who hid them, when and why, and until when it is open.

    `entry` is that of the hiding, `until` ends the time to appeal or, when `appealed`, to judge.
    """

    entry: int
    id: str
    at: int
    role: str
    reason: str
    until: int | None
    appealed: bool


HIDDEN_NOTES: Final = """
    ARRAY(
        SELECT ROW(h.entry, h.id, h.at, o.role, h.reason, h.until, h.appealed IS NOT NULL)
        FROM view.hiding h JOIN view.office o ON o.log = h.log AND o.id = h.office
        WHERE h.log = m.log AND h.matter = m.id AND h.covers ORDER BY h.entry
    )
"""
"""SQL for the notes of what is hidden in a matter `m`."""


class ErasedInOffice(msgspec.Struct, frozen=True):
    """Words that an office erased, with the public reason."""

    entry: int
    at: int
    matter: str | None
    reason: str


_HIDINGS = """
    SELECT h.id, h.entry, h.at, h.of, coalesce(s.kind, 'proposal'), h.matter, m.title, t.bytes,
        t.erased_by, h.author, encode(h.words, 'hex'), h.office, o.role, o.member, p.name, n.bytes,
        n.erased_by, h.reason, h.until, h.appealed, h.appealed_entry, h.plea, w.bytes, w.erased_by,
        h.ended, h.ended_entry, h.why, h.covers,
        ARRAY(
            SELECT ROW(f.member, j.show) FROM view.hiding_judgement j
            JOIN view.office f ON f.log = j.log AND f.id = j.office
            WHERE j.log = h.log AND j.hiding = h.id AND j.entry < :size ORDER BY j.entry
        )
    FROM view.hiding h
    JOIN view.matter m ON m.log = h.log AND m.id = h.matter
    JOIN view.office o ON o.log = h.log AND o.id = h.office
    LEFT JOIN view.statement s ON s.log = h.log AND s.id = h.of
    LEFT JOIN record.content t ON t.log = m.log AND t.hash = m.title
    LEFT JOIN view.member p ON p.log = o.log AND p.id = o.member
    LEFT JOIN record.content n ON n.log = p.log AND n.hash = p.name
    LEFT JOIN record.content w ON w.log = h.log AND w.hash = h.plea
"""
_SIZE = bindparam("size", type_=BigInteger)
_LISTED = text(
    f"{_HIDINGS} WHERE h.log = :log AND h.entry < :before ORDER BY h.entry DESC LIMIT :limit"
).bindparams(_SIZE, bindparam("before", type_=BigInteger))
_ONE = text(f"{_HIDINGS} WHERE h.log = :log AND h.id = :id").bindparams(_SIZE)
_WITH_APPEALS = text(
    f"""{_HIDINGS} WHERE h.log = :log AND h.id = ANY(ARRAY(
        (SELECT l.id FROM view.hiding l WHERE l.log = :log AND l.entry < :before
            ORDER BY l.entry DESC LIMIT :limit)
        UNION
        (SELECT a.id FROM view.hiding a WHERE a.log = :log AND a.ended IS NULL
            AND a.appealed IS NOT NULL ORDER BY a.until, a.id LIMIT :limit)
    )) ORDER BY h.entry DESC"""  # noqa: S608
).bindparams(_SIZE, bindparam("before", type_=BigInteger))
_ERASED: Final = text(
    """
    SELECT DISTINCT ON (x.entry) x.entry, v.at, v.matter, x.reason FROM view.erased x
    JOIN view.entry v ON v.log = x.log AND v.index = x.entry
    WHERE x.log = :log AND x.role = 'office' AND x.entry < :size
    ORDER BY x.entry DESC LIMIT :limit
    """
).bindparams(_SIZE)
_ALL: Final = 2**62


async def hidings(
    db: Reading, log: int, before: int | None = None, limit: int = PAGE, size: int = _ALL
) -> list[HidingLine]:
    """Return what was hidden before an entry, newest first, as a record of a size tells it."""
    before = size if before is None else min(before, size)
    values = {"log": log, "before": before, "limit": limit, "size": size}
    return [_line(row, size) for row in await db.execute(_LISTED, values)]


def without_names(line: HidingLine) -> HidingLine:
    """Return a hiding without what may change within a tick: the title, and the name of who hid."""
    title = Text(line.title.hash, None)
    return msgspec.structs.replace(line, title=title, name=None)


async def hiding(db: Reading, log: int, own_id: str) -> HidingLine | None:
    """Return one hiding, or None if there is none."""
    row = (await db.execute(_ONE, {"log": log, "id": own_id, "size": _ALL})).one_or_none()
    return None if row is None else _line(row, _ALL)


async def hidings_and_appeals(
    db: Reading, log: int, before: int | None = None, limit: int = PAGE, size: int = _ALL
) -> tuple[list[HidingLine], list[HidingLine]]:
    """Return what `hidings` returns, and however old those whose appeal waits to be judged.

    Of these the soonest deadline comes first (one query).
    """
    before = size if before is None else min(before, size)
    values = {"log": log, "before": before, "limit": limit, "size": size}
    lines = [_line(row, size) for row in await db.execute(_WITH_APPEALS, values)]
    appealed = [one for one in lines if one.stage == "appealed" and one.entry < size]
    appealed.sort(key=lambda one: (one.until or 0, one.id))
    return [one for one in lines if one.entry < before][:limit], appealed


async def erased_in_office(
    db: Reading, log: int, limit: int = PAGE, size: int = _ALL
) -> list[ErasedInOffice]:
    """Return the last words that offices erased, newest first."""
    values = {"log": log, "limit": limit, "size": size}
    return [ErasedInOffice(*row) for row in await db.execute(_ERASED, values)]


def _line(row: Any, size: int) -> HidingLine:
    judged = [(one[0], one[1]) for one in row[28]]
    shows = sum(1 for _who, show in judged if show)
    hashes = row[10]
    words = tuple(hashes[n : n + 64] for n in range(0, len(hashes), 64))
    appealed, plea = (row[19], row[20]), name_of(*row[21:24])
    if row[20] is not None and row[20] >= size:
        appealed, plea = (None, None), None
    ended, covers = tuple(row[24:27]), row[27]
    if row[25] is not None and row[25] >= size:
        ended, covers = (None, None, None), True
    fields: Any = (
        *row[:6],
        text_of(*row[6:9]),
        row[9],
        words,
        *row[11:14],
        name_of(*row[14:17]),
        *row[17:19],
        *appealed,
        plea,
        *ended,
        covers,
        shows,
        len(judged) - shows,
        tuple(who for who, _show in judged),
    )
    return HidingLine(*fields)
