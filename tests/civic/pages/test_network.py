"""A record for its network: neighbours read it once a tick, everybody else what is theirs."""

from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from chapters import tables as chapter_tables
from civic import publication
from civic.kernel.database import writing
from civic.kernel.record import tables
from tests.civic.pages.test_budget import costs
from tests.civic.pages.test_outsiders import proposed
from tests.town import Town, Visitor


async def two_chapters(vilnius: Town) -> tuple[str, list[Visitor], Visitor]:
    """Return a chapter for its network with its members, and a member of another chapter."""
    people = [await vilnius.person() for _ in range(3)]
    others = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, visibility="network")
    await vilnius.founded(*others, visibility="chapter")
    return path, people, others[0]


async def test_neighbours_read_all_of_the_last_tick(vilnius: Town) -> None:
    path, (ana, ben, _eva), neighbour = await two_chapters(vilnius)
    proposal = await proposed(ana, path, "A garden")
    await ben.send(f"{proposal}/argue/for", "/argue/for", words="Tomatoes of our own")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    assert "A garden" in await neighbour.see(path)
    assert "A garden" in await neighbour.see(f"{path}/proposals")
    page = await neighbour.see(proposal)
    assert "Tomatoes of our own" in page
    assert 'action="' + proposal not in page
    assert "joined with an invitation" in await neighbour.see(f"{path}/record")
    await neighbour.see(f"{path}/record/1")
    await vilnius.pass_time(minutes=1)
    later = await proposed(ana, path, "Too early")
    await neighbour.see(later, 404)
    assert "Too early" not in await neighbour.see(path)
    for outsider in (vilnius.stranger(), await vilnius.person()):
        await outsider.see(proposal, 404)
        assert "A garden" not in await outsider.see(path)
        await outsider.see(f"{path}/record/1", 404)


async def test_a_chapter_that_narrows_its_circle_is_closed_at_once(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, visibility="world")
    proposal = await proposed(people[0], path, "A garden")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    assert "A garden" in await out.see(proposal)
    await _narrow(vilnius)
    await out.see(proposal, 404)
    assert "A garden" not in await out.see(path)
    # The record grows, and old pages are stored anew for those who may still read them.
    await people[1].send(f"{path}/you", "/people/name", name="Ben Example")
    await _narrow(vilnius)
    await publication.publish(vilnius.node)
    vilnius.clock.advance(timedelta(minutes=20))
    await out.see(proposal, 404)
    assert "3 members" in await out.see(f"{path}/people")


async def _narrow(vilnius: Town) -> None:
    """Leave the head of the log as a decision about the bylaws leaves it."""
    async with writing(vilnius.node.engine) as db:
        await db.execute(update(tables.log).values(visibility="chapter"))


async def test_who_is_suspended_or_under_another_charter_is_no_neighbour(vilnius: Town) -> None:
    path, (ana, *_others), neighbour = await two_chapters(vilnius)
    proposal = await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    await neighbour.see(proposal)
    mine, chapter = chapter_tables.member, chapter_tables.chapter
    other = chapter.c.chapter_id != path.removeprefix("/c/")
    async with writing(vilnius.node.engine) as db:
        charter = await db.scalar(select(chapter.c.charter).where(other))
    changes: list[tuple[Any, Any, dict[str, Any], dict[str, Any]]] = [
        (chapter, other, {"charter": "0" * 64}, {"charter": charter}),
        (chapter, other, {"stage": "forming"}, {"stage": "active"}),
        (mine, mine.c.log > 0, {"state": "suspended"}, {"state": "active"}),
        (tables.log, tables.log.c.chapter_id != path[3:], {"replica": 1}, {"replica": 0}),
    ]
    for table, here, changed, back in changes:
        async with writing(vilnius.node.engine) as db:
            await db.execute(update(table).where(here).values(**changed))
        await neighbour.see(proposal, 404)
        async with writing(vilnius.node.engine) as db:
            await db.execute(update(table).where(here).values(**back))
        await neighbour.see(proposal)


async def test_neighbours_cost_no_more_than_others(vilnius: Town) -> None:
    path, (ana, *_others), neighbour = await two_chapters(vilnius)
    proposal = await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    for page in (path, f"{path}/proposals", f"{path}/record", proposal,
                 f"{proposal}/said/for", f"{proposal}/entries"):  # fmt: skip
        await costs(neighbour, page)
    await vilnius.stepped_up(ana)
    for page in (f"{path}/alarms", f"{path}/auditors"):
        await costs(ana, page)
