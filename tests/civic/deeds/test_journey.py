"""A whole journey through the book: from founding to a decision that changes bylaws."""

from pathlib import Path

import msgspec
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.bylaws import Change
from chapters.state import of as chapter_of
from civic.deeds import proposal as deeds
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.submission import Promise
from deliberation.state import of as deliberation_of
from tests.lives import Life, begin, done, good


async def kinds(life: Life) -> list[str]:
    return [msgspec.json.decode(raw)["kind"] for raw in await life.entries()]


async def test_a_proposal_changes_the_bylaws(database: AsyncEngine, tmp_path: Path) -> None:
    seeds = [bytes([n]) * 32 for n in range(3)]
    life = await begin(database, tmp_path / "keys", people=7, seeds=seeds)
    author, *others = life.people
    proposal = done(
        await deeds.propose(
            life.desk,
            author,
            title="Lower the quorum",
            text="Ten percent are enough.",
            lang="en",
            idempotency="p",
            secrecy="pseudonymous",
            changes=[Change("quorum", 200, 100)],
        )
    ).id
    argument = done(await deeds.argue(life.desk, others[0], proposal, "pro", "Yes!", "en", "a")).id
    for one in others[:2]:
        done(await deeds.support(life.desk, one, proposal, f"s-{one.member}"))
    for number, one in enumerate(life.people):
        value = 1 if number % 2 else -1
        promise = await deeds.fill_box(life.desk, one, proposal, argument, value)
        assert isinstance(promise, Promise)
    await life.pass_time(minutes=10)
    assert "deliberation.reactions_recorded" in await kinds(life)
    await life.pass_time(days=7)
    await life.pass_time(days=1)
    async with reading(database) as db:
        loaded = await life.desk.book.shelf.current(db, await store.head(db, life.log))
    election = deliberation_of(loaded.state).proposals[proposal].election
    assert election is not None
    for one in life.people[:3]:
        good(await deeds.fill_box(life.desk, one, proposal, election, 1))
    await life.pass_time(days=5)
    assert chapter_of(loaded.state).bylaws.quorum == 100
    assert (await kinds(life))[-3:] == [
        "voting.result",
        "deliberation.decided",
        "chapters.bylaws_changed",
    ]
