"""Conversations in a record: made alike each time, continued where they stopped, audited clean."""

import os
import time
from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.audit.run import audit_record
from civic.imports import command
from civic.imports.conversation import Importer, ImportRefused
from civic.imports.polis import Conversation, Statement, read_conversation
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.bundle import Bundle
from civic.operate.export import export_chapter
from civic.operate.place import OperationError
from civic.projections import PROJECTIONS
from civic.rebuild import differences
from tests.lives import Life, begin


@pytest.fixture
def conversation() -> Conversation:
    """Three people, two statements, three days."""
    return Conversation(
        "benches",
        "Benches",
        "Where do we need benches?",
        "https://pol.is/benches",
        [
            Statement(0, "1", "2020-05-01", "By the river.", accepted=True),
            Statement(1, "2", "2020-05-02", "Buy my soap.", accepted=False),
        ],
        ["1", "2", "3"],
        {
            ("2020-05-01", 0): {"1": 1, "2": 1},
            ("2020-05-02", 1): {"3": -1},
            ("2020-05-03", 0): {"2": 0, "3": -1},
        },
        votes=6,
    )


async def lived(engine: AsyncEngine, keys: Path) -> Life:
    return await begin(engine, keys, projections=PROJECTIONS)


async def importer(life: Life, conversation: Conversation) -> Importer:
    async with reading(life.desk.book.engine) as db:
        head = await store.head(db, life.log)
    return Importer(life.desk, head, conversation, source="a test", lang="en")


async def imported(life: Life) -> list[Any]:
    entries = [msgspec.json.decode(raw) for raw in await life.entries()]
    return [entry for entry in entries if "_imported" in entry["kind"]]


async def test_it_stands_in_order_with_its_days(
    database: AsyncEngine, tmp_path: Path, conversation: Conversation
) -> None:
    life = await lived(database, tmp_path / "keys")
    done = await (await importer(life, conversation)).run()
    assert (done.new, done.known) == (7, 0)
    members, matter, *rest = await imported(life)
    assert len(members["body"]["members"]) == 3
    assert matter["body"]["id"] == done.matter
    assert [entry["body"].get("accepted") for entry in rest[:2]] == [True, False]
    days = [(entry["body"]["day"], len(entry["body"]["rows"])) for entry in rest[2:]]
    assert days == [("2020-05-01", 2), ("2020-05-02", 1), ("2020-05-03", 2)]
    assert {entry["by"]["as"] for entry in (members, matter, *rest)} == {"node"}


async def test_an_interrupted_import_goes_on_without_doubles(
    database: AsyncEngine, tmp_path: Path, conversation: Conversation
) -> None:
    life = await lived(database, tmp_path / "keys")

    def stop(done: int, total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await (await importer(life, conversation)).run(stop, acts_a_commit=2)
    before = await imported(life)
    assert 0 < len(before) < 7
    done = await (await importer(life, conversation)).run(acts_a_commit=3)
    assert (done.new, done.known) == (7 - len(before), len(before))
    after = await imported(life)
    assert after[: len(before)] == before
    assert len(after) == 7
    again = await (await importer(life, conversation)).run()
    assert (again.new, again.known) == (0, 7)


async def test_another_name_is_another_conversation(
    database: AsyncEngine, tmp_path: Path, conversation: Conversation
) -> None:
    life = await lived(database, tmp_path / "keys")
    first = await (await importer(life, conversation)).run()
    conversation.name = "other benches"
    second = await (await importer(life, conversation)).run()
    assert first.matter != second.matter
    assert second.new == 7


async def test_tables_equal_a_rebuild(
    database: AsyncEngine, tmp_path: Path, conversation: Conversation
) -> None:
    life = await lived(database, tmp_path / "keys")
    await (await importer(life, conversation)).run(acts_a_commit=2)
    assert await differences(database) == []


async def test_what_the_rules_refuse_is_told(
    database: AsyncEngine, tmp_path: Path, conversation: Conversation
) -> None:
    life = await lived(database, tmp_path / "keys")
    made = await importer(life, conversation)
    conversation.reactions[("2020-05-04", 9)] = {"1": 1}
    with pytest.raises(ImportRefused, match="reactions_imported was refused"):
        await made.run()


async def test_a_chapter_is_found_by_how_its_id_begins(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await lived(database, tmp_path / "keys")
    async with reading(database) as db:
        assert (await command.find(db, life.chapter_id[:6])).no == life.log
        assert (await command.find(db, life.chapter_id)).no == life.log
        with pytest.raises(OperationError, match="no chapter"):
            await command.find(db, "f" * 64 if life.chapter_id[0] != "f" else "0" * 64)
        for wrong in ("abc", "xyzw", "%%%%"):
            with pytest.raises(OperationError, match="no chapter's id"):
                await command.find(db, wrong)


def real() -> list[Path]:
    given = os.environ.get("CIVIC_TEST_DATA")
    found = Path(given).glob("opinion/polis/*/votes.csv") if given else ()
    return sorted(path.parent for path in found)


@pytest.mark.skipif(
    not real(),
    reason="CIVIC_TEST_DATA names no folder with opinion/polis/*/votes.csv (real conversations)",
)
@pytest.mark.slow
@pytest.mark.parametrize("folder", real(), ids=lambda path: path.name)
async def test_a_real_conversation_is_imported_within_half_a_minute(
    database: AsyncEngine, tmp_path: Path, folder: Path
) -> None:
    life = await lived(database, tmp_path / "keys")
    started = time.monotonic()
    conversation = read_conversation(folder)
    done = await (await importer(life, conversation)).run()
    assert time.monotonic() - started < 30
    kinds = Counter(entry["kind"] for entry in await imported(life))
    assert sum(kinds.values()) == done.new
    assert kinds["deliberation.statement_imported"] == len(conversation.statements)
    assert conversation.left_out == []
    bundle = tmp_path / "bundle"
    await export_chapter(database, life.chapter_id, bundle)
    with Bundle.open(bundle) as source:
        report = audit_record(source, chapter=life.chapter_id)
    assert report.findings == ()
    assert await differences(database) == []
