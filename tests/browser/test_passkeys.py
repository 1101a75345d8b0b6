"""Passkeys in a real browser, with Chromium's virtual authenticator: made, used, added, lost."""

import json
import re
from typing import Any

import pyotp
import pytest
from playwright.sync_api import Browser, Page, Request, expect

from civic.kernel.database import writing
from identity import lanes, waiting
from identity.side import Private
from tests.browser.authenticator import Authenticator
from tests.browser.conftest import Served
from tests.browser.test_journey import CHECK

pytestmark = pytest.mark.browser
WORDS = "a kettle sings behind seven doors"


class Person:
    """Somebody in a browser of their own, with or without an authenticator in it."""

    def __init__(self, served: Served, browser: Browser, width: int = 375) -> None:
        self.served = served
        self.complaints: list[str] = []
        self.sent: list[dict[str, Any]] = []
        self.context = browser.new_context(viewport={"width": width, "height": 812})
        self.page: Page = self.context.new_page()
        self.page.on("console", self._noted)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._kept)
        self.phone = pyotp.TOTP("A" * 32)

    def _noted(self, message: Any) -> None:
        expected = re.search(r"\b(401|404|409|422)\b", message.text)
        if message.type in ("error", "warning") and expected is None:
            self.complaints.append(message.text)

    def _kept(self, request: Request) -> None:
        if "/passkeys/" in request.url and request.post_data:
            self.sent.append(json.loads(request.post_data))

    def see(self, path: str) -> None:
        self.page.goto(self.served.address + path)
        self.check()

    def check(self) -> None:
        assert self.page.evaluate(CHECK) == [], self.page.url

    def press(self, name: str, to: str = "**") -> None:
        """Press a button or follow a link, wait for the page it leads to, and look at it."""
        main = self.page.locator("main")
        named = main.get_by_role("button", name=name, exact=True)
        with self.page.expect_navigation(url=to):
            named.or_(main.get_by_role("link", name=name, exact=True)).first.click()
        self.check()

    def code(self) -> str:
        """Wait for the phone's next code."""
        self.served.pass_time(minutes=1)
        return self.phone.at(self.served.town.clock.now())

    def signed_up(self) -> "Person":
        self.see("/sign-up")
        self.press("Make a passkey", "**/account")
        return self

    def name(self) -> str:
        """Read the sign-in name from the account's page."""
        self.see("/account")
        return self.page.locator("main .lead").inner_text()

    def add_passphrase(self) -> None:
        self.see("/account/passphrase")
        self.page.get_by_label("Passphrase", exact=True).fill(WORDS)
        self.page.get_by_label("The same passphrase again").fill(WORDS)
        self.press("Go on")
        secret = re.search(r"secret=([A-Z2-7]{32})", self.page.content())
        assert secret
        self.phone = pyotp.TOTP(secret[1])
        self.page.get_by_label("Code from your phone").fill(self.code())
        self.press("Set passphrase and phone", "**/account")

    def sign_in_typed(self, name: str) -> None:
        self.see("/sign-in")
        self.page.get_by_label("Sign-in name").fill(name)
        self.page.get_by_label("Passphrase", exact=True).fill(WORDS)
        self.page.get_by_label("Code from your phone").fill(self.code())
        self.press("Sign in", "**/")

    def is_signed_in(self) -> bool:
        self.page.goto(self.served.address + "/account")
        return "/sign-in" not in self.page.url


def test_a_life_with_two_ways_to_sign_in(served: Served, browser: Browser) -> None:
    one = Person(served, browser)
    phone = Authenticator(one.page)
    one.signed_up()
    assert len(phone.credentials()) == 1
    name = one.name()
    one.page.get_by_text("With one alone, a lost phone locks you out").wait_for()
    one.add_passphrase()
    expect(one.page.get_by_text("With one alone")).to_have_count(0)

    one.press("Sign out", "**/")
    assert not one.is_signed_in()
    one.see("/sign-in")
    one.press("Sign in with a passkey", "**/")
    assert one.name() == name
    other, third = Person(served, browser), Person(served, browser)
    for typing in (third, other):
        typing.phone = one.phone
        typing.sign_in_typed(name)

    # The phone is lost: with the other way its passkey goes, and so does what it had opened.
    other.see("/account")
    other.press("Passkey")
    other.press("Remove it")
    other.page.get_by_label("I want to remove it").check()
    other.press("Remove it", "**/account")
    assert not one.is_signed_in()
    third.see("/")
    third.page.get_by_text("A way to sign in was removed from your account").wait_for()
    third.press("I have read this", "**/account")
    expect(third.page.get_by_text("was removed from your account")).to_have_count(0)
    other.see("/account")
    expect(other.page.get_by_text("was removed from your account")).to_have_count(0)

    other.press("Sign out everywhere", "**/")
    assert not third.is_signed_in()
    assert not other.is_signed_in()
    one.see("/sign-in")
    one.page.get_by_role("button", name="Sign in with a passkey").click()
    one.page.get_by_text("This passkey does not count here").wait_for()
    other.sign_in_typed(name)
    assert one.complaints == other.complaints == third.complaints == []


def test_what_the_script_tells_the_node(served: Served, browser: Browser) -> None:
    """The credential and one secret of two; the other one, and what the device is, stay."""
    one = Person(served, browser)
    Authenticator(one.page)
    one.signed_up()
    one.press("Sign out", "**/")
    one.see("/sign-in")
    one.press("Sign in with a passkey", "**/")
    finished = [sent for sent in one.sent if "credential" in sent]
    assert len(finished) == 2
    for sent in finished:
        assert set(sent) == {"ticket", "credential", "secret", "name", "next"}
        assert set(sent["credential"]) == {"id", "rawId", "type", "response"}
        assert len(sent["secret"]) == 43
    assert finished[0]["secret"] == finished[1]["secret"]
    assert set(finished[0]["credential"]["response"]) == {"clientDataJSON", "attestationObject"}
    found = one.page.evaluate("""async (id) => {
        const raw = atob(id.replaceAll("-", "+").replaceAll("_", "/"));
        const used = await navigator.credentials.get({ publicKey: {
          challenge: new Uint8Array(32), userVerification: "required",
          allowCredentials: [{ type: "public-key",
            id: Uint8Array.from(raw, (letter) => letter.charCodeAt(0)) }],
          extensions: { prf: { eval: {
            first: new TextEncoder().encode("civic/passkey/key-box/1") }}},
        }});
        const secret = used.getClientExtensionResults().prf.results.first;
        return btoa(String.fromCharCode(...new Uint8Array(secret)));
    }""", finished[0]["credential"]["id"])  # fmt: skip
    key_box = found.replace("+", "-").replace("/", "_").rstrip("=")
    assert key_box != finished[0]["secret"]
    assert key_box not in json.dumps(one.sent)


def test_an_authenticator_without_secrets(served: Served, browser: Browser) -> None:
    one = Person(served, browser)
    Authenticator(one.page, secrets=False)
    one.signed_up()
    one.press("Passkey")
    one.page.get_by_text("What this passkey cannot keep from the node").wait_for()
    one.page.get_by_label("What do you call it?").fill("the key in the drawer")
    one.press("Keep this name", "**/account")
    one.page.get_by_role("link", name="the key in the drawer").wait_for()
    one.press("Sign out", "**/")
    one.see("/sign-in")
    one.press("Sign in with a passkey", "**/")
    assert one.is_signed_in()
    assert {sent.get("secret", "") for sent in one.sent} == {""}


def test_a_second_passkey_and_one_too_many(served: Served, browser: Browser) -> None:
    one = Person(served, browser)
    first = Authenticator(one.page)
    one.signed_up()
    one.see("/account/authenticators/new")
    one.page.get_by_role("button", name="Make a passkey").click()
    one.page.get_by_text("This device has a passkey for your account already.").wait_for()
    first.take_away()
    Authenticator(one.page)
    one.page.get_by_label("What do you call it?").fill("Ana's key")
    one.press("Make a passkey", "**/account")
    one.page.get_by_role("link", name="Ana's key").wait_for()
    one.press("Sign out", "**/")
    one.see("/sign-in")
    one.press("Sign in with a passkey", "**/")
    assert one.is_signed_in()


def test_stepping_up_with_a_passkey(served: Served, browser: Browser) -> None:
    one = Person(served, browser)
    Authenticator(one.page)
    one.signed_up()
    before = next(c["value"] for c in one.context.cookies() if c["name"] == "civic")
    served.pass_time(minutes=6)
    one.page.goto(served.address + "/account/delete")
    one.check()
    one.press("Use a passkey", "**/account/delete")
    one.page.get_by_label("I want to delete my account").wait_for()
    after = next(c["value"] for c in one.context.cookies() if c["name"] == "civic")
    assert after != before

    one.page.get_by_label("I want to delete my account").check()
    one.page.get_by_label("They stay").check()
    served.pass_time(minutes=6)
    one.press("Delete my account")
    one.press("Use a passkey", "**/sign-in/kept")
    one.press("Do it", "**/")
    assert not one.is_signed_in()
    assert one.complaints == []


def test_an_authenticator_that_does_not_know_its_user(served: Served, browser: Browser) -> None:
    one = Person(served, browser)
    device = Authenticator(one.page)
    one.signed_up()
    one.press("Sign out", "**/")
    one.see("/sign-in")
    device.verify(False)
    one.page.get_by_role("button", name="Sign in with a passkey").click()
    one.page.get_by_text("Nothing was done").wait_for()
    assert not one.is_signed_in()


def test_a_form_goes_on_after_signing_in_with_a_passkey(served: Served, browser: Browser) -> None:
    one = Person(served, browser)
    Authenticator(one.page)
    one.signed_up()
    one.see("/chapters/new")
    one.page.get_by_label("Name").fill("Riverside by the old mill")
    cookie = one.context.cookies()
    one.context.clear_cookies()
    one.press("Found it")
    assert "You have been signed out" in one.page.content()
    one.press("Sign in with a passkey", "**/sign-in/kept")
    kept = one.page.locator("form [name=name]")
    expect(kept).to_have_value("Riverside by the old mill")
    assert cookie != one.context.cookies()


@pytest.mark.parametrize("scripts", [True, False])
@pytest.mark.parametrize("width", [375, 1280])
def test_many_sign_up_at_once(served: Served, browser: Browser, scripts: bool, width: int) -> None:
    """Whose browser runs scripts works and goes on; all others wait, and the page says so."""

    async def crowd(side: Private) -> None:
        for _ in range(lanes.SIGN_UP.burst + 12):
            await waiting.come(side)

    served.do(crowd(served.town.node.private))
    context = browser.new_context(
        viewport={"width": width, "height": 812}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(served.address + "/sign-up")
    if scripts:
        page.wait_for_url("**/sign-up?place=*&work=*", timeout=60_000)
        page.get_by_role("button", name="Make a passkey").wait_for()
    else:
        page.get_by_text("in about 3 minutes").wait_for()
        refresh = page.locator("meta[http-equiv=refresh]").get_attribute("content")
        assert refresh is not None
        served.pass_time(minutes=3)
        page.goto(served.address + refresh.partition("url=")[2])
        expect(page.get_by_text("Passkeys need JavaScript").first).to_be_visible()
        expect(page.get_by_text("Make a passkey")).to_be_hidden()
        expect(page.get_by_label("Passphrase", exact=True)).to_be_visible()


def test_a_lane_without_places(served: Served, browser: Browser) -> None:
    async def filled(side: Private) -> None:
        async with writing(side.engine) as unit:
            now = side.clock.now()
            try:
                for _ in range(1000):
                    await lanes.take_place(unit, lanes.SIGN_UP, now)
            except lanes.LaneFull:
                return

    served.do(filled(served.town.node.private))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    answer = page.goto(served.address + "/sign-up")
    assert answer is not None
    assert answer.status == 200
    page.get_by_text("gives no more places in the line").wait_for()
    working = browser.new_context().new_page()
    working.goto(served.address + "/sign-up")
    working.wait_for_url("**&work=*", timeout=60_000)
    working.get_by_role("button", name="Make a passkey").wait_for()
