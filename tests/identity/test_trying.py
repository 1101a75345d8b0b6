"""Who knows a sign-in name keeps nobody out of their account, and guesses no faster."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select

from civic.kernel.clock import SetClock
from civic.kernel.database import reading, writing
from identity import accounts, browsers, lanes, limits, names, tables, trying, work
from identity.recovery import requests
from identity.side import Private
from identity.trying import Crowded, Shown, Standing
from tests.identity.test_accounts import WORDS, Person, person  # noqa: F401
from tests.identity.test_pages import KEY, signed_up
from tests.identity.test_ways import client

UNKNOWN = "acorn-acorn-acorn-acorn"


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    async with client(side) as one:
        yield one


async def used_up(side: Private, name: str) -> None:
    """Let somebody who knows the name try as often as they may."""
    for _ in range(limits.SIGN_IN.count):
        assert await accounts.sign_in(side, name, "wrong", "000000") is None


async def crowded(side: Private, name: str, shown: Shown = trying.NOTHING) -> Standing:
    with pytest.raises(Crowded) as refused:
        await accounts.sign_in(side, name, WORDS, "000000", shown=shown)
    return refused.value.standing


def solved(one: Standing, *, wrong: bool = False) -> Shown:
    number = next(n for n in range(2**24) if work.solves(one.puzzle, one.bits, n) is not wrong)
    return Shown(None, one.ticket, str(number))


async def full(side: Private) -> None:
    """Let a thousand wait in the lane."""
    async with writing(side.engine) as unit:
        with pytest.raises(lanes.LaneFull):
            while True:
                await lanes.take_place(unit, lanes.TRYING, side.clock.now())


async def test_a_turn_lets_the_person_in(side: Private, person: Person) -> None:  # noqa: F811
    await used_up(side, person.name)
    for _ in range(lanes.TRYING.burst):
        assert (await crowded(side, person.name)).seconds == 0
    standing = await crowded(side, person.name)
    assert standing.seconds == lanes.TRYING.seconds
    early = await crowded(side, person.name, Shown(None, standing.ticket))
    assert (early.ticket, early.seconds) == (standing.ticket, standing.seconds)
    person.clock.advance(timedelta(seconds=30))
    shown = Shown(None, standing.ticket)
    assert await accounts.sign_in(side, person.name, WORDS, person.code(), shown=shown) is not None


async def test_work_takes_the_place_of_waiting_also_where_the_lane_is_full(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    await used_up(side, person.name)
    await full(side)
    standing = await crowded(side, person.name)
    assert standing.seconds is None
    await crowded(side, person.name, solved(standing, wrong=True))
    code = person.next_code()
    found = await accounts.sign_in(side, person.name, WORDS, code, shown=solved(standing))
    assert found is not None


async def test_a_turn_counts_once_and_for_its_name(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    for name in (person.name, UNKNOWN):
        await used_up(side, name)
    other = solved(await crowded(side, UNKNOWN))
    await crowded(side, person.name, other)
    shown = solved(await crowded(side, person.name))
    assert await accounts.sign_in(side, person.name, "wrong", "000000", shown=shown) is None
    again = await crowded(side, person.name, shown)
    assert again.ticket != shown.ticket
    await crowded(side, person.name, Shown(None, "nonsense", "1"))
    side.clock.advance(timedelta(minutes=trying.KEPT_MINUTES + 1))  # type: ignore[attr-defined]
    await used_up(side, UNKNOWN)
    await crowded(side, UNKNOWN, other)


async def test_the_more_is_tried_the_harder_the_work(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    hashed = names.name_hash(side.keys.names, person.name)
    await used_up(side, person.name)
    bits = []
    for _ in range(12):
        bits.append((await crowded(side, person.name)).bits)
        for _ in range(10):
            await limits.take(side.engine, limits.TRIED_BEYOND, hashed, side.clock.now())
    assert bits[0] == work.LEAST_BITS
    assert bits == sorted(bits)
    assert bits[-1] == work.LEAST_BITS + 4
    await used_up(side, UNKNOWN)
    assert (await crowded(side, UNKNOWN)).bits == work.LEAST_BITS


async def test_who_has_the_passphrase_guesses_no_more_codes(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    """Not with all the work in the world; and the person comes in where they came in before."""
    entered = await accounts.sign_in_here(
        side, person.name, WORDS, person.next_code(), trying.NOTHING
    )
    assert entered is not None
    for _ in range(limits.CODES.count):
        assert await accounts.sign_in(side, person.name, WORDS, "000000") is None
    code, shown = person.next_code(), solved(await crowded(side, person.name))
    assert await accounts.sign_in(side, person.name, WORDS, code, shown=shown) is None
    here = Shown(entered.browser)
    assert await accounts.sign_in(side, person.name, WORDS, code, shown=here) is not None


async def test_tries_without_the_passphrase_use_up_no_codes(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    await used_up(side, person.name)
    for _ in range(5):
        shown = solved(await crowded(side, person.name))
        assert await accounts.sign_in(side, person.name, "wrong", "000000", shown=shown) is None
    shown = solved(await crowded(side, person.name))
    code = person.next_code()
    assert await accounts.sign_in(side, person.name, WORDS, code, shown=shown) is not None


async def test_a_known_browser_has_a_limit_of_its_own(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    entered = await accounts.sign_in_here(
        side, person.name, WORDS, person.next_code(), trying.NOTHING
    )
    assert entered is not None
    here = Shown(entered.browser)
    await used_up(side, person.name)
    for _ in range(limits.SIGN_IN.count):
        assert await accounts.sign_in(side, person.name, "wrong", "0", shown=here) is None
    await crowded(side, person.name, here)
    # For nobody else's name.
    await used_up(side, UNKNOWN)
    await crowded(side, UNKNOWN, here)
    person.clock.advance(timedelta(days=browsers.KEPT_DAYS + 1))
    await used_up(side, person.name)
    await crowded(side, person.name, here)
    async with writing(side.engine) as unit:
        await accounts.sweep(unit, side.clock.now())
        assert await unit.scalar(select(func.count()).select_from(tables.known_browser)) == 0


async def test_an_account_is_known_in_so_many_browsers(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    async with writing(side.engine) as unit:
        account = (await unit.execute(select(tables.account.c.id))).scalar_one()
        kept = [
            await browsers.keep(unit, account, None, side.clock.now() + timedelta(days=day))
            for day in range(browsers.MOST + 3)
        ]
        hashed = names.name_hash(side.keys.names, person.name)
        now = side.clock.now()
        found = [await browsers.find(unit, one, hashed, now) is not None for one in kept]
        assert found == [False] * 3 + [True] * browsers.MOST
        stored = (await unit.execute(select(tables.known_browser))).all()
    assert not {one.encode() for one in kept} & {row.id_hash for row in stored}


async def test_guardians_can_be_asked_however_often_others_ask(
    side: Private,
    person: Person,  # noqa: F811
) -> None:
    for name in (person.name, UNKNOWN):
        for _ in range(limits.ASK_GUARDIANS.count):
            await requests.ask(side, name)
        with pytest.raises(Crowded) as refused:
            await requests.ask(side, name)
        shown = solved(refused.value.standing)
        assert (await requests.ask(side, name, shown)).long
        with pytest.raises(Crowded):
            await requests.ask(side, name, shown)


async def wrong(browser: httpx.AsyncClient, name: str, **more: str) -> httpx.Response:
    fields = {"key": KEY, "next": "", "name": name, "passphrase": "wrong", "code": "000000"}
    return await browser.post("/sign-in", data=fields | more)


async def test_the_page_says_how_to_go_on(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    visitor = await signed_up(browser, clock)
    async with client(side) as stranger:
        for _ in range(limits.SIGN_IN.count):
            assert (await wrong(stranger, visitor.name)).status_code == 422
        told = []
        for name in (visitor.name, UNKNOWN):
            for _ in range(limits.SIGN_IN.count if name == UNKNOWN else 0):
                await wrong(stranger, name)
            page = await wrong(stranger, name)
            assert page.status_code == 429
            assert "It is your turn now" in page.text
            assert "js/trying.js" in page.text
            assert "passkey" in page.text
            told.append(len(page.text.replace(name, "")))
        assert len(set(told)) == 1
        turn = re.search(r'name="turn" value="([^"]+)"', (await wrong(stranger, visitor.name)).text)
        assert turn is not None
        fields = {"key": KEY, "next": "", "turn": turn[1]}
        done = await stranger.post("/sign-in", data=fields | visitor.credentials())
        assert done.status_code == 303


async def test_a_browser_is_known_until_it_is_forgotten(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    visitor = await signed_up(browser, clock)
    clock.advance(timedelta(minutes=16))

    async def comes_in() -> bool:
        await browser.post("/sign-out", data={"key": KEY})
        for _ in range(limits.SIGN_IN.count):
            await accounts.sign_in(side, visitor.name, "wrong", "000000")
        fields = {"key": KEY, "next": ""} | visitor.credentials()
        return (await browser.post("/sign-in", data=fields)).status_code == 303

    async def later() -> None:
        clock.advance(timedelta(minutes=16))
        fields = {"key": KEY, "next": ""} | visitor.credentials()
        assert (await browser.post("/sign-in", data=fields)).status_code == 303

    assert not await comes_in()
    await later()
    cookie = browser.cookies["civic-browser"]
    assert await comes_in()
    assert browser.cookies["civic-browser"] != cookie
    assert "This browser is known here" in (await browser.get("/sign-in")).text
    assert "1 browser is known here" in (await browser.get("/account")).text
    for path in ("/sign-in/forget", "/panic", "/account/browsers/forget"):
        await browser.post(path, data={"key": KEY})
        assert "civic-browser" not in browser.cookies
        async with reading(side.engine) as unit:
            assert await unit.scalar(select(func.count()).select_from(tables.known_browser)) == 0
        assert "This browser is known here" not in (await browser.get("/sign-in")).text
        assert not await comes_in()
        await later()


async def test_the_exit_forgets_the_browser_of_who_is_signed_out_already(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    visitor = await signed_up(browser, clock)
    await browser.post("/sign-in", data={"key": KEY, "next": ""} | visitor.credentials())
    await browser.post("/sign-out", data={"key": KEY})
    assert "civic-browser" in browser.cookies
    await browser.post("/panic", data={"key": KEY})
    assert "civic-browser" not in browser.cookies
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.known_browser)) == 0


async def test_programs_are_given_their_turn(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    visitor = await signed_up(browser, clock)
    await used_up(side, visitor.name)
    sent = visitor.credentials()
    refused = await browser.post("/api/v1/sessions", json=sent)
    assert refused.status_code == 429
    problem = refused.json()
    assert problem["type"] == "/problems/request.turn_needed"
    one = problem["params"]
    assert refused.headers["retry-after"] == str(one["seconds"])
    number = next(n for n in range(2**24) if work.solves(one["puzzle"], one["bits"], n))
    turn = {"turn": one["turn"], "work": str(number)}
    assert (await browser.post("/api/v1/sessions", json=sent | turn)).status_code == 201


async def test_a_stolen_session_uses_up_no_others_step_up(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    visitor = await signed_up(browser, clock)
    async with client(side) as thief:
        await thief.post("/sign-in", data={"key": KEY, "next": ""} | visitor.credentials())
        for _ in range(limits.STEP_UP.count + 1):
            page = await thief.post(
                "/account/step-up", data={"key": KEY, "passphrase": "wrong", "code": "000000"}
            )
        assert page.status_code == 429
        own = {k: v for k, v in visitor.credentials().items() if k != "name"}
        done = await browser.post("/account/step-up", data={"key": KEY, "next": ""} | own)
        assert done.status_code == 303
