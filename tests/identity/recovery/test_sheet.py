"""The recovery sheet: shown once, in force when two of its codes were typed in again."""

import gzip
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import httpx
import pytest
from sqlalchemy import event, func, select

from civic.kernel.clock import SetClock
from civic.kernel.database import reading
from identity import notices, vault
from identity.recovery import codes, sheet, tables
from identity.recovery.sheet_texts import SHEET_TEXTS
from identity.side import Private
from tests.identity.test_pages import KEY, hidden, signed_up
from tests.identity.test_passkeys import me_of
from tests.identity.test_ways import client, other_browser

SHEET = "/account/recovery/sheet"


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    async with client(side) as one:
        yield one


def codes_of(page: httpx.Response) -> list[str]:
    return re.findall(r"<li><code>([^<]+)</code></li>", page.text)


async def drawn(browser: httpx.AsyncClient) -> tuple[list[str], dict[str, str]]:
    """Draw a sheet; return its codes and the fields of its form."""
    page = await browser.post(SHEET, data={"key": KEY})
    assert page.status_code == 200, page.text
    return codes_of(page), hidden(page)


async def confirmed(browser: httpx.AsyncClient) -> list[str]:
    """Draw a sheet and put it in force; return its codes."""
    own, fields = await drawn(browser)
    asking = await browser.post(f"{SHEET}/written", data=fields)
    first, second = (int(n) for n in re.findall(r"Code number (\d)", asking.text))
    typed = {"first_code": own[first - 1].lower(), "second_code": own[second - 1].replace("-", " ")}
    done = await browser.post(f"{SHEET}/confirm", data=hidden(asking) | typed)
    assert done.status_code == 303, done.text
    return own


async def stored(side: Private) -> set[bytes]:
    async with reading(side.engine) as unit:
        return set(await unit.scalars(select(tables.code.c.code_hash)))


async def test_a_sheet_counts_when_two_codes_were_typed(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    assert "You have no recovery sheet yet" in (await browser.get("/account")).text
    own, fields = await drawn(browser)
    assert len(set(own)) == sheet.CODES == 8
    assert await stored(side) == set()
    asking = await browser.post(f"{SHEET}/written", data=fields)
    assert not any(code in asking.text for code in own)
    first, second = (int(n) for n in re.findall(r"Code number (\d)", asking.text))
    assert 1 <= first < second <= 8
    right = (own[first - 1], own[second - 1])
    for one, other in ((right[0], right[0]), right[::-1], ("", right[1]), (right[0], "x")):
        wrong = await browser.post(
            f"{SHEET}/confirm", data=hidden(asking) | {"first_code": one, "second_code": other}
        )
        assert wrong.status_code == 422
    assert await stored(side) == set()
    typed = hidden(asking) | dict(zip(("first_code", "second_code"), right, strict=True))
    async with await other_browser(browser, side) as other_one:
        assert (await browser.post(f"{SHEET}/confirm", data=typed)).status_code == 303
        kept = await stored(side)
        assert len(kept) == 8
        again = await browser.post(f"{SHEET}/confirm", data=typed)
        assert again.headers["location"] == "/account/recovery"
        assert await stored(side) == kept
        assert notices.TEXTS[notices.SHEET_MADE] in (await other_one.get("/account")).text
    assert "8 of its codes are unused" in (await browser.get("/account/recovery")).text
    assert "You have no recovery sheet yet" not in (await browser.get("/account")).text


async def test_each_code_opens_the_account_and_no_dump_does(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    own = await confirmed(browser)
    me = await me_of(side, browser.cookies["civic"])
    async with reading(side.engine) as unit:
        rows = {row.code_hash: row for row in await unit.execute(select(tables.code))}
    assert {row.account_id for row in rows.values()} == {me.account_id}
    for code in own:
        row = rows[codes.code_hash(side.keys.recovery, code, sheet.USE)]
        key = codes.code_key(side.keys.recovery, code, sheet.USE)
        assert vault.unwrap(key, row.wrapped_key, me.account_id) == me.data_key
        assert codes.read(code).encode() not in row.code_hash + row.wrapped_key


async def test_the_old_sheet_stays_until_the_new_one_is_confirmed(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    await confirmed(browser)
    old = await stored(side)
    _own, fields = await drawn(browser)
    await browser.post(f"{SHEET}/written", data=fields)
    assert await stored(side) == old
    await confirmed(browser)
    assert len(await stored(side)) == 8
    assert not old & await stored(side)


async def test_a_sheet_is_ones_own_and_ends(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    _own, fields = await drawn(browser)
    async with client(side) as stranger:
        await signed_up(stranger, clock)
        for path in (SHEET, f"{SHEET}/written", f"{SHEET}/confirm"):
            refused = await stranger.post(
                path, data=fields | {"first_code": "a", "second_code": "b"}
            )
            assert (refused.status_code, refused.headers["location"]) == (303, "/account/recovery")
    clock.advance(timedelta(minutes=6))
    typed = {"first_code": "CODEA", "second_code": "CODEB"}
    for path in (SHEET, f"{SHEET}/written", f"{SHEET}/confirm"):
        asked = await browser.post(path, data=fields | typed)
        assert asked.status_code == 401
        assert not any(code in asked.text for code in typed.values())
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.code)) == 0


@pytest.mark.parametrize("tag", SHEET_TEXTS)
async def test_the_sheet_speaks_every_language(
    browser: httpx.AsyncClient, clock: SetClock, tag: str
) -> None:
    person = await signed_up(browser, clock)
    own, fields = await drawn(browser)
    page = await browser.post(SHEET, data=fields | {"language": tag})
    assert codes_of(page) == own
    assert page.headers["cache-control"] == "no-store"
    text, texts = unescape(page.text), SHEET_TEXTS[tag]
    for sentence in (
        texts.title, texts.purpose, texts.keep, texts.codes_note, texts.voting,
        texts.seed_needs_script, texts.seed_note, texts.seed_locked,
    ):  # fmt: skip
        assert sentence in text
    assert f'<section class="sheet" lang="{tag}"' in page.text
    assert person.name in page.text
    assert "http://localhost/recover" in page.text


async def test_the_pages_are_small_and_ask_few_queries(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    await signed_up(browser, clock)
    asked: list[str] = []

    @event.listens_for(side.engine.sync_engine, "before_cursor_execute")
    def _noted(_c: object, _cursor: object, statement: str, *_: object) -> None:
        asked.append(statement)

    paths = ("/account", "/account/recovery", "/account/recovery/seed", "/recover")
    for path in (*paths, "/recover/guardians", SHEET):
        asked.clear()
        page = await (browser.post(path, data={"key": KEY}) if path == SHEET else browser.get(path))
        assert page.status_code == 200
        assert len(gzip.compress(page.content)) <= 15_000, path
        # The session itself is loaded past this counter, by one more.
        assert len(asked) <= 4, (path, asked)
