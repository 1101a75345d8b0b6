"""Requests for a member's key wait for verifiers, one of each account at a time."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

from chapters.keys import requests
from chapters.keys.requests import KeyRequest
from civic.kernel.database import writing
from tests.acts import made, public
from tests.ladder import ladder
from tests.lives import Life


def asked(name: str, number: int) -> KeyRequest:
    return KeyRequest(made(f"{name} {number}"), made(name), public(f"{name} {number}"), "00")


async def put(life: Life, request: KeyRequest, *earlier: str) -> bool:
    async with writing(life.desk.book.engine) as db:
        today = life.clock.now().date()
        return await requests.put(db, life.desk.book.vault, life.log, request, today, earlier)


async def waiting(life: Life) -> set[str]:
    async with writing(life.desk.book.engine) as db:
        found = await requests.waiting(db, life.desk.book.vault, life.log)
    return {one.change for one in found}


async def test_an_account_holds_one_place(database: AsyncEngine, tmp_path: Path) -> None:
    life = await ladder(database, tmp_path / "keys")
    assert await put(life, asked("fox", 0))
    before = ""
    for number in range(5):
        request = asked("gil", number)
        assert await put(life, request, before)
        before = request.change
    assert await waiting(life) == {asked("fox", 0).change, before}


async def test_what_one_account_asks_ends_nothing_of_others(
    database: AsyncEngine, tmp_path: Path
) -> None:
    life = await ladder(database, tmp_path / "keys")
    for name in ("fox", "gil"):
        assert await put(life, asked(name, 0))
    again = asked("gil", 1)
    assert await put(life, again, asked("gil", 0).change)
    assert await waiting(life) == {asked("fox", 0).change, again.change}
