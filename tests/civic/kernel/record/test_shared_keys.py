"""Machines on one database have the same keys, or are told so before they use others."""

import shutil
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel import keys
from civic.kernel.database import reading, writing
from civic.kernel.keys import KeyFiles
from civic.kernel.record import shared_keys, store
from civic.kernel.record.shared_keys import MARKED, KeysMissing
from tests.records import Record, found


async def settled(engine: AsyncEngine, folder: Path) -> KeyFiles:
    files = KeyFiles(folder)
    async with writing(engine) as db:
        await shared_keys.settle(db, files)
    return files


@pytest.fixture
async def record(database: AsyncEngine, tmp_path: Path) -> Record:
    """A record whose log was made on the first machine."""
    return await found(database, tmp_path / "first")


class TestSettle:
    async def test_the_first_machine_makes_the_keys(
        self, database: AsyncEngine, tmp_path: Path
    ) -> None:
        files = await settled(database, tmp_path / "first")
        assert files.names() == sorted(MARKED)
        await settled(database, tmp_path / "first")

    async def test_another_without_them_is_refused_and_makes_none(
        self, database: AsyncEngine, tmp_path: Path
    ) -> None:
        await settled(database, tmp_path / "first")
        with pytest.raises(KeysMissing, match="identity, node, papers"):
            await settled(database, tmp_path / "second")
        assert KeyFiles(tmp_path / "second").names() == []

    @pytest.mark.parametrize("name", MARKED)
    async def test_each_key_counts(self, database: AsyncEngine, tmp_path: Path, name: str) -> None:
        await settled(database, tmp_path / "first")
        shutil.copytree(tmp_path / "first", tmp_path / "second")
        await settled(database, tmp_path / "second")
        (tmp_path / "second" / name).write_bytes(b"x" * 32)
        with pytest.raises(KeysMissing, match=rf"\({name}\)"):
            await settled(database, tmp_path / "second")

    async def test_marks_do_not_tell_the_keys(self, database: AsyncEngine, tmp_path: Path) -> None:
        files = await settled(database, tmp_path / "first")
        async with reading(database) as db:
            marks = (await db.execute(text("SELECT mark FROM private.key_mark"))).scalars().all()
        assert len(set(marks)) == len(MARKED)
        for name in MARKED:
            assert all(mark not in files.secret(name) for mark in marks)


class TestLogKeys:
    async def test_a_machine_with_the_nodes_keys_alone_can_sign(
        self, record: Record, database: AsyncEngine, tmp_path: Path
    ) -> None:
        second = KeyFiles(tmp_path / "second")
        second.put("node", record.book.key_files.secret("node"))
        head = await record.head()
        async with reading(database) as db:
            key = await shared_keys.signing_key(db, second, head)
            assert await shared_keys.seeds(db, second) == {
                "node": second.secret("node"),
                f"log-{record.log_id}": bytes(key),
            }
        assert keys.public_key(key) == head.public_key
        # Nothing is written: whoever runs a command need not be the user who serves.
        assert second.names() == ["node"]

    async def test_without_the_nodes_key_nothing_opens(
        self, record: Record, database: AsyncEngine, tmp_path: Path
    ) -> None:
        head = await record.head()
        async with reading(database) as db:
            for number, secret in enumerate((None, b"x" * 32)):
                files = KeyFiles(tmp_path / str(number))
                if secret is not None:
                    files.put("node", secret)
                with pytest.raises(KeysMissing, match=record.log_id):
                    await shared_keys.signing_key(db, files, head)
                assert not files.known(f"log-{record.log_id}")

    async def test_nothing_is_recorded_that_could_not_be_signed(
        self, record: Record, database: AsyncEngine, tmp_path: Path
    ) -> None:
        before = await record.head()
        async with writing(database) as db:
            await db.execute(text("DELETE FROM private.log_key"))
        (record.book.key_files.folder / f"log-{record.log_id}").unlink()
        record.book._log_keys.clear()
        with pytest.raises(KeysMissing):
            await record.grow_to(before.size + 1)
        assert await record.head() == before

    async def test_keys_made_before_there_were_copies_are_kept(
        self, record: Record, database: AsyncEngine
    ) -> None:
        async with writing(database) as db:
            await db.execute(text("DELETE FROM private.log_key"))
        await settled(database, record.book.key_files.folder)
        async with reading(database) as db:
            assert await db.scalar(text("SELECT count(*) FROM private.log_key")) == 1
            assert len(await store.all_logs(db)) == 1
