"""People in browsers that run scripts: with a passphrase, a phone, and keys of their own."""

import re
from typing import Any

import pyotp
from playwright.sync_api import Browser, Page

from tests.browser.conftest import Served

PASSPHRASE = "a kettle sings behind seven doors"

SEED = """async () => {
  const box = await import(document.querySelector("script[type=module]").src
    .replace("civic.js", "keybox.js"));
  await box.ready();
  const seed = await box.seedForSheet();
  return seed && Array.from(seed, (b) => b.toString(16).padStart(2, "0")).join("");
}"""


class Keyed:
    """Somebody in a browser, who signs up and in as people do."""

    def __init__(self, served: Served, browser: Browser, *, scripts: bool = True) -> None:
        self.served = served
        self.complaints: list[str] = []
        self.context = browser.new_context(
            viewport={"width": 375, "height": 812}, java_script_enabled=scripts
        )
        self.page: Page = self.context.new_page()
        self.page.on("console", self._noted)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.name = ""
        self.secret = ""

    def _noted(self, message: Any) -> None:
        expected = re.search(r"\b(401|409|422)\b", message.text)
        if message.type in ("error", "warning") and expected is None:
            self.complaints.append(message.text)

    def see(self, path: str) -> None:
        """Open a page."""
        self.page.goto(self.served.address + path)

    def press(self, name: str) -> None:
        """Press a button or follow a link by its name, and wait for the next page."""
        button = self.page.get_by_role("button", name=name, exact=True)
        link = self.page.get_by_role("link", name=name, exact=True)
        with self.page.expect_navigation():
            (button if button.count() else link).first.click()

    def sign_up(self) -> "Keyed":
        """Make an account."""
        self.see("/sign-up")
        self.page.get_by_label("Passphrase", exact=True).fill(PASSPHRASE)
        self.page.get_by_label("The same passphrase again").fill(PASSPHRASE)
        self.press("Go on")
        text = self.page.content()
        name = re.search(r"sign-in name: ([a-z-]+)", text)
        secret = re.search(r"secret=([A-Z2-7]{32})", text)
        assert name
        assert secret
        self.name, self.secret = name[1], secret[1]
        self.page.get_by_label("Code from your phone").fill(self.code())
        self.press("Make my account")
        return self

    def sign_in(self, passphrase: str = PASSPHRASE) -> None:
        """Sign in from the page of the sign-in."""
        self.see("/sign-in")
        self.page.get_by_label("Sign-in name").fill(self.name)
        self.page.get_by_label("Passphrase").fill(passphrase)
        self.page.get_by_label("Code from your phone").fill(self.code())
        self.press("Sign in")

    def code(self) -> str:
        """Return the next code of the phone."""
        self.served.pass_time(minutes=1)
        return pyotp.TOTP(self.secret).at(self.served.town.clock.now())

    def seed(self) -> str | None:
        """Return the seed that is open in this browser, in hexadecimal."""
        seed: str | None = self.page.evaluate(SEED)
        return seed

    def go_on_with(self, context_of: "Keyed") -> None:
        """Be the same person in another browser."""
        self.name, self.secret = context_of.name, context_of.secret
