"""`civic import conversation` as an operator runs it."""

import asyncio
import os
import sys
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.projections import PROJECTIONS
from tests.lives import begin

COMMENTS = """timestamp,datetime,comment-id,author-id,agrees,disagrees,moderated,comment-body
1588300000000,x,0,1,2,0,1,By the river.
1588300000000,x,1,2,0,1,-1,Buy my soap.
"""
VOTES = """timestamp,datetime,comment-id,voter-id,vote
1588300000000,x,0,1,1
1588300000000,x,0,3,1
1588300000000,x,0,3,7
1588400000000,x,1,3,-1
1588400000000,x,8,3,-1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small conversation with a bad line and a vote on an unknown statement."""
    made = tmp_path / "benches"
    made.mkdir()
    (made / "comments.csv").write_text(COMMENTS)
    (made / "votes.csv").write_text(VOTES)
    (made / "summary.csv").write_text("topic,Benches\n")
    return made


async def run(folder: Path, *more: str, **environment: str) -> tuple[int, str, str]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "civic.cli", "import", "conversation", str(folder), *more),
        env={**os.environ, **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    said, complained = await process.communicate()
    return process.returncode or 0, said.decode(), complained.decode()


async def test_it_says_what_came_in_and_what_was_left_out(
    database: AsyncEngine, database_url: str, tmp_path: Path, folder: Path
) -> None:
    life = await begin(database, tmp_path / "keys", projections=PROJECTIONS)
    node = {"CIVIC_DATABASE_URL": database_url, "CIVIC_DATA": str(tmp_path)}
    status, said, complained = await run(folder, "--chapter", life.chapter_id[:8], **node)
    assert status == 0, complained
    assert "Benches: 3 participants, 2 statements (1 rejected by its moderators)" in said
    assert "6 entries in" in said
    assert complained == (
        "left out: votes.csv, line 4: the vote is '7'\n"
        "left out: votes on statements that are not listed: 1\n"
    )
    status, said, _ = await run(folder, "--chapter", life.chapter_id, **node)
    assert status == 0
    assert "0 entries in" in said
    assert "6 stood there already" in said


async def test_what_cannot_be_done_is_said_in_words(folder: Path, tmp_path: Path) -> None:
    status, _, complained = await run(tmp_path, "--chapter", "00000000")
    assert status == 1
    assert "comments.csv cannot be read" in complained
    status, _, complained = await run(folder, "--chapter", "0000", "--lang", "e")
    assert status == 1
    assert "--lang e: a language tag" in complained
    empty = tmp_path / "empty"
    status, _, complained = await run(folder, "--chapter", "0000", CIVIC_DATA=str(empty))
    assert status == 1
    assert "There is no node in" in complained
