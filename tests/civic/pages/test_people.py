"""The list of members: looking for some of them, and what can be done about one."""

import re

from tests.civic.pages.test_budget import costs
from tests.civic.pages.test_standing import village
from tests.town import Town


def named(page: str) -> list[str]:
    """Return the names in the list of members."""
    whole = page.partition('id="members"')[2].partition("column-aside")[0]
    return re.findall(r'<strong dir="auto">([^<]+)</strong>', whole)


async def test_members_are_found_by_name_office_and_level(vilnius: Town) -> None:
    path, people = await village(vilnius)
    ana = people[0]
    for one, name in zip(people, ["Ana", "Ben 100%", "Eva", "Žygis Ąžuolas", "Ona"], strict=True):
        await one.send(f"{path}/you", "/people/name", name=name)
    everybody = named(await ana.see(f"{path}/people"))
    assert everybody == ["Ana", "Ben 100%", "Eva", "Žygis Ąžuolas", "Ona"]
    for asked, found in {
        "name_or_id=žyg": ["Žygis Ąžuolas"],
        "name_or_id=100%25": ["Ben 100%"],
        "name_or_id=%25": ["Ben 100%"],
        "name_or_id=nobody": [],
        "role=lead": ["Ana"],
        "role=any": ["Ana", "Ben 100%", "Eva"],
        "role=any&name_or_id=e": ["Ben 100%", "Eva"],
        "level=0": ["Žygis Ąžuolas", "Ona"],
        "level=2&role=verifier": ["Ben 100%", "Eva"],
        "role=king&level=9": everybody,
    }.items():
        page = await ana.see(f"{path}/people?{asked}")
        assert named(page) == found, asked
    assert "Nobody is found so." in await ana.see(f"{path}/people?name_or_id=nobody")
    await costs(ana, f"{path}/people?name_or_id=a&role=any&level=2")


async def test_what_can_be_done_about_a_member_stands_behind_one_menu(vilnius: Town) -> None:
    path, people = await village(vilnius)
    page = await people[0].see(f"{path}/people")
    menus = re.findall(r'<details class="more">.*?</details>', page, re.S)
    # Of five members one looks, two others hold offices.
    assert sum("/suspend" in one for one in menus) == 2
    assert "/suspend" not in re.sub(r'<details class="more">.*?</details>', "", page, flags=re.S)
    assert "What you can do about Member" in menus[0]
    assert 'class="more"' not in await people[4].see(f"{path}/people")
