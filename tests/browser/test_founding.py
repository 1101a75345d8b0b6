"""From nothing to the first vote on a phone, in browsers that run no scripts."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Served
from tests.browser.test_journey import CHECK

pytestmark = pytest.mark.browser
WIDTH = 375


class Founder:
    """Somebody with a phone and no scripts."""

    def __init__(self, served: Served, browser: Browser) -> None:
        self.served = served
        context = browser.new_context(
            viewport={"width": WIDTH, "height": 812}, java_script_enabled=False
        )
        context.add_cookies([served.cookie()])  # type: ignore[list-item]
        self.page: Page = context.new_page()
        self.context = context

    def see(self, path: str) -> None:
        self.page.goto(self.served.address + path)
        self.look()

    def press(self, name: str) -> None:
        named = self.page.get_by_role("button", name=name, exact=True)
        with self.page.expect_navigation():
            named.or_(self.page.get_by_role("link", name=name, exact=True)).first.click()
        self.look()

    def look(self) -> None:
        """Nothing is wider than the phone, and every field has a label."""
        # Scripts of pages are off; those of the test still run.
        assert self.page.evaluate(CHECK) == [], self.page.url

    @property
    def path(self) -> str:
        return urlsplit(self.page.url).path


def test_from_nothing_to_the_first_vote(served: Served, browser: Browser) -> None:
    ana, ben, eva = founders = [Founder(served, browser) for _ in range(3)]

    ana.see("/chapters/new")
    ana.page.get_by_label("Name").fill("Riverside")
    ana.page.get_by_text("Compare the three").click()
    assert ana.page.get_by_text("Where the three differ").first.is_visible()
    ana.page.get_by_label("Circle").check()
    ana.page.get_by_label("Members only").check()
    ana.page.get_by_label("I know that the rules are a draft").check()
    ana.press("Found it")
    path = ana.path
    for other in (ben, eva):
        ana.see(path)
        ana.press("Invite a founder")
        link = ana.page.locator(".secret-link").inner_text()
        other.see(urlsplit(link).path)
        # Nothing of what was there before is shown: a name, and the rules.
        assert other.page.get_by_text("Who is here").count() == 0
        other.press("Join")
    for one in founders:
        one.see(path)
        one.press("Confirm whom you have met")
        for box in one.page.locator("input[name=met]").all():
            box.check()
        one.press("Confirm")
    ana.see(path)
    ana.press("Constitute the chapter")
    ana.press("Constitute")
    ana.press("Propose something")
    ana.press("Something to be done or agreed")
    ana.page.locator("#f-title").fill("Meet on Thursdays")
    ana.page.get_by_label("What do you propose, and why?").fill("Nobody can on Mondays.")
    ana.press("Propose it")
    proposal = ana.path
    for one in (ben, eva):
        one.see(proposal)
        one.press("Support this")
    served.pass_time(days=3)
    served.pass_time(minutes=60)
    for one in founders:
        one.see(proposal)
        one.page.get_by_label("Yes").check()
        one.press("Vote")
    served.pass_time(days=4)
    eva.see(proposal)
    assert eva.page.get_by_text("Decided: yes").count() == 1
    for more in ("/desk", "/offices", "/bylaws?against=town", "/people"):
        ana.see(path + more)
    for one in founders:
        one.context.close()
