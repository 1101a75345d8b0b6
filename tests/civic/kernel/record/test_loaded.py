"""A chapter in memory: catching up with other processes, also when that breaks off."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.deeds import chapter as deeds
from civic.kernel.clock import SetClock
from civic.kernel.record import store
from civic.kernel.record.rules import State
from civic.procedure import DRAFT
from tests.lives import START, Life, begin, done, make_book


def dumped(state: State) -> bytes:
    return DRAFT.dump(state)


async def named(life: Life, names: range) -> None:
    for number in names:
        outcome = await deeds.set_name(
            life.desk, life.people[0], f"Ona {number}", "en", f"{number}"
        )
        done(outcome)


async def test_what_breaks_off_while_catching_up_is_not_counted_twice(
    database: AsyncEngine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    life = await begin(database, tmp_path / "keys", people=3)
    other = make_book(database, tmp_path / "keys", SetClock(START))
    before = await other.ask(life.log, dumped)
    await named(life, range(3))
    entries = store.entries

    async def broken(*given: Any) -> Any:
        count = 0
        async for entry in entries(*given):
            count += 1
            if count == 3:
                raise ConnectionError
            yield entry

    with monkeypatch.context() as patch:
        patch.setattr(store, "entries", broken)
        with pytest.raises(ConnectionError):
            await other.ask(life.log, dumped)
    after = await other.ask(life.log, dumped)
    assert after != before
    assert after == await life.desk.book.ask(life.log, dumped)
