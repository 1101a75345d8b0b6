"""Leads register receivers, see how they fare, and remove them; nobody else does."""

import re
from datetime import timedelta
from pathlib import Path

from tests.civic.pages.test_outsiders import open_chapter
from tests.town import Town, Visitor, town

URL = "https://news.vilnius.example/civic"


async def made(lead: Visitor, path: str, url: str = URL, status: int = 200) -> str:
    return await lead.send(f"{path}/webhooks", "/webhooks", status, url=url)


async def test_a_lead_registers_and_removes_a_webhook(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    await vilnius.stepped_up(ana)
    page = await made(ana, path)
    secret = re.search(r"<code>(whsec_[A-Za-z0-9+/]{43}=)</code>", page)
    assert secret is not None
    page = await ana.see(f"{path}/webhooks")
    assert URL in page
    assert secret[1] not in page
    assert "works" in page
    page = await ana.send(f"{path}/webhooks", "/webhooks/remove")
    assert "The webhook is removed." in page
    assert URL not in page


async def test_a_form_that_is_sent_twice_registers_one(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    await vilnius.stepped_up(ana)
    sent = {"url": URL, "key": "k" * 32}
    pages = [(await ana.client.post(f"{path}/webhooks", data=sent)).text for _ in range(2)]
    secrets = [re.findall(r"whsec_[\w+/]+=", one) for one in pages]
    assert secrets[0] == secrets[1] != []
    assert pages[1].count("/webhooks/remove") == 1
    for number in range(1, 6):
        sent = {"url": f"{URL}/{number}", "key": f"{number}" * 32}
        last = await ana.client.post(f"{path}/webhooks", data=sent)
    assert last.status_code == 422
    assert "The chapter has enough webhooks" in last.text


async def test_what_cannot_be_called_is_refused(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    await vilnius.stepped_up(ana)
    for url in ("http://example.org/", "https://127.0.0.1/", "https://db.internal/", ""):
        assert "There is a problem" in await made(ana, path, url, 422)


async def test_only_leads_who_stepped_up(vilnius: Town) -> None:
    path, (ana, _ben, eva) = await open_chapter(vilnius, "world")
    vilnius.clock.advance(timedelta(minutes=10))
    assert "Is it you?" in await ana.see(f"{path}/webhooks", 401)
    sent = {"url": URL, "key": "k" * 32, "webhook": "a" * 26}
    for visitor in (eva, await vilnius.person()):
        await vilnius.stepped_up(visitor)
        assert (await visitor.client.get(f"{path}/webhooks")).status_code in (403, 404)
        for action in ("webhooks", "webhooks/remove", "webhooks/resume"):
            answer = await visitor.client.post(f"{path}/{action}", data=sent)
            assert answer.status_code in (403, 404)


async def test_a_node_that_allows_none_says_so(database_url: str, data: Path) -> None:
    async with town(database_url, data) as quiet:
        path, (ana, *_others) = await open_chapter(quiet, "world")
        await quiet.stepped_up(ana)
        assert "has not allowed them" in await ana.see(f"{path}/webhooks")
        answer = await ana.client.post(f"{path}/webhooks", data={"url": URL, "key": "k" * 32})
        assert answer.status_code == 422
        assert "This node calls nobody" in answer.text
