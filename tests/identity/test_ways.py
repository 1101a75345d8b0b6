"""The pages on which people look after their ways to sign in, their devices, and what is told."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import msgspec
import pyotp
import pytest
from sqlalchemy import event, func, select

from civic.kernel.clock import SetClock
from civic.kernel.database import reading, writing
from identity import accounts, key_box, links, notices, sessions, tables
from identity.passkeys import Asked
from identity.side import Private
from tests.identity.soft_key import SoftKey
from tests.identity.test_pages import KEY, WORDS, Left, Person, application, hidden, signed_up
from tests.identity.test_passkeys import me_of

OTHER_WORDS = "nine lamps over the cold harbour"


def client(side: Private, token: str = "") -> httpx.AsyncClient:
    cookies = {"civic": token} if token else {}
    return httpx.AsyncClient(
        transport=application(side, Left()), base_url="http://localhost", cookies=cookies
    )


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    async with client(side) as one:
        yield one


async def other_browser(browser: httpx.AsyncClient, side: Private) -> httpx.AsyncClient:
    """Sign the same person in in another browser."""
    me = await me_of(side, browser.cookies["civic"])
    async with writing(side.engine) as unit:
        token = await sessions.start(
            unit, me.account_id, me.data_key, side.clock.now(), fresh=True, by="passphrase"
        )
    return client(side, token)


async def add_passkey(browser: httpx.AsyncClient, key: SoftKey, name: str = "") -> str:
    """Add a passkey as the script does, and return its local id."""
    begun = await browser.post("/passkeys/add/begin", headers={"accept": "application/json"})
    assert begun.status_code == 200, begun.text
    asked = msgspec.json.decode(begun.content, type=Asked)
    given = key.make(asked, name)
    done = await browser.post("/passkeys/add", content=msgspec.json.encode(given))
    assert done.status_code == 200, done.text
    return str(done.json()["passkey"])


async def test_a_second_way_is_asked_for_kindly(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    page = await browser.get("/account")
    assert "Add a second way to sign in" in page.text
    await add_passkey(browser, SoftKey(), "the key in the drawer")
    page = await browser.get("/account")
    assert "Add a second way to sign in" not in page.text
    assert "the key in the drawer" in page.text
    me = await me_of(side, browser.cookies["civic"])
    async with reading(side.engine) as unit:
        assert await accounts.authenticator_count(unit, me.account_id) == 2


async def test_a_factor_is_changed_only_with_a_fresh_one(
    browser: httpx.AsyncClient, clock: SetClock
) -> None:
    await signed_up(browser, clock)
    own = await add_passkey(browser, SoftKey())
    clock.advance(timedelta(minutes=6))
    asked = {"accept": "application/json"}
    for path in ("/passkeys/add/begin", "/passkeys/add"):
        body = {"ticket": "", "credential": {}}
        refused = await browser.post(path, json=body, headers=asked)
        assert refused.json()["type"] == "/problems/request.step_up_needed"
    for path in (
        "/account/authenticators/new", "/account/passphrase",
        f"/account/authenticators/{own}/remove",
    ):  # fmt: skip
        assert (await browser.get(path)).status_code == 401
    for path in (
        "/account/name", "/account/passphrase", "/account/passphrase/confirm",
        f"/account/authenticators/{own}/remove",
    ):  # fmt: skip
        page = await browser.post(path, data={"key": KEY, "sure": "yes"})
        assert page.status_code == 401
        assert "Is it you?" in page.text


async def test_changes_are_told_on_all_other_devices_until_read(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    added, removed, swapped = (notices.TEXTS[kind] for kind in (
        notices.PASSKEY_ADDED, notices.AUTHENTICATOR_REMOVED, notices.NAME_SWAPPED))  # fmt: skip
    async with await other_browser(browser, side) as other, client(side) as stranger:
        await signed_up(stranger, clock)
        own = await add_passkey(browser, SoftKey())
        for _ in range(2):
            page = await other.get("/account")
            assert f"2026-11-22: {added}" in page.text
        assert added not in (await browser.get("/account")).text
        assert added not in (await stranger.get("/account")).text
        await browser.post("/account/name", data={"key": KEY})
        sure = {"key": KEY, "sure": "yes"}
        await browser.post(f"/account/authenticators/{own}/remove", data=sure)
        page = await other.get("/account")
        assert all(text in page.text for text in (added, removed, swapped))
        seen = await other.post("/account/notices/seen", data={"key": KEY})
        assert seen.status_code == 303
        page = await other.get("/account")
        assert not any(text in page.text for text in (added, removed, swapped))


async def test_a_notice_goes_with_its_session_and_stays_through_a_step_up(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    person = await signed_up(browser, clock)
    async with await other_browser(browser, side) as other:
        await add_passkey(browser, SoftKey())
        await other.post("/account/step-up", data={"key": KEY} | _proof(person))
        assert notices.TEXTS[notices.PASSKEY_ADDED] in (await other.get("/account")).text
        await other.post("/sign-out", data={"key": KEY})
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.notice)) == 0


async def test_a_notice_has_a_text(browser: httpx.AsyncClient, side: Private) -> None:
    async with writing(side.engine) as unit:
        with pytest.raises(KeyError):
            await notices.tell(unit, "a", "unheard_of", side.clock.now())


def _proof(person: Person) -> dict[str, str]:
    return {name: value for name, value in person.credentials().items() if name != "name"}


async def test_each_way_says_when_it_was_used_last(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    person = await signed_up(browser, clock)
    clock.advance(timedelta(days=3))
    await browser.post("/sign-in", data={"key": KEY, "next": ""} | person.credentials())
    page = await browser.get("/account")
    assert page.text.count(">Wed 25 Nov 2026<") == 2
    clock.advance(timedelta(days=1))
    await browser.post("/account/step-up", data={"key": KEY} | _proof(person))
    page = await browser.get("/account/authenticators/passphrase")
    assert "Thu 26 Nov 2026" in page.text


async def test_names_are_ones_own(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    own = await add_passkey(browser, SoftKey())
    me = await me_of(side, browser.cookies["civic"])
    device = me.id_hash.hex()
    for path, name in (
        (f"/account/authenticators/{own}", "Großmutters Schlüssel"),
        ("/account/authenticators/passphrase", "the old way"),
        (f"/account/devices/{device}", "the <b>phone</b>"),
    ):
        renamed = await browser.post(path + "/name", data={"key": KEY, "own_name": name})
        assert renamed.status_code == 303
        page = await browser.get("/account")
        assert name.replace("<", "&lt;").replace(">", "&gt;") in page.text
        long = await browser.post(path + "/name", data={"key": KEY, "own_name": "ü" * 61})
        assert long.status_code == 422
        full = await browser.post(path + "/name", data={"key": KEY, "own_name": "ü" * 60})
        assert full.status_code == 303
    async with reading(side.engine) as unit:
        sealed = await unit.scalars(select(tables.passkey.c.sealed_name))
        lengths = {len(one) for one in sealed if one is not None}
    assert len(lengths) == 1
    async with client(side) as stranger:
        await signed_up(stranger, clock)
        for path in (f"/account/authenticators/{own}", f"/account/devices/{device}"):
            assert (await stranger.get(path)).status_code == 404
            renamed = await stranger.post(path + "/name", data={"key": KEY, "own_name": "x"})
            assert renamed.status_code == 404
        sure = {"key": KEY, "sure": "yes"}
        theirs = await stranger.post(f"/account/authenticators/{own}/remove", data=sure)
        assert theirs.status_code == 404


async def test_the_last_one_is_not_removed(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    sure = {"key": KEY, "sure": "yes"}
    refused = await browser.post("/account/authenticators/passphrase/remove", data=sure)
    assert refused.status_code == 422
    assert "your only way to sign in" in refused.text
    await add_passkey(browser, SoftKey())
    unsure = await browser.post("/account/authenticators/passphrase/remove", data={"key": KEY})
    assert unsure.status_code == 422
    me = await me_of(side, browser.cookies["civic"])
    async with writing(side.engine) as unit:
        await key_box.begin(unit, me.account_id, key_box.Box("passphrase", b"wrapped"))
    done = await browser.post("/account/authenticators/passphrase/remove", data=sure)
    assert done.status_code == 303
    async with reading(side.engine) as unit:
        assert await key_box.boxes(unit, me.account_id) == []
        for table in (tables.passphrase, tables.totp):
            assert await unit.scalar(select(func.count()).select_from(table)) == 0


async def test_passphrase_and_phone_are_replaced(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    person = await signed_up(browser, clock)
    first = await browser.get("/account/passphrase")
    for typed, repeated in (("password1", "password1"), (OTHER_WORDS, "other"), ("", "")):
        data = hidden(first) | {"passphrase": typed, "repeated": repeated}
        assert (await browser.post("/account/passphrase", data=data)).status_code == 422
    data = hidden(first) | {"passphrase": OTHER_WORDS, "repeated": OTHER_WORDS}
    second = await browser.post("/account/passphrase", data=data)
    secret = re.search(r"secret=([A-Z2-7]{32})", second.text)
    assert secret is not None
    wrong = await browser.post("/account/passphrase/confirm", data=hidden(second) | {"code": "12"})
    assert wrong.status_code == 422
    code = pyotp.TOTP(secret[1]).at(clock.now())
    data = hidden(wrong) | {"code": code}
    done = await browser.post("/account/passphrase/confirm", data=data)
    assert done.headers["location"] == "/account"
    twice = await browser.post("/account/passphrase/confirm", data=data)
    assert twice.headers["location"] == "/account/passphrase"
    assert await accounts.sign_in(side, person.name, WORDS, person.code()) is None
    clock.advance(timedelta(seconds=30))
    code = pyotp.TOTP(secret[1]).at(clock.now())
    assert await accounts.sign_in(side, person.name, OTHER_WORDS, code) is not None


async def test_another_persons_ticket_sets_no_passphrase(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    data = hidden(await browser.get("/account/passphrase"))
    second = await browser.post(
        "/account/passphrase", data=data | {"passphrase": OTHER_WORDS, "repeated": OTHER_WORDS}
    )
    secret = re.search(r"secret=([A-Z2-7]{32})", second.text)
    assert secret is not None
    async with client(side) as stranger:
        await signed_up(stranger, clock)
        code = pyotp.TOTP(secret[1]).at(clock.now())
        refused = await stranger.post(
            "/account/passphrase/confirm", data=hidden(second) | {"code": code}
        )
        assert refused.headers["location"] == "/account/passphrase"


async def test_an_account_without_any_may_add_its_first(side: Private) -> None:
    now = side.clock.now()
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, now)
        secret = await links.issue(unit, made.account_id, made.data_key, now)
    async with client(side) as browser:
        await browser.post(f"/enter/{secret}", data={"key": KEY})
        assert (await browser.get("/account/authenticators/new")).status_code == 200
        await add_passkey(browser, SoftKey())
        assert (await browser.get("/account/authenticators/new")).status_code == 401


async def test_the_script_is_told_what_went_wrong(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    key = SoftKey()
    asks = {"accept": "application/json"}
    begun = await browser.post("/passkeys/sign-in/begin", headers=asks)
    asked = msgspec.json.decode(begun.content, type=Asked)
    key.user = bytes(64)
    unknown = msgspec.json.encode(key.prove(asked))
    failed = await browser.post("/passkeys/sign-in", content=unknown, headers=asks)
    assert (failed.status_code, failed.json()["type"]) == (
        401, "/problems/identity.passkey_failed",
    )  # fmt: skip
    clock.advance(timedelta(minutes=11))
    over = await browser.post("/passkeys/sign-in", content=unknown, headers=asks)
    assert (over.status_code, over.json()["type"]) == (409, "/problems/identity.passkey_over")
    stale = await browser.post("/passkeys/sign-up/begin", json={"page": "nothing"}, headers=asks)
    assert stale.json()["type"] == "/problems/identity.passkey_over"


async def test_pages_ask_few_queries(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    own = await add_passkey(browser, SoftKey())
    asked: list[str] = []

    @event.listens_for(side.engine.sync_engine, "before_cursor_execute")
    def _noted(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    for path in (
        "/account", "/account/authenticators/new", f"/account/authenticators/{own}",
        "/account/passphrase", "/sign-in", "/sign-up", "/account/step-up",
    ):  # fmt: skip
        asked.clear()
        page = await browser.get(path)
        assert page.status_code == 200
        # The session itself is loaded past this counter, by one more.
        assert len(asked) <= 4, (path, asked)
