"""The design page, rendered and looked at in a browser."""

import gzip
import socket
import threading
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import httpx
import pytest
import uvicorn
from jinja2 import nodes
from playwright.sync_api import sync_playwright

from civic.kernel.web.asgi import Application
from civic.kernel.web.pages import environment, template_folder

CHROMIUM = Path("/usr/bin/chromium")
QUIET = (
    "--no-sandbox", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run", "--disable-quic",
)  # fmt: skip
VOID = {"meta", "link", "input", "img", "br", "hr"}


class Balance(HTMLParser):
    """Notes tags that are closed in another order than opened, and ids used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.wrong: list[str] = []
        self.ids: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.ids.extend(value for name, value in attrs if name == "id" and value)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"</{tag}> at {self.getpos()}")


@pytest.mark.parametrize("path", ["/design", *(f"/design/{number}" for number in range(12))])
async def test_every_accent_renders(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 200
    balance = Balance()
    balance.feed(answer.text)
    assert balance.wrong == []
    assert balance.open == []
    assert sorted(balance.ids) == sorted(set(balance.ids))


def macros(template: str) -> set[str]:
    """Return the macros of a template that others may call, each as `parts.badge`."""
    env = environment([template_folder()])
    source = (template_folder() / "ui" / template).read_text()
    prefix = template.removesuffix(".html")
    found = env.parse(source).find_all(nodes.Macro)
    return {f"{prefix}.{one.name}" for one in found if not one.name.startswith("_")}


def called(template: str) -> set[str]:
    """Return the macros that a template calls, each as `parts.badge`."""
    env = environment([template_folder()])
    source = (template_folder() / template).read_text()
    return {
        f"{one.node.node.name}.{one.node.attr}"
        for one in env.parse(source).find_all(nodes.Call)
        if isinstance(one.node, nodes.Getattr) and isinstance(one.node.node, nodes.Name)
    }


def test_every_macro_is_shown() -> None:
    known = {
        name for path in (template_folder() / "ui").glob("*.html") for name in macros(path.name)
    }
    assert {"parts.badge", "forms.field", "charts.bars"} <= known
    assert known - called("design.html") == set()


class Controls(HTMLParser):
    """Notes the controls of forms, each with its attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: dict[str, list[dict[str, str | None]]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        own = dict(attrs)
        name = own.get("type") if tag == "input" else tag
        self.found.setdefault(name or "", []).append(own)


async def test_every_part_of_a_form_is_shown_in_every_state(client: httpx.AsyncClient) -> None:
    controls = Controls()
    controls.feed((await client.get("/design")).text)
    for name in ("text", "textarea", "select", "fieldset", "checkbox"):
        shown = controls.found[name]
        assert any("disabled" in one for one in shown), name
        assert any("aria-describedby" not in one and "disabled" not in one for one in shown), name
        if name == "checkbox":
            shown = [one for one in shown if str(one["id"]).startswith("f-tick")]
        wrong = [one for one in shown if one.get("aria-invalid") == "true"]
        assert wrong, name
        described = str(wrong[0]["aria-describedby"])
        assert described.endswith("-error"), name
        assert "-hint" in described, name
        assert any(
            "aria-describedby" in one and "aria-invalid" not in one and "disabled" not in one
            for one in shown
        ), name
    assert any("disabled" in one for one in controls.found["button"])


async def test_the_page_is_light(client: httpx.AsyncClient) -> None:
    answer = await client.get("/design")
    assert len(gzip.compress(answer.content)) < 15_000


class Server(uvicorn.Server):
    """A server that says when it is ready."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


@pytest.fixture
def address(application: Application) -> Iterator[str]:
    server = Server(uvicorn.Config(application, port=0, log_config=None, lifespan="off", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    assert server.ready.wait(10)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join()


@pytest.mark.browser
@pytest.mark.skipif(not CHROMIUM.exists(), reason="needs Chromium: apt install chromium")
def test_in_a_browser(address: str) -> None:
    """No part is wider than a phone, nothing breaks the policy, errors take the focus."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(QUIET))
        complaints: list[str] = []
        for width in (320, 375, 1280):
            page = browser.new_page(viewport={"width": width, "height": 700})
            page.on(
                "console",
                lambda message: (
                    complaints.append(message.text)
                    if message.type in ("error", "warning")
                    else None
                ),
            )
            page.goto(f"{address}/design")
            assert page.evaluate("document.documentElement.scrollWidth") == width, width
            assert page.evaluate("document.activeElement.className") == "error-summary"
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == (
                "rgb(250, 248, 243)"
            )
            page.close()
        browser.close()
    assert complaints == []
