"""What people do is signed in their browsers, and the node never has their keys."""

import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
import pytest
from playwright.sync_api import Browser, Route
from sqlalchemy import select

from civic.audit.report import Report
from civic.audit.run import audit_record
from civic.deeds import departing
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.record.bundle import Bundle
from civic.operate.export import export_chapter
from identity import member_keys, tables
from tests.browser.conftest import Served
from tests.browser.keyed import Keyed

pytestmark = pytest.mark.browser
VECTORS_FOLDER = Path(__file__).parents[2] / "docs/protocol/vectors"
VECTORS = json.loads((VECTORS_FOLDER / "vectors.json").read_text())

DERIVED = """async ([folder, one]) => {
  const keys = await import(`${folder}/member_keys.js`);
  const { hex, keyId, unhex } = await import(`${folder}/bytes.js`);
  const derive = (of, matter) => keys.derive(unhex(one.seed), one.log, of, matter).publicKey;
  const voice = derive("voice", one.matter), row = derive("row", one.matter);
  return { member_key: hex(derive("member")), voice_key: hex(voice), voice_id: keyId(voice),
    row_key: hex(row), row_id: keyId(row) };
}"""
SIGNED = """async ([folder, seed, log, of, matter, message]) => {
  const keys = await import(`${folder}/member_keys.js`);
  const { unhex } = await import(`${folder}/bytes.js`);
  return keys.sign(keys.derive(unhex(seed), log, of, matter), message);
}"""

KEPT = """() => new Promise((resolve) => {
  const asked = indexedDB.open("civic");
  asked.onsuccess = () => {
    const keys = asked.result.transaction("kept").objectStore("kept").getAllKeys();
    keys.onsuccess = () => resolve(keys.result.filter((one) => !/^(known|counts) /.test(one)));
  };
})"""


def scripts(one: Keyed) -> str:
    source = one.page.evaluate("document.querySelector('script[type=module]').src")
    return str(source).removesuffix("/civic.js")


def entries(served: Served, path: str) -> list[Any]:
    async def read() -> list[Any]:
        node = served.town.node
        async with reading(node.engine) as db:
            head = await store.find_chapter(db, path.rsplit("/", 1)[1])
            assert head is not None
            return [
                msgspec.json.decode(raw)
                async for _, raw, _ in store.entries(db, head.no, 0, head.size)
            ]

    return served.do(read())


def unsigned(served: Served, path: str) -> list[str]:
    """Return the kinds of entries that somebody made and nobody signed."""
    return [
        one["kind"]
        for one in entries(served, path)
        if one["by"]["as"] != "node" and "proof" not in one and one["part"] == 0
    ]


def invited(first: Keyed, path: str, button: str) -> str:
    first.see(path)
    first.press(button)
    return urlsplit(first.page.locator(".secret-link").inner_text()).path


def founded(people: list[Keyed], visibility: str = "Everybody") -> str:
    first, *others = people
    first.see("/chapters/new")
    first.page.get_by_label("Name").fill("Riverside")
    first.page.get_by_label(visibility).check()
    first.page.get_by_label("I know that the rules are a draft").check()
    first.press("Found it")
    path = urlsplit(first.page.url).path
    for other in others:
        other.see(invited(first, path, "Invite a founder"))
        other.press("Join")
    for one in people:
        one.see(f"{path}/confirm")
        for box in one.page.locator("input[name=met]").all():
            box.check()
        one.press("Confirm")
    first.see(f"{path}/constitute")
    first.press("Constitute")
    return path


def proposed(one: Keyed, path: str) -> str:
    one.see(f"{path}/propose/question")
    one.page.locator("#f-title").fill("Later hours")
    one.page.get_by_label("What do you propose, and why?").fill("Open until  nine.\n\n- Tue\n- Žė")
    one.press("Propose it")
    return urlsplit(one.page.url).path


def renaming(one: Keyed, path: str, name: str) -> None:
    one.see(f"{path}/you")
    field = one.page.locator("#f-name")
    if not field.is_visible():
        one.page.locator("#name summary").click()
    field.fill(name)


@pytest.fixture
def people(served: Served, browser: Browser) -> list[Keyed]:
    return [Keyed(served, browser).sign_up() for _ in range(3)]


def test_the_browser_derives_and_signs_as_the_vectors_say(served: Served, browser: Browser) -> None:
    guest = Keyed(served, browser)
    guest.see("/")
    folder = scripts(guest)
    assert VECTORS["derived_keys"]
    for one in VECTORS["derived_keys"]:
        found = guest.page.evaluate(DERIVED, [folder, one])
        assert found == {name: one[name] for name in found}
    known, row, tie = (VECTORS[name][0] for name in ("derived_keys", "rows", "ties"))
    signed = [
        guest.page.evaluate(
            SIGNED, [folder, known["seed"], known["log"], of, matter, one["message"]]
        )
        for of, matter, one in (("row", known["matter"], row), ("member", "", tie))
    ]
    assert signed == [row["signature"], tie["signature"]]


def test_the_browser_writes_and_reads_seeds_as_the_vectors_say(
    served: Served, browser: Browser
) -> None:
    guest = Keyed(served, browser)
    guest.see("/")
    vectors = json.loads((VECTORS_FOLDER / "seeds.json").read_text())
    found = guest.page.evaluate(
        """async ([folder, vectors]) => {
          const words = await import(`${folder}/seed_words.js`);
          const { hex, unhex } = await import(`${folder}/bytes.js`);
          return {
            good: vectors.good.map((one) => ({ seed: hex(words.read(one.typed)),
              written: words.write(unhex(one.seed)) })),
            bad: vectors.bad.map((one) => words.read(one)),
          };
        }""",
        [scripts(guest), vectors],
    )
    assert found["good"] == [
        {"seed": one["seed"], "written": one["written"]} for one in vectors["good"]
    ]
    assert found["bad"] == [None] * len(vectors["bad"])


def test_a_life_in_which_everything_is_signed(served: Served, people: list[Keyed]) -> None:
    ana, ben, eva = people
    path = founded(people)
    proposal = proposed(ana, path)
    for one in (ben, eva):
        one.see(proposal)
        one.press("Support this")
    ben.see(f"{proposal}/argue/for")
    ben.page.get_by_label("Your argument").fill("People work until six.")
    ben.press("Add it")
    eva.see(proposal)
    with eva.page.expect_navigation():
        eva.page.get_by_role("button", name=re.compile("^Agree")).first.click()
    eva.press("Reply")
    eva.page.get_by_label("What do you want to say?").fill("Who locks the door?")
    eva.press("Say it")
    ana.see(f"{proposal}/revise")
    ana.page.locator("#f-title").fill("Later hours on Tuesdays")
    ana.page.get_by_label("Why do you change it?").fill("Tuesdays suit more of us.")
    ana.press("This is the new text")
    ana.see(f"{proposal}/versions/2")
    assert ana.page.get_by_text("Tuesdays suit more of us.").count() > 0
    for name in ("Ana", "Ana of the river"):
        renaming(ana, path, name)
        ana.press("Save")
    ana.see(f"{proposal}/stand-by")
    ana.page.get_by_role("checkbox").check()
    ana.press("Stand by my words")
    served.pass_time(days=4)
    for one in people:
        one.see(proposal)
        one.page.get_by_label("Yes").check()
        one.press("Vote")
    served.pass_time(days=4)
    ana.see(proposal)
    assert ana.page.get_by_text("Decided: yes").count() == 1
    served.step_up(ana.page)
    ana.press("Set a task")
    ana.page.get_by_label("The task").fill("Ask for volunteers")
    ana.press("Set the task")
    assert unsigned(served, path) == []
    kinds = {one["kind"] for one in entries(served, path)}
    assert {"voting.cast", "deliberation.task_set", "chapters.name_given"} <= kinds
    rows = [one for one in entries(served, path) if one["kind"].endswith("reactions_recorded")]
    assert len(rows) == 1
    assert len(rows[0]["body"]["proofs"]) == len(rows[0]["body"]["rows"]) == 1
    assert [one.complaints for one in people] == [[], [], []]


@pytest.mark.parametrize("cost", [17])
def test_the_node_never_has_the_seed(
    served: Served, people: list[Keyed], data: Path, cost: int
) -> None:
    path = founded(people)
    proposed(people[0], path)
    seeds = [one.seed() for one in people]
    assert all(seeds)
    assert len(set(seeds)) == 3

    async def kept() -> list[bytes]:
        async with reading(served.town.node.engine) as db:
            return [*(await db.scalars(select(tables.key_box.c.wrapped)))]

    wrapped = [json.loads(one) for one in served.do(kept())]
    assert [one["cost"] for one in wrapped] == [{"logN": cost, "r": 8, "p": 1}] * 3
    for seed in seeds:
        assert seed is not None
        raw = bytes.fromhex(seed)
        # In no form in which it could be written: the database's files and the node's own.
        for file in (one for one in data.rglob("*") if one.is_file()):
            held = file.read_bytes()
            assert raw not in held, file
            assert seed.encode() not in held, file
        assert not any(raw in one or seed.encode() in one for one in served.do(kept()))


def test_signing_out_forgets_and_signing_in_opens_again(served: Served, browser: Browser) -> None:
    ana = Keyed(served, browser).sign_up()
    seed = ana.seed()
    assert seed
    ana.see("/account")
    ana.press("Sign out")
    stores = "async () => (await indexedDB.databases()).length"
    assert ana.page.evaluate(stores) == 1
    assert ana.page.evaluate(KEPT) == ["key"]
    ana.sign_in()
    assert ana.seed() == seed
    elsewhere = Keyed(served, browser)
    elsewhere.go_on_with(ana)
    elsewhere.sign_in()
    assert elsewhere.seed() == seed


def test_a_browser_whose_keys_are_closed_says_so_and_asks(
    served: Served, browser: Browser, people: list[Keyed]
) -> None:
    path = founded(people)
    ben = people[1]
    ben.page.evaluate("indexedDB.deleteDatabase('civic')")
    renaming(ben, path, "Ben")
    ben.page.get_by_role("button", name="Save").click()
    box = ben.page.locator(".not-signed")
    box.wait_for()
    box.get_by_label("Passphrase").fill("not this one at all")
    box.get_by_role("button", name="Sign it").click()
    box.get_by_text("This passphrase does not open them.").wait_for()
    assert ben.page.locator("#f-name").input_value() == "Ben"
    box.get_by_label("Passphrase").fill("a kettle sings behind seven doors")
    with ben.page.expect_navigation():
        box.get_by_role("button", name="Sign it").click()
    assert unsigned(served, path) == []
    ben.page.evaluate("indexedDB.deleteDatabase('civic')")
    renaming(ben, path, "Benas")
    ben.page.get_by_role("button", name="Save").click()
    with ben.page.expect_navigation():
        ben.page.get_by_role("button", name="Send it unsigned").click()
    assert unsigned(served, path) == ["chapters.display_name_erased", "chapters.display_name_set"]


def test_nothing_else_is_signed_than_was_written(served: Served, people: list[Keyed]) -> None:
    path = founded(people)
    proposal = proposed(people[0], path)
    ben = people[1]

    def lie(route: Route) -> None:
        answer = route.fetch()
        if "to-sign" not in answer.headers.get("content-type", ""):
            route.fulfill(response=answer)
            return
        body = answer.json()
        for act in body["acts"]:
            act["kind"], act["body"] = "deliberation.argued", act["body"].replace('"pro"', '"con"')
        route.fulfill(response=answer, body=json.dumps(body))

    ben.see(f"{proposal}/argue/for")
    ben.page.route("**/argue/for", lie)
    ben.page.get_by_label("Your argument").fill("People work until six.")
    ben.page.get_by_role("button", name="Add it").click()
    ben.page.get_by_text("Your browser refused.").wait_for()
    ben.page.unroute("**/argue/for")
    assert ben.page.get_by_label("Your argument").input_value() == "People work until six."
    assert "deliberation.argued" not in {one["kind"] for one in entries(served, path)}
    with ben.page.expect_navigation():
        ben.page.get_by_role("button", name="Sign it").click()
    assert unsigned(served, path) == []


def test_without_scripts_the_node_vouches_and_says_so(served: Served, browser: Browser) -> None:
    people = [Keyed(served, browser, scripts=False).sign_up() for _ in range(3)]
    path = founded(people)
    proposal = proposed(people[0], path)
    assert "chapters.founded" in unsigned(served, path)
    assert all("proof" not in one for one in entries(served, path))
    people[0].see(f"{path}/record/0")
    assert people[0].page.get_by_text("vouched for by the node").count() == 1
    people[0].see(proposal)
    said = "Not signed with its author's own key: the node alone vouches for it."
    assert people[0].page.get_by_text(said).count() == 1


def test_keys_are_those_that_any_program_derives(served: Served, people: list[Keyed]) -> None:
    path = founded(people)
    proposal = proposed(people[0], path)
    ana = people[0].seed()
    assert ana is not None
    log_key = bytes.fromhex(entries(served, path)[0]["body"]["log_key"])
    log = hashlib.sha256(log_key).hexdigest()
    voice = member_keys.voice_key(bytes.fromhex(ana), log, proposal.rsplit("/", 1)[1])
    made = next(one for one in entries(served, path) if one["kind"] == "deliberation.proposed")
    assert made["by"]["id"] == member_keys.id_of_key(voice)


def audited(served: Served, path: str, folder: Path) -> tuple[int, int]:
    """Return how many acts an audit finds signed, and for how many the node alone vouches."""

    async def report() -> Report:
        node, chapter = served.town.node, path.rsplit("/", 1)[1]
        await export_chapter(node.engine, chapter, folder)
        with Bundle.open(folder) as bundle:
            return audit_record(bundle, chapter=chapter)

    found = served.do(report())
    assert found.findings == ()
    counts = {check.name: check.count for check in found.checks}
    return counts["signatures"], counts["vouched"]


def test_leaving_with_the_account_is_signed_in_every_chapter(
    served: Served, people: list[Keyed], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(departing.depart, "__defaults__", (lambda: True,))
    paths = [founded(people), founded(people)]
    ana, ben, _eva = people
    proposal = proposed(ana, paths[0])
    renaming(ben, paths[1], "Ben")
    ben.press("Save")
    ben.see(f"{proposal}/argue/for")
    ben.page.get_by_label("Your argument").fill("People work until six.")
    ben.press("Add it")
    before = [audited(served, path, tmp_path / path[3:]) for path in paths]
    assert [vouched for _signed, vouched in before] == [0, 0]
    served.step_up(ben.page)
    ben.see("/account/delete")
    ben.page.get_by_label("They are erased").check()
    ben.page.get_by_label("I want to delete my account").check()
    ben.press("Delete my account")
    assert ben.page.get_by_text("Your account is deleted.").count() == 1
    assert ben.page.evaluate(KEPT) == ["key"]
    served.pass_time(minutes=1)
    for path, (signed, _), kind in zip(
        paths, before, ["deliberation.words_erased", "chapters.display_name_erased"], strict=True
    ):
        assert kind in {one["kind"] for one in entries(served, path)}
        assert unsigned(served, path) == []
        assert audited(served, path, tmp_path / f"{path[3:]}-left") == (signed + 2, 0)
    assert [one.complaints for one in people] == [[], [], []]


def test_a_node_that_asks_for_another_chapter_gets_no_signature(
    served: Served, people: list[Keyed]
) -> None:
    path, other = founded(people), founded(people)
    ben = people[1]

    def lie(route: Route) -> None:
        answered = route.fetch()
        if "to-sign" not in answered.headers.get("content-type", ""):
            route.fulfill(response=answered)
            return
        body = answered.json()
        one, another = body["leaving"]
        one["log_id"] = another["log_id"]
        route.fulfill(response=answered, body=json.dumps(body))

    served.step_up(ben.page)
    ben.see("/account/delete")
    ben.page.get_by_label("They stay").check()
    ben.page.get_by_label("I want to delete my account").check()
    ben.page.route("**/account/delete", lie)
    ben.page.get_by_role("button", name="Delete my account").click()
    ben.page.get_by_text("Your browser refused.").wait_for()
    ben.page.get_by_role("button", name="Not now").click()
    for one in (path, other):
        assert "chapters.left" not in {entry["kind"] for entry in entries(served, one)}
    # Nothing was given up: the keys are still open here.
    assert ben.seed()


def test_answers_count_on_in_every_browser(
    served: Served, browser: Browser, people: list[Keyed]
) -> None:
    path = founded(people)
    proposal = proposed(people[0], path)
    people[0].see(f"{proposal}/argue/for")
    people[0].page.get_by_label("Your argument").fill("People work until six.")
    people[0].press("Add it")
    ben, elsewhere = people[1], Keyed(served, browser)
    elsewhere.go_on_with(ben)

    def answer(one: Keyed, word: str) -> None:
        one.see(proposal)
        with one.page.expect_navigation():
            one.page.get_by_role("button", name=re.compile(f"^{word}")).first.click()

    def saying(last: int) -> Callable[[Route], None]:
        def lie(route: Route) -> None:
            answered = route.fetch()
            if "to-sign" not in answered.headers.get("content-type", ""):
                route.fulfill(response=answered)
                return
            body = answered.json()
            for row in body["rows"]:
                row["last"] = last
            route.fulfill(response=answered, body=json.dumps(body))

        return lie

    def recorded() -> list[tuple[int, int]]:
        """Count and value of each reaction in the record."""
        served.pass_time(days=1)
        bodies = [
            one["body"]
            for one in entries(served, path)
            if one["kind"] == "deliberation.reactions_recorded"
        ]
        return [
            (proof[1], body["rows"][proof[0]][1]) for body in bodies for proof in body["proofs"]
        ]

    answer(ben, "Agree")
    answer(ben, "Disagree")
    assert recorded() == [(2, -1)]
    # A browser that signed nothing about it yet goes on from what the node knows.
    elsewhere.sign_in()
    answer(elsewhere, "Pass")
    assert recorded()[1:] == [(3, 0)]
    # One that did believes no lower count.
    elsewhere.page.route("**/react", saying(0))
    answer(elsewhere, "Agree")
    assert recorded()[2:] == [(4, 1)]
    elsewhere.page.unroute("**/react")
    # Nor one so high that nothing could follow it.
    elsewhere.page.route("**/react", saying(2**53 - 2))
    elsewhere.see(proposal)
    elsewhere.page.get_by_role("button", name=re.compile("^Pass")).first.click()
    elsewhere.page.get_by_text("Your browser refused.").wait_for()
    elsewhere.page.unroute("**/react")
    # Unsigned, the node does not take it either.
    with elsewhere.page.expect_navigation():
        elsewhere.page.get_by_role("button", name="Send it unsigned").click()
    assert elsewhere.page.get_by_text("was signed with your keys").count() == 1
    assert len(recorded()) == 3
    # What a browser counted stays when somebody signs out, and only they read it.
    elsewhere.see("/account")
    elsewhere.press("Sign out")
    elsewhere.sign_in()
    elsewhere.page.route("**/react", saying(0))
    answer(elsewhere, "Disagree")
    assert recorded()[3:] == [(5, -1)]
    assert [one.complaints for one in (ben, elsewhere)] == [[], []]
