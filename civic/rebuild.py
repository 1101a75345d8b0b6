"""Rebuild the schema `view` from the record, and compare what stands there with a rebuild."""

from collections.abc import AsyncIterator, Callable
from typing import Any, Final

import msgspec
from sqlalchemy import Table, text
from sqlalchemy.ext.asyncio import AsyncEngine

import civic.tables  # noqa: F401
from civic.kernel.database import Reading, Writing, view_metadata, writing
from civic.kernel.migrate import MigrationError, create_view_schema
from civic.kernel.projection import Recorded, Rows
from civic.kernel.record import store
from civic.kernel.record.content import content_hash
from civic.kernel.record.course import Decoder, RulesUnknown
from civic.kernel.record.loaded import RecordBroken, first_version
from civic.procedure import VERSIONS
from civic.projections import PROJECTIONS

CHUNK: Final = 2000
"""Entries that are turned into rows and written together, at most."""
CHUNK_BYTES: Final = 2_000_000
"""Bytes of entries after which rows are written: one entry may hold 1,500 of them."""

Progress = Callable[[int, int], None]
"""Told how many entries of how many are done."""


class RulesMissing(Exception):
    """A record goes on under rules that this program does not have; the text says so plainly."""

    def __init__(self, head: store.Head, unknown: RulesUnknown) -> None:
        have = ", ".join(map(str, sorted(VERSIONS)))
        super().__init__(
            f"From entry {unknown.index} on chapter {head.chapter_id} follows version "
            f"{unknown.version} of the rules; this program has {have}. Nothing was changed. "
            "Install a newer release."
        )


class Difference(msgspec.Struct, frozen=True):
    """A table that is not what the record says.

    `missing` rows should be there, `extra` rows should not; a changed row counts as both.
    `example` is one of them.
    """

    table: str
    missing: int
    extra: int
    example: str


async def rebuild(engine: AsyncEngine, progress: Progress | None = None) -> int:
    """Make the schema `view` anew from the record, in one transaction; return the entries read.

    Readers and acts wait until it is done. RulesMissing, and nothing is changed, if a record goes
    on under rules that this program does not have.
    """
    async with writing(engine) as db:
        # In the order in which acts lock: first the heads, then what is projected.
        await db.execute(text("SELECT no FROM record.log ORDER BY no FOR NO KEY UPDATE"))
        await create_view_schema(db)
        return await fill(db, progress)


async def rebuild_views(db: Writing) -> None:
    """Fill the empty tables of the schema `view`, when a migration has made them anew."""
    try:
        await fill(db)
    except RulesMissing as missing:
        raise MigrationError(str(missing)) from missing


async def fill(db: Writing, progress: Progress | None = None) -> int:
    """Fill the empty tables of the schema `view` from all records; return the entries read."""
    heads = await store.all_logs(db)
    total = sum(head.size for head in heads)
    done = 0
    for head in heads:
        try:
            async for projected in _project(db, head):
                done += projected
                if progress is not None:
                    progress(done, total)
        except RulesUnknown as unknown:
            raise RulesMissing(head, unknown) from unknown
    await db.execute(text("ANALYZE " + ", ".join(t.fullname for t in _tables())))
    return done


async def _project(db: Writing, head: store.Head) -> AsyncIterator[int]:
    """Project one record, yielding how many entries were written together."""
    if head.size == 0:
        return
    decode = Decoder(VERSIONS, await first_version(db, head)).decode
    rows, count, size, expected, chapter_id = Rows(), 0, 0, 0, ""
    async for index, raw, _ in store.entries(db, head.no, 0, head.size, CHUNK):
        if index != expected:
            break
        expected += 1
        entry = decode(raw)
        chapter_id = chapter_id or content_hash(raw)
        recorded = Recorded(head.no, chapter_id, head.log_id, index, entry)
        for project in PROJECTIONS[entry.kind]:
            project(rows, recorded)
        count, size = count + 1, size + len(raw)
        if count == CHUNK or size >= CHUNK_BYTES or expected == head.size:
            await rows.write(db)
            yield count
            count, size = 0, 0
    if expected != head.size:
        raise RecordBroken(f"entry {expected} is missing")


async def differences(engine: AsyncEngine) -> list[Difference]:
    """Compare each table of the schema `view`, row by row, with a rebuild.

    All of it is one transaction that sees one moment and is undone at the end: nobody waits for
    it, and nothing of it stays.
    """
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="REPEATABLE READ")
        transaction = await connection.begin()
        try:
            db = Writing(Reading(connection))
            # Under other names for this transaction only: a rebuild writes the very same tables.
            await db.execute(text("ALTER SCHEMA view RENAME TO view_live"))
            await create_view_schema(db)
            await fill(db)
            return [found for table in _tables() if (found := await _compare(db, table))]
        finally:
            await transaction.rollback()


def _tables() -> list[Table]:
    return sorted(view_metadata.tables.values(), key=lambda table: table.name)


async def _compare(db: Reading, table: Table) -> Difference | None:
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    rebuilt, live = f"view.{table.name}", f"view_live.{table.name}"
    missing, one = await _beyond(db, columns, rebuilt, live)
    extra, other = await _beyond(db, columns, live, rebuilt)
    if not missing and not extra:
        return None
    return Difference(table.name, missing, extra, one or other)


async def _beyond(db: Reading, columns: str, left: str, right: str) -> tuple[int, str]:
    found: Any = await db.execute(
        text(
            f"SELECT count(*), min(rest::text) FROM (SELECT {columns} FROM {left} "  # noqa: S608
            f"EXCEPT ALL SELECT {columns} FROM {right}) AS rest"
        )
    )
    count, example = found.one()
    return int(count), example or ""
