"""Pages of auditors, alarms and the operator on a phone and on a desk: no wider than the screen."""

import os
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import text

from chapters.alarms import queries
from civic.kernel import keys
from civic.kernel.database import reading, writing
from civic.operate import operator_sessions
from tests.browser.conftest import Served
from tests.town import Town, Visitor

PUBLIC = keys.public_key(keys.signing_key(bytes(range(32)))).hex()
SHOTS = os.environ.get("CIVIC_SHOTS")
"""A folder for screenshots, for who wants to look at them."""


async def _stage(town: Town) -> tuple[str, Visitor, str]:
    """Found a chapter, let an alarm be kept; return its path, its lead and an operator's link."""
    people = [await town.person() for _ in range(3)]
    path = await town.founded(*people, visibility="network")
    await people[1].send(f"{path}/you", "/people/name", name="Birutė Pavyzdytė")
    node = town.node
    async with reading(node.engine) as db:
        log = await db.scalar(text("SELECT no FROM record.log"))
        ids = (await db.scalars(text("SELECT id FROM view.member"))).all()
    await town.pass_time(minutes=70)
    today = town.clock.now().date()
    async with writing(node.engine) as unit:
        looked = queries.Looked(today, tuple(ids))
        await queries.keep(unit, node.book.vault, int(log or 0), looked)
        secret = await operator_sessions.issue_link(unit, town.clock.now())
    await town.stepped_up(people[0])
    return path, people[0], secret


@pytest.mark.parametrize("width", [375, 1280])
def test_nothing_is_wider_than_the_screen(served: Served, browser: Browser, width: int) -> None:
    path, lead, secret = served.do(_stage(served.town))
    context = browser.new_context(viewport={"width": width, "height": 900})
    token = lead.client.cookies["civic"]
    context.add_cookies([{"name": "civic", "value": token, "url": served.address}])
    page = context.new_page()

    def look(name: str) -> None:
        wide: Any = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0, (name, wide)
        if SHOTS:
            page.screenshot(path=Path(SHOTS) / f"{name}-{width}.png", full_page=True)

    page.goto(f"{served.address}{path}/auditors")
    page.get_by_label("Whom is it for?").fill("Auditors of the congress")
    page.get_by_label("Their public key").fill(PUBLIC)
    page.get_by_role("button", name="Give a token").click()
    page.get_by_text("It is shown this one time.").wait_for()
    look("auditors")
    page.goto(f"{served.address}{path}/alarms")
    page.get_by_role("heading", name="Members whom few paths reach").wait_for()
    look("alarms")
    page.goto(f"{served.address}/operator/enter/{secret}")
    look("enter")
    page.get_by_role("button", name="Open it").click()
    page.get_by_role("heading", name="What the doctor finds").wait_for()
    look("operator")
    page.get_by_role("button", name="Close this page").click()
    page.get_by_text("The operator's page is closed.").wait_for()
    assert [one["name"] for one in context.cookies() if "operator" in one.get("name", "")] == []
    context.close()
