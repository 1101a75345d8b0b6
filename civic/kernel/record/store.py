"""SQL of the record: heads, entries, trees, checkpoints, content, snapshots."""

import asyncio
import zlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ARRAY, BigInteger, Integer, LargeBinary, SmallInteger, Text, bindparam, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql import func, or_, select, update

from civic.kernel.database import Reading, Writing, fetch
from civic.kernel.record import merkle, tables, tiles
from civic.kernel.record.shown import hidden_by


class Head(msgspec.Struct, frozen=True):
    """The head row of a log. `at` is the time of the last entry, in minutes.

    `handed` is the last day (counted from 1970) on which every box was emptied.
    """

    no: int
    log_id: str
    chapter_id: str | None
    public_key: bytes
    replica: int
    visibility: str
    size: int
    at: int
    frontier: bytes
    handed: int
    signed_size: int
    signed_frontier: bytes
    signed_note: bytes | None


_HEAD = (
    "SELECT no, log_id, chapter_id, public_key, replica, visibility, size, at, frontier, handed, "
    "signed_size, signed_frontier, signed_note FROM record.log WHERE no = :no"
)
_UNLOCKED = text(_HEAD)
_LOCKED = {
    lock: text(f"{_HEAD} FOR {strength}").bindparams(bindparam("no", type_=Integer))
    for lock, strength in (("exclusive", "NO KEY UPDATE"), ("shared", "SHARE"))
}


class LogGone(Exception):
    """There is no such log on this node."""


async def head(db: Reading, no: int, lock: str = "none") -> Head:
    """Return the head row of a log, locked `exclusive`, `shared` or not at all (`none`)."""
    values = {"no": no}
    if lock == "none":
        row: Any = (await db.execute(_UNLOCKED, values)).one_or_none()
    else:
        row = next(iter(await fetch(db, _LOCKED[lock], values)), None)
    if row is None:
        raise LogGone(str(no))
    return Head(*row)


async def find_log(db: Reading, log_id: str) -> Head | None:
    """Return the head of the log with this id, if this node has it."""
    no = await db.scalar(select(tables.log.c.no).where(tables.log.c.log_id == log_id))
    return None if no is None else await head(db, no)


async def find_chapter(db: Reading, chapter_id: str) -> Head | None:
    """Return the head of the log of a chapter, if this node has it."""
    no = await db.scalar(select(tables.log.c.no).where(tables.log.c.chapter_id == chapter_id))
    return None if no is None else await head(db, no)


async def all_logs(db: Reading) -> list[Head]:
    """Return the heads of all logs, oldest first."""
    numbers = (await db.scalars(select(tables.log.c.no).order_by(tables.log.c.no))).all()
    return [await head(db, no) for no in numbers]


async def create_log(db: Writing, log_id: str, public_key: bytes, *, replica: bool) -> Head:
    """Make the row of a new, empty log."""
    empty = merkle.Frontier().to_bytes()
    no = await db.scalar(
        insert(tables.log)
        .values(
            log_id=log_id,
            public_key=public_key,
            replica=int(replica),
            size=0,
            at=0,
            frontier=empty,
            signed_size=0,
            signed_frontier=empty,
        )
        .returning(tables.log.c.no)
    )
    return await head(db, int(no))


async def advance(
    db: Writing,
    no: int,
    *,
    size: int,
    at: int,
    frontier: bytes,
    chapter_id: str,
    visibility: str,
    turned: int,
) -> None:
    """Move the head of a log to a new size."""
    values = {"log": no, "size": size, "at": at, "frontier": frontier, "turned": turned}
    await fetch(db, _ADVANCE, values | {"chapter_id": chapter_id, "visibility": visibility})


_LOG = bindparam("log", type_=Integer)
_MOVE_HEAD = (
    "UPDATE record.log SET size = :size, at = :at, frontier = :frontier, "
    "chapter_id = :chapter_id, visibility = :visibility, turned = :turned WHERE no = :log"
)
_HEAD_VALUES = (
    bindparam("size", type_=BigInteger),
    bindparam("at", type_=Integer),
    bindparam("frontier", type_=LargeBinary),
    bindparam("chapter_id", type_=Text),
    bindparam("visibility", type_=Text),
    bindparam("turned", type_=BigInteger),
)
_ADVANCE = text(_MOVE_HEAD).bindparams(_LOG, *_HEAD_VALUES)


async def handed(db: Writing, no: int, day: int) -> None:
    """Note the day on which every box was emptied."""
    await db.execute(update(tables.log).where(tables.log.c.no == no).values(handed=day))


Rows = Sequence[tuple[str, int, bytes, bytes]]
"""Entries to be stored, as (key, part, bytes, leaf hash)."""

_STORE_ENTRIES = (
    "INSERT INTO record.entry (log, index, key, part, bytes, leaf) SELECT :log, * FROM "
    "unnest(:indexes, :keys, :parts, :bodies, :leaves)"
)
_ENTRY_VALUES = (
    bindparam("indexes", type_=ARRAY(BigInteger)),
    bindparam("keys", type_=ARRAY(LargeBinary)),
    bindparam("parts", type_=ARRAY(SmallInteger)),
    bindparam("bodies", type_=ARRAY(LargeBinary)),
    bindparam("leaves", type_=ARRAY(LargeBinary)),
)
_STORE_CONTENT = (
    "INSERT INTO record.content (log, hash, bytes) SELECT :log, * FROM unnest(:hashes, :blobs) "
    "ON CONFLICT DO NOTHING"
)
_CONTENT_VALUES = (
    bindparam("hashes", type_=ARRAY(LargeBinary)),
    bindparam("blobs", type_=ARRAY(LargeBinary)),
)
_ADD_ENTRIES = text(_STORE_ENTRIES).bindparams(_LOG, *_ENTRY_VALUES)
_ADD_CONTENT = text(_STORE_CONTENT).bindparams(_LOG, *_CONTENT_VALUES)
_APPEND = text(
    f"WITH acts AS ({_STORE_ENTRIES}), words AS ({_STORE_CONTENT}) {_MOVE_HEAD}"
).bindparams(_LOG, *_ENTRY_VALUES, *_CONTENT_VALUES, *_HEAD_VALUES)


async def add_entries(db: Writing, no: int, start: int, rows: Rows) -> None:
    """Append rows from index `start` on."""
    await fetch(db, _ADD_ENTRIES, {"log": no, **_entry_values(start, rows)})


async def append(
    db: Writing, no: int, start: int, rows: Rows, blobs: Mapping[str, bytes], **head: Any
) -> None:
    """Append rows with their content, and move the head as `advance` does, in one round trip."""
    values = {"log": no, **_entry_values(start, rows), **_content_values(blobs), **head}
    await fetch(db, _APPEND, values)


def _entry_values(start: int, rows: Rows) -> dict[str, Any]:
    return {
        "indexes": list(range(start, start + len(rows))),
        "keys": [bytes.fromhex(key) for key, _, _, _ in rows],
        "parts": [part for _, part, _, _ in rows],
        "bodies": [raw for _, _, raw, _ in rows],
        "leaves": [leaf for _, _, _, leaf in rows],
    }


def _content_values(blobs: Mapping[str, bytes]) -> dict[str, Any]:
    return {"hashes": [bytes.fromhex(one) for one in blobs], "blobs": list(blobs.values())}


async def add_subtrees(db: Writing, no: int, finished: Iterable[tuple[tiles.Tile, bytes]]) -> None:
    """Keep the roots of tiles that became full: all that is needed to make any tile again."""
    rows = [
        {
            "log": no,
            "level": tile.level + 1,
            "index": tile.number,
            "hash": merkle.perfect_root(tiles.split_tile(data, tiles.WIDTH)),
        }
        for tile, data in finished
    ]
    if rows:
        await db.execute(insert(tables.subtree), rows)


async def entries(
    db: Reading, no: int, start: int, end: int, chunk: int = 4096
) -> AsyncIterator[tuple[int, bytes, bytes]]:
    """Yield (index, bytes, leaf hash) of the entries in [start, end)."""
    while start < end:
        upto = min(end, start + chunk)
        for row in await fetch(db, _ENTRIES, {"log": no, "start": start, "end": upto}):
            yield row[0], row[1], row[2]
        start = upto


_RANGE = (
    bindparam("log", type_=Integer),
    bindparam("start", type_=BigInteger),
    bindparam("end", type_=BigInteger),
)
_ENTRIES = text(
    "SELECT index, bytes, leaf FROM record.entry "
    "WHERE log = :log AND index >= :start AND index < :end ORDER BY index"
).bindparams(*_RANGE)
_LEAVES = text(
    "SELECT leaf FROM record.entry "
    "WHERE log = :log AND index >= :start AND index < :end ORDER BY index"
).bindparams(*_RANGE)


async def leaves(db: Reading, no: int, start: int, end: int) -> list[bytes]:
    """Return the leaf hashes in [start, end)."""
    return [row[0] for row in await fetch(db, _LEAVES, {"log": no, "start": start, "end": end})]


async def hash_tile(db: Reading, no: int, level: int, index: int, width: int) -> bytes:
    """Return a hash tile of the log; shorter than asked for if the log is smaller."""
    start = index * tiles.WIDTH
    if level == 0:
        return b"".join(await leaves(db, no, start, start + width))
    rows = await db.scalars(
        select(tables.subtree.c.hash)
        .where(
            tables.subtree.c.log == no,
            tables.subtree.c.level == level,
            tables.subtree.c.index >= start,
            tables.subtree.c.index < start + width,
        )
        .order_by(tables.subtree.c.index)
    )
    return b"".join(rows)


async def subtrees_for(db: Reading, no: int, size: int, index: int) -> merkle.Subtree:
    """Return what an inclusion path of `index` in a tree of `size` needs, read beforehand."""
    read: dict[tuple[int, int], bytes] = {}
    for level in range(8):
        count = size >> (tiles.HEIGHT * level)
        if count == 0:
            break
        for tile in {(index >> (tiles.HEIGHT * level)) // tiles.WIDTH, count // tiles.WIDTH}:
            width = min(tiles.WIDTH, count - tile * tiles.WIDTH)
            if width > 0:
                read[level, tile] = await hash_tile(db, no, level, tile, width)

    def read_tile(level: int, tile: int, width: int) -> bytes:
        return read[level, tile][: width * merkle.HASH_BYTES]

    return tiles.subtree_from_tiles(read_tile, size)


_BY_KEYS = text(
    "SELECT key, index, leaf, bytes FROM record.entry "
    "WHERE log = :log AND part = 0 AND key = ANY(:keys)"
).bindparams(bindparam("log", type_=Integer), bindparam("keys", type_=ARRAY(LargeBinary)))


async def by_keys(db: Reading, no: int, keys: Iterable[str]) -> dict[str, tuple[int, bytes, bytes]]:
    """Return (index, leaf hash, bytes) of the acts that stand under these keys already."""
    rows = await fetch(db, _BY_KEYS, {"log": no, "keys": [bytes.fromhex(key) for key in keys]})
    return {row[0].hex(): (row[1], row[2], row[3]) for row in rows}


async def add_content(db: Writing, no: int, blobs: Mapping[str, bytes]) -> None:
    """Keep words and evidence under their hashes; what is there already stays."""
    if blobs:
        await fetch(db, _ADD_CONTENT, {"log": no, **_content_values(blobs)})


async def erase_content(db: Writing, no: int, hashes: Iterable[str], index: int) -> None:
    """Erase words because entry `index` says so."""
    await db.execute(
        update(tables.content)
        .where(
            tables.content.c.log == no,
            tables.content.c.hash.in_([bytes.fromhex(one) for one in hashes]),
            or_(tables.content.c.erased_by.is_(None), tables.content.c.erased_by < 0),
        )
        .values(bytes=None, hidden=None, erased_by=index)
    )


async def cover_content(db: Writing, no: int, hashes: Iterable[str], index: int | None) -> None:
    """Hide words because entry `index` says so, or show them again (None); never erased ones."""
    column = tables.content.c
    wanted = (column.log == no, column.hash.in_([bytes.fromhex(one) for one in hashes]))
    if index is None:
        shown = {"bytes": column.hidden, "hidden": None, "erased_by": None}
        change = update(tables.content).where(*wanted, column.hidden.is_not(None)).values(**shown)
    else:
        gone = {"bytes": None, "hidden": column.bytes, "erased_by": hidden_by(index)}
        change = update(tables.content).where(*wanted, column.bytes.is_not(None)).values(**gone)
    await db.execute(change)


async def content(db: Reading, no: int, digest: str) -> tuple[bytes | None, int | None] | None:
    """Return (bytes, None), or (None, `erased_by`) for words that are gone, or None if unknown."""
    row = (
        await db.execute(
            select(tables.content.c.bytes, tables.content.c.erased_by).where(
                tables.content.c.log == no, tables.content.c.hash == bytes.fromhex(digest)
            )
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def sign_head(
    db: Writing, before: Head, *, frontier: bytes, note: bytes, size: int, at: int
) -> bool:
    """Store a new signed head by compare-and-swap, and tell listeners of it when it is committed.

    False if somebody signed since.
    """
    values = {"frontier": frontier, "note": note, "size": size, "at": at}
    values |= {"no": before.no, "before": before.signed_size, "payload": f"{before.no} {size}"}
    return bool(await fetch(db, _SIGN, values))


_SIGN = text(
    """
    WITH signed AS (
        UPDATE record.log SET signed_size = :size, signed_frontier = :frontier, signed_note = :note
        WHERE no = :no AND signed_size = :before
        RETURNING no
    ), kept AS (
        INSERT INTO record.checkpoint (log, size, at, note) SELECT no, :size, :at, :note FROM signed
    )
    SELECT pg_notify('civic', :payload) FROM signed
    """
).bindparams(
    bindparam("size", type_=BigInteger),
    bindparam("at", type_=Integer),
    bindparam("note", type_=LargeBinary),
    bindparam("payload", type_=Text),
    bindparam("frontier", type_=LargeBinary),
    bindparam("no", type_=Integer),
    bindparam("before", type_=BigInteger),
)


async def published(db: Reading, no: int, tick: int) -> tuple[int, bytes] | None:
    """Return (size, note) of the largest checkpoint whose last entry lies before a tick.

    That is what people outside the chapter see: it moves once a tick.
    """
    row = (
        await db.execute(
            select(tables.checkpoint.c.size, tables.checkpoint.c.note)
            .where(tables.checkpoint.c.log == no, tables.checkpoint.c.at < tick)
            .order_by(tables.checkpoint.c.at.desc(), tables.checkpoint.c.size.desc())
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def checkpoint_at(db: Reading, no: int, size: int) -> bytes | None:
    """Return the checkpoint that was signed at a size, if one was."""
    note: bytes | None = await db.scalar(
        select(tables.checkpoint.c.note).where(
            tables.checkpoint.c.log == no, tables.checkpoint.c.size == size
        )
    )
    return note


async def checkpoint_covering(db: Reading, no: int, index: int) -> tuple[int, bytes] | None:
    """Return (size, note) of the smallest checkpoint that contains an entry."""
    row = (
        await db.execute(
            select(tables.checkpoint.c.size, tables.checkpoint.c.note)
            .where(tables.checkpoint.c.log == no, tables.checkpoint.c.size > index)
            .order_by(tables.checkpoint.c.size)
            .limit(1)
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1])


async def load_snapshot(db: Reading, no: int, code: bytes) -> tuple[int, int, bytes] | None:
    """Return the snapshot of a log made by the same code, or None.

    As (size, version of the rules whose state it is, state).
    """
    row = (
        await db.execute(
            select(tables.snapshot.c.size, tables.snapshot.c.rules, tables.snapshot.c.state).where(
                tables.snapshot.c.log == no, tables.snapshot.c.code == code
            )
        )
    ).one_or_none()
    return None if row is None else (row[0], row[1], zlib.decompress(row[2]))


async def save_snapshot(
    db: Writing, no: int, *, size: int, rules: int, code: bytes, state: bytes
) -> None:
    """Keep a snapshot in place of an older one."""
    # In a thread, for it takes seconds for a large state; the database's own way takes longer.
    packed = await asyncio.to_thread(zlib.compress, state, 1)
    values: dict[str, Any] = {"size": size, "rules": rules, "code": code, "state": packed}
    await db.execute(
        insert(tables.snapshot)
        .values(log=no, **values)
        .on_conflict_do_update(index_elements=["log"], set_=values)
    )


async def entry_count(db: Reading, no: int) -> int:
    """Return how many entries are stored, whatever the head says."""
    return int(await db.scalar(select(func.count()).where(tables.entry.c.log == no)) or 0)
