"""What pages and the API read of chapters: names, people, offices, bylaws."""

from typing import Any

import msgspec
from sqlalchemy import BigInteger, bindparam, text

from chapters.bylaws import Bylaws, Change
from chapters.looking_up import CALLED, CALLED_TYPES, called
from chapters.tables import read_bylaws
from civic.kernel.database import Reading, fetch
from civic.kernel.record.shown import Text, name_of, text_of

PAGE = 50
"""Members on one page."""


class ChapterLine(msgspec.Struct, frozen=True):
    """A chapter in a list. `active` counts present members; times are minutes.

    `rules` is the version of the rules that its record goes on under, `zone` its time zone.
    """

    log: int
    chapter_id: str
    name: Text
    stage: str
    template: str
    founded: int
    active: int
    imported: int
    size: int
    at: int
    replica: bool
    visibility: str
    rules: int
    zone: str = "UTC"


class OfficeHeld(msgspec.Struct, frozen=True):
    """An office in force, its holder and their display name."""

    id: str
    role: str
    member: str
    name: Text | None
    since: int
    until: int


class ChapterView(msgspec.Struct, frozen=True):
    """A chapter as it is now, with its record's size and the offices in force.

    `unverified` counts present founders whom no verifiers saw whom a vote gave their office.
    """

    line: ChapterLine
    log_id: str
    charter: str
    founder: str
    founders: int
    forming_until: int | None
    constituted: int | None
    applied: int
    bylaws_number: int
    bylaws: Bylaws
    stewards: tuple[str, ...]
    stewards_needed: int
    unverified: int
    signed_size: int
    offices: tuple[OfficeHeld, ...]


class MemberLine(msgspec.Struct, frozen=True):
    """A member in a list; `entry` and `id` are the cursor to the next page."""

    id: str
    state: str
    has_key: bool
    founder: bool
    since: int
    entry: int
    admitted: int | None
    ended: int | None
    name: Text | None
    offices: tuple[str, ...]


class BylawsVersion(msgspec.Struct, frozen=True):
    """Bylaws that were in force from an entry on, and the decision (a matter) that made them."""

    number: int
    entry: int
    at: int
    decision: str | None
    changes: tuple[Change, ...]
    bylaws: Bylaws


class Confirmation(msgspec.Struct, frozen=True):
    """A founder who said that they met another."""

    member: str
    met: str


CHAPTER_COLUMNS = """
    c.log, c.chapter_id, c.stage, c.template, c.founded, c.active, c.imported,
    l.size, l.at, l.replica, l.visibility, c.rules, c.name, cn.bytes, cn.erased_by,
    CAST(c.bylaws AS json) ->> 'zone' AS zone
"""
CHAPTER_TABLES = """
    view.chapter c JOIN record.log l ON l.no = c.log
    LEFT JOIN record.content cn ON cn.log = c.log AND cn.hash = c.name
"""
CHAPTER_WIDTH = 16

_CHAPTERS = text(
    f"SELECT {CHAPTER_COLUMNS} FROM {CHAPTER_TABLES} ORDER BY c.founded, c.log"  # noqa: S608
)
_CHAPTER = text(
    f"""
    SELECT {CHAPTER_COLUMNS}, c.log_id, c.charter, c.founder, c.founders, c.forming_until,
        c.constituted, c.applied, c.bylaws_number, c.bylaws, c.stewards, c.stewards_needed,
        (SELECT count(*) FROM view.founder f
            WHERE f.log = c.log AND NOT f.verified AND NOT f.gone), l.signed_size, ARRAY(
            SELECT ROW(o.id, o.role, o.member, o.since, o.until, m.name, n.bytes, n.erased_by)
            FROM view.office o
            JOIN view.member m ON m.log = o.log AND m.id = o.member
            LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name
            WHERE o.log = c.log AND o.ended IS NULL
            ORDER BY array_position(
                ARRAY['lead', 'facilitator', 'verifier', 'auditor', 'trustee', 'steward'], o.role
            ), o.since, o.id
        )
    FROM {CHAPTER_TABLES} WHERE c.chapter_id = :chapter_id
    """  # noqa: S608
)
_MEMBER_COLUMNS = """
    m.id, m.state, m.key IS NOT NULL, m.founder, m.since, m.entry, m.admitted, m.ended,
    m.name, n.bytes, n.erased_by, ARRAY(
        SELECT o.role FROM view.office o
        WHERE o.log = m.log AND o.member = m.id AND o.ended IS NULL ORDER BY o.since, o.id
    )
"""
_MEMBER_NAME = """
    LEFT JOIN record.content n ON n.log = m.log AND n.hash = m.name
"""
_MEMBERS = text(
    f"""
    SELECT {_MEMBER_COLUMNS} FROM (
        SELECT * FROM view.member WHERE log = :log AND state = :state
        AND (entry, id) > (:entry, :id) ORDER BY entry, id LIMIT :limit
    ) AS m {_MEMBER_NAME} ORDER BY m.entry, m.id
    """  # noqa: S608
).bindparams(bindparam("entry", type_=BigInteger))
_MEMBERS_CALLED = text(
    f"""
    SELECT {_MEMBER_COLUMNS} FROM view.member m {_MEMBER_NAME}
    WHERE m.log = :log AND m.state = :state AND (m.entry, m.id) > (:entry, :id) AND {CALLED}
    ORDER BY m.entry, m.id LIMIT :limit
    """  # noqa: S608
).bindparams(bindparam("entry", type_=BigInteger), *CALLED_TYPES)
_MEMBER = text(
    f"SELECT {_MEMBER_COLUMNS} FROM view.member m {_MEMBER_NAME} "  # noqa: S608
    "WHERE m.log = :log AND m.id = :id"
)
_BYLAWS = text(
    "SELECT number, entry, at, decision, changes, bylaws FROM view.bylaws_version "
    "WHERE log = :log ORDER BY number DESC"
)
_CONFIRMATIONS = text(
    "SELECT member, met FROM view.confirmation WHERE log = :log ORDER BY member, met"
)
_OUTAGES = text("SELECT since, until FROM view.outage WHERE log = :log ORDER BY index DESC")


async def chapters(db: Reading) -> list[ChapterLine]:
    """Return all chapters on this node, oldest first."""
    return [chapter_line(row) for row in await db.execute(_CHAPTERS)]


async def chapter(db: Reading, chapter_id: str) -> ChapterView | None:
    """Return a chapter with its offices, or None if it is not on this node."""
    rows = await fetch(db, _CHAPTER, {"chapter_id": chapter_id})
    if not rows:
        return None
    row = rows[0]
    rest = row[CHAPTER_WIDTH:]
    stewards = msgspec.json.decode(rest[9], type=tuple[str, ...])
    offices = tuple(_office(*one) for one in rest[13])
    fields = (*rest[:8], read_bylaws(rest[8]), stewards, *rest[10:13], offices)
    return ChapterView(chapter_line(row), *fields)


def chapter_line(row: Any) -> ChapterLine:
    """Return the chapter of a row that begins with `CHAPTER_COLUMNS`."""
    log, chapter_id, stage, template, founded, active, imported, size, at = row[:9]
    replica, seen, rules = row[9:12]
    name = text_of(row[12], row[13], row[14])
    return ChapterLine(
        log,
        chapter_id,
        name,
        stage,
        template,
        founded,
        active,
        imported,
        size,
        at,
        bool(replica),
        seen,
        rules,
        row[15],
    )


def _office(own_id: str, role: str, member: str, since: int, until: int, *name: Any) -> OfficeHeld:
    return OfficeHeld(own_id, role, member, name_of(*name), since, until)


async def members(
    db: Reading,
    log: int,
    state: str = "active",
    after: tuple[int, str] | None = None,
    limit: int = PAGE,
    typed: str = "",
) -> list[MemberLine]:
    """Return members (`active`, `applied`, `left` or `imported`) after a cursor, oldest first.

    `typed` is a part of the name, or how the id begins, of those who are looked for.
    """
    entry, own_id = after or (-1, "")
    values = {"log": log, "state": state, "entry": entry, "id": own_id, "limit": limit}
    statement = _MEMBERS_CALLED if typed else _MEMBERS
    rows = await db.execute(statement, values | called(typed) if typed else values)
    return [_member(row) for row in rows]


async def member(db: Reading, log: int, member_id: str) -> MemberLine | None:
    """Return one member, or None if the record knows none with this id."""
    row = (await db.execute(_MEMBER, {"log": log, "id": member_id})).one_or_none()
    return None if row is None else _member(row)


def _member(row: Any) -> MemberLine:
    fields = (*row[:8], name_of(*row[8:11]), tuple(row[11]))
    return MemberLine(*fields)


async def bylaws_versions(db: Reading, log: int) -> list[BylawsVersion]:
    """Return all bylaws that were ever in force, newest first."""
    versions = []
    for row in await db.execute(_BYLAWS, {"log": log}):
        changes = msgspec.json.decode(row.changes, type=tuple[Change, ...])
        fields = (*row[:4], changes, read_bylaws(row.bylaws))
        versions.append(BylawsVersion(*fields))
    return versions


async def confirmations(db: Reading, log: int) -> list[Confirmation]:
    """Return which founders said that they met whom."""
    return [Confirmation(*row) for row in await db.execute(_CONFIRMATIONS, {"log": log})]


async def outages(db: Reading, log: int) -> list[tuple[int, int]]:
    """Return the spans of minutes in which the node was down, newest first."""
    return [(row[0], row[1]) for row in await db.execute(_OUTAGES, {"log": log})]
