"""Back into an account by a code of the sheet: new factors, old sessions dead, all others told."""

import re
import statistics
import time
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import msgspec
import pyotp
import pytest

from civic.kernel.clock import SetClock
from civic.kernel.database import Writing, reading, writing
from identity import accounts, exports, limits, links, notices, vault
from identity.passkeys import Asked
from identity.recovery import codes, sheet, way_back
from identity.side import Private
from identity.vault import Vault
from tests.identity.recovery.test_sheet import confirmed, stored
from tests.identity.soft_key import SoftKey
from tests.identity.test_pages import KEY, hidden, signed_up
from tests.identity.test_passkeys import me_of
from tests.identity.test_ways import OTHER_WORDS, add_passkey, client, other_browser

MOST = 0.005
"""Seconds by which medians may differ."""


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    async with client(side) as one:
        yield one


async def with_code(stranger: httpx.AsyncClient, code: str) -> httpx.Response:
    return await stranger.post("/recover", data={"key": KEY, "sheet_code": code})


async def with_passphrase(
    stranger: httpx.AsyncClient, page: httpx.Response, clock: SetClock
) -> str:
    """Set passphrase and phone; return the phone's secret."""
    typed = {"passphrase": OTHER_WORDS, "repeated": OTHER_WORDS}
    phone = await stranger.post("/recover/passphrase", data=hidden(page) | typed)
    secret = re.search(r"secret=([A-Z2-7]{32})", phone.text)
    assert secret is not None
    code = pyotp.TOTP(secret[1]).at(clock.now())
    done = await stranger.post("/recover/confirm", data=hidden(phone) | {"code": code})
    assert done.headers["location"] == "/account/recovered?new=passphrase"
    return secret[1]


async def signed_in(one: httpx.AsyncClient) -> bool:
    return (await one.get("/account")).status_code == 200


async def test_a_code_brings_the_account_back_and_ends_all_else(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    person = await signed_up(browser, clock)
    own = await confirmed(browser)
    lost = await add_passkey(browser, SoftKey(), "the lost key")
    me = await me_of(side, browser.cookies["civic"])
    before = me.vault
    async with writing(side.engine) as unit:
        link = await links.issue(unit, me.account_id, me.data_key, side.clock.now())
    async with await other_browser(browser, side) as other, client(side) as stranger:
        page = await with_code(stranger, own[4].lower())
        assert "Set a new way to sign in" in page.text
        assert len(await stored(side)) == 8
        assert await signed_in(other)
        secret = await with_passphrase(stranger, page, clock)
        assert not await signed_in(browser)
        assert not await signed_in(other)
        assert (await other.post(f"/enter/{link}", data={"key": KEY})).status_code == 410
        assert await accounts.sign_in(side, person.name, "", person.code()) is None
        back = await me_of(side, stranger.cookies["civic"])
        assert (back.account_id, back.vault, back.data_key) == (me.account_id, before, me.data_key)
        listed = await stranger.get("/account/recovered?new=passphrase")
        assert "the lost key" in listed.text
        assert "Passphrase and phone" not in listed.text
        cleared = await stranger.post(
            "/account/recovered", data=hidden(listed) | {"remove": [lost]}
        )
        assert cleared.headers["location"] == "/account"
        account = await stranger.get("/account")
        assert "the lost key" not in account.text
        # The one who came back knows; whoever signs in from now on is told.
        assert notices.TEXTS[notices.RECOVERED] not in account.text
        clock.advance(timedelta(seconds=30))
        code = pyotp.TOTP(secret).at(clock.now())
        token = await accounts.sign_in(side, person.name, OTHER_WORDS, code)
        assert token is not None
        async with client(side, token) as later:
            assert notices.TEXTS[notices.RECOVERED] in (await later.get("/account")).text
    assert len(await stored(side)) == 7


async def test_coming_back_ends_what_programs_reach_without_signing_in(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    """Whoever had the account may have made secret addresses and asked for a copy."""
    await signed_up(browser, clock)
    own = await confirmed(browser)
    me = await me_of(side, browser.cookies["civic"])
    ended: list[tuple[bytes, Vault]] = []

    async def end_opened(unit: Writing, data_key: bytes, vault: Vault) -> None:
        ended.append((data_key, vault))

    object.__setattr__(side, "end_opened", end_opened)
    async with writing(side.engine) as unit:
        await exports.ask(unit, me, clock.now())
    async with client(side) as stranger:
        await with_passphrase(stranger, await with_code(stranger, own[4]), clock)
    assert ended == [(me.data_key, me.vault)]
    async with reading(side.engine) as seen:
        assert await exports.ready_day(seen, me.account_id) is None


async def test_what_is_removed_afterwards_leaves_no_session_behind(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    """Whoever stole a passkey signs in between the recovery and the removal."""
    await signed_up(browser, clock)
    own = await confirmed(browser)
    stolen = await add_passkey(browser, SoftKey(), "the stolen key")
    async with client(side) as stranger:
        await with_passphrase(stranger, await with_code(stranger, own[0]), clock)
        async with await other_browser(stranger, side) as thief:
            assert await signed_in(thief)
            listed = await stranger.get("/account/recovered?new=passphrase")
            await stranger.post("/account/recovered", data=hidden(listed) | {"remove": [stolen]})
            assert not await signed_in(thief)
        assert await signed_in(stranger)


async def test_a_code_works_once_and_looks_like_any_other_afterwards(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    own = await confirmed(browser)
    async with client(side) as stranger:
        page = await with_code(stranger, own[0])
        twin = await with_code(stranger, own[0])
        await with_passphrase(stranger, page, clock)
        over = await stranger.post(
            "/recover/passphrase",
            data=hidden(twin) | {"passphrase": OTHER_WORDS, "repeated": OTHER_WORDS},
        )
        secret = re.search(r"secret=([A-Z2-7]{32})", over.text)
        assert secret is not None
        code = pyotp.TOTP(secret[1]).at(clock.now())
        refused = await stranger.post("/recover/confirm", data=hidden(over) | {"code": code})
        assert (refused.status_code, refused.headers["location"]) == (303, "/recover")
    async with client(side) as stranger:
        answers = set()
        for code in (own[0], codes.draw(), codes.draw(), "nothing", "%s"):
            answer = await with_code(stranger, code)
            body = re.sub("[0-9a-f]{32}", "", answer.text).replace(f'value="{code}"', "")
            answers.add((answer.status_code, body))
        assert len(answers) == 1
        assert next(iter(answers))[0] == 422


async def test_a_passkey_can_be_the_new_way(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    own = await confirmed(browser)
    asks = {"accept": "application/json"}
    async with client(side) as stranger:
        ticket = hidden(await with_code(stranger, own[0]))["ticket"]
        begun = await stranger.post("/passkeys/recover/begin", json={"page": ticket}, headers=asks)
        asked = msgspec.json.decode(begun.content, type=Asked)
        given = msgspec.json.encode(SoftKey(secret=bytes(32)).make(asked))
        done = await stranger.post("/passkeys/recover", content=given, headers=asks)
        assert done.status_code == 200, done.text
        new = done.json()["passkey"]
        assert done.json()["next"] == f"/account/recovered?new={new}"
        assert not await signed_in(browser)
        listed = await stranger.get(done.json()["next"])
        assert "Passphrase and phone" in listed.text
        both = {"remove": ["passphrase", new], "new": new}
        refused = await stranger.post("/account/recovered", data=hidden(listed) | both)
        assert refused.status_code == 422
        again = await stranger.post("/passkeys/recover", content=given, headers=asks)
        assert again.json()["type"] == "/problems/identity.passkey_over"
        gone = await stranger.post(
            "/account/recovered", data=hidden(listed) | {"remove": ["passphrase"]}
        )
        assert gone.status_code == 303
        me = await me_of(side, stranger.cookies["civic"])
        async with reading(side.engine) as unit:
            assert await accounts.authenticator_count(unit, me.account_id) == 1


async def test_the_way_back_ends_with_its_ticket(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    own = await confirmed(browser)
    async with client(side) as stranger:
        page = await with_code(stranger, own[0])
        weak = await stranger.post(
            "/recover/passphrase",
            data=hidden(page) | {"passphrase": "password1", "repeated": "password1"},
        )
        assert (weak.status_code, hidden(weak)["ticket"]) == (422, hidden(page)["ticket"])
        differing = await stranger.post(
            "/recover/passphrase", data=hidden(page) | {"passphrase": OTHER_WORDS, "repeated": "x"}
        )
        assert differing.status_code == 422
        clock.advance(timedelta(minutes=61))
        for path in ("/recover/passphrase", "/recover/confirm"):
            typed = {"passphrase": OTHER_WORDS, "repeated": OTHER_WORDS, "code": "1"}
            over = await stranger.post(path, data=hidden(page) | typed)
            assert over.headers["location"] == "/recover"
        assert (await stranger.get("/account/recovered")).status_code == 303
    assert len(await stored(side)) == 8


async def test_tries_are_limited(side: Private) -> None:
    code = codes.draw()
    for _ in range(limits.RECOVER.count):
        assert await way_back.by_code(side, code) is None
    with pytest.raises(limits.Limited):
        await way_back.by_code(side, code)
    assert await way_back.by_code(side, codes.draw()) is None


async def test_used_and_unknown_codes_take_the_same_time(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    used = (await confirmed(browser))[0]
    async with client(side) as stranger:
        await with_passphrase(stranger, await with_code(stranger, used), clock)
    differences = []
    for turn in range(60):
        spent = {}
        unknown = codes.draw()
        for code in (used, unknown) if turn % 2 else (unknown, used):
            hashed = codes.code_hash(side.keys.recovery, code, sheet.USE)
            async with writing(side.engine) as unit:
                await limits.forget(unit, limits.RECOVER, hashed)
            begun = time.perf_counter()
            assert await way_back.by_code(side, code) is None
            spent[code] = time.perf_counter() - begun
        differences.append(spent[used] - spent[unknown])
    assert abs(statistics.median(differences)) < MOST


def test_what_comes_back_holds_no_voting_credential() -> None:
    """Neither what a way back carries nor what it opens has a place for one."""
    assert {field.name for field in msgspec.structs.fields(way_back.WayBack)} == {
        "account_id", "data_key", "name", "by", "proof", "until",
    }  # fmt: skip
    named = {field.name for field in msgspec.structs.fields(vault.Vault)}
    assert not any("credential" in name or "ballot" in name for name in named)


async def test_recovery_changes_nothing_that_votes_rest_on(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    own = await confirmed(browser)
    me = await me_of(side, browser.cookies["civic"])
    held = vault.Membership("c" * 64, "d" * 64, "m" * 26)
    async with writing(side.engine) as unit:
        await vault.update_vault(
            unit, me.account_id, me.data_key, lambda before: before.joined(held)
        )
    async with client(side) as stranger:
        await with_passphrase(stranger, await with_code(stranger, own[0]), clock)
        back = await me_of(side, stranger.cookies["civic"])
    # The tie of a row id is found by its member: a vote is changed, never cast a second time.
    assert back.vault.memberships == (held,)
