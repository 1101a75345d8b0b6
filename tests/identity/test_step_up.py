"""A fresh factor is asked for, the session's token changes, and what was sent goes on."""

from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar, Request, get, post
from litestar.datastructures import State

from civic.kernel.clock import SetClock
from civic.kernel.database import reading, writing
from civic.kernel.web.asgi import protected
from civic.kernel.web.pages import Pages, Site
from civic.kernel.web.problem import exception_handlers
from identity import accounts, api, links, pages, sessions
from identity.side import Private
from identity.step_up import StepUpNeeded, answer_step_up_needed, must_have_stepped_up
from identity.web import SignInNeeded, account_links, answer_sign_in_needed
from tests.identity.test_kept import Browser, send
from tests.identity.test_pages import KEY, WORDS, Left, Person, signed_up


@get("/vouch")
async def ask(request: Request[object, object, State]) -> str:
    return (await must_have_stepped_up(request)).vault.name


@post(["/vouch", "/api/v1/vouch"], status_code=200)
async def vouch(request: Request[object, object, State]) -> str:
    await must_have_stepped_up(request)
    return f"vouched: {(await request.form()).get('for', '')}"


def application(side: Private, *, demo: bool = False) -> httpx.ASGITransport:
    frame = Pages(Site(demo=demo), bytes(32), account_links)
    app = Litestar(
        [pages.router(Left()), api.router(), ask, vouch],
        exception_handlers={
            **exception_handlers(frame),
            SignInNeeded: answer_sign_in_needed,
            StepUpNeeded: answer_step_up_needed,
        },
        state=State({"pages": frame, "private": side}),
        logging_config=None,
        openapi_config=None,
    )
    return httpx.ASGITransport(protected(app, frame))


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    transport = application(side)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def person(browser: httpx.AsyncClient, clock: SetClock) -> Person:
    """Somebody whose last proof is six minutes old."""
    known = await signed_up(browser, clock)
    assert (await browser.get("/vouch")).text == known.name
    clock.advance(timedelta(minutes=6))
    return known


def proof(person: Person) -> dict[str, str]:
    return {name: value for name, value in person.credentials().items() if name != "name"}


async def test_a_page_asks_first_and_leads_on(browser: httpx.AsyncClient, person: Person) -> None:
    page = await browser.get("/vouch?for=ana")
    assert page.status_code == 401
    assert "Is it you?" in page.text
    before = browser.cookies["civic"]
    fields = dict(Browser(page.text).forms["/account/step-up"]) | proof(person)
    done = await browser.post("/account/step-up", data=fields)
    assert done.status_code == 303
    assert done.headers["location"] == "/vouch?for=ana"
    after = browser.cookies["civic"]
    assert after != before
    assert (await browser.get("/vouch")).text == person.name
    browser.cookies.clear()
    browser.cookies.set("civic", before)
    assert (await browser.get("/vouch")).status_code == 303


async def test_what_was_sent_goes_on(browser: httpx.AsyncClient, person: Person) -> None:
    page = await send(browser, "/vouch", [("key", KEY), ("for", "Ana\r\nand her dog")])
    assert page.status_code == 401
    assert "Not sent yet" in page.text
    for wrong in ({"code": "000000"}, {"passphrase": "no kettle here"}, {"code": ""}):
        tried = proof(person) | wrong
        travelling = Browser(page.text).forms["/account/step-up"]
        page = await send(browser, "/account/step-up", [*travelling, *tried.items()])
        assert page.status_code == 422
        assert WORDS not in page.text
        assert (await browser.get("/vouch")).status_code == 401
    travelling = Browser(page.text).forms["/account/step-up"]
    last = await send(browser, "/account/step-up", [*travelling, *proof(person).items()])
    assert "Send it now?" in last.text
    sent = await send(browser, "/vouch", Browser(last.text).forms["/vouch"])
    assert sent.text == "vouched: Ana\r\nand her dog"


async def test_ending_other_sessions_asks_for_a_factor(
    browser: httpx.AsyncClient, person: Person, side: Private
) -> None:
    """With a stolen cookie alone nobody throws the account's person out; they end their own."""
    made = await browser.post("/api/v1/sessions", json=person.credentials())
    token = made.json()["token"]
    other, bearer = sessions.id_hash(token).hex(), {"authorization": f"Bearer {token}"}

    async def goes_on() -> bool:
        return (await browser.get("/api/v1/account/devices", headers=bearer)).status_code == 200

    fields = {"key": KEY, "device": other}
    assert (await browser.post("/account/devices/end", data=fields)).status_code == 401
    assert (await browser.post("/account/sign-out-everywhere", data=fields)).status_code == 401
    for path in ("/api/v1/sessions", f"/api/v1/account/devices/{other}"):
        refused = await browser.delete(path)
        assert refused.json()["type"] == "/problems/request.step_up_needed"
    assert await goes_on()
    page = await browser.get("/vouch")
    fields = dict(Browser(page.text).forms["/account/step-up"]) | proof(person)
    await browser.post("/account/step-up", data=fields)
    ended = await browser.post("/account/devices/end", data={"key": KEY, "device": other})
    assert (ended.status_code, ended.headers["location"]) == (303, "/account")
    assert not await goes_on()


async def test_the_own_session_and_the_emergency_exit_ask_for_nothing(
    browser: httpx.AsyncClient, person: Person
) -> None:
    made = await browser.post("/api/v1/sessions", json=person.credentials())
    bearer = {"authorization": f"Bearer {made.json()['token']}"}
    own = sessions.id_hash(browser.cookies["civic"]).hex()
    ended = await browser.post("/account/devices/end", data={"key": KEY, "device": own})
    assert ended.headers["location"] == "/"
    assert (await browser.get("/account")).status_code == 303
    browser.cookies.set("civic", made.json()["token"])
    assert (await browser.post("/panic")).status_code == 303
    assert (await browser.get("/account", headers=bearer)).status_code in (303, 401)


async def test_programs_get_the_problem(
    browser: httpx.AsyncClient, person: Person, side: Private
) -> None:
    bearer = {"authorization": f"Bearer {browser.cookies['civic']}"}
    browser.cookies.clear()
    refused = await browser.post("/api/v1/vouch", headers=bearer)
    assert refused.status_code == 401
    assert refused.json()["type"] == "/problems/request.step_up_needed"
    challenge = refused.headers["www-authenticate"]
    assert challenge == 'Bearer error="insufficient_user_authentication", max_age=300'
    path = "/api/v1/sessions/current/step-up"
    wrong = await browser.post(path, json=proof(person) | {"code": "1"}, headers=bearer)
    assert wrong.json()["type"] == "/problems/identity.sign_in_failed"
    right = await browser.post(path, json=proof(person), headers=bearer)
    assert right.status_code == 201
    fresh = {"authorization": f"Bearer {right.json()['token']}"}
    assert (await browser.post("/api/v1/vouch", headers=fresh)).status_code == 200
    assert (await browser.post("/api/v1/vouch", headers=bearer)).status_code == 401


async def test_the_limit_is_the_accounts(browser: httpx.AsyncClient, person: Person) -> None:
    bearer = {"authorization": f"Bearer {browser.cookies['civic']}"}
    path = "/api/v1/sessions/current/step-up"
    for _ in range(10):
        await browser.post(path, json={"passphrase": "no", "code": "000000"}, headers=bearer)
    assert (await browser.post(path, json=proof(person), headers=bearer)).status_code == 429
    page = await browser.post("/account/step-up", data={"key": KEY} | proof(person))
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "That was too often" in page.text


async def test_a_step_up_makes_no_session_longer(
    browser: httpx.AsyncClient, person: Person, side: Private, clock: SetClock
) -> None:
    for _ in range(9):
        clock.advance(timedelta(days=10))
        await browser.post("/account/step-up", data={"key": KEY} | proof(person))
        assert (await browser.get("/vouch")).status_code == 200
    clock.advance(timedelta(days=1))
    assert (await browser.get("/vouch")).status_code == 303


@pytest.mark.parametrize("demo", [True, False])
async def test_an_account_without_authenticators(side: Private, demo: bool) -> None:
    """Only a demonstration lets its invented people go on; elsewhere there is nothing to prove."""
    now = side.clock.now()
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, now)
        secret = await links.issue(unit, made.account_id, made.data_key, now)
    transport = application(side, demo=demo)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        await client.post(f"/enter/{secret}", data={"key": KEY})
        page = await client.get("/vouch")
        assert page.status_code == 401
        assert ("add one first" in page.text.lower()) is not demo
        done = await client.post("/account/step-up", data={"key": KEY, "next": "/vouch"})
        assert done.status_code == (303 if demo else 422)
        assert (await client.get("/vouch")).status_code == (200 if demo else 401)


async def test_rotation_of_a_session_that_has_ended(side: Private) -> None:
    now = side.clock.now()
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, now)
        token = await sessions.start(
            unit, made.account_id, made.data_key, now, fresh=False, by="passphrase"
        )
    async with reading(side.engine) as unit:
        found = await sessions.load(unit, token, now)
    assert found is not None
    async with writing(side.engine) as unit:
        await sessions.end(unit, token)
        assert await sessions.rotate(unit, found, now, by="passphrase") is None
