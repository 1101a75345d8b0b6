"""The pages on which members see what ties them to what they did, and have it erased."""

import re

import pytest
from sqlalchemy import select

from civic.kernel.database import reading
from civic.kernel.record import tables
from tests.town import Town, Visitor, new_key


async def ties(vilnius: Town) -> int:
    async with reading(vilnius.node.engine) as db:
        return len((await db.execute(select(tables.tie.c.hash))).all())


@pytest.fixture
async def members(vilnius: Town) -> list[Visitor]:
    return [await vilnius.person() for _ in range(3)]


async def proposed(ana: Visitor, path: str, title: str) -> str:
    await ana.send(f"{path}/propose/question", "/propose/question",
                   title=title, text="With a stove.", lang="en")  # fmt: skip
    return ana.path


async def test_ties_are_shown_and_erased(vilnius: Town, members: list[Visitor]) -> None:
    ana, ben, _ = members
    path = await vilnius.founded(*members)
    hall = await proposed(ana, path, "A hall")
    cellar = await proposed(ana, path, "A cellar")
    attic = await proposed(ana, path, "An attic")
    await ben.send(hall, "/support")
    await vilnius.pass_time(minutes=10)
    for one in (hall, cellar):
        await ana.send(f"{one}/withdraw", "/withdraw")
    assert path in await ana.see("/account/ties")
    page = await ana.see(f"{path}/people/ties")
    ended, running = page.split("Matters that still run")
    assert "A hall" in ended
    assert "A cellar" in ended
    assert "An attic" in running
    assert "Erase what ties me to all of them" in ended
    matter = hall.rsplit("/", 1)[1]
    erase = f"{path}/people/ties/erase"
    unsure = await ana.send(f"{erase}?of={matter}", "/ties/erase", status=422)
    assert "There is a problem" in unsure
    assert await ties(vilnius) == 4
    page = await ana.send(f"{erase}?of={matter}", "/ties/erase", sure="yes")
    assert "no longer knows that you did this" in page
    assert "A hall" not in page
    assert await ties(vilnius) == 3
    # On the matter's own page the person is like any other member now.
    assert "Have it erased" not in await ana.see(hall)
    page = await ana.send(f"{erase}?of=all", "/ties/erase", sure="yes")
    assert "There is nothing that could be erased" in page
    assert await ties(vilnius) == 2
    # What still runs, and what is not one's own, has no such page.
    running_matter = attic.rsplit("/", 1)[1]
    for wanted in (running_matter, matter, "all", "nothing"):
        await ana.see(f"{erase}?of={wanted}", 404)
    form = {"key": new_key(), "of": running_matter, "sure": "yes"}
    refused = await ana.client.post(erase, data=form)
    assert refused.status_code == 303
    assert "This matter has not ended" in await ana.see(refused.headers["location"])
    assert await ties(vilnius) == 2


async def test_what_the_record_does_not_name_yet_waits(
    vilnius: Town, members: list[Visitor]
) -> None:
    ana, *_ = members
    path = await vilnius.founded(*members)
    hall = await proposed(ana, path, "A hall")
    await ana.send(f"{hall}/withdraw", "/withdraw")
    page = await ana.send(f"{path}/people/ties/erase?of=all", "/ties/erase", sure="yes")
    assert "goes within the hour" in page
    assert "will be erased within the hour" in page
    await vilnius.pass_time(minutes=10)
    assert await ties(vilnius) == 0


async def test_strangers_have_no_ties(vilnius: Town, members: list[Visitor]) -> None:
    path = await vilnius.founded(*members)
    outsider = await vilnius.person()
    assert "You are in no chapter" in await outsider.see("/account/ties")
    for page in (f"{path}/people/ties", f"{path}/people/ties/erase?of=all"):
        await outsider.see(page, 403)
        await vilnius.stranger().see(page)
    form = {"key": new_key(), "of": "all", "sure": "yes"}
    refused = await outsider.client.post(f"{path}/people/ties/erase", data=form)
    assert refused.status_code == 403


async def test_ties_by_the_api(vilnius: Town, members: list[Visitor]) -> None:
    ana, ben, _ = members
    path = await vilnius.founded(*members)
    hall = await proposed(ana, path, "A hall")
    cellar = await proposed(ben, path, "A cellar")
    await ana.send(cellar, "/support")
    await vilnius.pass_time(minutes=10)
    await ana.send(f"{hall}/withdraw", "/withdraw")
    api = path.replace("/c/", "/api/v1/chapters/") + "/ties"
    matters = {one: one.rsplit("/", 1)[1] for one in (hall, cellar)}
    listed = (await ana.client.get(api)).json()["ties"]
    assert {(one["matter"], one["of"], one["ended"], one["unwanted"]) for one in listed} == {
        (matters[hall], "voice", True, False),
        (matters[cellar], "voice", False, False),
    }
    refused = await ana.client.delete(f"{api}/{matters[cellar]}")
    assert refused.status_code == 409
    assert re.search(r"request\.tie_needed", refused.text)
    assert (await ana.client.delete(f"{api}/{matters[hall]}")).json() == {
        "erased": 1,
        "waiting": 0,
    }
    assert (await ana.client.delete(api)).json() == {"erased": 0, "waiting": 0}
    assert len((await ana.client.get(api)).json()["ties"]) == 1
    outsider = await vilnius.person()
    assert (await outsider.client.get(api)).status_code == 403
    assert (await vilnius.stranger().client.delete(api)).status_code in (401, 303)
