"""The pages of an open chapter, with proposals in each phase, and what the closed one lacks."""

from playwright.async_api import Browser

from tests.walk.scenes import Scene
from tests.walk.walking import WALKS, walk

pytestmark = WALKS


async def test_every_page_of_an_open_chapter(
    opened: Scene, browser: Browser, languages: tuple[str, ...], everything: bool
) -> None:
    await walk(opened, browser, languages, everything=everything)
