"""What browsers keep of half-written texts, and what the emergency exit leaves of it."""

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served
from tests.browser.keyed import Keyed
from tests.browser.test_signing import founded, proposed

pytestmark = pytest.mark.browser
WORDS = "Who locks the door?"
KEPT = """async (number) => {
  const local = await import(document.querySelector("script[type=module]").src
    .replace("civic.js", "local.js"));
  for (let tries = 0; tries < 200; tries += 1) {
    if (Object.keys((await local.drafts()).texts ?? {}).length === number) return true;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  return false;
}"""
TRACES = """async () => {
  const bases = await indexedDB.databases();
  const stored = await Promise.all(bases.map(({ name }) => new Promise((resolve) => {
    const asked = indexedDB.open(name);
    asked.onsuccess = () => {
      const base = asked.result;
      const all = base.transaction([...base.objectStoreNames]).objectStore("kept").getAllKeys();
      all.onsuccess = () => { base.close(); resolve(all.result); };
    };
  })));
  return [...stored.flat(), ...Object.keys(localStorage), ...Object.keys(sessionStorage)];
}"""


def keeps(one: Keyed, number: int) -> None:
    """Wait until the browser keeps so many texts."""
    assert one.page.evaluate(KEPT, number)


def write(one: Keyed, matter: str, words: str) -> None:
    one.see(f"{matter}/comment")
    one.page.locator("textarea").fill(words)
    keeps(one, 1)


def test_drafts_and_the_emergency_exit(served: Served, browser: Browser) -> None:
    people = [Keyed(served, browser).sign_up() for _ in range(3)]
    ana, ben, _eva = people
    matter = proposed(ana, founded(people))

    # Closed by mistake, and back.
    write(ben, matter, WORDS)
    ben.see(matter)
    ben.see(f"{matter}/comment")
    note = ben.page.get_by_text("What you had begun to write")
    note.wait_for()
    assert ben.page.locator("textarea").input_value() == WORDS
    traces = ben.page.evaluate("() => JSON.stringify([{...localStorage}, {...sessionStorage}])")
    assert WORDS not in traces
    ben.page.get_by_role("button", name="Throw it away").click()
    assert ben.page.locator("textarea").input_value() == ""
    keeps(ben, 0)

    # Sent in a tunnel: nothing went, nothing is lost, and the button works again.
    write(ben, matter, WORDS)
    ben.context.set_offline(True)
    ben.page.get_by_role("button", name="Say it").click()
    ben.page.get_by_text("Not signed, and not sent yet").wait_for()
    assert ben.page.locator("textarea").input_value() == WORDS
    ben.context.set_offline(False)
    keeps(ben, 1)
    ben.see(f"{matter}/comment")
    note.wait_for()
    assert ben.page.locator("textarea").input_value() == WORDS
    ben.page.get_by_role("button", name="Throw it away").click()
    keeps(ben, 0)
    ben.complaints.clear()

    # Sent: nothing is left. Kept at the node: it is there, and not here.
    write(ben, matter, WORDS)
    ben.press("Say it")
    ben.page.get_by_text("Your comment stands").wait_for()
    keeps(ben, 0)
    write(ben, matter, "Another one.")
    ben.press("Keep as a draft")
    ben.page.get_by_text("This is the draft that you kept").wait_for()
    assert ben.page.locator("textarea").input_value() == "Another one."
    keeps(ben, 0)

    # By the keyboard alone, from a page with words in it.
    ben.page.locator("textarea").fill("Nobody must read this.")
    keeps(ben, 1)
    ben.page.get_by_role("button", name="Emergency exit").focus()
    with ben.page.expect_navigation():
        ben.page.keyboard.press("Enter")
    ben.page.get_by_text("You are signed out everywhere").wait_for()
    assert ben.page.url == f"{served.address}/"
    assert ben.page.evaluate(TRACES) == []
    assert [one for one in ben.context.cookies() if one["name"] == "civic"] == []
    for width in (375, 1280):
        ana.page.set_viewport_size({"width": width, "height": 812})
        ana.see("/account")
        wide = ana.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width
        assert ana.page.get_by_role("button", name="Emergency exit").is_visible()
    for one in people:
        assert one.complaints == []
