"""`civic chapter export`: a chapter's whole record as a bundle, for audits, copies and archives."""

import argparse
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, Final

import msgspec
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.entries import BylawsChanged
from civic.kernel.clock import SystemClock, minute_of
from civic.kernel.database import Reading, reading
from civic.kernel.record import merkle, note, serving, store, tables, tiles
from civic.kernel.record.bundle import Manifest
from civic.kernel.record.bundle_writer import BundleWriter
from civic.kernel.record.course import RulesUnknown
from civic.kernel.record.loaded import Shelf
from civic.kernel.record.rules import RecordState, tick_of
from civic.kernel.record.serving import Visible
from civic.operate.place import OperationError, beside, in_database, new_folder, plainly, say
from civic.operate.progress import Progress, bar, silent
from civic.procedure import VERSIONS
from civic.settings import Settings
from civic.ticks import present_tick

_CHUNK: Final = 16 * tiles.WIDTH
_CONTENT_CHUNK: Final = 64

Find = Callable[[Reading, str], AsyncIterator[store.Head]]


class _Content(msgspec.Struct):
    """What an entry names as content, read without the rest of it."""

    content: tuple[str, ...] = ()


_content_of = msgspec.json.Decoder(_Content)


async def export_chapter(
    engine: AsyncEngine,
    chapter_id: str,
    to: Path,
    *,
    published_at: int | None = None,
    progress: Progress = silent,
) -> Manifest:
    """Write the bundle of a chapter to `to`, a directory (or a zip if the name ends in `.zip`).

    It stands at the latest signed checkpoint or, with `published_at` (a minute), at the one that
    outsiders saw then. All of it is read in one transaction, at most some thousand entries at a
    time, and appears under its name when it is whole. OperationError if it cannot be.
    """
    async with reading(engine) as db:
        head = await store.find_chapter(db, chapter_id)
        if head is None:
            raise OperationError(f"This node has no chapter {chapter_id}.")
        visible = (
            serving.latest(head)
            if published_at is None
            else await _published(db, head, published_at)
        )
        if visible is None:
            raise OperationError(
                "Nothing of this chapter is published yet: wait for the next tick."
            )
        published = published_at is not None
        if to.suffix == ".zip":
            part = beside(to)
            part = part.with_name(f"{part.name}.zip")
            try:
                manifest = await _write(db, head, visible, part, progress, published=published)
                part.rename(to)
            finally:
                part.unlink(missing_ok=True)
            return manifest
        with new_folder(to) as folder:
            return await _write(db, head, visible, folder, progress, published=published)


async def present_record(db: Reading, head: store.Head) -> RecordState:
    """Return what the rules know of a record, for commands that ask once."""
    return (await Shelf(VERSIONS, b"").current(db, head)).state.record


async def _published(db: Reading, head: store.Head, minute: int) -> Visible | None:
    try:
        tick = tick_of(await present_record(db, head), minute)
    except RulesUnknown:
        # Rules that this program lacks keep nobody from what was published.
        tick = await present_tick(db, head, minute)
    return await serving.published(db, head, tick)


async def _write(
    db: Reading,
    head: store.Head,
    visible: Visible,
    path: Path,
    progress: Progress,
    *,
    published: bool,
) -> Manifest:
    size, key = visible.size, note.log_key(head.public_key)
    signed = note.open_checkpoint(visible.note, key).checkpoint
    unpublished = await _named_from(db, head, size)
    total = 2 * size
    with BundleWriter(path) as writer:
        writer.log(note.format_vkey(key), visible.note)
        tiling = tiles.Tiling()
        kept: set[str] = set()
        for start in range(0, size, _CHUNK):
            end = min(start + _CHUNK, size)
            rows = [row async for row in store.entries(db, head.no, start, end)]
            for first in range(0, len(rows), tiles.WIDTH):
                raws = [raw for _, raw, _ in rows[first : first + tiles.WIDTH]]
                number = (start + first) // tiles.WIDTH
                writer.entries(number, len(raws), tiles.encode_bundle(raws))
                if unpublished:
                    kept.update(*(_content_of.decode(raw).content for raw in raws))
                    kept &= unpublished
            # From the entries themselves, not from stored hashes: what does not make the signed
            # root is not handed out.
            for tile, raw in tiling.extend(merkle.leaf_hashes(raw for _, raw, _ in rows)):
                writer.tile(tile, raw)
            progress(end, total)
        for tile, raw in tiling.partials():
            writer.tile(tile, raw)
        if (tiling.size, tiling.root()) != (signed.size, signed.root):
            raise OperationError(
                "What is stored does not make the root that was signed: the database is damaged. "
                "Run `civic doctor`."
            )
        await _write_content(db, head, unpublished - kept, writer, published=published)
        manifest = Manifest(
            head.chapter_id or "", size, signed.root.hex(), await _visibility(db, head, size)
        )
        writer.manifest(manifest)
    progress(total, total)
    return manifest


async def _named_from(db: Reading, head: store.Head, size: int) -> set[str]:
    """Content named by entries after the checkpoint: at most what one tick brought."""
    named: set[str] = set()
    async for _, raw, _ in store.entries(db, head.no, size, head.size):
        named.update(_content_of.decode(raw).content)
    return named


async def _write_content(
    db: Reading, head: store.Head, without: set[str], writer: BundleWriter, *, published: bool
) -> None:
    column = tables.content.c
    # Hidden words go to those who keep the chapter, since they may come back; to nobody else.
    words = column.bytes if published else func.coalesce(column.bytes, column.hidden)
    after = b""
    while True:
        rows = (
            await db.execute(
                select(column.hash, words)
                .where(column.log == head.no, column.hash > after, words.is_not(None))
                .order_by(column.hash)
                .limit(_CONTENT_CHUNK)
            )
        ).all()
        for digest, raw in rows:
            if digest.hex() not in without:
                writer.content(digest.hex(), raw)
        if len(rows) < _CONTENT_CHUNK:
            return
        after = rows[-1][0]


async def _visibility(db: Reading, head: store.Head, size: int) -> Any:
    """Who might read the record at a size: what the head says, less what came after."""
    visibility = head.visibility
    tail = [raw async for _, raw, _ in store.entries(db, head.no, size, head.size)]
    for raw in reversed(tail):
        if raw.startswith(b'{"kind":"%b"' % BylawsChanged.kind.encode()):
            body = msgspec.json.decode(raw, type=_ChangedBylaws).body
            for change in body.changes:
                if change.field == "visibility":
                    visibility = str(change.from_)
    return visibility


class _ChangedBylaws(msgspec.Struct):
    body: BylawsChanged


def add_export_command(subparsers: Any) -> None:
    """Add `civic chapter export`."""
    parser = subparsers.add_parser(
        "export",
        help="write a chapter's whole record, hidden words too, as a bundle that can be audited",
    )
    parser.add_argument("chapter", metavar="ID", help="the chapter's id")
    parser.add_argument("--to", required=True, type=Path, metavar="DIR", help="where to, new")
    parser.add_argument(
        "--published",
        action="store_true",
        help="only what people outside the chapter may see by now",
    )
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    now = minute_of(SystemClock().now()) if arguments.published else None
    to = arguments.to.absolute()
    manifest = in_database(
        settings,
        lambda engine: export_chapter(
            engine, arguments.chapter, to, published_at=now, progress=bar("Exporting")
        ),
    )
    say(f"{manifest.size:,} entries written to {to}.")
    say(f"Audit them anywhere: civic audit {to} --chapter {manifest.chapter}")
    return 0
