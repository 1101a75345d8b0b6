"""Choosing a language and a time zone."""

import httpx
import pytest


async def test_each_language_and_many_zones_can_be_chosen(client: httpx.AsyncClient) -> None:
    page = await client.get("/language", params={"next": "/page"})
    assert page.status_code == 200
    assert page.headers["cache-control"] == "no-store"
    for name in ("English", "Беларуская", "Беларуская (тарашкевіца)", "Polski", "Lietuvių"):
        assert name in page.text
    assert "<option>Europe/Minsk</option>" in page.text
    assert '<input type="hidden" name="next" value="/page">' in page.text


async def test_a_choice_is_kept_in_the_browser_alone(client: httpx.AsyncClient) -> None:
    sent = {"language": "de", "zone": "Europe/Vilnius", "next": "/page"}
    answer = await client.post("/language", data=sent)
    assert answer.status_code == 303
    assert answer.headers["location"] == "/page"
    kept = answer.headers.get_list("set-cookie")
    assert any(cookie.startswith("lang=de;") and "SameSite=lax" in cookie for cookie in kept)
    assert any(cookie.startswith('zone="Europe/Vilnius";') for cookie in kept)
    page = await client.get("/page")
    assert '<html lang="de">' in page.text
    assert "<option selected>Europe/Vilnius</option>" in (await client.get("/language")).text


async def test_only_what_was_chosen_is_kept(client: httpx.AsyncClient) -> None:
    answer = await client.post("/language", data={"language": "pl"})
    assert answer.headers["location"] == "/"
    assert not any("zone=" in one for one in answer.headers.get_list("set-cookie"))


async def test_what_no_page_offers_changes_nothing(client: httpx.AsyncClient) -> None:
    await client.post("/language", data={"language": "pl", "zone": "Europe/Warsaw"})
    await client.post("/language", data={"language": "xx", "zone": "Mars/Phobos"})
    assert '<html lang="pl">' in (await client.get("/page")).text


@pytest.mark.parametrize(
    "path", ["//other.test/", "/\\other.test", "https://other.test/", "a b", ""]
)
async def test_nobody_is_sent_to_another_site(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.post("/language", data={"language": "ru", "next": path})
    assert answer.headers["location"] == "/"


async def test_browsers_say_which_language_they_like(client: httpx.AsyncClient) -> None:
    page = await client.get("/page", headers={"accept-language": "uk-UA,uk;q=0.9,en;q=0.5"})
    assert '<html lang="uk">' in page.text
    assert "accept-language" in page.headers["vary"]


@pytest.mark.parametrize("cookie", ["lang=../../etc", "lang=be;lang=ru;zone=", "x=lang=de", "lang"])
async def test_odd_cookies_are_no_choice(client: httpx.AsyncClient, cookie: str) -> None:
    page = await client.get("/page", headers={"cookie": cookie})
    assert page.status_code == 200
    assert '<html lang="de">' not in page.text
