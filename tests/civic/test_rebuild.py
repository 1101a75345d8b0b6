from pathlib import Path

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.bylaws import DAY
from civic.deeds import chapter as chapter_deeds
from civic.deeds import proposal as deeds
from civic.kernel import migrate
from civic.kernel.clock import minute_of
from civic.kernel.database import writing
from civic.projections import PROJECTIONS
from civic.rebuild import differences, rebuild, rebuild_views
from tests.lives import Life, begin, done, good


async def live(engine: AsyncEngine, keys: Path) -> Life:
    """Play one proposal from idea to outcome card through the book."""
    life = await begin(engine, keys, people=7, projections=PROJECTIONS)
    desk, people = life.desk, life.people
    for number, one in enumerate(people):
        done(await chapter_deeds.set_name(desk, one, f"Person {number}", "en", f"name-{number}"))
    proposal = done(
        await deeds.propose(
            desk,
            people[3],
            title="A garden",
            text="Let us plant one.",
            lang="en",
            idempotency="p",
            secrecy="pseudonymous",
        )
    ).id
    for number, one in enumerate(people[:4]):
        await deeds.support(desk, one, proposal, f"support-{number}")
    argument = done(
        await deeds.argue(desk, people[0], proposal, "pro", "Flowers.", "en", "argue")
    ).id
    await deeds.argue(desk, people[1], proposal, "con", "Weeds.", "en", "argue-con")
    on = proposal
    for number, one in enumerate(people):
        on = done(
            await deeds.comment(desk, one, proposal, on, f"Comment {number}", "en", f"c{number}")
        ).id
        good(await deeds.fill_box(desk, one, proposal, argument, 1 if number else -1))
    done(await deeds.comment(desk, people[0], proposal, argument, "On the pro", "en", "on-pro"))
    await life.pass_time(minutes=10)
    await life.pass_time(days=8)
    await life.pass_time(days=2)
    async with engine.connect() as db:
        election = await db.scalar(text("SELECT id FROM view.election"))
    for number, one in enumerate(people):
        good(await deeds.fill_box(desk, one, proposal, election, 1 if number > 1 else -1))
    await life.pass_time(days=6)
    office, lead = life.offices["lead"]
    until = minute_of(life.clock.now()) + 30 * DAY
    done(await deeds.set_task(desk, lead, office, proposal, "Buy seeds", "en", until, "task"))
    card = deeds.record_outcome(
        desk,
        lead,
        office,
        proposal,
        result="success",
        again="yes",
        expected="Flowers",
        happened="Roses",
        lang="en",
        idempotency="card",
    )
    done(await card)
    return life


async def test_a_rebuild_gives_the_same_rows(database: AsyncEngine, data: Path) -> None:
    life = await live(database, data)
    assert await differences(database) == []
    size = len(await life.entries())
    seen: list[tuple[int, int]] = []
    assert await rebuild(database, lambda done, total: seen.append((done, total))) == size
    assert seen == [(size, size)]
    assert await differences(database) == []
    await life.pass_time(days=400)
    assert await differences(database) == []


async def test_a_changed_row_is_found(database: AsyncEngine, data: Path) -> None:
    await live(database, data)
    async with writing(database) as db:
        await db.execute(text("UPDATE view.statement SET agree = agree + 1 WHERE kind = 'pro'"))
        await db.execute(
            text("DELETE FROM view.voice WHERE entry = (SELECT min(entry) FROM view.voice)")
        )
        await db.execute(text("INSERT INTO view.outage VALUES (1, 7, 1, 2)"))
    found = {one.table: (one.missing, one.extra) for one in await differences(database)}
    assert found == {"statement": (1, 1), "voice": (1, 0), "outage": (0, 1)}
    await rebuild(database)
    assert await differences(database) == []


async def test_acts_go_on_after_a_rebuild(database: AsyncEngine, data: Path) -> None:
    life = await live(database, data)
    await rebuild(database)
    person = life.people[0]
    done(await chapter_deeds.set_name(life.desk, person, "Another", "en", "again"))
    assert await differences(database) == []


async def test_a_migration_that_renews_the_tables_fills_them(
    database: AsyncEngine, database_url: str, data: Path
) -> None:
    await live(database, data)
    async with writing(database) as db:
        await db.execute(text("COMMENT ON SCHEMA view IS 'of an older civic'"))
    assert await migrate.upgrade(database_url, rebuild_views)
    assert await differences(database) == []
