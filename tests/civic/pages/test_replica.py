"""A read-only copy of a chapter: the same pages, one line that says so, and nothing to send."""

import re

import pytest
from sqlalchemy import update

from civic.kernel.database import writing
from civic.kernel.record import tables
from tests.town import Town, new_key


@pytest.mark.parametrize("visibility", ["world", "chapter"])
async def test_a_copy_is_read_only(vilnius: Town, visibility: str) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, visibility=visibility)
    ana, ben, eva = people
    await ana.send(f"{path}/propose/question", "/propose/question",
                   title="A garden", text="Let us dig.", lang="en")  # fmt: skip
    proposal = ana.path
    await ben.send(f"{proposal}/argue/for", "/argue/for", words="Tomatoes")
    async with writing(vilnius.node.engine) as db:
        await db.execute(update(tables.log).values(replica=1))
    await vilnius.pass_time(minutes=1)
    for visitor in (vilnius.stranger(), ana):
        for page in (
            path,
            f"{path}/people",
            f"{path}/record",
            f"{path}/audit",
            f"{path}/proposals",
        ):
            html = await visitor.see(page)
            assert "You are reading a verified copy" in html
            main = html.partition("<main")[2].partition("</main>")[0]
            assert re.findall(r"<form|/propose|/people/", main) == []
        if visibility == "world":
            html = await visitor.see(proposal)
            assert "Tomatoes" in html
            assert forms(html) <= {"/panic", "/language"}
        elif visitor is ana:
            # Whom the node knows as a member reads the copy, too.
            html = await visitor.see(proposal)
            assert "Tomatoes" in html
            assert forms(html) <= {"/panic", "/language"}
        else:
            await visitor.see(proposal, 404)
        assert "Vilnius" in await visitor.see("/")
    answer = await eva.client.post(f"{proposal}/support", data={"key": new_key()})
    assert answer.status_code == 403


def forms(html: str) -> set[str]:
    """Where the forms of a page lead."""
    return set(re.findall(r'<form[^>]* action="([^"]*)"', html))
