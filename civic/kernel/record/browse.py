"""Reading a record entry by entry: its index, one entry, what was done under some ids."""

from collections.abc import Sequence
from typing import Any

import msgspec
from sqlalchemy import ARRAY, BigInteger, Text, TextClause, bindparam, text

from civic.kernel.database import Reading

PAGE = 50
"""Entries on one page."""


class EntryLine(msgspec.Struct, frozen=True):
    """An entry in a list; `act` is the index of the first entry of its act, `at` in minutes.

    `rules` is the version of the rules that it stands under.
    """

    index: int
    kind: str
    at: int
    role: str
    by_id: str
    signed: bool
    act: int
    matter: str | None
    rules: int


class EntryView(msgspec.Struct, frozen=True):
    """One entry with its canonical bytes and leaf hash."""

    line: EntryLine
    raw: bytes
    leaf: bytes


class RawEntry(msgspec.Struct, frozen=True):
    """An entry in a list with its canonical bytes, for pages that say in words what it says."""

    line: EntryLine
    raw: bytes


# The limit comes before the join, so that no plan reads more of the record than a page needs.
LINE = """
    v.index, v.kind, v.at, v.role, v.by_id, v.signed, v.act, v.matter, (
        SELECT r.version FROM view.rules_version r
        WHERE r.log = v.log AND r.behind < v.act ORDER BY r.behind DESC LIMIT 1
    )
"""
"""Columns of an `EntryLine`; `v` is a row of `view.entry`."""
LINE_WIDTH = 9
_LISTED = f"""
    SELECT {LINE}, e.bytes, e.leaf
    FROM (SELECT * FROM view.entry WHERE log = :log AND {{which}} LIMIT :limit) AS v
    JOIN record.entry e ON e.log = v.log AND e.index = v.index
    ORDER BY v.index DESC
"""  # noqa: S608
_INDEX = bindparam("index", type_=BigInteger)


def _listed(which: str, *values: Any) -> TextClause:
    return text(_LISTED.replace("{which}", which)).bindparams(_INDEX, *values)


_ENTRIES = _listed("index < :index ORDER BY index DESC")
_OF_MATTER = _listed("matter = :matter AND index < :index ORDER BY index DESC")
_BY = _listed(
    "by_id = ANY(:ids) AND role <> 'node' AND index < :index ORDER BY index DESC",
    bindparam("ids", type_=ARRAY(Text)),
)
_ONE = _listed("index = :index")
_ACT = _listed("index >= :index AND index < :index + :limit AND act = :index ORDER BY index")

_END = 2**62


async def entries(
    db: Reading, log: int, before: int | None = None, limit: int = PAGE
) -> list[RawEntry]:
    """Return the entries before an index (None: the last ones), newest first."""
    values = {"log": log, "index": _before(before), "limit": limit}
    return _lines(await db.execute(_ENTRIES, values))


async def entries_of_matter(
    db: Reading, log: int, matter: str, before: int | None = None, limit: int = PAGE
) -> list[RawEntry]:
    """Return the entries that belong to a matter, newest first."""
    values = {"log": log, "matter": matter, "index": _before(before), "limit": limit}
    return _lines(await db.execute(_OF_MATTER, values))


async def acts_by(
    db: Reading, log: int, ids: Sequence[str], before: int | None = None, limit: int = PAGE
) -> list[RawEntry]:
    """Return what was done under some member, voice, row or office ids, newest first."""
    values = {"log": log, "ids": list(ids), "index": _before(before), "limit": limit}
    return _lines(await db.execute(_BY, values))


async def act(db: Reading, log: int, index: int, limit: int = PAGE) -> list[RawEntry]:
    """Return the entries of the act that begins at an index, in order."""
    return _lines(await db.execute(_ACT, {"log": log, "index": index, "limit": limit}))[::-1]


async def entry(db: Reading, log: int, index: int) -> EntryView | None:
    """Return one entry, or None if the record is shorter."""
    row = (await db.execute(_ONE, {"log": log, "index": index, "limit": 1})).one_or_none()
    return None if row is None else EntryView(_line(row), *row[LINE_WIDTH:])


def _before(index: int | None) -> int:
    return _END if index is None else index


def _lines(rows: Any) -> list[RawEntry]:
    return [RawEntry(_line(row), row[LINE_WIDTH]) for row in rows]


def _line(row: Any) -> EntryLine:
    return EntryLine(*row[:LINE_WIDTH])
