"""Invitations: so many wait to be used at most, and none is kept for longer than it is needed."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters import invitations
from chapters.bylaws import DAY, YEAR
from civic.deeds import chapter as deeds
from civic.kernel.clock import minute_of
from civic.kernel.database import reading, writing
from civic.kernel.record import store
from civic.kernel.refusal import Refusal
from tests.lives import Life, begin, done, good


@pytest.fixture
async def life(database: AsyncEngine, tmp_path: Path) -> Life:
    """A constituted chapter of three."""
    return await begin(database, tmp_path / "keys", people=3)


async def kept(life: Life) -> int:
    async with reading(life.desk.book.engine) as db:
        found = await db.scalar(select(func.count()).select_from(invitations.invitation))
    return int(found or 0)


async def sweep(life: Life) -> None:
    async with writing(life.desk.book.engine) as db:
        await invitations.sweep(db, minute_of(life.clock.now()))


async def test_so_many_wait_at_most_however_they_are_asked_for(life: Life) -> None:
    asked = [deeds.invite(life.desk, life.people[0]) for _ in range(invitations.OPEN_MOST + 7)]
    given = await asyncio.gather(*asked)
    secrets = [one for one in given if isinstance(one, str)]
    refused = [one for one in given if isinstance(one, Refusal)]
    assert len(set(secrets)) == invitations.OPEN_MOST
    no = Refusal(deeds.INVITATIONS_OPEN, {"most": invitations.OPEN_MOST})
    assert refused == [no] * 7
    # It is each member's own number.
    assert isinstance(await deeds.invite(life.desk, life.people[1]), str)
    async with reading(life.desk.book.engine) as db:
        head = await store.head(db, life.log)
    _, outcome = await deeds.join(life.desk, head, secrets[0], "join")
    done(outcome)
    good(await deeds.invite(life.desk, life.people[0]))
    assert isinstance(await deeds.invite(life.desk, life.people[0]), Refusal)
    await life.pass_time(minutes=invitations.VALID + DAY)
    good(await deeds.invite(life.desk, life.people[0]))


async def test_the_sweep_leaves_what_is_still_good_or_counted(life: Life) -> None:
    used = await kept(life)
    assert used == 2
    secret = good(await deeds.invite(life.desk, life.people[0]))
    await sweep(life)
    assert await kept(life) == used + 1
    await life.pass_time(minutes=invitations.VALID)
    await sweep(life)
    async with reading(life.desk.book.engine) as db:
        found = await invitations.find(db, life.desk.book.vault, life.log, secret)
    assert found is not None
    await life.pass_time(minutes=DAY)
    await sweep(life)
    assert await kept(life) == used
    await life.pass_time(minutes=YEAR)
    await sweep(life)
    assert await kept(life) == 0
