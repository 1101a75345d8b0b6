"""Leaving for good, from whatever state a member is in."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from chapters import departures
from chapters.bylaws import DAY
from chapters.departures import Departure
from chapters.standing.entries import Suspended, SuspensionAsked
from chapters.state import of as chapter_of
from civic.deeds import chapter as chapter_deeds
from civic.deeds.departing import depart, pending
from civic.kernel.clock import minute_of
from civic.kernel.database import writing
from civic.kernel.record.entry import when
from tests.acts import made
from tests.lives import Life, begin, done, good


async def state_of(life: Life, member: str) -> str:
    members = await life.desk.book.ask(life.log, lambda state: chapter_of(state).members)
    return members[member].state


async def leaves(life: Life, member: str) -> bool:
    """Note that a member leaves, and do what can be done; tell whether that was all."""
    leaving = Departure(life.log, life.log_id, member, words=False, ties=True)
    async with writing(life.desk.book.engine) as db:
        own_id = await departures.add(db, life.desk.book.vault, leaving)
    return await depart(life.desk, own_id, leaving)


async def test_a_suspended_member_leaves_and_comes_back_by_no_term(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await begin(database, tmp_path / "keys")
    member = life.people[4].member
    done(await chapter_deeds.set_name(life.desk, life.people[4], "Dora", "en", "n"))
    lead_office, lead = life.offices["lead"]
    second_office, second = life.offices["facilitator"]
    until = when(minute_of(life.clock.now()) + 5 * DAY)
    asked = SuspensionAsked(made("suspension"), member, until, "ab" * 32)
    good(await life.desk.by_office(lead, lead_office, asked, "ask"))
    good(await life.desk.by_office(second, second_office, Suspended(made("suspension")), "agree"))
    assert await state_of(life, member) == "suspended"
    assert await leaves(life, member)
    assert await state_of(life, member) == "left"
    await life.pass_time(days=6)
    assert await state_of(life, member) == "left"
    assert await pending(life.desk) == []


async def test_a_member_whom_the_record_does_not_know_is_done(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await begin(database, tmp_path / "keys", people=3)
    size = len(await life.entries())
    assert await leaves(life, made("nobody"))
    assert await pending(life.desk) == []
    assert len(await life.entries()) == size


async def test_leaving_twice_is_leaving_once(database: AsyncEngine, tmp_path: Path) -> None:
    life = await begin(database, tmp_path / "keys", people=4)
    for _ in range(2):
        assert await leaves(life, life.people[3].member)
    assert sum(b'"chapters.left"' in raw for raw in await life.entries()) == 1
