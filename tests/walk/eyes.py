"""Looks at pages in a browser: at three widths, by day and by night, with axe, and counts bytes.

Some contexts share the visits among them. A context keeps what it fetched, as a reader's browser
does, so that all but its first visit are later ones.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from urllib.parse import urlsplit

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, Request

from tests.browser.test_journey import CHECK
from tests.walk.fetch_axe import FOLDER
from tests.walk.plan import LANGUAGES, Visit

PHONE: Final = 375
DESK: Final = 1280
ZOOMED: Final = 320
"""A screen of 1280 pixels at 400 %: WCAG 2.2, 1.4.10, asks for no scrolling in two directions."""
LIGHTS: Final[Sequence[tuple[int, Literal["light", "dark"]]]] = (
    (PHONE, "light"),
    (DESK, "dark"),
    (DESK, "light"),
    (PHONE, "dark"),
)
"""In which widths and colours axe looks at a page; in short they take turns."""
PATIENCE: Final = 15
"""Seconds after which a page that still loads is a fault."""

_AXE: Final = (FOLDER / "axe.min.js").read_text()
_ASK_AXE: Final = """async () => {
  const { violations, passes } = await axe.run(document, {
    resultTypes: ["violations"], iframes: false, preload: false,
    rules: { "target-size": { enabled: true } },
  });
  const why = ({ any, all, none }) => [...any, ...all, ...none].map((one) => one.message);
  const where = (node) => `${node.target.join(" ")} (${why(node).join("; ")})`;
  const wrong = violations.filter(({ impact }) => ["serious", "critical"].includes(impact))
    .map(({ id, nodes }) => `axe ${id}: ${nodes.slice(0, 3).map(where).join(", ")}`);
  return { wrong, asked: [...violations, ...passes].map(({ id }) => id) };
}"""
_OPEN: Final = """() => {
  for (const one of document.querySelectorAll("details")) one.open = true;
}"""
_OUTSIDE: Final = """() => {
  const wrong = [];
  const page = document.scrollingElement;
  const name = (one) => one.cloneNode().outerHTML.slice(0, 110);
  if (page.scrollWidth > innerWidth) {
    const framed = (one) => one && (["auto", "scroll", "hidden"].includes(
      getComputedStyle(one).overflowX) || framed(one.parentElement));
    const out = [...document.querySelectorAll("body *")].filter((one) =>
      one.getBoundingClientRect().right > innerWidth + 1 && one.getClientRects().length > 0
      && !framed(one.parentElement));
    const named = [...out.slice(0, 2), ...out.slice(-2)].map(name).join(" … ");
    wrong.push(`${page.scrollWidth - innerWidth} pixels too wide: ${named}`);
  }
  for (const one of document.querySelectorAll("body *")) {
    const over = one.scrollWidth - one.clientWidth;
    if (over < 2 || !one.clientWidth) continue;
    if (one.closest(".visually-hidden, svg, .stacked thead")) continue;
    const { overflowX, display } = getComputedStyle(one);
    if (display === "inline" || ["auto", "scroll"].includes(overflowX)) continue;
    if (![...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim())) continue;
    wrong.push(`words stick out of their box: ${name(one)}`);
  }
  return wrong;
}"""
_BLOCKING: Final = """() => performance.getEntriesByType("resource")
  .filter((one) => one.renderBlockingStatus === "blocking").map((one) => one.name)"""
_QUIET: Final = "() => new Promise((done) => requestIdleCallback(done, { timeout: 500 }))"


@dataclass(frozen=True)
class Cost:
    """What a page made the browser ask for."""

    own: int
    """Bytes as they travelled of all that is not kept for ever, headers included."""
    files: frozenset[str]
    """Addresses of the node's files, which are."""
    requests: int
    blocking: int
    """How many of them the browser waits for before it shows anything."""


@dataclass
class Eyes:
    """A browser that looks at the pages of one address; `cookies` holds each role's."""

    browser: Browser
    address: str
    cookies: dict[str, dict[str, str]]
    before: Callable[[Visit], Awaitable[None]]
    """What is done before each visit."""
    everything: bool = False
    """Let axe see what is new to it at both widths by day and by night, instead of in turns."""
    faults: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)
    costs: dict[Visit, Cost] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    """What each file of the node weighed when it was fetched."""
    judged: set[str] = field(default_factory=set)
    rules: set[str] = field(default_factory=set)
    """The rules of axe that a page gave something to judge."""
    audits: int = 0

    async def look_at(self, visits: Sequence[Visit], contexts: int = 3) -> None:
        """Look at all of them."""
        # Who is the same person in the same language goes on in the same context.
        waiting = sorted(visits, key=lambda one: (one.role, one.language, one.page))
        await asyncio.gather(*(self._go(waiting) for _ in range(contexts)))

    def report(self) -> str:
        """Return each fault once, with how often it was and where it was first."""
        ranked = self.faults.most_common()
        return "\n".join(f"{count} x {what}\n    {self.examples[what]}" for what, count in ranked)

    def first_view(self, visit: Visit) -> int:
        """Return how many bytes a page takes with an empty cache."""
        cost = self.costs[visit]
        return cost.own + sum(self.sizes.get(one, 0) for one in cost.files)

    async def _go(self, waiting: list[Visit]) -> None:
        # Colours that are still on their way to another have no contrast of their own.
        context = await self.browser.new_context(
            viewport={"width": PHONE, "height": 812},
            locale="en-GB",
            timezone_id="UTC",
            reduced_motion="reduce",
        )
        glance = await Glance.begin(self, context)
        while waiting:
            await glance.visit(waiting.pop(0))
        await context.close()

    def note(self, visit: Visit, where: str, faults: Iterable[str]) -> None:
        """Keep what is wrong with a page."""
        for fault in faults:
            self.faults[fault] += 1
            self.examples.setdefault(
                fault, f"{visit.page} as {visit.role} in {visit.language}, {where} ({visit.path})"
            )


@dataclass
class Glance:
    """One context: a page, and what is heard of it."""

    eyes: Eyes
    page: Page
    wire: CDPSession
    asked: dict[str, str] = field(default_factory=dict)
    """Addresses by the number that the browser gave the request."""
    arrived: dict[str, int] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    path: str = ""

    @classmethod
    async def begin(cls, eyes: Eyes, context: BrowserContext) -> "Glance":
        """Open a page and listen."""
        page = await context.new_page()
        wire = await context.new_cdp_session(page)
        glance = cls(eyes, page, wire)
        await wire.send("Network.enable")
        wire.on("Network.requestWillBeSent", glance._sent)
        wire.on("Network.loadingFinished", glance._came)
        wire.on("Network.loadingFailed", glance._failed)
        page.on("console", glance._said)
        page.on("pageerror", lambda error: glance.heard.append(f"an error of a script: {error}"))
        page.on("request", glance._third_party)
        return glance

    def _sent(self, event: dict[str, Any]) -> None:
        if event.get("type") != "EventSource":
            self.asked[event["requestId"]] = event["request"]["url"]

    def _came(self, event: dict[str, Any]) -> None:
        number = event["requestId"]
        if number in self.asked:
            self.arrived[number] = round(event["encodedDataLength"])

    def _failed(self, event: dict[str, Any]) -> None:
        number = event["requestId"]
        if number in self.asked and not event.get("canceled"):
            self.heard.append(f"failed: {self.asked[number]} ({event.get('errorText')})")
        self.arrived.setdefault(number, 0)

    def _said(self, message: Any) -> None:
        # The browser notes the status of a page that says no; it is compared with the plan.
        own = urlsplit(message.location["url"]).path == self.path and "status of 4" in message.text
        if message.type in ("error", "warning") and not own:
            self.heard.append(f"console: {message.text}")

    def _third_party(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.eyes.address).netloc:
            self.heard.append(f"asked another host: {request.url}")

    async def visit(self, visit: Visit) -> None:
        """Open a page and look at it."""
        eyes, page = self.eyes, self.page
        await eyes.before(visit)
        await page.context.clear_cookies()
        cookies = {**eyes.cookies[visit.role], "lang": visit.language}
        await page.context.add_cookies(
            [{"name": n, "value": v, "url": eyes.address} for n, v in cookies.items()]
        )
        await page.set_viewport_size({"width": PHONE, "height": 812})
        await self._load(visit)
        await page.evaluate(_OPEN)
        new = visit.skeleton not in eyes.judged
        eyes.judged.add(visit.skeleton)
        turn = int(visit.skeleton[:8] or "0", 16) % len(LIGHTS)
        lights = LIGHTS[turn : turn + 1]
        if eyes.everything:
            # What a page is made of does not change with its language; how long its words are does.
            lights = LIGHTS if visit.language == LANGUAGES[0] else LIGHTS[:2]
        for width in (PHONE, DESK):
            await page.set_viewport_size({"width": width, "height": 812})
            eyes.note(visit, f"{width}", await page.evaluate(CHECK))
            eyes.note(visit, f"{width}", await page.evaluate(_OUTSIDE))
            for wide, scheme in lights:
                if new and wide == width:
                    await self._audit(visit, width, scheme)
        await page.set_viewport_size({"width": ZOOMED, "height": 256})
        eyes.note(visit, "zoomed to 400 %", await page.evaluate(_OUTSIDE))
        eyes.note(visit, "", self.heard)

    async def _load(self, visit: Visit) -> None:
        eyes, page = self.eyes, self.page
        await page.goto("about:blank")
        self.asked.clear()
        self.arrived.clear()
        self.heard.clear()
        self.path = urlsplit(visit.path).path
        answer = await page.goto(eyes.address + visit.path)
        try:
            async with asyncio.timeout(PATIENCE):
                await page.evaluate(_QUIET)
                while not self.asked.keys() <= self.arrived.keys():
                    await page.evaluate(_QUIET)
        except TimeoutError:
            left = sorted(self.asked[one] for one in self.asked.keys() - self.arrived.keys())
            eyes.note(visit, "", [f"still loading: {', '.join(left)}"])
        status = answer.status if answer else 0
        if status != visit.status:
            eyes.note(visit, "", [f"answered {status}, not {visit.status}"])
        self._weigh(visit, len(set(await page.evaluate(_BLOCKING))))

    def _weigh(self, visit: Visit, blocking: int) -> None:
        own, files = 0, set()
        for number, address in self.asked.items():
            size = self.arrived.get(number, 0)
            if "/static/" not in address:
                own += size
                continue
            files.add(address)
            if size:
                self.eyes.sizes[address] = size
        self.eyes.costs[visit] = Cost(own, frozenset(files), len(self.asked), blocking)

    async def _audit(self, visit: Visit, width: int, scheme: Literal["light", "dark"]) -> None:
        page = self.page
        await page.emulate_media(color_scheme=scheme)
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(_AXE)
        found = await page.evaluate(_ASK_AXE)
        self.eyes.audits += 1
        self.eyes.rules |= set(found["asked"])
        self.eyes.note(visit, f"{width}, {scheme}", found["wrong"])
        await page.emulate_media(color_scheme="light")
