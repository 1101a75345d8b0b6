"""Receipts go to who made the act, under whatever id they made it."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from civic.authorship import made_by
from civic.deeds import chapter as chapter_deeds
from civic.deeds import proposal as deeds
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.projections import PROJECTIONS
from tests.lives import Life, begin, done


async def authors(life: Life, index: int) -> list[int]:
    """Which of the chapter's people made an act."""
    async with reading(life.desk.book.engine) as db:
        vault = life.desk.book.vault
        return [
            number
            for number, person in enumerate(life.people)
            if await made_by(db, vault, person, index)
        ]


async def test_each_role(database: AsyncEngine, tmp_path: Path) -> None:
    life = await begin(database, tmp_path / "keys", projections=PROJECTIONS)
    assert await authors(life, 0) == [0]
    made = done(
        await deeds.propose(
            life.desk,
            life.people[3],
            title="A bench",
            text="By the river.",
            lang="en",
            idempotency="p",
            secrecy="pseudonymous",
        )
    )
    assert await authors(life, made.receipt.index) == [3]
    first = done(await deeds.support(life.desk, life.people[4], made.id, "s"))
    assert await authors(life, first.receipt.index) == [4]
    second = done(await deeds.support(life.desk, life.people[1], made.id, "s"))
    assert await authors(life, second.receipt.index) == [1]
    # What followed from it is nobody's act.
    assert await authors(life, second.receipt.index + 1) == []
    office, lead = life.offices["lead"]
    async with reading(database) as db:
        head = await store.head(db, life.log)
    applicant, outcome = await chapter_deeds.apply_for(life.desk, head, "apply")
    done(outcome)
    named = done(
        await chapter_deeds.admit(life.desk, lead, office, applicant.member, "admit")
    ).receipt
    assert await authors(life, named.index) == [life.people.index(lead)]
    await life.pass_time(minutes=10)
    assert await authors(life, named.index + 1) == []
    assert await authors(life, 10_000) == []
