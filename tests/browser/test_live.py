"""Two people on one proposal: what one does, the other sees, and loses nothing they had begun."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Served
from tests.browser.test_journey import Guest, founded

pytestmark = pytest.mark.browser
PATIENCE = 30_000
"""Milliseconds that news may take on a busy machine."""


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let news be told twice a second."""
    monkeypatch.setattr("civic.live.running.BEAT", 0.5)


@pytest.fixture
def guests(quick: None, served: Served, browser: Browser) -> Iterator[list[Guest]]:
    three = [Guest(served, browser, width) for width in (1280, 375, 1280)]
    yield three
    for one in three:
        assert one.complaints == []
        one.context.close()


def proposed(one: Guest, path: str) -> str:
    one.see(f"{path}/propose/question")
    one.page.locator("#f-title").fill("A bench")
    one.page.get_by_label("What do you propose, and why?").fill("By the river.\n\n" * 9)
    one.press("Propose it")
    return one.path


def comments(one: Guest, proposal: str, words: str) -> None:
    one.see(f"{proposal}/comment")
    one.page.get_by_label("What do you want to say?").fill(words)
    one.press("Say it")


def test_what_others_do_is_shown_without_asking(served: Served, guests: list[Guest]) -> None:
    ana, ben, eva = guests
    path = founded(guests)
    proposal = proposed(ana, path)
    ana.see(proposal)
    ana.page.evaluate("() => { window.same = true; }")
    eva.see(f"{proposal}/comment")
    eva.page.get_by_label("What do you want to say?").fill("Half of what I")
    comments(ben, proposal, "Who brings the wood?")
    expect(ana.page.get_by_text("Who brings the wood?")).to_be_visible(timeout=PATIENCE)
    said = ana.page.get_by_role("status").filter(has_text="Changed just now: Comments")
    expect(said).to_be_visible(timeout=PATIENCE)
    assert ana.page.evaluate("window.same") is True
    assert eva.page.get_by_label("What do you want to say?").input_value() == "Half of what I"
    ana.check()

    # Somebody writes in what has changed: it waits until they are done.
    ana.page.evaluate(
        "() => { const field = document.createElement('textarea'); field.ariaLabel = 'Mine';"
        " document.querySelector('[data-live=comments]').append(field); }"
    )
    ana.page.get_by_label("Mine").fill("I have")
    comments(ben, proposal, "And the nails?")
    comments(eva, proposal, "I have some.")
    standing = ana.page.locator("[data-live=standing]")
    before = standing.text_content() or ""
    ben.press("Support this")
    expect(standing).not_to_have_text(before, timeout=PATIENCE)
    assert ana.page.get_by_label("Mine").input_value() == "I have"
    assert ana.page.get_by_text("And the nails?").count() == 0
    ana.page.get_by_label("Mine").fill("")
    ana.page.get_by_label("Mine").blur()
    expect(ana.page.get_by_text("And the nails?")).to_be_visible(timeout=PATIENCE)
    expect(ana.page.get_by_text("I have some.")).to_be_visible(timeout=PATIENCE)
    assert ana.page.evaluate("window.same") is True
    ana.check()


def test_a_vote_that_is_begun_stays(served: Served, guests: list[Guest]) -> None:
    ana, ben, eva = guests
    path = founded(guests)
    proposal = proposed(ana, path)
    for one in (ben, eva):
        one.see(proposal)
        one.press("Support this")
    ana.see(proposal)
    ana.page.evaluate("() => { window.same = true; }")
    served.pass_time(days=3)
    served.pass_time(minutes=60)
    # Time alone opened the vote.
    expect(ana.page.get_by_label("Yes")).to_be_visible(timeout=PATIENCE)
    ana.page.get_by_label("Yes").check()
    comments(ben, proposal, "I shall vote for it.")
    expect(ana.page.get_by_text("I shall vote for it.")).to_be_visible(timeout=PATIENCE)
    assert ana.page.get_by_label("Yes").is_checked()
    assert ana.page.evaluate("document.activeElement.name") == "vote"
    ana.press("Vote")
    assert ana.page.get_by_text("You have voted.").count() == 1


def test_what_is_read_stays_where_it_is(served: Served, guests: list[Guest]) -> None:
    ana, ben, _eva = guests
    path = founded(guests)
    proposal = proposed(ana, path)
    ben.see(proposal)
    ben.page.locator("#comments").scroll_into_view_if_needed()
    ben.page.evaluate("scrollTo(0, document.body.scrollHeight)")
    place = "document.querySelector('#comments').getBoundingClientRect().top"
    before = ben.page.evaluate(place)
    ana.see(proposal)
    ana.press("Add an argument for it")
    ana.page.get_by_label("Your argument").fill("One sees the boats.")
    ana.press("Add it")
    expect(ben.page.get_by_text("One sees the boats.")).to_be_attached(timeout=PATIENCE)
    assert abs(ben.page.evaluate(place) - before) <= 2


def test_a_page_that_nobody_looks_at_listens_to_nothing(
    served: Served, guests: list[Guest]
) -> None:
    ana, ben, _eva = guests
    path = founded(guests)
    proposal = proposed(ana, path)
    ana.see(proposal)
    asked: list[str] = []
    ana.page.on("request", lambda request: asked.append(request.url))
    hide = "(hidden) => { Object.defineProperty(document, 'hidden', { value: hidden, configurable: true }); document.dispatchEvent(new Event('visibilitychange')); }"  # noqa: E501
    ana.page.evaluate(hide, True)
    comments(ben, proposal, "Who brings the wood?")
    assert asked == []
    ana.page.evaluate(hide, False)
    expect(ana.page.get_by_text("Who brings the wood?")).to_be_visible(timeout=PATIENCE)
    assert [url for url in asked if "/live?after=" in url] != []
