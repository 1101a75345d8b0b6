"""Tokens do what they were made for, until they end; made after a step-up, shown once."""

import re
from collections.abc import AsyncIterator
from datetime import timedelta

import httpx
import pytest
from litestar import Litestar, Request, get, post
from litestar.datastructures import State
from sqlalchemy import select

from civic.kernel.clock import SetClock
from civic.kernel.database import reading, writing
from civic.kernel.keys import SealBroken
from civic.kernel.web.asgi import protected
from civic.kernel.web.pages import Pages, Site
from civic.kernel.web.problem import exception_handlers
from identity import access_tokens, accounts, api, pages, sessions, tables, vault
from identity.scopes import Scope, needed, needs, read, written
from identity.sessions import SignedIn
from identity.side import Private
from identity.step_up import StepUpNeeded, answer_step_up_needed, must_have_stepped_up
from identity.web import (
    SignInNeeded,
    account_links,
    account_notices,
    answer_sign_in_needed,
    must_be_signed_in,
)
from tests.identity.test_pages import KEY, Left, Person, signed_up

Asked = Request[object, object, State]


@get("/page")
async def page(request: Asked) -> str:
    return (await must_be_signed_in(request)).vault.name


@get("/api/v1/read", opt=needs(Scope.READ))
async def reads(request: Asked) -> str:
    return (await must_be_signed_in(request)).vault.name


@post("/api/v1/vouch", opt=needs(Scope.OFFICE), status_code=200)
async def vouches(request: Asked) -> str:
    return (await must_have_stepped_up(request)).vault.name


@post("/api/v1/change", opt=needs(Scope.ACCOUNT, Scope.OFFICE), status_code=200)
async def changes_factors(request: Asked) -> str:
    return (await must_have_stepped_up(request)).vault.name


@pytest.fixture
async def browser(side: Private) -> AsyncIterator[httpx.AsyncClient]:
    frame = Pages(Site(), bytes(32), account_links, notices=account_notices)
    app = Litestar(
        [pages.router(Left()), api.router(), page, reads, vouches, changes_factors],
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


async def made(browser: httpx.AsyncClient, *may: str, days: str = "7", name: str = "cron") -> str:
    sent = {"key": KEY, "own_name": name, "may": list(may), "days": days}
    shown = await browser.post("/account/tokens/new", data=sent)
    assert shown.status_code == 200, shown.text
    assert shown.headers["cache-control"] == "no-store"
    found = re.search(r'value="(civic_pat_[A-Za-z0-9_-]{43})"', shown.text)
    assert found is not None
    return found[1]


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}", "cookie": ""}


async def test_a_token_does_what_it_was_made_for(
    browser: httpx.AsyncClient, person: Person
) -> None:
    token = await made(browser, "read")
    right = await browser.get("/api/v1/read", headers=bearing(token))
    assert (right.status_code, right.text) == (200, person.name)
    about = await browser.get("/api/v1/tokens/current", headers=bearing(token))
    assert about.json() == {"scopes": ["read"]}
    for method, path in (
        ("POST", "/api/v1/vouch"),
        ("GET", "/api/v1/account"),
        ("DELETE", "/api/v1/sessions/current"),
        ("POST", "/api/v1/sessions/current/step-up"),
        ("GET", "/page"),
        ("GET", "/account"),
        ("GET", "/account/tokens/new"),
        ("GET", "/account/key-box"),
    ):
        headers = bearing(token) | {"accept": "application/json"}
        body = {"passphrase": "x", "code": "x"} if path.endswith("step-up") else None
        answer = await browser.request(method, path, headers=headers, json=body)
        assert answer.status_code == 403, path
        assert answer.json()["type"] == "/problems/request.scope_needed"


async def test_a_token_is_no_cookie(browser: httpx.AsyncClient, person: Person) -> None:
    token = await made(browser, *Scope)
    browser.cookies.set("civic", token)
    assert (await browser.get("/api/v1/read", headers={"cookie": f"civic={token}"})).is_client_error
    unknown = token[:-1] + ("A" if token[-1] != "A" else "B")
    assert (await browser.get("/api/v1/read", headers=bearing(unknown))).status_code == 401
    bare = token.removeprefix(access_tokens.PREFIX)
    assert (await browser.get("/api/v1/read", headers=bearing(bare))).status_code == 401


async def test_acts_of_office_need_no_step_up_if_the_token_was_made_for_them(
    browser: httpx.AsyncClient, person: Person, clock: SetClock
) -> None:
    office = await made(browser, "office")
    others = await made(browser, "read", "deliberate", "vote", "account")
    asked = await browser.get("/account/tokens/new")
    assert "without asking again whether it is you" in asked.text
    clock.advance(timedelta(days=3))
    assert (await browser.post("/api/v1/vouch", headers=bearing(office))).status_code == 200
    assert (await browser.post("/api/v1/vouch", headers=bearing(others))).status_code == 403
    # What is not of office alone is not passed, whatever the token may.
    for token in (office, others):
        refused = await browser.post("/api/v1/change", headers=bearing(token))
        assert refused.status_code == 401
        assert refused.json()["type"] == "/problems/request.step_up_needed"


async def test_making_one_needs_a_step_up_and_is_told(
    browser: httpx.AsyncClient, person: Person, clock: SetClock
) -> None:
    other = await browser.post("/api/v1/sessions", json=person.credentials())
    await made(browser, "read")
    told = await browser.get("/account", headers={"cookie": f"civic={other.json()['token']}"})
    assert "A token was made" in told.text
    assert "A token was made" not in (await browser.get("/account")).text
    clock.advance(timedelta(minutes=6))
    assert (await browser.get("/account/tokens/new")).status_code == 401
    sent = {"key": KEY, "own_name": "x", "may": ["read"], "days": "7"}
    assert (await browser.post("/account/tokens/new", data=sent)).status_code == 401


@pytest.mark.parametrize("days", access_tokens.DAYS)
async def test_a_token_ends(
    browser: httpx.AsyncClient, person: Person, clock: SetClock, side: Private, days: int
) -> None:
    token = await made(browser, "read", days=str(days))
    clock.advance(timedelta(days=days))
    assert (await browser.get("/api/v1/read", headers=bearing(token))).status_code == 200
    clock.advance(timedelta(days=1))
    assert (await browser.get("/api/v1/read", headers=bearing(token))).status_code == 401
    async with writing(side.engine) as unit:
        await accounts.sweep(unit, clock.now())
        assert await unit.scalar(select(tables.access_token.c.id_hash)) is None


@pytest.mark.parametrize(
    "wrong",
    [{"days": "8"}, {"days": "3650"}, {"may": []}, {"may": ["everything"]}, {"own_name": ""}],
)
async def test_only_what_is_offered_can_be_had(
    browser: httpx.AsyncClient, person: Person, wrong: dict[str, str | list[str]]
) -> None:
    sent = {"key": KEY, "own_name": "x", "may": ["read"], "days": "7"} | wrong
    page = await browser.post("/account/tokens/new", data=sent)
    assert page.status_code == 422
    assert access_tokens.PREFIX not in page.text


async def test_listed_used_and_revoked(
    browser: httpx.AsyncClient, person: Person, clock: SetClock
) -> None:
    token = await made(browser, "read", "vote", name="Reminders")
    listed = await browser.get("/account/tokens")
    for shown in ("Reminders", "Read, Vote", "Nov 2026", "never", "Sun 29 Nov 2026"):
        assert shown in listed.text
    assert token not in listed.text
    await browser.get("/api/v1/read", headers=bearing(token))
    listed = await browser.get("/account/tokens")
    assert "never" not in listed.text
    assert f"{clock.now():%a %d %b %Y}".replace(" 0", " ") in listed.text
    own = re.search(r'name="token" value="([0-9a-f]{64})"', listed.text)
    assert own is not None
    await browser.post("/account/tokens/revoke", data={"key": KEY, "token": "zz"})
    assert (await browser.get("/api/v1/read", headers=bearing(token))).status_code == 200
    await browser.post("/account/tokens/revoke", data={"key": KEY, "token": own[1]})
    assert (await browser.get("/api/v1/read", headers=bearing(token))).status_code == 401
    assert "You have none" in (await browser.get("/account/tokens")).text


async def test_who_finds_a_token_can_revoke_it(browser: httpx.AsyncClient, person: Person) -> None:
    token = await made(browser, "vote")
    gone = await browser.delete("/api/v1/tokens/current", headers=bearing(token))
    assert gone.status_code == 204
    assert (await browser.get("/api/v1/tokens/current", headers=bearing(token))).status_code == 401
    by_session = await browser.get("/api/v1/tokens/current")
    assert by_session.status_code == 404


async def test_signing_out_everywhere_ends_tokens(
    browser: httpx.AsyncClient, person: Person
) -> None:
    token = await made(browser, "read")
    await browser.post("/account/sign-out-everywhere", data={"key": KEY})
    assert (await browser.get("/api/v1/read", headers=bearing(token))).status_code == 401


async def _known(side: Private) -> tuple[SignedIn, SignedIn]:
    now = side.clock.now()
    found = []
    for _ in range(2):
        async with writing(side.engine) as unit:
            new = await accounts.create_bare(unit, side.keys, now)
            token = await sessions.start(
                unit, new.account_id, new.data_key, now, fresh=True, by="passphrase"
            )
        async with reading(side.engine) as unit:
            one = await sessions.load(unit, token, now)
        assert one is not None
        found.append(one)
    return found[0], found[1]


async def test_the_database_holds_nothing_that_opens_a_vault(side: Private) -> None:
    me, other = await _known(side)
    now = side.clock.now()
    async with writing(side.engine) as unit:
        token = (await access_tokens.make(unit, me, "Reminders", frozenset({Scope.READ}), 1, now))[
            0
        ]
        row = (await unit.execute(select(tables.access_token))).one()
        assert not await access_tokens.revoke(unit, other.account_id, row.id_hash)
    stored = b"".join(value for value in row if isinstance(value, bytes))
    assert token.encode() not in stored
    assert me.data_key not in stored
    assert b"Reminders" not in stored
    opened = vault.unwrap(vault.bearer_key(token), row.wrapped_key, me.account_id)
    assert opened == me.data_key
    with pytest.raises(SealBroken):
        vault.unwrap(vault.bearer_key(token + "x"), row.wrapped_key, me.account_id)
    async with reading(side.engine) as unit:
        found = await access_tokens.load(unit, token, now)
    assert found is not None
    assert found.vault.name == me.vault.name
    assert token not in repr(found)


async def test_there_is_an_end_to_how_many(side: Private) -> None:
    me, other = await _known(side)
    now = side.clock.now()
    for _ in range(access_tokens.MOST):
        async with writing(side.engine) as unit:
            await access_tokens.make(unit, me, "x", frozenset({Scope.READ}), 1, now)
    with pytest.raises(access_tokens.TooMany):
        async with writing(side.engine) as unit:
            await access_tokens.make(unit, me, "x", frozenset({Scope.READ}), 1, now)
    async with writing(side.engine) as unit:
        await access_tokens.make(unit, other, "x", frozenset({Scope.READ}), 1, now)


def test_scopes_are_written_in_one_order() -> None:
    assert written(frozenset({Scope.VOTE, Scope.READ})) == "read vote"
    assert read("read vote") == {Scope.READ, Scope.VOTE}
    assert needed({}) == frozenset()
    with pytest.raises(ValueError, match="everything"):
        read("everything")
