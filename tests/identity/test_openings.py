"""What a way to sign in had opened ends with it; the rest goes on and is told."""

import re
from collections.abc import AsyncIterator

import httpx
import msgspec
import pyotp
import pytest
from sqlalchemy import select

from civic.kernel.clock import SetClock
from civic.kernel.database import reading, writing
from identity import access_tokens, notices, openings, sessions, tables
from identity.passkeys import Asked
from identity.scopes import Scope
from identity.side import Private
from tests.identity.recovery.test_sheet import confirmed
from tests.identity.recovery.test_way_back import with_code, with_passphrase
from tests.identity.soft_key import SoftKey
from tests.identity.test_pages import KEY, Person, hidden, signed_up
from tests.identity.test_passkeys import me_of
from tests.identity.test_ways import OTHER_WORDS, add_passkey, client

SURE = {"key": KEY, "sure": "yes"}
REMOVED = notices.TEXTS[notices.AUTHENTICATOR_REMOVED]


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    async with client(side) as one:
        yield one


async def with_passkey(one: httpx.AsyncClient, key: SoftKey, use: str = "sign-in") -> str:
    """Prove a passkey in a browser; return the token of its session."""
    begun = await one.post(f"/passkeys/{use}/begin", headers={"accept": "application/json"})
    given = key.prove(msgspec.json.decode(begun.content, type=Asked))
    done = await one.post(f"/passkeys/{use}", content=msgspec.json.encode(given))
    assert done.status_code == 200, done.text
    return one.cookies["civic"]


async def typed(one: httpx.AsyncClient, person: Person) -> str:
    """Sign in in a browser with passphrase and code; return the token of its session."""
    done = await one.post("/sign-in", data={"key": KEY, "next": ""} | person.credentials())
    assert done.status_code == 303, done.text
    return one.cookies["civic"]


async def is_alive(side: Private, token: str) -> bool:
    async with reading(side.engine) as unit:
        return await sessions.load(unit, token, side.clock.now()) is not None


async def test_a_removed_way_takes_along_what_it_opened_and_no_more(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    person = await signed_up(browser, clock)
    lost, kept = SoftKey(), SoftKey()
    own, _ = await add_passkey(browser, lost), await add_passkey(browser, kept)
    async with client(side) as one, client(side) as two, client(side) as three:
        thief, mine = await with_passkey(one, lost), await with_passkey(two, kept)
        # Opened by another way, but who held it proved the lost one there afterwards.
        await typed(three, person)
        mixed = await with_passkey(three, lost, "step-up")
        done = await browser.post(f"/account/authenticators/{own}/remove", data=SURE)
        assert done.status_code == 303
        alive = [await is_alive(side, one) for one in (thief, mixed, mine)]
        assert alive == [False, False, True]
        assert REMOVED in (await two.get("/account")).text
        assert (await one.get("/account")).status_code == 303
    # Somebody else's account loses nothing.
    async with client(side) as stranger:
        await signed_up(stranger, clock)
        await add_passkey(stranger, SoftKey())
        await browser.post("/account/authenticators/passphrase/remove", data=SURE)
        assert await is_alive(side, stranger.cookies["civic"])


async def test_who_removes_the_way_that_opened_this_browser_stays(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    person = await signed_up(browser, clock)
    await add_passkey(browser, SoftKey())
    async with client(side) as other:
        await typed(other, person)
        done = await browser.post("/account/authenticators/passphrase/remove", data=SURE)
        assert done.status_code == 303
        assert (await browser.get("/account")).status_code == 200
        assert (await other.get("/account")).status_code == 303


async def test_tokens_that_were_made_with_it_end_too(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    lost = SoftKey()
    own = await add_passkey(browser, lost)
    now, may = side.clock.now(), frozenset({Scope.READ})
    made = []
    async with client(side) as one:
        for token in (await with_passkey(one, lost), browser.cookies["civic"]):
            me = await me_of(side, token)
            async with writing(side.engine) as unit:
                made.append((await access_tokens.make(unit, me, "", may, 7, now)).token)
    await browser.post(f"/account/authenticators/{own}/remove", data=SURE)
    async with reading(side.engine) as unit:
        found = [await access_tokens.load(unit, token, now) for token in made]
    assert [one is not None for one in found] == [False, True]


async def test_another_passphrase_ends_what_the_one_before_opened(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    person = await signed_up(browser, clock)
    key = SoftKey()
    await add_passkey(browser, key)
    async with client(side) as one, client(side) as other:
        thief, mine = await typed(one, person), await with_passkey(other, key)
        await _another_passphrase(browser, clock)
        assert [await is_alive(side, token) for token in (thief, mine)] == [False, True]
        assert notices.TEXTS[notices.PASSPHRASE_SET] in (await other.get("/account")).text
        assert (await browser.get("/account")).status_code == 200


async def test_another_sheet_ends_what_a_code_of_the_one_before_opened(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    key = SoftKey()
    await add_passkey(browser, key)
    codes = await confirmed(browser)
    async with client(side) as finder, client(side) as own:
        await with_passphrase(finder, await with_code(finder, codes[0]), clock)
        await with_passkey(own, key)
        await confirmed(own)
        assert (await finder.get("/account")).status_code == 303
        assert (await own.get("/account")).status_code == 200


async def test_what_ended_untold_is_told_to_who_comes(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    """Who has a stolen passphrase and removes the rest cannot do so unseen."""
    person = await signed_up(browser, clock)
    key = SoftKey()
    own = await add_passkey(browser, key)
    async with client(side) as one:
        await with_passkey(one, key)
        await browser.post(f"/account/authenticators/{own}/remove", data=SURE)
        assert (await one.get("/account")).status_code == 303
    async with client(side) as later:
        await typed(later, person)
        assert REMOVED in (await later.get("/account")).text


async def test_marks_say_nothing_without_the_data_key(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    person = await signed_up(browser, clock)
    async with client(side) as other, client(side) as stranger:
        await typed(other, person)
        await signed_up(stranger, clock)
    async with reading(side.engine) as unit:
        rows = (await unit.execute(select(tables.session))).all()
    marks = [(row.account_id, row.opened_by, row.proved_by) for row in rows]
    assert len(marks) == 3
    assert {len(mark) for _, *both in marks for mark in both} == {16}
    # Alike within one account, and in no two accounts.
    assert len({(account, mark) for account, mark, _ in marks}) == 2
    assert len({mark for _, mark, _ in marks}) == 2
    ways = (openings.PASSPHRASE, openings.SHEET, openings.GUARDIANS, openings.passkey("a"))
    assert len({openings.mark_of(bytes(32), way) for way in ways}) == len(ways)


async def _another_passphrase(browser: httpx.AsyncClient, clock: SetClock) -> None:
    first = await browser.get("/account/passphrase")
    data = hidden(first) | {"passphrase": OTHER_WORDS, "repeated": OTHER_WORDS}
    second = await browser.post("/account/passphrase", data=data)
    secret = re.search(r"secret=([A-Z2-7]{32})", second.text)
    assert secret is not None
    code = pyotp.TOTP(secret[1]).at(clock.now())
    done = await browser.post("/account/passphrase/confirm", data=hidden(second) | {"code": code})
    assert done.headers["location"] == "/account"
