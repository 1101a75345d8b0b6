"""Somebody writes, their session ends meanwhile, and nothing is lost: a browser without scripts."""

import re
from html import unescape

import pyotp
import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import delete

from civic.kernel.database import writing
from identity import tables
from tests.browser.conftest import Served
from tests.town import Visitor

pytestmark = pytest.mark.browser
PASSPHRASE = "a kettle sings behind seven doors"
WORDS = (
    "Who locks the door? \"You\" & 'me' <b>both</b>\n\n"
    "\tŽodžiai, слова, λόγια, 言葉, דברים \U0001f511"
    "\n</textarea><script>alert(1)</script>\n  &amp; %41 +"
)


class Writer:
    """A member with a passphrase and a phone, who is signed in."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.name, self.path, self.visitor, secret = served.do(self._come_in())
        self._phone = pyotp.TOTP(secret)

    def code(self) -> str:
        """Return the next code of the phone."""
        self.served.pass_time(minutes=1)
        return self._phone.at(self.served.town.clock.now())

    async def _come_in(self) -> tuple[str, str, Visitor, str]:
        town = self.served.town
        ana, ben, eva = [await town.person() for _ in range(3)]
        path = await town.founded(ana, ben, eva)
        await ana.send(f"{path}/propose/question", "/propose/question",
                       title="Later hours", text="Open until nine.", lang="en")  # fmt: skip
        proposal = ana.path
        writer = town.stranger()
        page = await writer.send("/sign-up", "/sign-up", passphrase=PASSPHRASE, repeated=PASSPHRASE)
        secret = re.search(r"secret=([A-Z2-7]{32})", unescape(page))
        name = re.search(r"sign-in name: ([a-z-]+)", page)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        key = re.search(r'name="key" value="([^"]+)"', page)
        assert secret
        assert name
        assert ticket
        assert key
        code = pyotp.TOTP(secret[1]).at(town.clock.now())
        sent = {"ticket": ticket[1], "key": key[1], "code": code, "next": ""}
        done = await writer.client.post("/sign-up/confirm", data=sent)
        assert done.status_code == 303
        await town.join(ana, writer, path)
        return name[1], proposal, writer, secret[1]

    def lose_the_session(self) -> None:
        """Let all sessions end."""
        self.served.do(self._end_sessions())

    async def _end_sessions(self) -> None:
        async with writing(self.served.town.node.engine) as db:
            await db.execute(delete(tables.session))


def _sign_in(page: Page, name: str, code: str) -> None:
    page.get_by_label("Sign-in name").fill(name)
    page.get_by_label("Passphrase").fill(PASSPHRASE)
    page.get_by_label("Code from your phone").fill(code)
    with page.expect_navigation():
        page.get_by_role("button", name="Sign in", exact=True).click()


def _press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize("width", [375, 1280])
def test_a_comment_outlives_its_session(served: Served, browser: Browser, width: int) -> None:
    writer = Writer(served)
    context = browser.new_context(
        viewport={"width": width, "height": 812}, java_script_enabled=False
    )
    cookie = writer.visitor.client.cookies["civic"]
    context.add_cookies([{"name": "civic", "value": cookie, "url": served.address}])
    page = context.new_page()
    page.goto(f"{served.address}{writer.path}/comment")
    long = WORDS * 400
    assert len(long.encode()) > 50_000
    page.get_by_label("What do you want to say?").fill(long)
    writer.lose_the_session()
    _press(page, "Say it")
    assert page.get_by_role("heading", level=1).inner_text() == "You have been signed out"
    assert page.get_by_label("What you wrote").input_value() == long
    _sign_in(page, writer.name, "000000")
    assert page.get_by_text("do not fit together").count() == 1
    assert page.get_by_label("What you wrote").input_value() == long
    _sign_in(page, writer.name, writer.code())
    assert page.get_by_role("heading", level=1).inner_text() == "Send it now?"
    assert page.get_by_label("What you wrote").input_value() == long
    _press(page, "Send it")
    # So much is more than a comment may have: the form says so and still has it.
    field = page.get_by_label("What do you want to say?")
    assert field.input_value() == long.strip()
    field.fill(WORDS)
    writer.lose_the_session()
    _press(page, "Say it")
    _sign_in(page, writer.name, writer.code())
    # The second press ends the way of the first: no single navigation can be waited for.
    page.get_by_role("button", name="Send it", exact=True).dblclick()
    page.get_by_text("Your comment stands").wait_for()
    page.goto(served.address + writer.path)
    said = page.locator(".said")
    assert said.count() == 1
    assert "</textarea><script>alert(1)</script>" in said.inner_text()
    assert "Žodžiai, слова, λόγια, 言葉, דברים \U0001f511" in said.inner_text()
    context.close()


def test_who_signs_in_in_another_tab_goes_on_in_this_one(served: Served, browser: Browser) -> None:
    writer = Writer(served)
    context = browser.new_context(java_script_enabled=False)
    cookie = writer.visitor.client.cookies["civic"]
    context.add_cookies([{"name": "civic", "value": cookie, "url": served.address}])
    page = context.new_page()
    page.goto(served.address + writer.path)
    writer.lose_the_session()
    _press(page, "Support this")
    assert page.get_by_text("What you wanted to do is kept").count() == 1
    other = context.new_page()
    other.goto(f"{served.address}/sign-in")
    _sign_in(other, writer.name, writer.code())
    _press(page, "I have signed in in another tab")
    _press(page, "Do it")
    assert page.get_by_text("You support this.", exact=True).count() == 1
    context.close()
