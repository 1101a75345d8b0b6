"""Replicas: only what the audit accepts, only forward, never over one's own record."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from nacl.signing import SigningKey
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.deeds import chapter as chapter_deeds
from civic.deeds import moderating
from civic.deeds import proposal as proposal_deeds
from civic.deeds.person import Desk
from civic.kernel.clock import minute_of
from civic.kernel.database import create_engine, reading
from civic.kernel.keys import KeyFiles
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.record import merkle, note, store, tiles
from civic.kernel.record.note import Checkpoint
from civic.operate.export import export_chapter
from civic.operate.place import OperationError
from civic.operate.replica import Imported, import_chapter
from civic.projections import PROJECTIONS
from civic.rebuild import differences
from deliberation.queries import search
from deliberation.state import of as deliberation_of
from tests.conftest import _statement
from tests.lives import begin, done
from tests.records import Record, found


@pytest.fixture
async def elsewhere(postgres: EmbeddedPostgres, template: str) -> AsyncIterator[AsyncEngine]:
    """The database of another node."""
    name = "test_replica"
    await _statement(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    engine = create_engine(postgres.url_of(name))
    yield engine
    await engine.dispose()
    await _statement(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def record(database: AsyncEngine, tmp_path: Path) -> Record:
    return await found(database, tmp_path / "keys", projections=PROJECTIONS)


async def bundle_of(record: Record, to: Path) -> Path:
    await export_chapter(record.book.engine, record.chapter_id, to)
    return to


async def take_in(elsewhere: AsyncEngine, bundle: Path) -> Imported:
    return await import_chapter(elsewhere, KeyFiles(bundle.parent / "other-keys"), bundle)


async def head_in(engine: AsyncEngine, record: Record) -> store.Head:
    async with reading(engine) as db:
        head = await store.find_log(db, record.log_id)
    assert head is not None
    return head


async def rows_in(engine: AsyncEngine) -> dict[str, list[tuple[object, ...]]]:
    shown = {}
    async with reading(engine) as db:
        for table in ("entry", "subtree", "content"):
            columns = "to_jsonb(t) - 'log'"
            rows = await db.execute(text(f"SELECT {columns} FROM record.{table} t ORDER BY 1"))
            shown[table] = [tuple(row) for row in rows]
    return shown


async def test_a_copy_holds_the_same(
    record: Record, elsewhere: AsyncEngine, tmp_path: Path
) -> None:
    await record.grow_to(300)
    imported = await take_in(elsewhere, await bundle_of(record, tmp_path / "bundle"))
    assert imported == (record.chapter_id, 0, 300)
    original, copy = await record.head(), await head_in(elsewhere, record)
    assert copy.replica == 1
    for name in ("chapter_id", "size", "at", "frontier", "signed_note", "visibility"):
        assert getattr(copy, name) == getattr(original, name)
    assert await rows_in(elsewhere) == await rows_in(record.book.engine)
    assert await differences(elsewhere) == []
    async with reading(elsewhere) as db:
        assert await db.scalar(text("SELECT count(*) FROM view.chapter")) == 1
    again = tmp_path / "again"
    await export_chapter(elsewhere, record.chapter_id, again)
    assert (again / "log/checkpoint").read_bytes() == original.signed_note


async def test_a_larger_bundle_extends_the_copy(
    record: Record, elsewhere: AsyncEngine, tmp_path: Path
) -> None:
    sizes = (3, 200, 256, 600)
    before = 0
    for size in sizes:
        record.clock.advance(timedelta(minutes=10))
        await record.grow_to(size)
        bundle = await bundle_of(record, tmp_path / str(size))
        assert await take_in(elsewhere, bundle) == (record.chapter_id, before, size)
        before = size
    assert await take_in(elsewhere, tmp_path / "600") == (record.chapter_id, 600, 600)
    with pytest.raises(OperationError, match="larger than the bundle"):
        await take_in(elsewhere, tmp_path / "200")
    assert await rows_in(elsewhere) == await rows_in(record.book.engine)
    assert await differences(elsewhere) == []
    async with reading(elsewhere) as db:
        copy = await head_in(elsewhere, record)
        for size in sizes:
            assert await store.checkpoint_at(db, copy.no, size) is not None


async def test_erasures_are_obeyed(record: Record, elsewhere: AsyncEngine, tmp_path: Path) -> None:
    await record.grow_to(2)
    await take_in(elsewhere, await bundle_of(record, tmp_path / "before"))
    async with record.book.engine.connect() as connection:
        entry = await connection.scalar(text("SELECT bytes FROM record.entry WHERE index = 1"))
    words = bytes(entry).split(b'"content":["')[1][:64].decode()
    copy = await head_in(elsewhere, record)
    async with reading(elsewhere) as db:
        assert (await store.content(db, copy.no, words) or (None,))[0] is not None
    done(await chapter_deeds.erase_name(Desk(record.book), record.founder, words, "erase"))
    await take_in(elsewhere, await bundle_of(record, tmp_path / "after"))
    async with reading(elsewhere) as db:
        assert await store.content(db, copy.no, words) == (None, 2)


async def test_erased_before_the_first_import(
    record: Record, elsewhere: AsyncEngine, tmp_path: Path
) -> None:
    await record.grow_to(2)
    async with record.book.engine.connect() as connection:
        entry = await connection.scalar(text("SELECT bytes FROM record.entry WHERE index = 1"))
    words = bytes(entry).split(b'"content":["')[1][:64].decode()
    done(await chapter_deeds.erase_name(Desk(record.book), record.founder, words, "erase"))
    await take_in(elsewhere, await bundle_of(record, tmp_path / "bundle"))
    async with reading(elsewhere) as db:
        copy = await head_in(elsewhere, record)
        assert await store.content(db, copy.no, words) == (None, 2)


async def test_hidden_words_come_along_and_are_shown_to_nobody(
    database: AsyncEngine, elsewhere: AsyncEngine, tmp_path: Path
) -> None:
    """They come back with the next copy; what is published is without them."""
    life = await begin(database, tmp_path / "keys", people=7, projections=PROJECTIONS)
    proposing = proposal_deeds.propose(
        life.desk, life.people[3], title="A secret garden", text="Behind the wall.", lang="en",
        secrecy="pseudonymous", idempotency="p",
    )  # fmt: skip
    proposal = done(await proposing).id
    words = await life.desk.book.ask(
        life.log, lambda state: deliberation_of(state).proposals[proposal].words
    )
    office, lead = life.offices["lead"]
    hidden = done(await moderating.hide(life.desk, lead, office, proposal, words, "No.", "h"))

    async def copied(name: str, **more: Any) -> set[str]:
        to = tmp_path / name
        await export_chapter(database, life.chapter_id, to, **more)
        await take_in(elsewhere, to)
        return {one.name for one in (to / "content").iterdir()}

    async def shown() -> tuple[list[bool], int]:
        async with reading(elsewhere) as db:
            head = await store.find_log(db, life.log_id)
            assert head is not None
            kept = [await store.content(db, head.no, one) for one in words]
            found = await search(db, head.no, "secret garden", "en")
        return [one is not None and one[0] is not None for one in kept], len(found)

    assert set(words) <= await copied("hidden")
    assert await shown() == ([False, False], 0)
    await life.pass_time(minutes=20)
    published = await copied("published", published_at=minute_of(life.clock.now()))
    assert published
    assert published.isdisjoint(words)
    assert await shown() == ([False, False], 0)
    done(await moderating.lift(life.desk, lead, office, hidden.id, "l"))
    assert set(words) <= await copied("lifted")
    assert await shown() == ([True, True], 1)


async def test_the_owner_imports_nothing(
    record: Record, elsewhere: AsyncEngine, tmp_path: Path
) -> None:
    await record.grow_to(3)
    bundle = await bundle_of(record, tmp_path / "bundle")
    with pytest.raises(OperationError, match="owns the chapter"):
        await import_chapter(record.book.engine, KeyFiles(tmp_path / "other-keys"), bundle)
    # Nor where only the key is left.
    with pytest.raises(OperationError, match="owns the chapter"):
        await import_chapter(elsewhere, KeyFiles(tmp_path / "keys"), bundle)


async def test_another_chapter_is_not_what_was_asked_for(
    record: Record, elsewhere: AsyncEngine, tmp_path: Path
) -> None:
    bundle = await bundle_of(record, tmp_path / "bundle")
    keys = KeyFiles(tmp_path / "other-keys")
    with pytest.raises(OperationError, match=r"audit\.other_chapter"):
        await import_chapter(elsewhere, keys, bundle, chapter="0" * 64)
    assert (await import_chapter(elsewhere, keys, bundle, chapter=record.chapter_id)).size == 1


def resign(bundle: Path, record: Record, keys: Path) -> None:
    """Make a bundle's checkpoint fit its entries, signed by the log's own key."""
    raws: list[bytes] = []
    for path in sorted((bundle / "log/tile/entries").iterdir()):
        for each in [path] if path.is_file() else sorted(path.iterdir()):
            raws += tiles.decode_bundle(each.read_bytes())
    leaves = merkle.leaf_hashes(raws)
    frontier = merkle.Frontier()
    frontier.extend(leaves)
    for tile, raw in tiles.build_tiles(leaves):
        (bundle / "log" / tiles.tile_path(*tile)).write_bytes(raw)
    key = SigningKey(KeyFiles(keys).secret(f"log-{record.log_id}"))
    checkpoint = Checkpoint(note.origin(record.log_id), len(raws), frontier.root())
    (bundle / "log/checkpoint").write_bytes(note.sign_checkpoint(checkpoint, key))
    manifest = (bundle / "manifest.json").read_text()
    root = manifest.split('"root":"')[1][:64]
    (bundle / "manifest.json").write_text(manifest.replace(root, frontier.root().hex()))


async def test_a_fork_is_refused(record: Record, elsewhere: AsyncEngine, tmp_path: Path) -> None:
    await record.grow_to(3)
    await take_in(elsewhere, await bundle_of(record, tmp_path / "bundle"))
    await record.grow_to(5)
    forked = await bundle_of(record, tmp_path / "forked")
    entries = forked / "log/tile/entries/000.p/5"
    raw = entries.read_bytes()
    key = raw.split(b'"key":"')[2][:32]
    entries.write_bytes(raw.replace(key, bytes(reversed(key))))
    resign(forked, record, tmp_path / "keys")
    with pytest.raises(OperationError, match="two histories"):
        await take_in(elsewhere, forked)
    assert (await head_in(elsewhere, record)).size == 3


@pytest.mark.parametrize(
    "file", ["log/checkpoint", "log/tile/0/000.p/9", "log/tile/entries/000.p/9"]
)
async def test_what_the_audit_refuses_leaves_nothing(
    record: Record, elsewhere: AsyncEngine, tmp_path: Path, file: str
) -> None:
    await record.grow_to(9)
    bundle = await bundle_of(record, tmp_path / "bundle")
    raw = bytearray((bundle / file).read_bytes())
    raw[-20] ^= 1
    (bundle / file).write_bytes(raw)
    with pytest.raises(OperationError, match=r"audit\."):
        await take_in(elsewhere, bundle)
    async with reading(elsewhere) as db:
        assert await store.all_logs(db) == []


async def test_an_import_that_is_cut_off_leaves_nothing(
    record: Record, elsewhere: AsyncEngine, tmp_path: Path
) -> None:
    await record.grow_to(300)
    bundle = await bundle_of(record, tmp_path / "bundle")

    def cut_off(done: int, total: int) -> None:
        if done > 300 + 256:
            raise KeyboardInterrupt

    keys = KeyFiles(tmp_path / "other-keys")
    with pytest.raises(KeyboardInterrupt):
        await import_chapter(elsewhere, keys, bundle, progress=cut_off)
    async with reading(elsewhere) as db:
        assert await store.all_logs(db) == []
        assert await db.scalar(text("SELECT count(*) FROM view.chapter")) == 0
    assert (await take_in(elsewhere, bundle)).size == 300


async def test_a_bundle_that_changes_between_audit_and_storing(
    record: Record, elsewhere: AsyncEngine, tmp_path: Path
) -> None:
    await record.grow_to(9)
    other = await bundle_of(record, tmp_path / "nine")
    bundle = await bundle_of(record, tmp_path / "bundle")
    await record.grow_to(10)
    await bundle_of(record, tmp_path / "ten")

    def swap(done: int, total: int) -> None:
        if done == 9 and bundle.exists():
            entries = bundle / "log/tile/entries/000.p/9"
            raw = (tmp_path / "ten/log/tile/entries/000.p/10").read_bytes()
            whole = tiles.decode_bundle(raw)
            entries.write_bytes(tiles.encode_bundle([*whole[:8], whole[9]]))

    keys = KeyFiles(tmp_path / "other-keys")
    with pytest.raises(OperationError, match="changed while"):
        await import_chapter(elsewhere, keys, bundle, progress=swap)
    async with reading(elsewhere) as db:
        assert await store.all_logs(db) == []
    shutil.rmtree(other)


async def test_no_bundle_at_all(elsewhere: AsyncEngine, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for path in (tmp_path / "empty", tmp_path / "nowhere"):
        with pytest.raises(OperationError, match="cannot be read"):
            await take_in(elsewhere, path)
