"""The emergency exit ends everything that is open, asks nothing, and works for nobody too."""

from datetime import timedelta

import httpx
from sqlalchemy import func, select

from civic.kernel.clock import SetClock
from civic.kernel.database import reading, writing
from identity import exports, links, sessions, tables
from identity.side import Private
from tests.identity.test_access_tokens import bearing, browser, made, person
from tests.identity.test_pages import Person

__all__ = ["browser", "person"]


async def test_one_press_ends_everything(
    browser: httpx.AsyncClient, person: Person, side: Private, clock: SetClock
) -> None:
    other = (await browser.post("/api/v1/sessions", json=person.credentials())).json()["token"]
    token = await made(browser, "read")
    async with reading(side.engine) as unit:
        me = await sessions.load(unit, browser.cookies["civic"], clock.now())
    assert me is not None
    async with writing(side.engine) as unit:
        secret = await links.issue(unit, me.account_id, me.data_key, clock.now())
        await exports.ask(unit, me, clock.now())
    clock.advance(timedelta(hours=1))

    page = await browser.post("/panic")
    assert (page.status_code, page.headers["location"]) == (303, "/")
    assert page.headers["clear-site-data"] == '"cache", "storage"'
    assert page.headers["cache-control"] == "no-store"
    assert "civic" not in browser.cookies
    assert "flash" in browser.cookies
    for worthless in (other, token):
        assert (await browser.get("/api/v1/read", headers=bearing(worthless))).status_code == 401
    assert (await browser.get(f"/enter/{secret}")).status_code == 410
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.export_request)) == 0
        assert await unit.scalar(select(func.count()).select_from(tables.account)) == 1


async def test_who_is_signed_out_has_the_browser_wiped(browser: httpx.AsyncClient) -> None:
    page = await browser.post("/panic")
    assert page.status_code == 303
    assert page.headers["clear-site-data"] == '"cache", "storage"'


async def test_the_button_is_on_every_page_of_who_is_signed_in(
    browser: httpx.AsyncClient, person: Person
) -> None:
    button = '<form method="post" action="/panic"><button class="bare" type="submit">'
    for path in ("/account", "/account/tokens", "/account/delete", "/sign-in"):
        assert button in (await browser.get(path)).text
    shown = await browser.get("/panic")
    assert 'action="/panic"' in shown.text
    assert shown.headers["cache-control"] == "public, no-cache"
    await browser.post("/panic")
    assert button not in (await browser.get("/sign-in")).text


async def test_another_site_cannot_press_it(browser: httpx.AsyncClient, person: Person) -> None:
    refused = await browser.post("/panic", headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert (await browser.get("/account")).status_code == 200
