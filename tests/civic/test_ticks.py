"""The present tick from the read model agrees with the rules."""

from datetime import timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.clock import minute_of
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.rules import tick_of
from civic.operate.export import present_record
from civic.projections import PROJECTIONS
from civic.ticks import present_tick
from tests.lives import START, begin
from tests.records import found


async def test_agrees_with_the_rules(database: AsyncEngine, tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    life = await begin(database, keys, people=3, bylaws={"tick": 15}, projections=PROJECTIONS)
    now = minute_of(START)
    async with reading(database) as db:
        head = await store.head(db, life.log)
        record = await present_record(db, head)
        for minute in range(now, now + 180, 7):
            assert await present_tick(db, head, minute) == tick_of(record, minute)


async def test_full_hours_where_the_read_model_has_nothing(
    database: AsyncEngine, tmp_path: Path
) -> None:
    record = await found(database, tmp_path / "keys")
    record.clock.advance(timedelta(minutes=59))
    async with reading(database) as db:
        minute = minute_of(record.clock.now())
        assert await present_tick(db, await record.head(), minute) == minute - 59
