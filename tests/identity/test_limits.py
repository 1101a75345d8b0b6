import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from civic.kernel.database import reading, writing
from identity import limits, tables
from identity.limits import Limit, Limited
from identity.side import Private

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
THREE = Limit("three", 3, 15)


async def test_each_subject_and_scope_has_its_own_count(side: Private) -> None:
    for _ in range(3):
        await limits.take(side.engine, THREE, b"one", NOW)
    with pytest.raises(Limited) as refused:
        await limits.take(side.engine, THREE, b"one", NOW + timedelta(minutes=5, seconds=20))
    assert refused.value.retry_after == 9 * 60 + 40
    await limits.take(side.engine, THREE, b"two", NOW)
    await limits.take(side.engine, Limit("other", 3, 15), b"one", NOW)
    await limits.take(side.engine, THREE, b"one", NOW + timedelta(minutes=15))


async def test_attempts_at_the_same_moment_all_count(side: Private) -> None:
    async def take() -> bool:
        try:
            await limits.take(side.engine, THREE, b"one", NOW)
        except Limited:
            return False
        return True

    assert sorted(await asyncio.gather(*(take() for _ in range(5)))) == [False, False, *[True] * 3]


async def test_success_and_time_wipe_the_count(side: Private) -> None:
    await limits.take(side.engine, THREE, b"one", NOW)
    await limits.take(side.engine, THREE, b"two", NOW)
    async with writing(side.engine) as unit:
        await limits.forget(unit, THREE, b"one")
        await limits.sweep(unit, NOW + timedelta(minutes=14))
    async with reading(side.engine) as unit:
        assert (await unit.execute(select(tables.attempt.c.subject))).scalars().all() == [b"two"]
    async with writing(side.engine) as unit:
        await limits.sweep(unit, NOW + timedelta(minutes=15))
        assert (await unit.execute(select(tables.attempt))).all() == []
