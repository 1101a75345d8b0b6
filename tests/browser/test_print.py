"""On paper: a result is one sheet, with the chapter's band, the counts and the text."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Served
from tests.town import Town, Visitor

pytestmark = pytest.mark.browser

TEXT = "Our library closes at **six**, when most of us leave work.\n\n" + "It stays open. " * 60


async def decided(opened: Town) -> tuple[Visitor, str]:
    """Let three people decide something that was discussed at length; return its path."""
    people = [await opened.person() for _ in range(3)]
    path = await opened.founded(*people)
    ana, ben, eva = people
    await ana.send(
        f"{path}/propose/question", "/propose/question",
        title="Keep the library open until nine on two evenings", text=TEXT, lang="en",
    )  # fmt: skip
    proposal = ana.path
    for one in (ben, eva):
        await one.send(proposal, "/support")
    for number in range(8):
        words = f"Reason {number}: " + "people work until six. " * 8
        await ben.send(f"{proposal}/argue/for", "/argue/for", words=words)
    for _ in range(40):
        if "/vote" in await ana.see(proposal):
            break
        await opened.pass_time(days=1)
    for one in people:
        await one.send(proposal, "/vote", vote="1")
    await opened.pass_time(days=8)
    await opened.pass_time(days=1)
    assert "It is decided" in await ana.see(proposal) or "Result" in await ana.see(proposal)
    return ana, proposal


def test_a_result_is_one_sheet_of_paper(served: Served, browser: Browser, tmp_path: Path) -> None:
    ana, proposal = served.do(decided(served.town))
    context = browser.new_context()
    token = ana.client.cookies["civic"]
    context.add_cookies([{"name": "civic", "value": token, "url": served.address}])
    page = context.new_page()
    page.goto(f"{served.address}{proposal}")
    assert page.locator(".result-sheet").count() == 1
    raw = page.pdf(format="A4", print_background=True)
    assert len(re.findall(rb"/Type\s*/Page\b", raw)) == 1
    page.emulate_media(media="print")
    for shown in (".band", ".standing", ".result-sheet table", ".proposal-text", ".timeline"):
        assert page.locator(shown).first.is_visible(), shown
    for hidden in ("#discussion", ".site-nav", ".site-foot", ".tabs"):
        assert not page.locator(hidden).first.is_visible(), hidden
    context.close()
