"""The slow lane of those who sign up: no address, no row for each, and work instead of waiting."""

import asyncio
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from html import unescape
from pathlib import Path

import httpx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from civic.kernel.clock import SetClock
from civic.kernel.database import reading, writing
from identity import accounts, lanes, limits, signing_up, tables, waiting, work
from identity.lanes import Lane, LaneFull
from identity.side import Private
from identity.signing_up import TooEarly
from identity.tickets import TicketOver
from identity.waiting import Place
from tests.identity.test_pages import Left, application

LANE = Lane("test", seconds=10, burst=3, longest=60)


def second(clock: SetClock) -> int:
    return int(clock.now().timestamp())


async def waits(side: Private, lane: Lane, count: int) -> list[int]:
    """Take places and return the seconds that each has to wait."""
    now = side.clock.now()
    found = []
    for _ in range(count):
        async with writing(side.engine) as unit:
            found.append(await lanes.take_place(unit, lane, now) - int(now.timestamp()))
    return found


async def test_a_few_at_once_then_one_after_the_other(side: Private, clock: SetClock) -> None:
    assert await waits(side, LANE, 6) == [0, 0, 0, 10, 20, 30]
    clock.advance(timedelta(seconds=35))
    assert await waits(side, LANE, 2) == [5, 15]
    clock.advance(timedelta(hours=1))
    assert await waits(side, LANE, 4) == [0, 0, 0, 10]


async def test_a_full_lane_gives_no_place_and_moves_on(side: Private, clock: SetClock) -> None:
    await waits(side, LANE, 9)
    for _ in range(3):
        with pytest.raises(LaneFull):
            await waits(side, LANE, 1)
    clock.advance(timedelta(seconds=10))
    assert await waits(side, LANE, 1) == [60]


async def test_two_at_once_get_two_places(side: Private) -> None:
    lane = Lane("once", seconds=10, burst=1, longest=600)
    found = await asyncio.gather(*(waits(side, lane, 1) for _ in range(8)))
    assert sorted(one for (one,) in found) == [0, 10, 20, 30, 40, 50, 60, 70]


async def test_a_thousand_who_wait_are_one_row_that_goes(side: Private, clock: SetClock) -> None:
    for _ in range(60):
        await waiting.come(side)
    async with writing(side.engine) as unit:
        assert len((await unit.execute(select(tables.lane))).all()) == 1
        await accounts.sweep(unit, clock.now())
        assert len((await unit.execute(select(tables.lane))).all()) == 1
    clock.advance(timedelta(minutes=15))
    async with writing(side.engine) as unit:
        await accounts.sweep(unit, clock.now())
        assert (await unit.execute(select(tables.lane))).all() == []


async def test_only_whose_turn_it_is_gets_a_name(side: Private, clock: SetClock) -> None:
    for _ in range(lanes.SIGN_UP.burst):
        assert (await waiting.come(side)).seconds == 0
    mine = await waiting.come(side)
    assert mine.seconds == 10
    with pytest.raises(TooEarly):
        await signing_up.offer(side, mine)
    clock.advance(timedelta(seconds=9))
    assert waiting.come_again(side, mine.ticket).seconds == 1
    clock.advance(timedelta(seconds=1))
    assert (await signing_up.offer(side, waiting.come_again(side, mine.ticket))).name
    clock.advance(timedelta(minutes=waiting.KEPT_MINUTES + 1))
    with pytest.raises(TicketOver):
        waiting.come_again(side, mine.ticket)


def solution(place: Place) -> int:
    return next(
        number for number in range(2**24) if work.solves(place.account_id, place.bits, number)
    )


async def test_work_takes_the_place_of_waiting(side: Private) -> None:
    for _ in range(lanes.SIGN_UP.burst):
        await waiting.come(side)
    mine, other = await waiting.come(side), await waiting.come(side)
    work = str(solution(mine.place))
    done = waiting.come_again(side, mine.ticket, work)
    assert (done.seconds, done.worked) == (0, True)
    assert (await signing_up.offer(side, done)).name
    assert waiting.come_again(side, other.ticket, work).seconds == 20
    for wrong in ("", "-1", "1.5", "٣", "9" * 40, work + "0"):
        assert not waiting.come_again(side, mine.ticket, wrong).worked


async def test_a_full_lane_leaves_work(side: Private) -> None:
    async with writing(side.engine) as unit:
        row = {"name": lanes.SIGN_UP.name, "free_from": second(side.clock) + 2000}  # type: ignore[arg-type]
        await unit.execute(tables.lane.insert().values(row))
    mine = await waiting.come(side)
    assert mine.seconds is None
    done = waiting.come_again(side, mine.ticket, str(solution(mine.place)))
    assert done.seconds == 0


async def test_work_gets_harder_with_what_it_made_lately(side: Private, clock: SetClock) -> None:
    bits = []
    for count in (0, 59, 1, 60, 5000):
        for _ in range(min(count, 200)):
            await waiting.note_worked(side)
        bits.append((await waiting.come(side)).place.bits)
    assert bits == [16, 16, 17, 18, 19]
    clock.advance(timedelta(minutes=10))
    assert (await waiting.come(side)).place.bits == 16


async def test_work_is_counted_by_the_account_that_it_makes(side: Private) -> None:
    for _ in range(lanes.SIGN_UP.burst):
        await waiting.come(side)
    mine = await waiting.come(side)
    done = waiting.come_again(side, mine.ticket, str(solution(mine.place)))
    offer = await signing_up.offer(side, done)
    assert signing_up.newcomer(side, offer.ticket)[1] is True
    async with reading(side.engine) as unit:
        now = side.clock.now()
        assert await limits.lately(unit, limits.WORKED, limits.EVERYBODY, now) == 0


@given(st.integers(0, 2**53), st.integers(1, 12))
@settings(max_examples=50)
def test_harder_work_is_easier_work_too(number: int, bits: int) -> None:
    place = Place(None, "a" * 26, bits, 0)
    if work.solves(place.account_id, place.bits, number):
        assert work.solves(place.account_id, bits - 1, number)


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    transport = application(side, Left())
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


async def test_the_page_of_those_who_wait(
    browser: httpx.AsyncClient, side: Private, clock: SetClock
) -> None:
    for _ in range(lanes.SIGN_UP.burst + 12):
        await waiting.come(side)
    page = await browser.get("/sign-up", params={"next": "/c/abc"})
    assert page.status_code == 200
    assert "in about 3 minutes" in page.text
    refresh = re.search(r'http-equiv="refresh" content="60;url=([^"]+)"', page.text)
    assert refresh is not None
    here = unescape(refresh[1])
    assert "next=%2Fc%2Fabc" in here
    clock.advance(timedelta(seconds=110))
    page = await browser.get(here)
    assert 'content="21;url=' in page.text
    clock.advance(timedelta(seconds=20))
    page = await browser.get(here)
    assert "Your sign-in name" in page.text
    assert 'value="/c/abc"' in page.text
    again = await browser.get("/sign-up", params={"place": "A" * 90})
    assert again.headers["location"] == "/sign-up"


async def test_a_full_line_is_said_and_asks_again(
    browser: httpx.AsyncClient, side: Private
) -> None:
    full = int(datetime.now(UTC).timestamp()) + 10**8
    async with writing(side.engine) as unit:
        await unit.execute(tables.lane.insert().values(name="sign_up", free_from=full))
    for _ in range(50):
        page = await browser.get("/sign-up")
        assert page.status_code == 200
    assert "gives no more places" in page.text
    assert 'content="60;url=/sign-up"' in page.text


def test_the_script_asks_for_the_same_work() -> None:
    """The worker hashes what `solves` hashes."""
    script = (Path("civic/kernel/web/static/js") / "work.js").read_text()
    assert "`${puzzle}.${number}`" in script
