"""A first key, the key of a new sheet, and acts that were not one's own: in a browser."""

import secrets
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from civic.kernel.database import reading
from civic.kernel.record import store
from identity import member_keys, seed_words
from tests.browser.conftest import Served
from tests.browser.keyed import Keyed
from tests.browser.test_signing import entries, founded, proposed, unsigned

pytestmark = pytest.mark.browser


def test_who_joined_without_scripts_takes_a_key(served: Served, browser: Browser) -> None:
    ana, ben, eva = (Keyed(served, browser, scripts=n > 0).sign_up() for n in range(3))
    path = founded([ana, ben, eva])
    before = unsigned(served, path)
    assert "chapters.founded" in before
    now = Keyed(served, browser)
    now.go_on_with(ana)
    now.sign_in()
    assert now.seed()
    now.see(f"{path}/keys")
    now.page.get_by_role("button", name="Let the chapter know my key").wait_for()
    now.press("Let the chapter know my key")
    last = entries(served, path)[-1]
    assert last["kind"] == "chapters.key_replaced"
    assert "proof" not in last
    proposed(now, path)
    assert entries(served, path)[-1]["proof"]
    assert unsigned(served, path) == [*before, "chapters.key_replaced"]
    # Another sheet: the key that the chapter knows signs that the new one follows it.
    seed = secrets.token_bytes(32)
    now.see(f"{path}/keys")
    now.page.get_by_label("The letters on your new sheet").fill("no seed at all")
    now.page.get_by_role("button", name="Use the new key").click()
    now.page.get_by_text("These letters do not fit together.").wait_for()
    now.page.get_by_label("The letters on your new sheet").fill(seed_words.write(seed))
    now.press("Use the new key")
    last = entries(served, path)[-1]
    assert last["kind"] == "chapters.key_replaced"
    log = served.do(_log(served, path))
    new = member_keys.member_key(seed, log)
    assert last["body"]["key"] == bytes(new.verify_key).hex()
    assert last["proof"]["public_key"] != last["body"]["key"]
    # This browser has the former keys: it says so instead of sending unsigned.
    now.see(f"{path}/people")
    now.page.get_by_label("Name").fill("Ana")
    now.page.get_by_role("button", name="Save").click()
    now.page.get_by_text("The chapter knows another key of yours").wait_for()
    assert now.complaints == []


async def _log(served: Served, path: str) -> str:
    async with reading(served.town.node.engine) as db:
        head = await store.find_chapter(db, path.rsplit("/", 1)[1])
    assert head is not None
    return head.log_id


def test_one_click_says_that_it_was_not_oneself(served: Served, browser: Browser) -> None:
    people = [Keyed(served, browser).sign_up() for _ in range(3)]
    path = founded(people)
    proposal = proposed(people[0], path)
    ben, eva = people[1:]
    ben.see(f"{proposal}/argue/for")
    ben.page.get_by_label("Your argument").fill("People work until six.")
    ben.press("Add it")
    argued = entries(served, path)[-1]
    eva.see(proposal)
    assert eva.page.get_by_text("I did not do this").count() == 0
    ben.press("I did not do this")
    ben.press("I did not do this")
    report = entries(served, path)[-1]
    assert report["kind"] == "chapters.act_disowned"
    assert report["by"] == argued["by"]
    assert report["proof"]
    assert entries(served, path)[report["body"]["index"]] == argued
    assert ben.page.get_by_text("Who acts under this id says: I did not do this.").count() == 1
    eva.see(proposal)
    assert eva.page.get_by_text("disowned", exact=True).count() == 1
    eva.see(f"{path}/record/{report['body']['index']}/disown")
    assert urlsplit(eva.page.url).path.endswith("/disown")
    assert eva.page.get_by_role("button", name="I did not do this").count() == 0
    # Under one's member id.
    ben.see(f"{path}/people")
    ben.page.get_by_label("Name").fill("Ben")
    ben.press("Save")
    index = len(entries(served, path)) - 1
    ben.see(f"{path}/record/{index}")
    ben.press("I did not do this")
    ben.press("I did not do this")
    assert unsigned(served, path) == []
