"""Too much was tried under a name, the line is full, and a browser goes on all the same."""

import pytest
from playwright.sync_api import Browser, expect

from civic.kernel.database import writing
from identity import lanes, limits
from tests.browser.conftest import Served
from tests.browser.test_passkeys import Person

pytestmark = pytest.mark.browser
NAME = "acorn-acorn-acorn-acorn"


async def fill(served: Served) -> None:
    """Let as many wait as there are places."""
    town = served.town
    async with writing(town.node.engine) as db:
        with pytest.raises(lanes.LaneFull):
            while True:
                await lanes.take_place(db, lanes.TRYING, town.clock.now())


@pytest.mark.parametrize("width", [375, 1280])
def test_work_lets_a_browser_try_again(served: Served, browser: Browser, width: int) -> None:
    one = Person(served, browser, width)
    served.do(fill(served))
    one.see("/sign-in")

    def sent() -> None:
        one.page.get_by_label("Sign-in name").fill(NAME)
        one.page.get_by_label("Passphrase").fill("a wrong one")
        one.page.get_by_label("Code from your phone").fill("000000")
        one.page.get_by_role("button", name="Sign in", exact=True).click()
        one.page.wait_for_load_state()

    for _ in range(limits.SIGN_IN.count):
        sent()
        expect(one.page.get_by_text("do not fit together").first).to_be_visible()
    sent()
    expect(one.page.get_by_text("Under this name too much was tried").first).to_be_visible()
    expect(one.page.get_by_text("Your browser is done with its task")).to_be_visible(timeout=60_000)
    one.check()
    sent()
    expect(one.page.get_by_text("do not fit together").first).to_be_visible()
    # Sent before the work is done, it goes off by itself when it is.
    sent()
    expect(one.page.get_by_text("Under this name too much was tried").first).to_be_visible()
    sent()
    expect(one.page.get_by_text("do not fit together").first).to_be_visible(timeout=60_000)
    # The browser itself notes the two answers that say so.
    refused = [one for one in one.complaints if "429" not in one and "422" not in one]
    assert refused == []
