"""A member comes to a node that has only the record: the sheet shows who they are."""

import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from nacl.signing import SigningKey
from playwright.sync_api import Browser, Page

from civic.cli import main
from civic.kernel.database import create_engine
from civic.kernel.keys import KeyFiles
from civic.operate.export import export_chapter
from civic.operate.replica import import_chapter
from identity import seed_words
from tests.browser.conftest import Served
from tests.browser.keyed import PASSPHRASE, Keyed
from tests.browser.test_signing import founded, proposed
from tests.conftest import Databases, _scratch_folder

pytestmark = pytest.mark.browser


@pytest.fixture
def elsewhere(databases: Databases, template: str) -> Iterator[Served]:
    """Another node, without anything."""
    data = _scratch_folder()
    with databases.copy(template) as url:
        there = Served(url, data)
        yield there
        there.close()
    shutil.rmtree(data)


def copied(here: Served, there: Served, path: str, to: Path) -> None:
    """Let a node have the record of another's chapter, and nothing else of it."""

    async def take() -> None:
        await export_chapter(here.town.node.engine, path.rsplit("/", 1)[1], to)

    async def keep(url: str, keys: Path) -> None:
        engine = create_engine(url)
        await import_chapter(engine, KeyFiles(keys), to)
        await engine.dispose()

    here.do(take())
    node = there.town.node
    there.do(keep(node.engine.url.render_as_string(hide_password=False), to.parent / "other"))


def sheet(one: Keyed) -> str:
    seed = one.seed()
    assert seed
    return seed_words.write(bytes.fromhex(seed))


def claim(one: Keyed, path: str, written: str) -> None:
    one.see(f"{path}/claim")
    one.page.get_by_label("The letters on your sheet").fill(written)
    one.page.get_by_label("Your passphrase on this node").fill(PASSPHRASE)
    one.page.get_by_role("button", name="Show who I am").click()


def own_acts(page: Page) -> list[str]:
    page.locator("[data-own] h3, [data-none]:visible").first.wait_for()
    return page.locator(".own-acts li").all_inner_texts()


def test_known_again_where_only_the_record_is(
    served: Served, elsewhere: Served, browser: Browser, tmp_path: Path
) -> None:
    ana, ben, eva = people = [Keyed(served, browser).sign_up() for _ in range(3)]
    path = founded(people, visibility="Members only")
    proposal = proposed(ana, path)
    ben.see(f"{proposal}/argue/for")
    ben.page.get_by_label("Your argument").fill("People work until six.")
    ben.press("Add it")
    eva.see(proposal)
    with eva.page.expect_navigation():
        eva.page.get_by_role("button", name="Agree").first.click()
    served.pass_time(days=1)
    copied(served, elsewhere, path, tmp_path / "bundle")

    ana_there = Keyed(elsewhere, browser).sign_up()
    ana_there.see(proposal)
    assert "Later hours" not in ana_there.page.content()
    claim(ana_there, path, sheet(ana).replace(sheet(ana)[0], "9", 1))
    ana_there.page.get_by_text("These letters do not fit together.").wait_for()
    claim(ana_there, path, seed_words.write(secrets.token_bytes(32)))
    ana_there.page.get_by_text("No member of this chapter has this key").wait_for()
    with ana_there.page.expect_navigation():
        claim(ana_there, path, sheet(ana).upper())
    acts = own_acts(ana_there.page)
    assert urlsplit(ana_there.page.url).path == f"{path}/mine"
    assert any("proposed" in one for one in acts), acts
    assert not any("argued" in one.lower() for one in acts)
    ana_there.see(proposal)
    assert "Later hours" in ana_there.page.content()
    # Another member's sheet: the account is Ana's already.
    refused = ana_there.page.evaluate(
        """async ([folder, path, words]) => {
          const { read } = await import(`${folder}/seed_words.js`);
          const { derive, sign } = await import(`${folder}/member_keys.js`);
          const { hex } = await import(`${folder}/bytes.js`);
          const url = `/api/v1${path.replace("/c/", "/chapters/")}/claims`;
          const asked = await (await fetch(url)).json();
          const key = derive(read(words), asked.log_id, "member");
          const message = ["civic/claim/1", asked.log_id, asked.nonce, asked.node].join("\\n");
          const answer = await fetch(url, { method: "POST",
            headers: { "content-type": "application/json" },
            body: JSON.stringify({ public_key: hex(key.publicKey),
              signature: sign(key, message) }) });
          return [answer.status, (await answer.json()).type];
        }""",
        [
            str(ana_there.page.evaluate("document.querySelector('script[type=module]').src"))
            .removesuffix("/civic.js"),
            path,
            sheet(ben),
        ],
    )  # fmt: skip
    assert refused == [409, "/problems/request.already_member"]
    # The sheet's keys are kept under the passphrase of the new account.
    again = Keyed(elsewhere, browser)
    again.go_on_with(ana_there)
    again.sign_in()
    assert again.seed() == ana.seed()
    # Somebody else finds what is theirs: a reaction under a row id.
    eva_there = Keyed(elsewhere, browser).sign_up()
    with eva_there.page.expect_navigation():
        claim(eva_there, path, sheet(eva))
    assert any("Reacted" in one for one in own_acts(eva_there.page))
    refusals = {one for one in ana_there.complaints if "Failed to load" in one}
    assert set(ana_there.complaints) == refusals
    assert eva_there.complaints == []


def test_the_command_claims(
    served: Served, elsewhere: Served, browser: Browser, tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    people = [Keyed(served, browser).sign_up() for _ in range(3)]
    path = founded(people)
    copied(served, elsewhere, path, tmp_path / "bundle")
    (tmp_path / "sheet").write_text(sheet(people[1]) + "\n")
    (tmp_path / "seed").write_text(bytes(SigningKey.generate()).hex())
    visitor = elsewhere.do(elsewhere.town.person())
    (tmp_path / "token").write_text(visitor.client.cookies["civic"])
    chapter = path.rsplit("/", 1)[1]
    command = ["claim", elsewhere.address, chapter, "--token", str(tmp_path / "token")]
    assert main([*command, "--seed", str(tmp_path / "seed")]) == 1
    assert "No member of this chapter has this key" in capsys.readouterr().err
    assert main([*command, "--sheet", str(tmp_path / "sheet")]) == 0
    assert "This node knows you as member" in capsys.readouterr().out
    assert main([*command, "--sheet", str(tmp_path / "seed")]) == 2
    other = ["claim", elsewhere.address.replace("localhost", "127.0.0.1"), *command[2:]]
    # Signed for the address that was dialled, which is not the node's own.
    assert main([*other, "--sheet", str(tmp_path / "sheet")]) == 1
    page = elsewhere.do(visitor.see(f"{path}/mine"))
    assert "Under your member id" in page
