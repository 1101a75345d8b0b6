"""Takes the README's pictures of a demonstration: python -m docs.pictures.take

Makes a demonstration in a folder of its own, opens it in the system's Chromium and writes one WebP
for each picture below, beside this file. Look at them before they are committed: nobody else does.
"""

import base64
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import msgspec
from playwright.sync_api import Browser, Page, sync_playwright

FOLDER: Final = Path(__file__).parent
MOST_BYTES: Final = 300_000
"""Of all pictures together."""
GUESTS: Final = 5
"""How many people a demonstration prints links for."""
MEMBER: Final = "Member in Vilnius and in Berlin"
PHONE: Final = (375, 760)


class Picture(msgspec.Struct, frozen=True):
    """What is shown: the links that are followed from the start page, and how it is looked at."""

    name: str
    follow: tuple[str, ...]
    size: tuple[int, int]
    scheme: Literal["light", "dark"]
    at: str = ""
    """The heading that stands at the top; the top of the page without one."""

    @property
    def times(self) -> float:
        """How many points of the picture stand for one of the page."""
        return 1.6 if self.size == PHONE else 1.2


PICTURES: Final = (
    Picture("result", ("Vilnius", "Proposals", "A legal aid fund"), (1000, 1030), "light"),
    Picture("vote", ("Publish every donation",), PHONE, "light", "Publish every donation"),
    Picture("chapter", ("Vilnius",), PHONE, "dark"),
    Picture(
        "way",
        ("Vilnius", "Proposals", "A legal aid fund", "How it came"),
        PHONE,
        "light",
        "How it came about",
    ),
)


_WRITE_AGAIN: Final = """async (png) => {
  const image = new Image();
  image.src = `data:image/png;base64,${png}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL("image/webp", 0.8);
}"""


@contextmanager
def demonstration() -> Iterator[dict[str, str]]:
    """Serve a new demonstration; yield its sign-in links by whom they are for."""
    scratch = Path(tempfile.mkdtemp(prefix="civic-pictures-"))
    scratch.chmod(0o711)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = subprocess.Popen(
        [sys.executable, "-m", "civic.cli", "demo"],
        env={**os.environ, "CIVIC_DATA": str(scratch / "demo"), "CIVIC_PORT": str(port)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        assert running.stdout is not None
        yield links_of(running.stdout)
    finally:
        os.killpg(running.pid, signal.SIGINT)
        running.communicate(timeout=60)
        shutil.rmtree(scratch)


def links_of(printed: Iterable[str]) -> dict[str, str]:
    """Read the sign-in links that a demonstration prints, by whom they are for."""
    links: dict[str, str] = {}
    who = ""
    for line in printed:
        if "/enter/" in line:
            links[who] = line.strip()
            if len(links) == GUESTS:
                return links
        elif line.startswith("  "):
            who = line.strip().partition(":")[0]
    raise ValueError("the demonstration ended before it was served")


def take(page: Page, start: str, picture: Picture) -> Path:
    """Take one picture."""
    page.goto(start)
    for name in picture.follow:
        link = page.get_by_role("link", name=re.compile(re.escape(name)))
        with page.expect_navigation():
            link.locator("visible=true").first.click()
    if picture.at:
        page.get_by_role("heading", name=picture.at).first.evaluate("(one) => one.scrollIntoView()")
    page.mouse.move(0, 0)
    file = FOLDER / f"{picture.name}.webp"
    file.write_bytes(_as_webp(page, page.screenshot()))
    return file


def _as_webp(page: Page, png: bytes) -> bytes:
    """Let the browser write a picture again, a third as large."""
    page.goto("about:blank")
    address: str = page.evaluate(_WRITE_AGAIN, base64.b64encode(png).decode())
    kind, _comma, raw = address.partition(",")
    if kind != "data:image/webp;base64":
        raise ValueError(f"this browser writes {kind}")
    return base64.b64decode(raw)


def _session(browser: Browser, link: str) -> str:
    """Sign in and return the cookie."""
    page = browser.new_page()
    page.goto(link)
    with page.expect_navigation():
        page.locator("main button").click()
    cookies = page.context.cookies()
    page.context.close()
    return next(one["value"] for one in cookies if one.get("name") == "civic")


def take_all(links: dict[str, str]) -> None:
    """Take all pictures of a demonstration; ValueError if they are too large for a README."""
    arguments = ["--disable-background-networking", "--no-first-run"]
    arguments += ["--no-sandbox"] if os.geteuid() == 0 else []
    total = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=arguments)
        start = links[MEMBER].partition("/enter/")[0]
        cookie = _session(browser, links[MEMBER])
        for picture in PICTURES:
            width, height = picture.size
            context = browser.new_context(
                viewport={"width": width, "height": height},
                device_scale_factor=picture.times,
                color_scheme=picture.scheme,
                locale="en-GB",
            )
            context.add_cookies([{"name": "civic", "value": cookie, "url": start}])
            file = take(context.new_page(), start, picture)
            total += file.stat().st_size
            print(f"{file.name}: {file.stat().st_size:,} bytes")
            context.close()
        browser.close()
    if total > MOST_BYTES:
        raise ValueError(f"the pictures have {total} bytes, more than {MOST_BYTES}")


def main() -> None:
    """Take all pictures of a new demonstration."""
    with demonstration() as links:
        take_all(links)


if __name__ == "__main__":
    main()
