import random
from collections.abc import AsyncIterator
from functools import partial
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Column, Integer, MetaData, Table, Text, select
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import Reading, Writing
from civic.kernel.projection import After, Rows

metadata = MetaData(schema="view")
thing = Table(
    "thing",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("name", Text),
    Column("count", Integer, nullable=False, default=0),
)
note = Table(
    "note",
    metadata,
    Column("log", Integer, primary_key=True, autoincrement=False),
    Column("id", Text, primary_key=True),
    Column("text", Text, nullable=False),
)
MARKED = After(
    "UPDATE view.thing t SET count = t.count + g.n FROM unnest(:log, :id, :n) AS g(log, id, n) "
    "WHERE t.log = g.log AND t.id = g.id",
    log=Integer,
    id=Text,
    n=Integer,
)


@pytest.fixture
async def db(database: AsyncEngine) -> AsyncIterator[Writing]:
    async with database.connect() as connection:
        await connection.begin()
        await connection.run_sync(metadata.create_all)
        yield Writing(Reading(connection))
        await connection.rollback()


async def things(db: Reading) -> list[tuple[Any, ...]]:
    rows = await db.execute(select(thing).order_by(thing.c.log, thing.c.id))
    return [tuple(row) for row in rows]


def key(own_id: str) -> dict[str, Any]:
    return {"log": 1, "id": own_id}


async def test_changes_to_one_row_are_written_as_one(db: Writing) -> None:
    rows = Rows()
    rows.insert(thing, **key("a"), name="x", count=1)
    rows.add(thing, key("a"), count=2)
    rows.update(thing, key("a"), name="y")
    rows.insert(thing, **key("b"))
    rows.add(thing, key("b"), count=5)
    await rows.write(db)
    assert await things(db) == [(1, "a", "y", 3), (1, "b", None, 5)]
    rows.add(thing, key("a"), count=4)
    rows.update(thing, key("a"), count=0)
    rows.add(thing, key("a"), count=1)
    rows.upsert(thing, **key("b"), name="n")
    rows.upsert(thing, **key("c"), name="new")
    await rows.write(db)
    assert await things(db) == [(1, "a", "y", 1), (1, "b", "n", 5), (1, "c", "new", 0)]


async def test_rows_of_two_shapes_and_statements_after(db: Writing) -> None:
    rows = Rows()
    rows.then(MARKED, 1, "a", 7)
    rows.insert(thing, **key("a"))
    rows.insert(thing, **key("b"), name="b")
    rows.once(note, **key("n"), text="first")
    rows.once(note, **key("n"), text="second")
    await rows.write(db)
    rows.once(note, **key("n"), text="third")
    await rows.write(db)
    await rows.write(db)
    assert await things(db) == [(1, "a", None, 7), (1, "b", "b", 0)]
    assert await db.scalar(select(note.c.text)) == "first"


async def test_a_second_new_row_of_one_key_is_an_error(db: Writing) -> None:
    rows = Rows()
    rows.insert(thing, **key("a"))
    with pytest.raises(ValueError, match="one key"):
        rows.insert(thing, **key("a"))


async def test_what_was_found_may_not_look_further(db: Writing) -> None:
    rows = Rows()
    rows.find(thing, key("a"), ("name",), lambda _: rows.find(thing, key("b"), ("name",), print))
    with pytest.raises(RuntimeError, match="looking for more"):
        await rows.write(db)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.integers(0, 2**32))
async def test_any_order_of_changes_means_the_same_at_once(db: Writing, seed: int) -> None:
    """Whatever is called, in one group or with a group for each call, gives the same rows."""
    alone, together = [await played(db, seed, together=mode) for mode in (False, True)]
    assert alone == together


async def played(db: Writing, seed: int, *, together: bool) -> tuple[list[Any], list[Any]]:
    dice = random.Random(seed)
    await db.execute(thing.delete())
    rows = Rows()
    known: set[str] = set()
    seen: list[Any] = []

    def copy(own: dict[str, Any], found: Any) -> None:
        seen.append(dict(found))
        rows.update(thing, own, name=f"{found['name']}{found['count']}")

    for number in range(30):
        own = key(dice.choice("abcdef"))
        match dice.randrange(5):
            case 0 if own["id"] not in known:
                rows.insert(thing, **own, name=str(number), count=dice.randrange(3))
            case 1:
                rows.upsert(thing, **own, name=str(number), count=0)
            case 2 if own["id"] in known:
                rows.update(thing, own, name=str(number))
            case 3 if own["id"] in known:
                rows.add(thing, own, count=dice.randrange(5))
            case 4 if own["id"] in known:
                rows.find(thing, own, ("name", "count"), partial(copy, own))
            case _:
                continue
        known.add(own["id"])
        if not together:
            await rows.write(db)
    await rows.write(db)
    return await things(db), seen
