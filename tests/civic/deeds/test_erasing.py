"""Ties that are erased: gone from every table and process, and never made a second time."""

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.audit.papers import PaperFolder
from civic.audit.run import audit_record
from civic.deeds import person as persons
from civic.deeds import proposal as deeds
from civic.deeds.erasing import Erased, disown, erase_ties, erase_unwanted
from civic.deeds.person import Desk, Person
from civic.kernel.database import reading
from civic.kernel.keys import KeyFiles
from civic.kernel.record import tables, ties
from civic.kernel.record.bundle import Bundle
from civic.kernel.record.entry import As
from civic.kernel.record.ties import Standing
from civic.kernel.refusal import Refusal
from civic.operate.export import export_chapter
from civic.operate.restricted import export_papers
from tests.lives import Life, begin, done, good, make_book


@pytest.fixture
async def life(database: AsyncEngine, tmp_path: Path) -> Life:
    return await begin(database, tmp_path / "keys")


async def proposed(life: Life, key: str = "p", author: int = 0) -> str:
    outcome = await deeds.propose(
        life.desk,
        life.people[author],
        title="A hall",
        text="Let us rent one.",
        lang="en",
        idempotency=key,
        secrecy="pseudonymous",
    )
    return done(outcome).id


async def withdrawn(life: Life) -> tuple[str, str]:
    """A proposal of the first person with an argument and reactions, that has ended."""
    proposal = await proposed(life)
    argument = done(
        await deeds.argue(life.desk, life.people[1], proposal, "pro", "Yes", "en", "a")
    ).id
    for one in life.people:
        good(await deeds.fill_box(life.desk, one, proposal, argument, 1))
    await life.pass_time(minutes=10)
    done(await deeds.withdraw(life.desk, life.people[0], proposal, "w"))
    return proposal, argument


async def words_of_proposal(life: Life) -> list[str]:
    entries = [msgspec.json.decode(raw) for raw in await life.entries()]
    one = next(entry for entry in entries if entry["kind"] == "deliberation.proposed")
    return list(one["content"])


async def held(life: Life, person: Person, matter: str) -> list[str]:
    async with reading(life.desk.book.engine) as db:
        found = await ties.held(db, life.desk.book.vault, life.log, person.member, [matter])
    return [one.of for one in found]


async def count(life: Life) -> int:
    async with reading(life.desk.book.engine) as db:
        return len((await db.execute(select(tables.tie.c.id_tag))).all())


async def test_a_tie_goes_once_its_matter_has_ended(life: Life) -> None:
    author, other = life.people[:2]
    proposal, _ = await withdrawn(life)
    running = await proposed(life, "running", author=1)
    await life.pass_time(minutes=10)
    assert await held(life, author, proposal) == ["row", "voice"]
    assert await erase_ties(life.desk, author, proposal) == Erased(2, 0)
    assert await held(life, author, proposal) == []
    assert await held(life, other, proposal) == ["row", "voice"]
    assert await erase_ties(life.desk, other) == Erased(2, 0)
    assert await held(life, other, proposal) == []
    assert await held(life, other, running) == ["voice"]
    # Asked again, nothing is left to erase.
    assert await erase_ties(life.desk, author, proposal) == Erased(0, 0)


async def test_a_tie_stays_while_its_matter_runs(life: Life) -> None:
    author = life.people[0]
    proposal = await proposed(life)
    await life.pass_time(minutes=10)
    for matter in (proposal, "a" * 26):
        refused = await erase_ties(life.desk, author, matter)
        assert isinstance(refused, Refusal)
        assert refused.code == "request.tie_needed"
    assert await erase_ties(life.desk, author) == Erased(0, 0)
    assert await held(life, author, proposal) == ["voice"]


async def test_a_tie_that_the_record_does_not_name_yet_goes_a_tick_later(life: Life) -> None:
    author = life.people[0]
    proposal = await proposed(life)
    done(await deeds.withdraw(life.desk, author, proposal, "w"))
    assert await erase_ties(life.desk, author, proposal) == Erased(0, 1)
    assert await erase_unwanted(life.desk, life.log) == 0
    await life.pass_time(minutes=10)
    assert await erase_unwanted(life.desk, life.log) == 1
    assert await held(life, author, proposal) == []
    took_part = [raw for raw in await life.entries() if b"chapters.took_part" in raw]
    assert len(took_part) == 1


async def test_the_ties_of_who_leaves_go_when_their_matter_ends(life: Life) -> None:
    author, leaving = life.people[0], life.people[4]
    ended, _ = await withdrawn(life)
    running = await proposed(life, "running")
    done(await deeds.support(life.desk, leaving, running, "s"))
    await life.pass_time(minutes=10)
    assert await disown(life.desk, leaving, [ended, running]) == Erased(1, 1)
    assert await held(life, leaving, ended) == []
    assert await held(life, leaving, running) == ["voice"]
    assert await erase_unwanted(life.desk, life.log) == 0
    done(await deeds.withdraw(life.desk, author, running, "w2"))
    assert await erase_unwanted(life.desk, life.log) == 1
    assert await held(life, leaving, running) == []
    assert await held(life, author, running) == ["voice"]


async def test_no_process_acts_under_an_erased_tie(
    life: Life, database: AsyncEngine, tmp_path: Path
) -> None:
    """Another process remembers the voice; the tie is looked up under the lock."""
    author = life.people[0]
    proposal, argument = await withdrawn(life)
    other = Desk(make_book(database, tmp_path / "keys", life.clock))
    voice, _, _ = await other.own_id(author, proposal, As.VOICE)
    row, _, _ = await other.own_id(author, proposal, As.ROW)
    assert await erase_ties(life.desk, author) == Erased(2, 0)
    assert (await other.own_id(author, proposal, As.VOICE))[0] == voice
    before, entries = await count(life), len(await life.entries())
    texts = await words_of_proposal(life)
    refused = [
        await deeds.erase(other, author, proposal, proposal, texts, "e"),
        await deeds.comment(other, author, proposal, proposal, "Still me", "en", "c"),
        await deeds.fill_box(other, author, proposal, argument, -1),
    ]
    assert all(isinstance(one, Refusal) for one in refused), refused
    assert len(await life.entries()) == entries
    # Neither the old tie nor a new one in its place, and the remembered id is forgotten.
    assert await count(life) == before
    assert (await other.own_id(author, proposal, As.VOICE))[0] != voice
    assert row.as_ is As.ROW


async def test_a_tie_that_its_author_hands_in_again_is_not_kept(
    database: AsyncEngine, tmp_path: Path
) -> None:
    """With the seed at hand the voice is the same as before; its tie stays erased all the same."""
    life = await begin(database, tmp_path / "keys", seeds=[bytes([n]) * 32 for n in range(5)])
    author = life.people[0]
    proposal = await proposed(life)
    words = await words_of_proposal(life)
    await life.pass_time(minutes=10)
    done(await deeds.withdraw(life.desk, author, proposal, "w"))
    assert await erase_ties(life.desk, author) == Erased(1, 0)
    outcome = await deeds.erase(life.desk, author, proposal, proposal, words, "e")
    assert isinstance(outcome, Refusal)
    assert outcome.code == "papers.missing"
    assert await count(life) == 0
    await life.pass_time(minutes=10)


async def test_memory_forgets_by_itself(life: Life) -> None:
    author = life.people[0]
    proposal = await proposed(life)
    desk = Desk(life.desk.book)
    await desk.own_id(author, proposal, As.VOICE)
    assert len(desk._ids) == 1
    assert desk._forgetting is not None
    life.clock.advance(timedelta(seconds=persons.REMEMBERED + 1))
    desk._forget_by_itself()
    assert not desk._ids
    assert desk._forgetting is None


async def test_an_audit_with_papers_counts_erased_ties(
    life: Life, database: AsyncEngine, tmp_path: Path
) -> None:
    author = life.people[0]
    proposal, _ = await withdrawn(life)
    voice, _, _ = await life.desk.own_id(author, proposal, As.VOICE)
    standing = Standing(life.log, proposal, "voice", author.member)
    async with reading(database) as db:
        paper = (await ties.find_own(db, life.desk.book.vault, [standing]))[standing]
    assert voice.id.encode() in paper
    assert await erase_ties(life.desk, author) == Erased(2, 0)
    papers = tmp_path / "papers"
    # Four invitations, one more voice and four more rows.
    assert await export_papers(database, KeyFiles(tmp_path / "keys"), life.chapter_id, papers) == 9
    assert not any(author.member.encode() in path.read_bytes() and voice.id.encode() in
                   path.read_bytes() for path in papers.iterdir())  # fmt: skip
    await export_chapter(database, life.chapter_id, tmp_path / "bundle")
    with Bundle.open(tmp_path / "bundle") as bundle:
        report = audit_record(bundle, papers=PaperFolder(papers))
    assert report.findings == ()
    check = next(check for check in report.checks if check.name == "papers")
    assert check.status == "passed"
    assert check.count == 9
    assert "2 were erased or not given: the node vouches for them" in check.text
