"""Leads give auditors tokens for their keys, see what was given, and take tokens back."""

import asyncio
import re
from datetime import timedelta

import httpx

from chapters.capabilities import DAYS
from civic.audit.node import NodeSource
from civic.audit.run import audit_record
from civic.audit.tokens import Token
from civic.kernel import keys
from civic.kernel.proofs import make_proof
from civic.kernel.web.dates import day_in_words
from tests.civic.pages.test_outsiders import open_chapter
from tests.town import Town, Visitor

SEED = bytes(range(32))
PUBLIC = keys.public_key(keys.signing_key(SEED)).hex()


class Bridge(httpx.BaseTransport):
    """Requests of a program in another thread, answered by the application in this loop."""

    def __init__(self, visitor: Visitor) -> None:
        self.client = visitor.client
        self.loop = asyncio.get_running_loop()
        self.clock = visitor.town.clock

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        address = f"{request.url.scheme}://{request.url.host}{request.url.path}"
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        headers = {"authorization": f"{scheme} {token}"}
        # The clock of the town stands still; the program's own would be wrong here.
        headers["dpop"] = make_proof(SEED, "GET", address, token, self.clock.now())
        asked = self.client.get(request.url.path, headers=headers)
        answer = asyncio.run_coroutine_threadsafe(asked, self.loop).result(60)
        return httpx.Response(answer.status_code, content=answer.content)


async def given(lead: Visitor, path: str, label: str = "Congress") -> str:
    page = await lead.send(
        f"{path}/auditors", "/auditors", label=label, public_key=f" {PUBLIC.upper()} "
    )
    token = re.search(r"<code>([\w-]{43})</code>", page)
    assert token is not None
    return token[1]


async def test_a_token_opens_a_closed_record_to_an_audit(vilnius: Town) -> None:
    path, (ana, ben, _eva) = await open_chapter(vilnius, "chapter")
    await ben.send(f"{path}/you", "/people/name", name="Ben Example")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    await vilnius.stepped_up(ana)
    token = await given(ana, path)
    page = await ana.see(f"{path}/auditors")
    assert token not in page
    assert "Congress" in page
    assert PUBLIC[:16] in page
    bridge = Bridge(vilnius.stranger())

    address, own = f"http://localhost{path}", Token(token, SEED)
    assert await asyncio.to_thread(status_of, address, own, bridge) == 0
    assert day_in_words(vilnius.clock.now().date()) in await ana.see(f"{path}/auditors")

    page = await ana.send(f"{path}/auditors", "/auditors/revoke")
    assert "The token is revoked." in page
    assert "/auditors/revoke" not in page
    assert await asyncio.to_thread(status_of, address, own, bridge) == 2


def status_of(address: str, token: Token, bridge: Bridge) -> int:
    """Return the exit status of an audit over HTTP."""
    with NodeSource(address, token, transport=bridge, pause=lambda _: None) as source:
        return audit_record(source, chapter=source.chapter).status


async def test_a_token_ends_by_itself(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "chapter")
    await vilnius.stepped_up(ana)
    await given(ana, path)
    vilnius.clock.advance(timedelta(days=DAYS))
    await vilnius.stepped_up(ana)
    page = await ana.see(f"{path}/auditors")
    assert "over" in page
    assert "/auditors/revoke" not in page
    await vilnius.pass_time(minutes=1, days=31)
    await vilnius.stepped_up(ana)
    assert "Congress" not in await ana.see(f"{path}/auditors")


async def test_a_form_that_is_sent_twice_gives_one_token(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "chapter")
    await vilnius.stepped_up(ana)
    sent = {"label": "Once", "public_key": PUBLIC, "key": "k" * 32}
    pages = [await ana.client.post(f"{path}/auditors", data=sent) for _ in range(2)]
    tokens = {re.findall(r"<code>([\w-]{43})</code>", one.text)[0] for one in pages}
    assert len(tokens) == 1
    assert pages[1].text.count("/auditors/revoke") == 1


async def test_only_leads_who_stepped_up(vilnius: Town) -> None:
    path, (ana, _ben, eva) = await open_chapter(vilnius, "chapter")
    vilnius.clock.advance(timedelta(minutes=10))
    assert "Is it you?" in await ana.see(f"{path}/auditors", 401)
    for visitor in (eva, await vilnius.person()):
        await vilnius.stepped_up(visitor)
        answer = await visitor.client.get(f"{path}/auditors")
        assert answer.status_code in (403, 404)
        sent = {"label": "x", "public_key": PUBLIC, "key": "k" * 32, "token": "00" * 32}
        for action in ("auditors", "auditors/revoke"):
            assert (await visitor.client.post(f"{path}/{action}", data=sent)).status_code in (
                403,
                404,
            )


async def test_what_is_no_key_is_refused(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "chapter")
    await vilnius.stepped_up(ana)
    for wrong in ("", "00" * 32, "zz" * 32):
        page = await ana.send(
            f"{path}/auditors", "/auditors", status=422, label="x", public_key=wrong
        )
        assert "There is a problem" in page
    answer = await ana.client.post(
        f"{path}/auditors/revoke", data={"token": "no hash", "key": "k" * 32}
    )
    assert answer.status_code == 404
