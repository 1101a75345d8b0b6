"""What was erased is in no backup, no dump and no key folder made afterwards."""

import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.deeds import proposal as deeds
from civic.deeds.erasing import Erased, erase_ties
from civic.deeds.person import Person
from civic.kernel.database import reading
from civic.kernel.record import tables, ties
from civic.kernel.record.ties import Standing
from civic.operate.programs import environment_of, program
from tests.civic.operate.test_backup import back_up, sections
from tests.lives import Life, begin, done, good


@pytest.fixture
async def life(database: AsyncEngine, tmp_path: Path) -> Life:
    return await begin(database, tmp_path / "keys")


async def ended(life: Life) -> str:
    """A matter that has ended, in which everybody has a row and the first two a voice."""
    author, other, *_ = life.people
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
    argument = done(await deeds.argue(life.desk, other, proposal, "pro", "Yes", "en", "a")).id
    for one in life.people:
        good(await deeds.fill_box(life.desk, one, proposal, argument, 1))
    await life.pass_time(minutes=10)
    done(await deeds.withdraw(life.desk, author, proposal, "w"))
    return proposal


async def canaries(life: Life, person: Person, matter: str) -> list[bytes]:
    """All by which a person's ties in a matter could be found or opened.

    Their rows, and the papers themselves, which name member id and voice or row id together.
    """
    vault = life.desk.book.vault
    standings = [Standing(life.log, matter, of, person.member) for of in ("voice", "row")]
    async with reading(life.desk.book.engine) as db:
        papers = list((await ties.find_own(db, vault, standings)).values())
        tags = [vault.member_tag(*one[1:]) for one in standings]
        table = tables.tie.c
        rows = await db.execute(
            select(table.id_tag, table.member_tag, table.hash, table.sealed).where(
                table.log == life.log, table.member_tag.in_(tags)
            )
        )
        found = [bytes(value) for row in rows for value in row]
    assert len(papers) == 2
    assert len(found) == 8
    # The record names the hash of each tie for ever: it tells nobody anything.
    hashes = found[2::4]
    return [*papers, *(one for one in found if one not in hashes)]


def dump_of(url: str) -> bytes:
    """What `pg_dump` writes, as text."""
    address = make_url(url)
    return subprocess.run(
        [program("pg_dump", address), "--format=plain"],
        env=environment_of(address),
        check=True,
        capture_output=True,
    ).stdout


def held(places: dict[str, bytes], wanted: list[bytes]) -> set[str]:
    return {
        name
        for name, raw in places.items()
        if any(one in raw or one.hex().encode() in raw for one in wanted)
    }


async def everywhere(life: Life, url: str, data: Path) -> dict[str, bytes]:
    """Everything a backup, a dump and the folder of the node hold."""
    files = {str(path): path.read_bytes() for path in data.rglob("*") if path.is_file()}
    return {**sections(await back_up(url, data)), "dump": dump_of(url), **files}


async def test_an_erased_tie_is_in_no_backup(life: Life, database_url: str, tmp_path: Path) -> None:
    author, other = life.people[:2]
    matter = await ended(life)
    planted = await canaries(life, author, matter)
    kept = await canaries(life, other, matter)
    # The search finds what is there.
    assert held(await everywhere(life, database_url, tmp_path), planted) == {"rows/tie", "dump"}
    assert await erase_ties(life.desk, author, matter) == Erased(2, 0)
    after = await everywhere(life, database_url, tmp_path)
    assert any(name.endswith("/keys/papers") for name in after)
    assert held(after, planted) == set()
    assert held(after, kept) == {"rows/tie", "dump"}
    # Nor does any paper that the node's keys open name the two together.
    async with reading(life.desk.book.engine) as db:
        papers = await ties.all_papers(db, life.desk.book.vault, life.log)
    mine = [raw for raw in papers.values() if author.member.encode() in raw]
    assert mine
    assert all(b"application/vnd.civic.invitation+json" in raw for raw in mine)
