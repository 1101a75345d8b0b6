import re

import httpx
import pytest
from litestar.testing import RequestFactory

from civic.kernel.web.pages import ChapterFrame, Frame, Link, Pages, Site, see_other

CHAPTER = "07" + "ab" * 31


async def test_a_page_has_an_etag_and_answers_304(client: httpx.AsyncClient) -> None:
    first = await client.get("/page")
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["vary"] == "cookie, accept-language"
    again = await client.get("/page", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]
    other = await client.get("/page", headers={"if-none-match": 'W/"0"'})
    assert other.status_code == 200


async def test_a_line_is_shown_once(client: httpx.AsyncClient) -> None:
    sent = await client.post("/form", data={"key": "k" * 32, "title": "a title"})
    assert sent.status_code == 303
    assert sent.headers["location"] == "/page"
    cookie = sent.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Max-Age=60" in cookie
    shown = await client.get("/page")
    assert "Kept &lt;a title&gt;" in shown.text
    assert shown.headers["cache-control"] == "no-store"
    assert "etag" not in shown.headers
    assert "Kept" not in (await client.get("/page")).text


async def test_a_line_nobody_signed_is_not_shown(client: httpx.AsyncClient) -> None:
    client.cookies.set("flash", "eyJ0ZXh0IjoiaGkifQ.AAAAAAAAAAAAAAAAAAAAAA")
    answer = await client.get("/page")
    assert answer.status_code == 200
    assert "flash" not in answer.text


@pytest.mark.parametrize("place", ["https://evil.test/", "//evil.test", "/\\evil.test", "page"])
def test_people_are_sent_on_within_the_node_only(place: str) -> None:
    request = RequestFactory().get()
    with pytest.raises(ValueError, match="this node only"):
        see_other(request, place)


async def test_the_frame_names_and_escapes(client: httpx.AsyncClient) -> None:
    text = (await client.get("/page")).text
    assert '<html lang="en">' in text
    assert "Test &lt;network&gt;" in text
    assert 'href="#main"' in text
    assert '<main id="main"' in text
    assert "This is a demonstration." in text
    assert 'href="/sign-in"' in text


def test_a_chapter_brings_colour_band_navigation_and_replica_line(pages: Pages) -> None:
    nav = (Link("Record", "/c/record", current=True),)
    chapter = ChapterFrame(CHAPTER, "River & <sea>", "/c", nav, replica_of="b.test", as_of="today")
    frame = Frame(pages.site, chapter=chapter, accent=chapter.accent)
    text = pages.page_bytes("problems.html", frame, {"groups": [], "all": True}).decode()
    assert '<body class="accent-7">' in text
    assert "River &amp; &lt;sea&gt;" in text
    assert 'class="ornament-band accent-7"' in text
    assert 'href="/c/record" aria-current="page"' in text
    assert "verified copy from b.test, as it stood on today" in text


def test_pages_carry_no_inline_style_or_script(pages: Pages) -> None:
    text = pages.page_bytes(
        "problems.html", pages.bare_frame(), {"groups": [], "all": True}
    ).decode()
    assert "<style" not in text
    scripts = re.findall(r"<script[^>]*>[^<]*", text)
    assert all(re.fullmatch(r'<script type="module" src="/static/[^"]+">', one) for one in scripts)
    assert "style=" not in text


def test_cookies_are_bound_to_https_where_there_is_https() -> None:
    cookie = Pages(Site(secure=True), b"k" * 32).spent_flash_cookie()
    assert cookie.key == "__Host-flash"
    assert cookie.secure is True
