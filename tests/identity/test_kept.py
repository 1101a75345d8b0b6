"""A form that is sent when the session has ended: kept in the page, sent once, after signing in."""

import importlib
import pkgutil
import re
from collections.abc import AsyncIterator
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from urllib.parse import urlencode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar import Litestar, Request, get, post
from litestar.datastructures import State

import chapters
import civic
import deliberation
import identity
import voting
from civic.kernel.clock import SetClock
from civic.kernel.web.asgi import BODY_LIMIT, protected
from civic.kernel.web.forms import Field, Kind
from civic.kernel.web.pages import Frame, Pages, Site, template_folder
from civic.kernel.web.problem import exception_handlers
from identity import pages
from identity.kept import NEVER_KEPT, Kept, KeptField
from identity.side import Private
from identity.sign_in_form import CODE
from identity.web import (
    SignInNeeded,
    account_links,
    answer_sign_in_needed,
    must_be_signed_in,
)
from tests.identity.test_pages import KEY, WORDS, Left, Person, signed_up

Sent = list[tuple[str, str]]


class Browser(HTMLParser):
    """Reads forms as a browser does, and says what it would send."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.forms: dict[str, Sent] = {}
        self.shown: list[str] = []
        self._fields: Sent = []
        self._area: str | None = None
        self._text = ""
        # Whoever reads HTML first makes line feeds of all line ends (HTML, 13.2.3.5).
        self.feed(page.replace("\r\n", "\n").replace("\r", "\n"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._fields = self.forms.setdefault(of["action"], [])
        elif tag == "input" and of.get("type") == "hidden":
            self._fields.append((of["name"], self._sent(of["value"])))
        elif tag == "textarea":
            self._area, self._text = of["name"], ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._area is not None:
            text = self._text.removeprefix("\n")
            self.shown.append(text)
            self._fields.append((self._area, self._sent(text)))
            self._area = None

    @staticmethod
    def _sent(text: str) -> str:
        return text.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\r\n")


class Received:
    """What arrived where forms are sent to."""

    def __init__(self) -> None:
        self.forms: list[dict[str, list[str]]] = []


def application(side: Private, received: Received) -> httpx.ASGITransport:
    @get("/letters")
    async def letters(request: Request[object, object, State]) -> str:
        return "letters"

    @post("/letters/new", status_code=200)
    async def write(request: Request[object, object, State]) -> str:
        await must_be_signed_in(request)
        sent = await request.form()
        received.forms.append({name: list(sent.getall(name)) for name in sent})
        return "received"

    @post("/api/v1/letters")
    async def write_by_program(request: Request[object, object, State]) -> str:
        await must_be_signed_in(request)
        return "received"

    frame = Pages(Site(), bytes(32), account_links)
    app = Litestar(
        [pages.router(Left()), letters, write, write_by_program],
        exception_handlers={**exception_handlers(frame), SignInNeeded: answer_sign_in_needed},
        state=State({"pages": frame, "private": side}),
        logging_config=None,
        openapi_config=None,
    )
    return httpx.ASGITransport(protected(app, frame))


@pytest.fixture
def received() -> Received:
    return Received()


@pytest.fixture
async def browser(side: Private, received: Received) -> AsyncIterator[httpx.AsyncClient]:
    transport = application(side, received)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        yield client


@pytest.fixture
async def person(browser: httpx.AsyncClient, clock: SetClock) -> Person:
    """Somebody whose session has just ended."""
    known = await signed_up(browser, clock)
    await browser.post("/sign-out", data={"key": KEY})
    return known


async def send(browser: httpx.AsyncClient, to: str, fields: Sent) -> httpx.Response:
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return await browser.post(to, content=urlencode(fields), headers=kind)


LETTER: Sent = [
    ("key", KEY),
    (
        "words",
        "\n Dear \"all\" <b>& 'everybody'</b>,\r\n\r\nüñ 日本 \u200d🐈 </textarea><script>\r\n",
    ),
    ("to", "Ana"),
    ("met", "a b"),
    ("met", "c"),
    ("met", "a b"),
]


async def signs_in(browser: httpx.AsyncClient, person: Person, page: httpx.Response) -> str:
    travelling = Browser(page.text).forms["/sign-in"]
    done = await send(browser, "/sign-in", [*travelling, *person.credentials().items()])
    assert done.status_code == 200, done.text
    assert "Send it now?" in done.text
    assert "civic" in browser.cookies
    return done.text


async def test_what_was_written_is_sent_after_signing_in(
    browser: httpx.AsyncClient, person: Person, received: Received
) -> None:
    page = await send(browser, "/letters/new", LETTER)
    assert page.status_code == 401
    assert page.headers["www-authenticate"] == "Bearer"
    assert page.headers["cache-control"] == "no-store"
    assert "You have been signed out" in page.text
    assert "</textarea><script" not in page.text
    assert any("日本" in text for text in Browser(page.text).shown)
    for wrong in ({"code": "000000"}, {"passphrase": "no kettle here"}, {"name": ""}):
        travelling = Browser(page.text).forms["/sign-in"]
        tried = person.credentials() | wrong
        page = await send(browser, "/sign-in", [*travelling, *tried.items()])
        assert page.status_code == 422
        assert tried["passphrase"] not in page.text
        assert received.forms == []
    last = await signs_in(browser, person, page)
    assert 'href="/account"' in last
    assert 'href="/letters"' in last
    assert received.forms == []
    sent = Browser(last).forms["/letters/new"]
    for _twice in range(2):
        assert (await send(browser, "/letters/new", sent)).text == "received"
    words = LETTER[1][1].replace("\r\n", "\n").replace("\n", "\r\n")
    assert received.forms[0] == {
        "key": [KEY], "words": [words], "to": ["Ana"], "met": ["a b", "c", "a b"]
    }  # fmt: skip
    assert received.forms[1] == received.forms[0]


async def test_fifty_thousand_letters_are_kept(
    browser: httpx.AsyncClient, person: Person, received: Received
) -> None:
    words = "Žodžiai, ir dar žodžiai\r\n" * 2000
    page = await send(browser, "/letters/new", [("key", KEY), ("words", words)])
    last = await signs_in(browser, person, page)
    await send(browser, "/letters/new", Browser(last).forms["/letters/new"])
    assert received.forms == [{"key": [KEY], "words": [words]}]


async def test_who_signed_in_elsewhere_goes_on(
    browser: httpx.AsyncClient, person: Person, received: Received
) -> None:
    page = await send(browser, "/letters/new", LETTER)
    travelling = Browser(page.text).forms["/sign-in"]
    not_yet = await send(browser, "/sign-in/kept", travelling)
    assert not_yet.status_code == 422
    assert "not signed in in this browser yet" in not_yet.text
    assert "Enter your" not in not_yet.text
    signed_in = await browser.post("/sign-in", data={"key": KEY} | person.credentials())
    assert signed_in.status_code == 303
    page = await send(browser, "/sign-in/kept", Browser(not_yet.text).forms["/sign-in"])
    assert page.status_code == 200
    await send(browser, "/letters/new", Browser(page.text).forms["/letters/new"])
    assert len(received.forms) == 1
    nothing = await browser.post("/sign-in/kept", data={"key": KEY})
    assert (nothing.status_code, nothing.headers["location"]) == (303, "/")


async def test_a_limit_loses_nothing(browser: httpx.AsyncClient, person: Person) -> None:
    page = await send(browser, "/letters/new", LETTER)
    tried = {"name": person.name, "passphrase": "x", "code": "000000"}
    for _ in range(11):
        fields = Browser(page.text).forms["/sign-in"]
        page = await send(browser, "/sign-in", [*fields, *tried.items()])
    assert page.status_code == 429
    assert int(page.headers["retry-after"]) > 0
    assert "It is your turn now" in page.text
    assert any("日本" in text for text in Browser(page.text).shown)


async def test_secrets_are_never_kept(browser: httpx.AsyncClient) -> None:
    secret = [("passphrase", WORDS), ("repeated", WORDS), ("code", "924711")]
    page = await send(browser, "/letters/new", [("key", KEY), ("words", "Hello you"), *secret])
    assert page.status_code == 401
    assert "Hello you" in page.text
    forged = [("kept.passphrase", WORDS), ("kept-to", "/letters/new"), ("key", KEY)]
    again = await send(browser, "/sign-in", forged)
    for text in (page.text, again.text):
        assert WORDS not in text
        assert "924711" not in text


def _modules() -> list[ModuleType]:
    named = [identity, chapters, deliberation, voting, civic]
    found = [
        one.name
        for package in named
        for one in pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
        if "migrations" not in one.name and not one.name.endswith("__main__")
    ]
    return [importlib.import_module(name) for name in found]


def test_every_field_for_a_secret_is_known_as_one() -> None:
    fields = [
        value for one in _modules() for value in vars(one).values() if isinstance(value, Field)
    ]
    secret = {field.name for field in fields if field.kind is Kind.SECRET} | {CODE.name}
    assert len(secret) >= 3
    assert secret <= NEVER_KEPT
    called = r'forms\.field\(form, "(\w+)"[^}]*(?:type="password"|one-time-code)'
    for template in template_folder().rglob("*.html"):
        assert set(re.findall(called, template.read_text("utf-8"))) - {"passphrase"} <= NEVER_KEPT


async def test_programs_are_told_as_before(browser: httpx.AsyncClient) -> None:
    asked = [
        await browser.post("/api/v1/letters", data={"key": KEY, "words": "Hello you"}),
        await browser.post("/letters/new", data={"words": "Hello you"},
                           headers={"accept": "application/json"}),
    ]  # fmt: skip
    for answer in asked:
        assert answer.status_code == 401
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["type"] == "/problems/web.sign_in_needed"
        assert "Hello" not in answer.text


@pytest.mark.parametrize(
    "headers",
    [{"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"},
     {"origin": "http://evil.example"}, {"origin": "null"}],
)  # fmt: skip
@pytest.mark.parametrize("to", ["/letters/new", "/sign-in", "/sign-in/kept"])
async def test_other_sites_never_get_words_into_the_page(
    browser: httpx.AsyncClient, headers: dict[str, str], to: str
) -> None:
    planted = {"key": KEY, "words": "Planted words", "kept.words": "Planted words",
               "kept-to": "/letters/new"}  # fmt: skip
    answer = await browser.post(to, data=planted, headers=headers)
    assert answer.status_code == 403
    assert "Planted" not in answer.text


@pytest.mark.parametrize(
    "to",
    ["https://evil.example/letters/new", "//evil.example", "/letters", "/nowhere",
     "/letters/new?x=1", "/letters/../letters/new", "/api/v1/letters", "/letters/new#x",
     "javascript:alert(1)", "", "/" + "x" * 600],
)  # fmt: skip
async def test_it_goes_only_where_forms_are_taken_here(
    browser: httpx.AsyncClient, person: Person, to: str
) -> None:
    forged = [("key", KEY), ("kept-to", to), ("kept.words", "Hello you")]
    done = await send(browser, "/sign-in", [*forged, *person.credentials().items()])
    assert (done.status_code, done.headers["location"]) == (303, "/")


async def test_more_than_would_pass_again_is_refused_before_it_is_lost(
    browser: httpx.AsyncClient,
) -> None:
    most = BODY_LIMIT - 9000
    kept = await send(browser, "/letters/new", [("key", KEY), ("words", "x" * most)])
    assert kept.status_code == 401
    again = await send(browser, "/sign-in", Browser(kept.text).forms["/sign-in"])
    assert again.status_code == 422
    over = await send(browser, "/letters/new", [("words", "x" * (BODY_LIMIT - 1000))])
    assert over.status_code == 413
    many = await send(browser, "/letters/new", [("a", "b")] * 1000)
    assert many.status_code == 413
    zero = await send(browser, "/letters/new", [("words", "a\0b")])
    assert zero.status_code == 400


async def test_files_are_to_be_chosen_again(browser: httpx.AsyncClient, person: Person) -> None:
    page = await browser.post(
        "/letters/new",
        data={"key": KEY, "words": "See here"},
        files={"picture": ("garden.png", b"\x89PNG", "image/png")},
    )
    assert page.status_code == 401
    assert "To be chosen again afterwards: garden.png" in page.text
    last = await signs_in(browser, person, page)
    assert "Choose this file again: garden.png" in unescape(last)
    assert '<input id="kept-file-1" type="file" name="picture">' in last
    assert 'enctype="multipart/form-data"' in last


async def test_what_nobody_wrote_is_done_rather_than_sent(
    browser: httpx.AsyncClient, person: Person
) -> None:
    page = await send(browser, "/letters/new", [("key", KEY), ("vote", "-1")])
    assert "What you wanted to do is kept" in page.text
    assert Browser(page.text).shown == []
    travelling = Browser(page.text).forms["/sign-in"]
    done = await send(browser, "/sign-in", [*travelling, *person.credentials().items()])
    assert "Do it now?" in done.text
    assert ("vote", "-1") in Browser(done.text).forms["/letters/new"]


_TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=80)
_PAGES = Pages(Site(), bytes(32))


@given(st.lists(st.tuples(_TEXT, _TEXT), max_size=6))
def test_fields_come_through_both_pages(fields: Sent) -> None:
    kept = Kept("/letters/new", tuple(KeptField(name, value) for name, value in fields))
    frame = Frame(Site())
    page = _PAGES.page_bytes("identity/send_now.html", frame, {"kept": kept, "back": "/"}).decode()
    assert Browser(page).forms["/letters/new"] == [
        (_lines(name), Browser._sent(value)) for name, value in fields
    ]


def _lines(name: str) -> str:
    return name.replace("\r\n", "\n").replace("\r", "\n")


def test_the_machine_is_told_from_people() -> None:
    for value in ("yes", "-1", "0123abcdef", "abc:agree", "2026-03-02", ""):
        assert not KeptField("x", value).written
    for value in ("Ana", "two words", "ė", "line\nline", "x" * 65):
        assert KeptField("x", value).written


def test_nothing_is_written_at_the_node() -> None:
    source = Path(identity.__file__).with_name("kept.py").read_text("utf-8")
    assert "database" not in source
