"""The whole journey in a browser that runs no scripts: from the line before the door to a receipt.

Everybody else acts through the same pages, outside the browser; the clock is the test's.
"""

import re
from typing import Any
from urllib.parse import urlsplit

import pyotp
import pytest
from playwright.sync_api import Browser, Page

from civic.kernel.record.merkle import leaf_hash
from civic.kernel.record.note import parse_vkey
from civic.kernel.record.proof import parse_proof, verify_proof
from identity import lanes, waiting
from tests.browser.conftest import Served
from tests.browser.test_journey import CHECK
from tests.town import Town, Visitor

pytestmark = pytest.mark.browser
PASSPHRASE = "a kettle sings behind seven doors"


class Newcomer:
    """Somebody with a phone, whose browser runs no scripts."""

    def __init__(self, served: Served, browser: Browser) -> None:
        self.served = served
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": 375, "height": 812}, java_script_enabled=False
        )
        self.page: Page = self.context.new_page()
        self.page.on("console", self._noted)
        self.page.on("request", self._asked)

    def _noted(self, message: Any) -> None:
        # A form with errors is answered with 422, which the console calls a failure.
        if message.type in ("error", "warning") and "422" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.served.address).netloc:
            self.complaints.append(f"asked another host: {request.url}")
        if request.resource_type in ("script", "fetch", "xhr", "eventsource"):
            self.complaints.append(f"asked as a script does: {request.url}")

    def see(self, path: str) -> None:
        self.page.goto(self.served.address + path)
        # Scripts of pages are off; those of the test still run.
        assert self.page.evaluate(CHECK) == [], self.page.url

    def press(self, name: str | re.Pattern[str]) -> None:
        exact = isinstance(name, str)
        main = self.page.locator("main")
        named = main.get_by_role("button", name=name, exact=exact)
        with self.page.expect_navigation():
            named.or_(main.get_by_role("link", name=name, exact=exact)).first.click()
        assert self.page.evaluate(CHECK) == [], self.page.url

    def reads(self, words: str) -> bool:
        """Tell whether something stands on the page."""
        return self.page.get_by_text(words).first.is_visible()

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path


async def _crowd(town: Town) -> None:
    """Let so many sign up at once that the next one waits for some minutes."""
    for _ in range(lanes.SIGN_UP.burst + 12):
        await waiting.come(town.node.private)


async def _founded(town: Town) -> tuple[str, list[Visitor], str, str]:
    """Return a chapter, its three founders, an invitation, and a proposal that needs support."""
    founders = [await town.person() for _ in range(3)]
    path = await town.founded(*founders)
    page = await founders[0].send(f"{path}/people", "/people/invite")
    link = re.search(r"(/c/[0-9a-f]{64}/join/[\w-]+)", page)
    assert link is not None
    await founders[0].send(f"{path}/propose/question", "/propose/question",
                           title="Later hours", text="Open until nine.", lang="en")  # fmt: skip
    return path, founders, link[1], founders[0].path


def _sign_up(one: Newcomer) -> None:
    served = one.served
    served.do(_crowd(served.town))
    one.see("/sign-up")
    assert one.reads("Your turn comes in about 3 minutes.")
    refresh = one.page.locator("meta[http-equiv=refresh]").get_attribute("content")
    assert refresh is not None
    served.pass_time(minutes=3)
    one.see(refresh.partition("url=")[2])
    one.page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
    one.page.get_by_label("The same passphrase again").fill(PASSPHRASE)
    one.press("Go on")
    secret = re.search(r"secret=([A-Z2-7]{32})", one.page.content())
    assert secret is not None
    code = pyotp.TOTP(secret[1]).at(served.town.clock.now())
    one.page.get_by_label("Code from your phone").fill(code)
    one.press("Make my account")


def test_the_whole_journey(served: Served, browser: Browser) -> None:
    town = served.town
    path, founders, invitation, theirs = served.do(_founded(town))
    one = Newcomer(served, browser)
    _sign_up(one)

    one.see(invitation)
    one.press("Join")
    one.see(f"{path}/you")
    one.page.locator("#f-name").fill("Nina without scripts")
    one.press("Save")
    one.see(path)
    one.press("Propose something")
    one.press("Something to be done or agreed")
    one.press("Propose it")
    assert one.reads("There is a problem")
    one.page.locator("#f-title").fill("A bench by the river")
    one.page.get_by_label("What do you propose, and why?").fill("So that *everybody* can rest.")
    one.press("Propose it")
    mine = one.path
    for founder in founders[:2]:
        served.do(founder.send(mine, "/support"))

    one.see(theirs)
    one.press("Support this")
    assert one.reads("You support this.")
    served.do(founders[1].send(theirs, "/support"))
    one.see(theirs)
    one.press("Add an argument for it")
    one.page.get_by_label("Your argument").fill("People work until six.")
    one.press("Add it")
    one.see(theirs)
    one.press("Comment on the proposal")
    one.page.get_by_label("What do you want to say?").fill("Who locks the door?")
    one.press("Say it")
    assert one.reads("Who locks the door?")

    served.pass_time(days=3)
    served.pass_time(minutes=60)
    one.see(theirs)
    one.page.get_by_label("Yes").check()
    one.press("Vote")
    assert one.reads("You have voted.")
    for founder in founders:
        served.do(founder.send(theirs, "/vote", vote="1"))
    served.pass_time(days=4)
    one.see(theirs)
    assert one.reads("Decided: yes")
    assert one.reads("Yes 4, no 0.")

    one.press("Who voted how")
    row = one.page.get_by_role("row").filter(has_text="Nina without scripts")
    with one.page.expect_navigation():
        row.get_by_role("link").click()
    canonical = one.page.locator("details code").text_content()
    link = one.page.get_by_role("link", name="Your receipt for this act").get_attribute("href")
    assert canonical is not None
    assert link is not None
    _proves(one, link, canonical.encode())
    assert one.complaints == []
    one.context.close()


def _proves(one: Newcomer, link: str, entry: bytes) -> None:
    """Check a receipt against the node's key, as anybody can with the bytes on the page."""
    receipt = one.context.request.get(one.served.address + link)
    vkey = one.context.request.get(f"{one.served.address}{link.partition('/receipt')[0]}/vkey")
    assert receipt.ok
    assert vkey.ok
    signed = verify_proof(
        parse_proof(receipt.body()), leaf_hash(entry), parse_vkey(vkey.text().strip())
    )
    assert signed.checkpoint.size > int(one.path.rpartition("/")[2])
