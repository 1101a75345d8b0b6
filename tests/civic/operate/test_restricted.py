"""Restricted papers: with them the audit knows who stands behind which id."""

from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.audit.papers import PaperFolder
from civic.audit.run import audit_record
from civic.deeds import proposal as deeds
from civic.kernel.keys import KeyFiles
from civic.kernel.record.bundle import Bundle
from civic.operate.export import export_chapter
from civic.operate.place import OperationError
from civic.operate.restricted import export_papers
from tests.lives import begin, done


async def test_papers_let_an_audit_see_who_spoke(database: AsyncEngine, tmp_path: Path) -> None:
    life = await begin(database, tmp_path / "keys")
    author, other = life.people[:2]
    proposal = done(
        await deeds.propose(
            life.desk,
            author,
            title="A bench",
            text="By the river.",
            lang="en",
            idempotency="p",
            secrecy="pseudonymous",
        )
    ).id
    done(await deeds.support(life.desk, other, proposal, "s"))
    await life.pass_time(minutes=10)
    keys = KeyFiles(tmp_path / "keys")
    papers = tmp_path / "papers"
    # Four invitations and two voices.
    assert await export_papers(database, keys, life.chapter_id, papers) == 6
    assert papers.stat().st_mode & 0o777 == 0o700
    for path in papers.iterdir():
        assert path.stat().st_mode & 0o777 == 0o600
        assert path.stat().st_mtime == 0
    await export_chapter(database, life.chapter_id, tmp_path / "bundle")
    with Bundle.open(tmp_path / "bundle") as bundle:
        report = audit_record(bundle, papers=PaperFolder(papers))
    assert report.findings == ()
    assert {check.name: check.count for check in report.checks}["papers"] == 6


async def test_refusals(database: AsyncEngine, tmp_path: Path) -> None:
    life = await begin(database, tmp_path / "keys", people=3)
    to = tmp_path / "papers"
    with pytest.raises(OperationError, match="no chapter"):
        await export_papers(database, KeyFiles(tmp_path / "keys"), "0" * 64, to)
    with pytest.raises(OperationError, match="key of the papers is missing"):
        await export_papers(database, KeyFiles(tmp_path / "none"), life.chapter_id, to)
    stranger = KeyFiles(tmp_path / "stranger")
    stranger.secret("papers")
    with pytest.raises(OperationError, match="does not open"):
        await export_papers(database, stranger, life.chapter_id, to)
    assert not to.exists()
