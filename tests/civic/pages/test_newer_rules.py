"""Newer rules as people meet them: proposed, decided, told in the record, or missing here."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from civic.kernel.record.loaded import Shelf
from civic.procedure import VERSIONS
from tests.factories.later_rules import TWO
from tests.town import Town, town


@pytest.fixture
async def upgraded(
    database_url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    """A node that has a second version of the rules, where chapters begin under the first."""
    monkeypatch.setattr("civic.node.VERSIONS", TWO)
    monkeypatch.setattr("civic.pages.record.VERSIONS", TWO)
    monkeypatch.setattr(Shelf, "newest", property(lambda shelf: 0))
    async with town(database_url, data) as opened:
        yield opened


async def test_a_node_with_one_version_offers_none(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    page = await people[0].see(f"{path}/propose")
    assert "/propose/bylaws" in page
    assert "/propose/rules" not in page
    await people[0].see(f"{path}/propose/rules", 404)


async def test_from_a_proposal_to_newer_rules(
    upgraded: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana, ben, eva = [await upgraded.person() for _ in range(3)]
    path = await upgraded.founded(ana, ben, eva)
    assert "Newer rules for the chapter" in await ana.see(f"{path}/propose")
    page = await ana.see(f"{path}/propose/rules")
    assert "Now: version 0." in page
    wrong = await ana.send(
        f"{path}/propose/rules", "/propose/rules", 422,
        title="Newer rules", text="They are fairer.", lang="en", version="7",
    )  # fmt: skip
    assert "There is a problem" in wrong
    await ana.send(
        f"{path}/propose/rules", "/propose/rules",
        title="Newer rules", text="They are fairer.", lang="en", version="1",
    )  # fmt: skip
    proposal = ana.path
    assert "under version 1 of the rules instead of version 0" in await ana.see(proposal)
    assert "It was proposed to adopt version 1" in await ben.see(f"{proposal}/entries")
    for one in (ben, eva):
        await one.send(proposal, "/support")
    await upgraded.pass_time(days=3)
    await upgraded.pass_time(minutes=10)
    for one in (ana, ben, eva):
        await one.send(proposal, "/vote", vote="1")
    await upgraded.pass_time(days=3)
    assert "The chapter adopted the newer rules by this decision." in await ben.see(proposal)
    record = await eva.see(f"{path}/record")
    assert "A decision adopted newer rules: version 1 takes over from version 0." in record
    # Nothing later is here, so nothing is offered any more.
    assert "/propose/rules" not in await ana.see(f"{path}/propose")
    # What was said and decided before is still told in words.
    entries = await ben.see(f"{proposal}/entries")
    assert "It was proposed to adopt version 1" in entries
    assert "version 1 takes over" in entries
    assert "does not have yet" not in await ana.see(path)

    # The same node after a step back to a release without them.
    monkeypatch.setattr(Shelf, "versions", property(lambda shelf: VERSIONS), raising=False)
    page = await ana.see(path)
    assert "goes on under version 1 of its rules, which this node does not have yet" in page
    assert "Newer rules" in await ana.see(f"{path}/proposals")
