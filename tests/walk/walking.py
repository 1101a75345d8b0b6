"""Every page as everybody who may ask for it, in three languages, on a phone and on a desk.

All of them are read without a browser: how they are answered, whether their HTML is sound, what
they weigh. A browser then looks at each page once, in `make walk` in each language at all that is
made of other parts for somebody else: nothing wider than the screen, also zoomed to 400 %; no
error, no other host; nothing that axe calls serious, by day and by night; no more bytes and
requests than the budget has.
"""

import time
from typing import Final

import pytest
from playwright.async_api import Browser

from civic.kernel.web.assets import asset_url
from tests.walk.eyes import Eyes
from tests.walk.markup import read
from tests.walk.plan import Visit, chosen, distinct
from tests.walk.scenes import Place, Scene, route_of

WALKS: Final = [pytest.mark.browser, pytest.mark.slow, pytest.mark.asyncio(loop_scope="module")]
"""How tests that walk are marked."""
FIRST_VIEW: Final = 60_000
"""Bytes of a page with an empty cache, compressed as they travel."""
LATER_VIEW: Final = 15_000
"""Bytes of a page whose style and scripts are there: those are kept for ever."""
SPECIMENS: Final = 20_000
"""Bytes of the one page that is larger: it shows every part of pages in every state."""
REQUESTS: Final = 30
BLOCKING: Final = 1
"""The style sheet is all that a browser waits for."""
OF_A_MAIL: Final = "/mail/{secret:str}"
"""What speaks the language of a subscription, whoever opens it."""
ANSWERS: Final = {"+": {200}, "w": {200}, "s": {200, 401}, "u": {401}, "x": {403}, "-": {404, 410}}
"""The status that each cell of the table of permissions stands for, once redirects are followed."""


async def known(scene: Scene, languages: tuple[str, ...]) -> tuple[list[Visit], list[str]]:
    """Read all pages of a scene without a browser; return the visits, and what is wrong."""
    visits, wrong = [], []
    for turn, place in enumerate(scene.places):
        language = languages[turn % len(languages)]
        visit, faults = await _read(scene, place, language)
        wrong += [f"{place.page} as {place.role} in {language}: {one}" for one in faults]
        if visit is not None:
            visits.append(visit)
    return visits, wrong


async def _read(scene: Scene, place: Place, language: str) -> tuple[Visit | None, list[str]]:
    answer = await scene.ask(place, language)
    faults = []
    if answer.status_code not in ANSWERS[place.cell]:
        faults.append(f"answered {answer.status_code}, not as {place.cell!r} says")
    if not answer.headers["content-type"].startswith("text/html"):
        return None, [*faults, f"answered {answer.headers['content-type']}"]
    if (size := answer.num_bytes_downloaded) > _most(place.page):
        faults.append(f"{size} bytes without style and scripts")
    page = read(answer.text)
    if page.language != language and not place.page.startswith(OF_A_MAIL):
        faults.append(f"is in {page.language!r}")
    path, status = place.path, answer.status_code
    let_in = status == 200 and answer.url.path == path.partition("?")[0]
    visit = Visit(place.page, place.role, path, language, status, page.skeleton, let_in)
    return visit, faults + list(page.faults)


def _most(page: str) -> int:
    return SPECIMENS if page.startswith("/design") else LATER_VIEW


async def walk(
    scene: Scene, browser: Browser, languages: tuple[str, ...], *, everything: bool
) -> None:
    """Read all that there is, and look at it."""
    started = time.monotonic()
    visits, wrong = await known(scene, languages)
    wrong += [f"{route}: shown to nobody" for route in sorted(_unseen(scene, visits))]
    reading = time.monotonic() - started
    plan = distinct(visits) if everything else chosen(visits)
    eyes = Eyes(browser, scene.address, scene.cookies, scene.make_room, everything)
    await eyes.look_at(plan)
    first = max(plan, key=eyes.first_view)
    later = max(plan, key=lambda one: eyes.costs[one].own)
    print(
        f"\n{len({one.page for one in visits})} pages, {len(visits)} answers read in "
        f"{reading:.0f} s; {len(plan)} looked at, {eyes.audits} times with axe, by "
        f"{len(eyes.rules)} of its rules, in {time.monotonic() - started - reading:.0f} s; "
        f"{len({one.skeleton for one in visits})} kinds of page; at most "
        f"{eyes.first_view(first)} bytes at first ({first.page}) and {eyes.costs[later].own} "
        f"later ({later.page}), {max(one.requests for one in eyes.costs.values())} requests"
    )
    told = "\n".join([*sorted(set(wrong)), eyes.report(), *too_heavy(eyes)]).strip()
    if told:
        pytest.fail(told, pytrace=False)
    assert {one.page for one in plan} >= {one.page for one in visits if one.let_in}
    assert {one.role for one in plan} == set(scene.cookies)
    assert {one.language for one in plan} == set(languages)
    assert "color-contrast" in eyes.rules
    assert asset_url("civic.css").removeprefix("/") in " ".join(eyes.sizes)


def too_heavy(eyes: Eyes) -> list[str]:
    """Return the pages that cost more than they may."""
    wrong = []
    for visit, cost in eyes.costs.items():
        first = eyes.first_view(visit)
        if (
            first > FIRST_VIEW
            or cost.own > _most(visit.page)
            or cost.requests > REQUESTS
            or cost.blocking > BLOCKING
        ):
            wrong.append(
                f"{visit.page} as {visit.role} in {visit.language}: {first} bytes at first, "
                f"{cost.own} later, {cost.requests} requests, {cost.blocking} of them waited for"
            )
    return sorted(wrong)


def _unseen(scene: Scene, visits: list[Visit]) -> frozenset[str]:
    """Return the routes that should have been shown to somebody and were not."""
    return scene.needed - {route_of(path) for path in {one.path for one in visits if one.let_in}}
