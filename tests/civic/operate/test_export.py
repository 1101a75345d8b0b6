"""Exports: complete, accepted by our audit and by Go's, whole or not there at all."""

import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.audit.run import audit_record
from civic.deeds import chapter as chapter_deeds
from civic.deeds.person import Desk
from civic.kernel.clock import minute_of
from civic.kernel.record import note
from civic.kernel.record.bundle import Bundle
from civic.operate.export import export_chapter
from civic.operate.place import OperationError
from tests.interop.go_verifier import MISSING, verify_log
from tests.lives import done
from tests.records import Record, found


def audited(path: Path, record: Record) -> int:
    with Bundle.open(path) as bundle:
        report = audit_record(bundle, chapter=record.chapter_id)
    assert report.findings == ()
    assert report.status == 0
    return report.size


def files(path: Path) -> set[str]:
    return {each.relative_to(path).as_posix() for each in path.rglob("*") if each.is_file()}


@pytest.mark.skipif(MISSING is not None, reason=str(MISSING))
async def test_our_audit_and_go_accept_every_size(database: AsyncEngine, tmp_path: Path) -> None:
    record = await found(database, tmp_path / "keys")
    for size in (1, 2, 255, 256, 257, 511, 613):
        await record.grow_to(size)
        to = tmp_path / str(size)
        manifest = await export_chapter(database, record.chapter_id, to)
        assert manifest.size == size
        assert audited(to, record) == size
        key = note.log_key((await record.head()).public_key)
        code, output = verify_log(to / "log", key.name, note.format_vkey(key))
        assert code == 0, output
        assert f"root rebuilt from all {size} entries" in output


async def test_a_zip_holds_the_same(database: AsyncEngine, tmp_path: Path) -> None:
    record = await found(database, tmp_path / "keys")
    await record.grow_to(300)
    await export_chapter(database, record.chapter_id, tmp_path / "bundle")
    await export_chapter(database, record.chapter_id, tmp_path / "bundle.zip")
    assert audited(tmp_path / "bundle.zip", record) == 300
    with zipfile.ZipFile(tmp_path / "bundle.zip") as packed:
        assert set(packed.namelist()) == files(tmp_path / "bundle")


async def test_only_what_is_published(database: AsyncEngine, tmp_path: Path) -> None:
    record = await found(database, tmp_path / "keys")
    now = minute_of(record.clock.now())
    with pytest.raises(OperationError, match="published"):
        await export_chapter(database, record.chapter_id, tmp_path / "early", published_at=now)
    await record.grow_to(3)
    record.clock.advance(timedelta(minutes=10))
    await record.grow_to(7)
    now = minute_of(record.clock.now())
    to = tmp_path / "published"
    manifest = await export_chapter(database, record.chapter_id, to, published_at=now)
    assert manifest.size == 3
    assert audited(to, record) == 3
    # The name of the chapter and two names of its founder; the four that came later are not there.
    assert len([name for name in files(to) if name.startswith("content/")]) == 3
    manifest = await export_chapter(
        database, record.chapter_id, tmp_path / "later", published_at=now + 10
    )
    assert manifest.size == 7


async def test_erased_words_stay_away(database: AsyncEngine, tmp_path: Path) -> None:
    record = await found(database, tmp_path / "keys")
    await record.grow_to(2)
    async with database.connect() as connection:
        entry = await connection.scalar(text("SELECT bytes FROM record.entry WHERE index = 1"))
    words = bytes(entry).split(b'"content":["')[1][:64].decode()
    erased = chapter_deeds.erase_name(Desk(record.book), record.founder, words, "erase")
    done(await erased)
    await export_chapter(database, record.chapter_id, tmp_path / "bundle")
    assert audited(tmp_path / "bundle", record) == 3
    assert f"content/{words}" not in files(tmp_path / "bundle")


async def test_nothing_is_written_over_or_left_half_done(
    database: AsyncEngine, tmp_path: Path
) -> None:
    record = await found(database, tmp_path / "keys")
    await record.grow_to(5)
    to = tmp_path / "exports" / "bundle"
    await export_chapter(database, record.chapter_id, to)
    with pytest.raises(OperationError, match="exists already"):
        await export_chapter(database, record.chapter_id, to)
    with pytest.raises(OperationError, match="no chapter"):
        await export_chapter(database, "0" * 64, tmp_path / "exports" / "other")
    async with database.begin() as connection:
        await connection.execute(
            text("UPDATE record.entry SET bytes = bytes || '\\x20' WHERE index = 3")
        )
    with pytest.raises(OperationError, match="damaged"):
        await export_chapter(database, record.chapter_id, tmp_path / "exports" / "other")
    with pytest.raises(OperationError, match="damaged"):
        await export_chapter(database, record.chapter_id, tmp_path / "exports" / "other.zip")
    assert [path.name for path in (tmp_path / "exports").iterdir()] == ["bundle"]


async def test_progress_goes_up_to_the_end(database: AsyncEngine, tmp_path: Path) -> None:
    record = await found(database, tmp_path / "keys")
    await record.grow_to(300)
    told: list[tuple[int, int]] = []

    def progress(done: int, total: int) -> None:
        told.append((done, total))

    await export_chapter(database, record.chapter_id, tmp_path / "to", progress=progress)
    assert told == sorted(told)
    assert told[-1][0] == told[-1][1]
