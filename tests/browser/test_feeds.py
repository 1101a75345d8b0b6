"""Pages of feeds and webhooks, with all that they can show, are no wider than a screen."""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests import town as towns
from tests.browser.conftest import Served
from tests.town import Town, Visitor

SHOTS = os.environ.get("CIVIC_SHOTS")
"""A folder for screenshots, for who wants to look at them."""


@pytest.fixture
def calling(database_url: str, data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """A town whose operator allows webhooks."""
    allowing = partial(towns.settings_of, CIVIC_WEBHOOKS="on")
    monkeypatch.setattr("tests.town.settings_of", allowing)
    there = Served(database_url, data)
    yield there
    there.close()


async def _stage(town: Town) -> tuple[str, Visitor]:
    people = [await town.person() for _ in range(3)]
    path = await town.founded(*people, visibility="chapter")
    await town.pass_time(minutes=70)
    await town.stepped_up(people[0])
    return path, people[0]


def fits(page: Page, name: str) -> None:
    """Check that nothing sticks out of a page, and that nothing is broken in it."""
    wide = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)
    assert wide <= 0, (name, wide)


@pytest.mark.parametrize("width", [375, 1280])
def test_they_fit(calling: Served, browser: Browser, width: int) -> None:
    path, lead = calling.do(_stage(calling.town))
    context = browser.new_context(viewport={"width": width, "height": 800}, locale="en-GB")
    context.add_cookies(
        [{"name": "civic", "value": lead.client.cookies["civic"], "url": calling.address}]
    )
    page = context.new_page()
    page.goto(f"{calling.address}{path}/feeds")
    page.get_by_role("button", name="Make a secret address").click()
    page.get_by_text("They are shown this one time.").wait_for()
    fits(page, f"feeds-{width}")
    page.goto(f"{calling.address}{path}/webhooks")
    page.get_by_label("The receiver's address").fill("https://10.0.0.1/")
    page.get_by_role("button", name="Register it").click()
    page.get_by_text("There is a problem").wait_for()
    fits(page, f"webhooks-refused-{width}")
    long = "https://news.of-our-chapter.example.org/" + "incoming-from-civic/" * 5
    page.get_by_label("The receiver's address").fill(long)
    page.get_by_role("button", name="Register it").click()
    page.get_by_text("whsec_").wait_for()
    fits(page, f"webhooks-{width}")
    page.goto(f"{calling.address}{path}")
    fits(page, f"chapter-{width}")
    context.close()
