"""What an account has to tell reaches its person, whoever ends or takes over its sessions."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest

from civic.kernel.clock import SetClock
from civic.kernel.database import writing
from identity import accounts, notices, sessions
from identity.sessions import SignedIn
from identity.side import Private
from tests.identity.soft_key import SoftKey
from tests.identity.test_pages import KEY, signed_up
from tests.identity.test_passkeys import me_of
from tests.identity.test_ways import add_passkey, client, other_browser

ADDED = notices.TEXTS[notices.PASSKEY_ADDED]


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    async with client(side) as one:
        yield one


async def next_browser(side: Private, me: SignedIn) -> httpx.AsyncClient:
    """Sign somebody in whose sessions are all over."""
    now = side.clock.now()
    async with writing(side.engine) as unit:
        return client(
            side,
            await sessions.start(
                unit, me.account_id, me.data_key, now, fresh=True, by="passphrase"
            ),
        )


@pytest.mark.parametrize("how", ["everywhere", "one by one", "unused"])
async def test_ending_the_other_sessions_hides_nothing(
    browser: httpx.AsyncClient, clock: SetClock, side: Private, how: str
) -> None:
    await signed_up(browser, clock)
    async with await other_browser(browser, side) as other:
        await add_passkey(browser, SoftKey())
        theirs = await me_of(side, other.cookies["civic"])
        async with await other_browser(browser, side) as third:
            assert ADDED not in (await third.get("/account")).text
            if how == "everywhere":
                await browser.post("/account/sign-out-everywhere", data={"key": KEY})
            elif how == "one by one":
                data = {"key": KEY, "device": theirs.id_hash.hex()}
                await browser.post("/account/devices/end", data=data)
            else:
                clock.advance(timedelta(days=15))
                async with writing(side.engine) as unit:
                    await accounts.sweep(unit, clock.now())
    async with await next_browser(side, theirs) as later:
        assert ADDED in (await later.get("/account")).text


async def test_what_no_other_device_could_tell_is_told_at_the_next_sign_in(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    """A cookie that was stolen just after the sign-in adds a passkey: there is no other session."""
    await signed_up(browser, clock)
    await add_passkey(browser, SoftKey())
    assert ADDED not in (await browser.get("/account")).text
    async with await other_browser(browser, side) as later:
        assert ADDED in (await later.get("/account")).text


async def test_what_was_read_is_not_kept(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    async with await other_browser(browser, side) as other:
        await add_passkey(browser, SoftKey())
        me = await me_of(side, other.cookies["civic"])
        await other.post("/account/notices/seen", data={"key": KEY})
        await other.post("/account/sign-out-everywhere", data={"key": KEY})
    async with await next_browser(side, me) as later:
        assert ADDED not in (await later.get("/account")).text
