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
    now.page.locator("#f-name").fill("Ana")
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
    ben.page.locator("#f-name").fill("Ben")
    ben.press("Save")
    index = len(entries(served, path)) - 1
    ben.see(f"{path}/record/{index}")
    ben.press("I did not do this")
    ben.press("I did not do this")
    assert unsigned(served, path) == []


def says_who(one: Keyed, path: str, member: str) -> str:
    """Say which member one is, and ask the verifiers; return how the new key begins."""
    one.see(f"{path}/keys/lost")
    again = one.page.get_by_text("Ask again, with the keys in this browser")
    if again.count():
        again.click()
    one.page.get_by_label("How your member id begins").fill(member[:8])
    one.press("That is me")
    return asks(one)


def asks(one: Keyed) -> str:
    """Ask the verifiers for a new key; return how it begins."""
    one.page.get_by_role("button", name="Ask the verifiers").wait_for()
    begins = one.page.locator("[data-shown]").inner_text()
    one.press("Ask the verifiers")
    assert one.page.get_by_text("Now meet two verifiers").count() == 1
    return begins


def seen_by(verifier: Keyed, path: str, begins: str, before: int) -> None:
    """Let a verifier confirm who stands before them."""
    verifier.sign_in()
    assert verifier.seed()
    verifier.see(f"{path}/keys/requests")
    assert verifier.page.get_by_text(begins).count() == 1
    assert verifier.page.get_by_text("one verifier saw them").count() == before
    verifier.press("I saw them: the key is theirs")


def test_two_verifiers_and_three_days_give_a_member_to_a_new_account(
    served: Served, browser: Browser
) -> None:
    ana, ben, eva = people = [Keyed(served, browser).sign_up() for _ in range(3)]
    path = founded(people)
    member = entries(served, path)[0]["body"]["founder"]
    served.pass_time(minutes=20)
    lost = Keyed(served, browser).sign_up()
    # Whoever is no member finds the way from the page of the chapter's people.
    lost.see(f"{path}/people")
    lost.press("I was a member here and lost my way in")
    begins = says_who(lost, path, member)
    # A verifier reads the beginning of the id to them.
    ben.sign_in()
    ben.see(f"{path}/people")
    assert ben.page.get_by_text(member[:8]).count() == 1
    seen_by(ben, path, begins, 0)
    # The same verifier twice is one verifier.
    ben.press("I saw them: the key is theirs")
    seen_by(eva, path, begins, 1)
    announced = entries(served, path)[-1]
    assert announced["kind"] == "chapters.key_change_announced"
    assert announced["by"]["as"] == "node"
    assert announced["body"]["key"].startswith(begins)
    # Whoever still acts as the member sees it on every page, and can stop it.
    for page in (path, "/"):
        ana.see(page)
        assert ana.page.get_by_text("Two verifiers say that you lost your key.").count() == 1
    lost.see(f"{path}/keys/lost")
    assert lost.page.get_by_text("Two verifiers have seen you").count() == 1
    served.pass_time(days=3)
    served.pass_time(minutes=20)
    assert "chapters.key_changed" in [one["kind"] for one in entries(served, path)]
    # The new account acts as the member, with its own key, and needs no sheet for that.
    lost.sign_in()
    proposal = proposed(lost, path)
    assert entries(served, path)[-1]["proof"]
    lost.see(f"{path}/people")
    lost.page.locator("#f-name").fill("Ana, who came back")
    lost.press("Save")
    last = entries(served, path)[-1]
    assert last["by"] == {"as": "member", "id": member}
    assert last["proof"]["public_key"] == announced["body"]["key"]
    # The old account is still signed in, with its keys open: it is refused as this member.
    served.pass_time(minutes=20)
    ana.see(path)
    assert ana.page.get_by_text("Your member here is held by another account now.").count() == 1
    assert ana.page.get_by_role("link", name="Propose something").count() == 0
    ana.see(proposal)
    assert ana.page.get_by_role("button", name="Support").count() == 0
    ana.page.goto(f"{served.address}{path}/propose/question")
    assert ana.page.get_by_text("This member is held by another account now").count() == 1
    ana.see(f"{path}/keys/lost")
    assert ana.page.get_by_text("it can do nothing more in their name").count() == 1
    assert unsigned(served, path) == []
    assert lost.complaints == []


def test_who_has_the_account_and_no_sheet_keeps_the_member(
    served: Served, browser: Browser
) -> None:
    ana, ben, eva = people = [Keyed(served, browser).sign_up() for _ in range(3)]
    path = founded(people)
    # A browser in which none of her keys are open: she makes others.
    ana.see(f"{path}/keys/lost")
    begins = asks(ana)
    seen_by(ben, path, begins, 0)
    seen_by(eva, path, begins, 1)
    ana.see("/")
    assert ana.page.get_by_text("Two verifiers say that you lost your key.").count() == 0
    served.pass_time(days=3)
    served.pass_time(minutes=20)
    assert "chapters.key_changed" in [one["kind"] for one in entries(served, path)]
    ana.sign_in()
    proposed(ana, path)
    assert entries(served, path)[-1]["proof"]


def test_a_verifier_confirms_the_request_that_they_saw(served: Served, browser: Browser) -> None:
    people = [Keyed(served, browser).sign_up() for _ in range(3)]
    path = founded(people)
    members = entries(served, path)[-1]["body"]["terms"]
    ana, eva = (one["member"] for one in members if one["member"] != member_of(served, path, 1))
    thief = Keyed(served, browser).sign_up()
    ben = people[1]
    ben.sign_in()
    for asked in (ana, eva):
        says_who(thief, path, asked)
        if asked == ana:
            ben.see(f"{path}/keys/requests")
    # Ben saw Ana's id beside this key; now the key is asked for Eva.
    ben.press("I saw them: the key is theirs")
    ben.see(f"{path}/keys/requests")
    assert ben.page.get_by_text(eva).count() == 1
    assert ben.page.get_by_text("one verifier saw them").count() == 0


def member_of(served: Served, path: str, number: int) -> str:
    """Return the member id of the founder who came as this one, from 0."""
    came = [one for one in entries(served, path) if one["kind"] == "chapters.joined"]
    return str(came[number - 1]["body"]["member"])


def test_a_member_stops_a_change_that_is_not_theirs(served: Served, browser: Browser) -> None:
    ana, ben, eva = people = [Keyed(served, browser).sign_up() for _ in range(3)]
    path = founded(people)
    member = entries(served, path)[0]["body"]["founder"]
    thief = Keyed(served, browser).sign_up()
    begins = says_who(thief, path, member)
    for number, verifier in enumerate((ben, eva)):
        seen_by(verifier, path, begins, number)
    ana.see(path)
    with ana.page.expect_navigation():
        ana.page.get_by_text("Two verifiers say that you lost your key.").click()
    ana.press("Stop it: this key is mine")
    assert entries(served, path)[-1]["kind"] == "chapters.key_change_vetoed"
    assert entries(served, path)[-1]["proof"]
    served.pass_time(days=4)
    assert "chapters.key_changed" not in {one["kind"] for one in entries(served, path)}
