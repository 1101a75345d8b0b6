"""The journey in a real browser: on a phone, on a screen, by keyboard, read by a screen reader."""

import re
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.conftest import Served

pytestmark = pytest.mark.browser
WIDTHS = (375, 1280)

CHECK = """() => {
  const wrong = [];
  const seen = (e) => e.getClientRects().length > 0;
  if (!document.documentElement.lang) wrong.push("no language");
  if (!document.title.trim()) wrong.push("no title");
  if (document.querySelectorAll("main").length !== 1) wrong.push("not one main");
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  let last = 0;
  for (const h of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const level = Number(h.tagName[1]);
    if (h.closest(".error-summary")) continue;
    if (!h.closest("aside") && level > last + 1)
      wrong.push(`h${last} then h${level}: ${h.textContent}`);
    last = h.closest("aside") ? Math.max(last, level) : level;
  }
  for (const field of document.querySelectorAll("input:not([type=hidden]),select,textarea"))
    if (!field.labels.length && !field.ariaLabel && field.ariaHidden !== "true")
      wrong.push(`no label: ${field.name}`);
  for (const e of document.querySelectorAll("a[href],button"))
    if (seen(e) && e.ariaHidden !== "true" && !e.textContent.trim() && !e.ariaLabel)
      wrong.push(`no name: ${e.outerHTML.slice(0, 80)}`);
  for (const e of document.querySelectorAll("[aria-describedby]"))
    for (const id of e.getAttribute("aria-describedby").split(" "))
      if (!document.getElementById(id)) wrong.push(`describes nothing: ${id}`);
  for (const e of document.querySelectorAll("svg"))
    if (e.getAttribute("aria-hidden") !== "true" && e.getAttribute("role") !== "img"
        && !e.closest("[aria-hidden=true]")) wrong.push("a drawing without a role");
  for (const e of document.querySelectorAll("ul,ol"))
    for (const child of e.children) if (child.tagName !== "LI") wrong.push("a list with more");
  for (const e of document.querySelectorAll("main button, main .button")) {
    const box = e.getBoundingClientRect();
    if (seen(e) && box.height < 32) wrong.push(`too small to tap: ${e.textContent.trim()}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) wrong.push("wider than the screen");
  const ids = [...document.querySelectorAll("[id]")].map((e) => e.id);
  if (new Set(ids).size !== ids.length) wrong.push("an id twice");
  return wrong;
}"""


class Guest:
    """Somebody in a browser, who notes what the browser complains of."""

    def __init__(self, served: Served, browser: Browser, width: int) -> None:
        self.served = served
        self.complaints: list[str] = []
        self.context: BrowserContext = browser.new_context(
            viewport={"width": width, "height": 812}, java_script_enabled=True
        )
        self.context.add_cookies([served.cookie()])  # type: ignore[list-item]
        self.page: Page = self.context.new_page()
        self.page.on("console", self._noted)
        self.page.on("request", self._asked)

    def _noted(self, message: Any) -> None:
        # A form with errors is answered with 422, which the console calls a failure.
        if message.type in ("error", "warning") and "422" not in message.text:
            self.complaints.append(message.text)

    def _asked(self, request: Any) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.served.address).netloc:
            self.complaints.append(f"asked a third party: {request.url}")

    def see(self, path: str) -> None:
        """Open a page and look for what would keep people out."""
        self.page.goto(self.served.address + path)
        self.check()

    def check(self) -> None:
        """Look at the page for what would keep people out."""
        assert self.page.evaluate(CHECK) == [], self.page.url

    def press(self, name: str) -> None:
        """Press a button or follow a link by its name, and look at what comes."""
        named = self.page.get_by_role("button", name=name, exact=True)
        with self.page.expect_navigation():
            named.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()
        self.check()

    @property
    def path(self) -> str:
        """The path of the page."""
        return urlsplit(self.page.url).path


def founded(guests: list[Guest]) -> str:
    first, *others = guests
    first.see("/")
    first.press("Found a chapter")
    first.page.get_by_label("Name").fill("Riverside " + "anddowntothebridge" * 2)
    first.page.get_by_label("Everybody").check()
    first.page.get_by_label("I know that the rules are a draft").check()
    first.press("Found it")
    path = first.path
    for other in others:
        first.see(path)
        first.press("Invite a founder")
        link = first.page.locator(".secret-link").inner_text()
        other.see(urlsplit(link).path)
        other.press("Join")
    for one in guests:
        one.see(path)
        one.press("Confirm whom you have met")
        for box in one.page.locator("input[name=met]").all():
            box.check()
        one.press("Confirm")
    first.see(path)
    first.press("Constitute the chapter")
    first.press("Constitute")
    return path


@pytest.mark.parametrize("width", WIDTHS)
def test_the_journey(served: Served, browser: Browser, width: int) -> None:
    ana, ben, eva = guests = [Guest(served, browser, width) for _ in range(3)]
    path = founded(guests)
    ana.see(path)
    ana.press("Propose something")
    ana.press("Something to be done or agreed")
    ana.press("Propose it")  # with nothing filled in: the summary takes the focus
    assert ana.page.evaluate("document.activeElement.className") == "error-summary"
    ana.page.locator("#f-title").fill("Later hours")
    ana.page.get_by_label("What do you propose, and why?").fill("Open until nine.\n\n- Tue\n- Thu")
    ana.press("Propose it")
    proposal = ana.path
    for one in (ben, eva):
        one.see(proposal)
        one.press("Support this")
    ben.see(proposal)
    ben.press("Add an argument for it")
    ben.page.get_by_label("Your argument").fill("People work until six.")
    ben.press("Add it")
    eva.see(proposal)
    with eva.page.expect_navigation():
        eva.page.get_by_role("button", name=re.compile("^Agree")).first.click()
    eva.check()
    assert eva.page.locator(".react-mine").count() == 1
    eva.press("Reply")
    eva.page.get_by_label("What do you want to say?").fill("Who locks the door?")
    eva.press("Say it")
    for other in ("/people", "/record", "/record/0", "/audit", "/proposals"):
        eva.see(path + other)
    served.pass_time(days=3)
    served.pass_time(minutes=60)
    for one in guests:
        one.see(proposal)
        # What is decided, by when and what one can do stands on the first screen of a phone.
        assert one.page.get_by_text("The vote closes").bounding_box()["y"] < 812  # type: ignore[index]
        one.page.get_by_label("Yes").check()
        one.press("Vote")
    served.pass_time(days=4)
    ben.see(proposal)
    assert ben.page.get_by_text("Decided: yes").count() == 1
    served.step_up(ben.page)
    ben.press("Set a task")
    ben.page.get_by_label("The task").fill("Ask for volunteers")
    ben.press("Set the task")
    ben.press("Record what came of it")
    ben.page.get_by_label("Nothing much came of it.").or_(
        ben.page.get_by_label("Standstill")
    ).check()
    ben.page.get_by_label("What was expected?").fill("Full evenings")
    ben.page.get_by_label("What happened?").fill("Two came")
    ben.page.get_by_label("Yes, with changes").check()
    ben.press("Record it")
    ben.see(f"{proposal}/votes")
    ben.see(f"{proposal}/entries")
    ben.see(path)
    for one in guests:
        assert one.complaints == []
        one.context.close()


def _tab_to(page: Page, there: str) -> None:
    """Press Tab until something holds of what has the focus."""
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate(there):
            return
    pytest.fail(f"not within twelve steps: {there}")


def test_a_vote_by_keyboard_alone(served: Served, browser: Browser) -> None:
    guests = [Guest(served, browser, 1280) for _ in range(3)]
    path = founded(guests)
    ana, *others = guests
    ana.see(f"{path}/propose/question")
    ana.page.locator("#f-title").focus()
    ana.page.keyboard.type("By keys alone")
    # Past what looks for similar proposals, and later past the languages.
    _tab_to(ana.page, "document.activeElement.name === 'text'")
    ana.page.keyboard.type("Nobody needs a mouse.")
    _tab_to(ana.page, "document.activeElement.textContent === 'Propose it'")
    with ana.page.expect_navigation():
        ana.page.keyboard.press("Enter")
    proposal = ana.path
    for one in others:
        one.see(proposal)
        one.press("Support this")
    served.pass_time(days=3)
    served.pass_time(minutes=60)
    ana.see(proposal)
    ana.page.keyboard.press("Tab")
    skip = ana.page.evaluate("document.activeElement.className")
    assert skip == "skip"
    ana.page.keyboard.press("Enter")
    _tab_to(ana.page, "document.activeElement.name === 'vote'")
    ana.page.keyboard.press("Space")
    ana.page.keyboard.press("ArrowDown")
    outline = ana.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    ana.page.keyboard.press("Tab")
    with ana.page.expect_navigation():
        ana.page.keyboard.press("Enter")
    assert ana.page.locator("input[name=vote]:checked").get_attribute("value") == "-1"
    assert ana.page.get_by_text("You have voted.").count() == 1
    assert all(one.complaints == [] for one in guests)
