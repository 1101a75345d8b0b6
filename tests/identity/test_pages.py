import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html import unescape

import httpx
import pyotp
import pytest
from litestar import Litestar, Request, get
from litestar.datastructures import State
from sqlalchemy import func, select

from civic.kernel.clock import SetClock
from civic.kernel.database import Writing, reading, writing
from civic.kernel.web.asgi import protected
from civic.kernel.web.pages import Pages, Site
from civic.kernel.web.problem import exception_handlers
from identity import accounts, api, links, pages, sessions, tables
from identity.accounts import NewAccount
from identity.pages.account import Afterwards, Going
from identity.passphrase import Busy
from identity.side import Private
from identity.step_up import StepUpNeeded, answer_step_up_needed
from identity.vault import Vault
from identity.web import (
    SignInNeeded,
    account_links,
    account_notices,
    answer_sign_in_needed,
    signed_in,
)

WORDS = "a kettle sings behind seven doors"
KEY = "0123456789abcdef"
OWN_SCRIPT = r'<script type="module" src="/static/[^"]+"></script>'


class Left:
    """Whoever was deleted, what the account still was at that moment, and what came after."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.erased: list[bool] = []
        self.after = 0

    async def __call__(
        self, request: Request[object, object, State], vault: Vault, key: str, erase: bool
    ) -> Going:
        self.names.append(vault.name)
        self.erased.append(erase)
        return self._going

    async def _going(self, unit: Writing, vault: Vault) -> Afterwards:
        assert await unit.scalar(select(func.count()).select_from(tables.account)) == 1
        return self._afterwards

    async def _afterwards(self) -> None:
        self.after += 1


@get("/whoami")
async def whoami(request: Request[object, object, State]) -> str:
    """A page of another domain."""
    await signed_in(request)
    found = await signed_in(request)
    return found.vault.name if found else "nobody"


def application(side: Private, left: Left, *, secure: bool = False) -> httpx.ASGITransport:
    frame = Pages(Site(secure=secure), bytes(32), account_links, notices=account_notices)
    app = Litestar(
        [pages.router(left), api.router(), whoami],
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
def left() -> Left:
    return Left()


@pytest.fixture
async def browser(side: Private, left: Left) -> AsyncIterator[httpx.AsyncClient]:
    transport = application(side, left)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


def hidden(page: httpx.Response) -> dict[str, str]:
    """Return the hidden fields of a page's first form."""
    form = page.text[page.text.index('<form class="form"') :]
    form = form[: form.index("</form>")]
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', form)
    return {name: unescape(value) for name, value in fields}


class Person:
    def __init__(self, name: str, secret: str, clock: SetClock) -> None:
        self.name = name
        self.clock = clock
        self._phone = pyotp.TOTP(secret)

    def code(self) -> str:
        return self._phone.at(self.clock.now())

    def credentials(self) -> dict[str, str]:
        self.clock.advance(timedelta(seconds=30))
        return {"name": self.name, "passphrase": WORDS, "code": self.code()}


async def signed_up(browser: httpx.AsyncClient, clock: SetClock, wanted: str = "") -> Person:
    first = await browser.get("/sign-up", params={"next": wanted} if wanted else {})
    assert first.status_code == 200
    typed = {"passphrase": WORDS, "repeated": WORDS}
    second = await browser.post("/sign-up", data=hidden(first) | typed)
    assert second.status_code == 200, second.text
    secret = re.search(r"secret=([A-Z2-7]{32})", second.text)
    name = re.search(r"sign-in name: ([a-z-]+)", second.text)
    assert secret is not None
    assert name is not None
    assert name[1] in first.text
    person = Person(name[1], secret[1], clock)
    done = await browser.post("/sign-up/confirm", data=hidden(second) | {"code": person.code()})
    assert done.status_code == 303
    assert done.headers["location"] == (wanted or "/account")
    return person


async def test_signing_up_leads_to_an_account(browser: httpx.AsyncClient, clock: SetClock) -> None:
    person = await signed_up(browser, clock, "/c/abc/join")
    page = await browser.get("/account")
    assert page.status_code == 200
    assert person.name in page.text
    assert page.headers["cache-control"] == "no-store"
    assert (await browser.get("/whoami")).text == person.name


async def test_the_cookie(browser: httpx.AsyncClient, side: Private, left: Left) -> None:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, side.clock.now())
        secrets = [
            await links.issue(unit, made.account_id, made.data_key, side.clock.now())
            for _ in range(2)
        ]
    plain = await browser.post(f"/enter/{secrets[0]}", data={"key": KEY})
    cookie = next(c for c in plain.headers.get_list("set-cookie") if c.startswith("civic="))
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/" in cookie
    assert "Secure" not in cookie
    async with httpx.AsyncClient(
        transport=application(side, left, secure=True), base_url="https://civic.example"
    ) as client:
        safe = await client.post(f"/enter/{secrets[1]}", data={"key": KEY})
        cookies = safe.headers.get_list("set-cookie")
        cookie = next(c for c in cookies if c.startswith("__Host-civic="))
        assert "Secure" in cookie
        assert "Domain" not in cookie
        assert (await client.get("/whoami")).text == made.name


async def test_mistakes_on_the_way_can_be_mended(
    browser: httpx.AsyncClient, clock: SetClock, side: Private
) -> None:
    first = await browser.get("/sign-up")
    fields = hidden(first)
    weak = await browser.post(
        "/sign-up", data=fields | {"passphrase": "password1", "repeated": "password1"}
    )
    assert weak.status_code == 422
    assert "would be guessed" in weak.text
    assert "password1" not in weak.text
    assert hidden(weak)["ticket"] == fields["ticket"]
    differing = await browser.post(
        "/sign-up", data=fields | {"passphrase": WORDS, "repeated": WORDS + "x"}
    )
    assert differing.status_code == 422
    assert "not the same" in differing.text
    empty = await browser.post("/sign-up", data=fields)
    assert empty.status_code == 422
    second = await browser.post("/sign-up", data=fields | {"passphrase": WORDS, "repeated": WORDS})
    wrong = await browser.post("/sign-up/confirm", data=hidden(second) | {"code": "12"})
    assert wrong.status_code == 422
    assert "not the code" in wrong.text
    assert hidden(wrong)["ticket"] == hidden(second)["ticket"]
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.account)) == 0
    clock.advance(timedelta(minutes=61))
    for path, data in (("/sign-up", fields), ("/sign-up/confirm", hidden(second))):
        over = await browser.post(path, data=data | {"code": "12"})
        assert (over.status_code, over.headers["location"]) == (303, "/sign-up")


async def test_all_mistakes_of_a_sign_up_are_named_at_once(browser: httpx.AsyncClient) -> None:
    first = hidden(await browser.get("/sign-up"))
    for repeated, also in (("", "Enter the passphrase a second time"), ("x", "are not the same")):
        page = await browser.post(
            "/sign-up", data=first | {"passphrase": "ab", "repeated": repeated}
        )
        assert page.status_code == 422
        assert "would be guessed too soon" in page.text
        assert "How to make the passphrase stronger" in page.text
        assert also in page.text
    nothing = await browser.post("/sign-up", data=first)
    assert "Enter your passphrase" in nothing.text
    assert "would be guessed" not in nothing.text


async def test_the_entrance_offers_no_account_to_who_has_not_come_in(
    browser: httpx.AsyncClient, clock: SetClock
) -> None:
    fields = hidden(await browser.get("/sign-up"))
    pages = [
        await browser.get("/sign-in"),
        await browser.get("/sign-up"),
        await browser.post("/sign-in", data={"key": KEY}),
        await browser.post("/sign-up", data=fields),
        await browser.post("/sign-up", data=fields | {"passphrase": WORDS, "repeated": WORDS}),
        await browser.get("/enter/nothing"),
    ]
    for page in pages:
        assert 'href="/account"' not in page.text
    await signed_up(browser, clock)
    for path in ("/sign-in", "/sign-up"):
        assert 'href="/account"' in (await browser.get(path)).text


async def test_signing_in_and_out(browser: httpx.AsyncClient, clock: SetClock) -> None:
    person = await signed_up(browser, clock)
    before = browser.cookies["civic"]
    page = await browser.get("/sign-in", params={"next": "/c/abc"})
    done = await browser.post("/sign-in", data=hidden(page) | person.credentials())
    assert (done.status_code, done.headers["location"]) == (303, "/c/abc")
    after = browser.cookies["civic"]
    assert after != before
    assert (await browser.get("/whoami")).text == person.name
    assert (await browser.get("/whoami", headers={"cookie": f"civic={before}"})).text == "nobody"

    out = await browser.post("/sign-out", data={"key": KEY})
    assert (out.status_code, out.headers["location"]) == (303, "/")
    assert "civic" not in browser.cookies
    assert (await browser.get("/whoami", headers={"cookie": f"civic={after}"})).text == "nobody"


async def test_no_answer_tells_whether_an_account_exists(
    browser: httpx.AsyncClient, clock: SetClock
) -> None:
    person = await signed_up(browser, clock)
    browser.cookies.clear()
    page = hidden(await browser.get("/sign-in"))
    right = person.credentials()
    tries = [
        right | {"passphrase": "wrong"},
        right | {"code": "000000"},
        right | {"name": "acorn-acorn-acorn-acorn"},
    ]
    answers = [await browser.post("/sign-in", data=page | tried) for tried in tries]
    assert {answer.status_code for answer in answers} == {422}
    assert {"civic" in answer.cookies for answer in answers} == {False}
    texts = [
        answer.text.replace(tried["name"], "").replace(tried["code"], "")
        for answer, tried in zip(answers, tries, strict=True)
    ]
    assert len(set(texts)) == 1


@pytest.mark.parametrize(
    "wanted", ["//evil.example", "/\\evil.example", "https://evil.example", "/a\r\nb", "x"]
)
async def test_people_are_led_nowhere_else(
    browser: httpx.AsyncClient, clock: SetClock, wanted: str
) -> None:
    person = await signed_up(browser, clock)
    page = hidden(await browser.get("/sign-in", params={"next": wanted}))
    assert page["next"] == ""
    done = await browser.post("/sign-in", data=page | person.credentials() | {"next": wanted})
    assert (done.status_code, done.headers["location"]) == (303, "/")


async def test_limits_and_a_full_queue_say_when_to_come_back(
    browser: httpx.AsyncClient, side: Private, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = hidden(await browser.get("/sign-in"))
    tried = {"name": "acorn-acorn-acorn-acorn", "passphrase": "x", "code": "000000"}
    for _ in range(10):
        assert (await browser.post("/sign-in", data=page | tried)).status_code == 422
    limited = await browser.post("/sign-in", data=page | tried)
    assert limited.status_code == 429
    assert int(limited.headers["retry-after"]) > 0

    async def full(*_: object) -> None:
        raise Busy

    monkeypatch.setattr(side.hasher, "derive", full)
    busy = await browser.post("/api/v1/sessions", json=tried | {"name": "another"})
    assert busy.status_code == 503
    assert int(busy.headers["retry-after"]) > 0


async def _linked(side: Private) -> tuple[NewAccount, str]:
    now = side.clock.now()
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, now)
        return made, await links.issue(unit, made.account_id, made.data_key, now)


async def test_a_link_is_used_up_by_its_button_only(
    browser: httpx.AsyncClient, side: Private
) -> None:
    made, secret = await _linked(side)
    for _ in range(2):
        page = await browser.get(f"/enter/{secret}", params={"next": "/c/abc"})
        assert page.status_code == 200
    assert (await browser.get("/whoami")).text == "nobody"
    done = await browser.post(f"/enter/{secret}", data=hidden(page))
    assert (done.status_code, done.headers["location"]) == (303, "/c/abc")
    assert (await browser.get("/whoami")).text == made.name
    assert (await browser.get(f"/enter/{secret}")).status_code == 410
    assert (await browser.post(f"/enter/{secret}", data={"key": KEY})).status_code == 410
    assert (await browser.get("/whoami")).text == made.name


async def test_looking_after_an_account(
    browser: httpx.AsyncClient, side: Private, clock: SetClock
) -> None:
    person = await signed_up(browser, clock)
    await browser.post("/account/name", data={"key": KEY})
    name = (await browser.get("/whoami")).text
    assert name != person.name
    assert name in (await browser.get("/account")).text
    person.name = name

    api_session = await browser.post("/api/v1/sessions", json=person.credentials())
    token = api_session.json()["token"]
    other = sessions.id_hash(token).hex()
    page = await browser.get("/account")
    assert page.text.count("/account/devices/end") == 2
    assert other in page.text
    await browser.post("/account/devices/end", data={"key": KEY, "device": "zz"})
    ended = await browser.post("/account/devices/end", data={"key": KEY, "device": other})
    assert ended.headers["location"] == "/account"
    assert (await browser.get("/account")).text.count("/account/devices/end") == 1
    away = await browser.post("/account/sign-out-everywhere", data={"key": KEY})
    assert away.headers["location"] == "/"
    async with reading(side.engine) as unit:
        assert (await unit.execute(select(tables.session))).all() == []


async def test_deleting_needs_a_fresh_sign_in(
    browser: httpx.AsyncClient, side: Private, clock: SetClock, left: Left
) -> None:
    person = await signed_up(browser, clock)
    clock.advance(timedelta(minutes=6))
    sure = {"key": KEY, "sure": "yes", "words": "erase"}
    asked = await browser.get("/account/delete")
    assert asked.status_code == 401
    assert "Is it you?" in asked.text
    stale = await browser.post("/account/delete", data=sure)
    assert "Is it you?" in stale.text
    assert left.names == []
    await browser.post("/sign-in", data={"key": KEY, "next": ""} | person.credentials())
    for missing in ("sure", "words"):
        # Neither is assumed: people say what becomes of their words.
        left_out = {name: value for name, value in sure.items() if name != missing}
        assert (await browser.post("/account/delete", data=left_out)).status_code == 422
    assert left.names == []
    gone = await browser.post("/account/delete", data=sure)
    assert (gone.status_code, gone.headers["location"]) == (303, "/")
    assert (left.names, left.erased, left.after) == ([person.name], [True], 1)
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(func.count()).select_from(tables.account)) == 0


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/account"),
        ("GET", "/account/delete"),
        ("POST", "/account/delete"),
        ("POST", "/account/name"),
        ("POST", "/account/devices/end"),
        ("POST", "/account/sign-out-everywhere"),
    ],
)
async def test_closed_to_who_is_not_signed_in(
    browser: httpx.AsyncClient, method: str, path: str
) -> None:
    answer = await browser.request(method, path, data={"key": KEY} if method == "POST" else None)
    if method == "GET":
        assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path}")
    else:
        assert answer.status_code == 401
        assert "signed out" in answer.text


async def test_programs_use_the_same_token(browser: httpx.AsyncClient, clock: SetClock) -> None:
    person = await signed_up(browser, clock)
    browser.cookies.clear()
    wrong = await browser.post(
        "/api/v1/sessions", json=person.credentials() | {"passphrase": "wrong"}
    )
    assert wrong.status_code == 401
    assert wrong.json()["type"] == "/problems/identity.sign_in_failed"
    begun = await browser.post("/api/v1/sessions", json=person.credentials())
    assert begun.status_code == 201
    assert begun.headers["cache-control"] == "no-store"
    assert "set-cookie" not in begun.headers
    bearer = {"authorization": f"Bearer {begun.json()['token']}"}
    assert (await browser.get("/whoami", headers=bearer)).text == person.name
    assert (await browser.delete("/api/v1/sessions/current", headers=bearer)).status_code == 204
    assert (await browser.get("/whoami", headers=bearer)).text == "nobody"
    again = await browser.delete("/api/v1/sessions/current", headers=bearer)
    assert again.status_code == 401
    assert again.headers["content-type"] == "application/problem+json"
    assert again.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("sent", [{}, {"name": "x"}, {"name": 1, "passphrase": "", "code": ""}])
async def test_malformed_calls(browser: httpx.AsyncClient, sent: dict[str, object]) -> None:
    assert (await browser.post("/api/v1/sessions", json=sent)).status_code in (400, 422)


async def test_reading_writes_nothing_but_the_day(
    browser: httpx.AsyncClient, side: Private, clock: SetClock
) -> None:
    """Anonymous reading leaves no row; a session's row changes once a day."""
    for path in ("/sign-up", "/sign-in", "/whoami", "/enter/nothing"):
        await browser.get(path)
    async with reading(side.engine) as unit:
        for table in (tables.session, tables.attempt, tables.account):
            assert await unit.scalar(select(func.count()).select_from(table)) == 0
    await signed_up(browser, clock)
    clock.advance(timedelta(days=1))
    await browser.get("/whoami")
    async with reading(side.engine) as unit:
        assert await unit.scalar(select(tables.session.c.last_used)) == clock.now().date()


async def test_pages_need_no_script_and_name_no_other_host(
    browser: httpx.AsyncClient, clock: SetClock
) -> None:
    first = await browser.get("/sign-up")
    second = await browser.post(
        "/sign-up", data=hidden(first) | {"passphrase": WORDS, "repeated": WORDS}
    )
    await signed_up(browser, clock)
    shown = [first, second, await browser.get("/account"), await browser.get("/account/delete")]
    shown += [await browser.get("/sign-in"), await browser.get("/enter/nothing")]
    for page in shown:
        # Scripts are files of our own, without which the pages work.
        scripts = re.findall(r"<script.*?</script>", page.text)
        assert all(re.fullmatch(OWN_SCRIPT, one) for one in scripts)
        assert " style=" not in page.text
        hosts = set(re.findall(r"https?://[^\s\"<]+", page.text))
        assert hosts <= {"http://www.w3.org/2000/svg"}
