"""The whole ladder in real browsers: six contexts, from a founding to level 2, at two widths."""

import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served
from tests.browser.test_journey import WIDTHS, Guest

pytestmark = pytest.mark.browser


@pytest.fixture(autouse=True)
def bare_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The people of this town have no authenticators, so none are asked for."""
    monkeypatch.setattr("civic.pages.levels.AUTHENTICATORS", 0)


def shot(guest: Guest, name: str, width: int) -> None:
    """Keep a picture where the environment names a folder for them."""
    folder = os.environ.get("CIVIC_TEST_PICTURES")
    if folder:
        guest.page.screenshot(path=Path(folder) / f"{name}-{width}.png", full_page=True)


def founded(guests: list[Guest]) -> str:
    """Let five people found a chapter of the town's template; the last two are the verifiers."""
    first, *others = guests
    first.see("/chapters/new")
    first.page.get_by_label("Name").fill("Riverside")
    first.page.get_by_label("Town").check()
    first.page.get_by_label("I know that the rules are a draft").check()
    first.press("Found it")
    path = first.path
    for other in others:
        first.see(path)
        first.press("Invite a founder")
        join(first, other)
    for one in guests:
        one.see(f"{path}/confirm")
        for box in one.page.locator("input[name=met]").all():
            box.check()
        one.press("Confirm")
    first.see(f"{path}/constitute")
    for box in first.page.locator("input[name=founders]").all():
        box.check()
    for name, place in (("lead", 0), ("facilitator", 1), ("verifier", 3), ("second", 4)):
        first.page.locator(f"select[name={name}]").select_option(index=place)
    first.press("Constitute")
    return path


def join(member: Guest, other: Guest) -> None:
    """Follow the invitation that a member has just made."""
    link = member.page.locator(".secret-link").inner_text()
    other.see(urlsplit(link).path)
    other.press("Join")


@pytest.mark.parametrize("width", WIDTHS)
def test_six_people_climb_the_ladder(served: Served, browser: Browser, width: int) -> None:
    people = [Guest(served, browser, width) for _ in range(6)]
    ann, ben, cem, dia, eva, fox = people
    path = founded(people[:5])
    ann.see(f"{path}/people")
    ann.page.get_by_text("Invite somebody").click()
    ann.press("Make an invitation")
    join(ann, fox)

    # Fox shows a code; three founders who are no verifiers type it.
    fox.see(f"{path}/levels")
    shot(fox, "level-0", width)
    fox.press("Show my code")
    code = fox.page.locator("main code").inner_text()
    shot(fox, "code", width)
    for voucher in (ann, ben, cem):
        voucher.see(f"{path}/levels/vouch")
        voucher.page.get_by_label("The code on their phone").fill(code)
        voucher.press("Go on")
        shot(voucher, "vouch", width)
        voucher.press("Vouch for them")
        # Nothing counts before the box is ticked.
        voucher.page.get_by_role("checkbox").check()
        voucher.press("Vouch for them")
        assert "You vouched for them" in voucher.page.locator(".flash").inner_text()
    fox.see(f"{path}/levels")
    assert "Members who met you have vouched for you." in fox.page.content()

    # Two verifiers see fox, each at their own desk.
    fox.press("Ask to be verified")
    fox.press("Open a case")
    shot(fox, "case", width)
    for verifier in (dia, eva):
        verifier.see(f"{path}/verifying")
        shot(verifier, "desk", width)
        with verifier.page.expect_navigation():
            verifier.page.get_by_role("link", name=re.compile("^Case ")).click()
        verifier.check()
        shot(verifier, "verify", width)
        verifier.page.get_by_label("Document in hand").check()
        verifier.press("I confirm")
    fox.see(f"{path}/levels")
    assert "Two verifiers have seen you, document in hand." in fox.page.content()
    shot(fox, "level-2", width)
    fox.see(f"{path}/levels/stored")
    shot(fox, "stored", width)

    # A level can be challenged, and only verifiers decide.
    ann.see(f"{path}/people")
    ann.page.get_by_text("What you can do about").last.locator("..").click()
    with ann.page.expect_navigation():
        ann.page.get_by_role("link", name="challenge the level").last.click()
    ann.check()
    shot(ann, "challenge", width)
    ann.page.get_by_label("What have you seen?").fill("I met the same person under two names.")
    ann.press("Challenge")
    fox.see(f"{path}/levels")
    shot(fox, "disputed", width)
    assert "under two names" in fox.page.content()
    for one in people:
        assert one.complaints == []
