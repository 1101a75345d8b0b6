"""Every page of the application, as every role of the table of permissions."""

from playwright.async_api import Browser

from tests.walk.scenes import Scene
from tests.walk.walking import WALKS, walk

pytestmark = WALKS


async def test_every_page_of_the_table(
    closed: Scene, browser: Browser, languages: tuple[str, ...], everything: bool
) -> None:
    await walk(closed, browser, languages, everything=everything)
