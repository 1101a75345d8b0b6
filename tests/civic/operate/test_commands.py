"""The operator's commands as they are typed, on a node that is stopped."""

import argparse
import asyncio
import shutil
from pathlib import Path

import pytest

from civic.kernel import migrate
from civic.kernel.database import create_engine, private_metadata, record_metadata
from civic.kernel.postgres import EmbeddedPostgres
from civic.operate.backup import add_backup_command
from civic.operate.doctor import add_doctor_command
from civic.operate.export import add_export_command
from civic.operate.rebuilding import add_rebuild_command
from civic.operate.replica import add_import_command
from civic.operate.restore import add_restore_command
from civic.operate.restricted import add_papers_command
from civic.projections import PROJECTIONS
from tests.records import found


def civic(*arguments: str) -> int:
    parser = argparse.ArgumentParser()
    commands = parser.add_subparsers(required=True)
    for add in (add_rebuild_command, add_backup_command, add_restore_command, add_doctor_command):
        add(commands)
    chapter = commands.add_parser("chapter").add_subparsers(required=True)
    for add in (add_export_command, add_import_command, add_papers_command):
        add(chapter)
    given = parser.parse_args(arguments)
    status: int = given.run(given)
    return status


@pytest.fixture
def node(
    node_data: Path, run_as: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A stopped node with one chapter, named by the environment; returns the chapter's id."""
    server = EmbeddedPostgres(node_data, run_as)

    async def live() -> str:
        await migrate.upgrade(server.url)
        engine = create_engine(server.url, size=0)
        async with engine.begin() as connection:
            # Tables that no migration has yet.
            for metadata in (record_metadata, private_metadata):
                await connection.run_sync(metadata.create_all)
        record = await found(engine, node_data / "keys", projections=PROJECTIONS)
        await record.grow_to(20)
        await engine.dispose()
        return record.chapter_id

    with server.running():
        chapter = asyncio.run(live())
    words = tmp_path / "words"
    words.write_text("six random words are much better\n")
    monkeypatch.setenv("CIVIC_DATA", str(node_data))
    monkeypatch.setenv("CIVIC_RUN_AS", run_as or "")
    monkeypatch.setenv("CIVIC_DATABASE_URL", "")
    # A port on which nothing listens.
    monkeypatch.setenv("CIVIC_URL", "http://localhost:1")
    monkeypatch.setenv("CIVIC_PASSPHRASE_FILE", str(words))
    return chapter


def test_the_life_of_a_node(
    node: str,
    node_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    bundle, backup = tmp_path / "bundle", tmp_path / "node.backup"
    assert civic("chapter", "export", node, "--to", str(bundle)) == 0
    assert (bundle / "manifest.json").exists()
    assert "20 entries" in capsys.readouterr().out
    assert civic("chapter", "export", node, "--to", str(bundle)) == 1
    assert capsys.readouterr().err.startswith("civic: ")
    assert civic("chapter", "papers", node, "--to", str(tmp_path / "papers")) == 0
    assert civic("rebuild") == 0
    assert civic("rebuild", "--check") == 0
    assert civic("backup", str(backup)) == 0
    assert backup.stat().st_mode & 0o777 == 0o600
    assert civic("backup", str(backup)) == 1
    # Nothing is restored over a node.
    assert civic("restore", str(backup)) == 1
    shutil.rmtree(node_data / "postgres")
    shutil.rmtree(node_data / "keys")
    moved = node_data / "moved"
    monkeypatch.setenv("CIVIC_DATA", str(moved))
    assert civic("restore", str(backup), "--seen", str(bundle / "log/checkpoint")) == 0
    capsys.readouterr()
    assert civic("chapter", "export", node, "--to", str(tmp_path / "again")) == 0
    before, after = (
        {path.relative_to(root): path.read_bytes() for path in root.rglob("*") if path.is_file()}
        for root in (bundle, tmp_path / "again")
    )
    assert before == after
    # The owner takes in no copy of its own chapter.
    assert civic("chapter", "import", str(bundle)) == 1
    assert "owns the chapter" in capsys.readouterr().err


def test_no_node_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CIVIC_DATA", str(tmp_path / "nothing"))
    monkeypatch.setenv("CIVIC_DATABASE_URL", "")
    assert civic("rebuild") == 1
    assert "no node" in capsys.readouterr().err
    assert civic("doctor") == 1
    assert "PROBLEM" in capsys.readouterr().out
