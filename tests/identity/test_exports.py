"""A copy of all one's data: announced, a day's wait, fetched once, readable only by its person."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import msgspec
import pytest
from litestar import Litestar
from litestar.datastructures import State

from civic.kernel.clock import SetClock
from civic.kernel.database import writing
from civic.kernel.sealed_file import BACKUP, SealedFileError
from civic.kernel.web.asgi import protected
from civic.kernel.web.pages import Pages, Site
from civic.kernel.web.problem import exception_handlers
from identity import accounts, api, exports, own_data, pages
from identity.own_data import JSON, PAGE, Part, open_copy, seal_copy
from identity.passphrase import Busy
from identity.sessions import SignedIn
from identity.side import Private
from identity.step_up import StepUpNeeded, answer_step_up_needed
from identity.web import SignInNeeded, account_links, account_notices, answer_sign_in_needed
from tests.identity.test_pages import KEY, WORDS, Left, Person, signed_up

TYPED = "nine lanterns over a cold harbour"


async def more(_me: SignedIn) -> list[Part]:
    return [Part("entries", "What you did", [{"kind": "x", "words": ["<b>Žodis</b>", None]}])]


@pytest.fixture
async def browser(
    side: Private, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[httpx.AsyncClient]:
    def cheap(passphrase: str, files: dict[str, bytes]) -> bytes:
        return seal_copy(passphrase, files, passes=1, memory=8192)

    monkeypatch.setattr(own_data, "seal_copy", cheap)
    frame = Pages(Site(), bytes(32), account_links, notices=account_notices)
    app = Litestar(
        [pages.router(Left(), more), api.router()],
        exception_handlers={
            **exception_handlers(frame),
            SignInNeeded: answer_sign_in_needed,
            StepUpNeeded: answer_step_up_needed,
        },
        state=State({"pages": frame, "private": side}),
        logging_config=None,
        openapi_config=None,
    )
    transport = httpx.ASGITransport(protected(app, frame))
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def person(browser: httpx.AsyncClient, clock: SetClock) -> Person:
    return await signed_up(browser, clock)


async def proven(browser: httpx.AsyncClient, person: Person) -> None:
    proof = {name: value for name, value in person.credentials().items() if name != "name"}
    done = await browser.post("/account/step-up", data={"key": KEY} | proof)
    assert done.status_code == 303


async def fetch(browser: httpx.AsyncClient, **typed: str) -> httpx.Response:
    sent = {"key": KEY, "passphrase": TYPED, "repeated": TYPED} | typed
    return await browser.post("/account/export/fetch", data=sent)


async def pass_days(side: Private, clock: SetClock, days: int) -> None:
    clock.advance(timedelta(days=days))
    async with writing(side.engine) as unit:
        await accounts.sweep(unit, clock.now())


async def test_the_whole_way(
    browser: httpx.AsyncClient, person: Person, side: Private, clock: SetClock
) -> None:
    other = (await browser.post("/api/v1/sessions", json=person.credentials())).json()["token"]
    elsewhere = {"cookie": f"civic={other}"}
    assert "Ask for my data" in (await browser.get("/account/export")).text
    asked = await browser.post("/account/export", data={"key": KEY})
    assert asked.status_code == 303
    assert "was asked for" in (await browser.get("/account", headers=elsewhere)).text
    assert (await fetch(browser)).headers["location"] == "/account/export"
    await browser.post("/account/export", data={"key": KEY})
    await pass_days(side, clock, 1)
    await proven(browser, person)
    assert "Tue 24 Nov 2026" in (await browser.get("/account/export")).text
    assert (await fetch(browser)).status_code == 303

    await pass_days(side, clock, 1)
    assert "can be fetched now" in (await browser.get("/account")).text
    assert (await browser.get("/account/export")).status_code == 401
    assert (await fetch(browser)).status_code == 401
    await proven(browser, person)
    for typed, said in (
        ({"repeated": TYPED + "x"}, "not the same"),
        ({"passphrase": "password", "repeated": "password"}, "guessed too soon"),
    ):
        page = await fetch(browser, **typed)
        assert page.status_code == 422
        assert said in page.text
    got = await fetch(browser)
    assert got.status_code == 200
    assert got.headers["content-disposition"] == 'attachment; filename="civic-account.sealed"'
    assert got.headers["cache-control"] == "no-store"
    assert person.name.encode() not in got.content
    assert (await fetch(browser)).status_code == 303
    assert "was fetched" in (await browser.get("/account", headers=elsewhere)).text

    files = open_copy(got.content, TYPED)
    told = msgspec.json.decode(files[JSON])
    assert told["account"] == [{"sign_in_name": person.name, "added_month": "2026-11"}]
    assert told["authenticators"][0]["kind"] == "passphrase and phone"
    assert len(told["sessions"]) == 2
    assert set(told) >= {"browsers", "tokens", "drafts"}
    assert told["entries"] == [{"kind": "x", "words": ["<b>Žodis</b>", None]}]
    shown = files[PAGE].decode()
    assert person.name in shown
    assert "&lt;b&gt;Žodis&lt;/b&gt;" in shown
    for outside in ("href=", "src=", "<script", "<style"):
        assert outside not in shown
    for secret in (b"seed", b"wrapped", b"verifier", b"totp", WORDS.encode()):
        assert secret not in files[JSON]


async def test_a_busy_node_costs_nobody_their_copy(
    browser: httpx.AsyncClient,
    person: Person,
    side: Private,
    clock: SetClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async def busy(_work: object) -> bytes:
        raise Busy

    await browser.post("/account/export", data={"key": KEY})
    await pass_days(side, clock, 2)
    await proven(browser, person)
    with monkeypatch.context() as patch:
        patch.setattr(side.hasher, "run", busy)
        assert (await fetch(browser)).status_code == 503
    assert (await fetch(browser)).status_code == 200
    assert (await fetch(browser)).status_code == 303


async def test_of_two_who_fetch_at_once_one_has_it(
    browser: httpx.AsyncClient, person: Person, side: Private, clock: SetClock
) -> None:
    await browser.post("/account/export", data={"key": KEY})
    await pass_days(side, clock, 2)
    await proven(browser, person)
    both = await asyncio.gather(fetch(browser), fetch(browser))
    assert sorted(one.status_code for one in both) == [200, 303]


async def test_whoever_did_not_ask_cancels(
    browser: httpx.AsyncClient, person: Person, side: Private, clock: SetClock
) -> None:
    await browser.post("/account/export", data={"key": KEY})
    await pass_days(side, clock, 2)
    cancelled = await browser.post("/account/export/cancel", data={"key": KEY})
    assert cancelled.status_code == 303
    await proven(browser, person)
    assert (await fetch(browser)).headers["location"] == "/account/export"
    assert "Ask for my data" in (await browser.get("/account/export")).text


async def test_it_is_offered_for_a_week(
    browser: httpx.AsyncClient, person: Person, side: Private, clock: SetClock
) -> None:
    await browser.post("/account/export", data={"key": KEY})
    clock.advance(timedelta(days=exports.WAIT_DAYS + exports.OFFERED_DAYS))
    await proven(browser, person)
    assert (await fetch(browser)).status_code == 303
    await pass_days(side, clock, 0)
    assert "Ask for my data" in (await browser.get("/account/export")).text


async def test_asking_needs_a_step_up(
    browser: httpx.AsyncClient, person: Person, clock: SetClock
) -> None:
    clock.advance(timedelta(minutes=6))
    assert (await browser.get("/account/export")).status_code == 401
    assert (await browser.post("/account/export", data={"key": KEY})).status_code == 401


def test_a_copy_that_is_not_whole_is_refused() -> None:
    files = {JSON: b"{}" * 70_000, PAGE: b"<p>"}
    sealed = seal_copy(TYPED, files, passes=1, memory=8192)
    assert open_copy(sealed, TYPED) == files
    with pytest.raises(SealedFileError, match="passphrase is not the one"):
        open_copy(sealed, TYPED + "x")
    for broken in (sealed[:-1], sealed + b"x", BACKUP.encode() + b"\n" + sealed):
        with pytest.raises(SealedFileError):
            open_copy(broken, TYPED)
    strange = seal_copy(TYPED, {"../x": b""}, passes=1, memory=8192)
    with pytest.raises(SealedFileError, match="unknown"):
        open_copy(strange, TYPED)
