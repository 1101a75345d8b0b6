"""Choosing a member among many: by name or id, without scripts, and the forms that build on it."""

import re

from sqlalchemy import text

from chapters import looking_up
from civic.kernel.database import reading, writing
from civic.pages.choosing import SHOWN
from tests.civic.pages.test_standing import village
from tests.town import Town, Visitor

CHOICE = re.compile(r'\?member=([a-z2-7]{26})" aria-label="Choose ([^"]*)"')


def offered(page: str) -> dict[str, str]:
    return {name: own_id for own_id, name in CHOICE.findall(page)}


async def named(visitor: Visitor, path: str, name: str) -> None:
    await visitor.send(f"{path}/you", "/people/name", name=name)


async def test_a_member_is_found_by_name_and_id(vilnius: Town) -> None:
    path, people = await village(vilnius)
    names = ["Ana Ąžuolaitė", "Žydrė 100%", "Жанна_Ж", 'Eva "the baker"']
    for one, name in zip(people, names, strict=False):
        await named(one, path, name)
    page = await people[0].see(f"{path}/propose/office?q=")
    assert len(offered(page)) == 5
    assert "5 members" in page
    for typed, whose in (
        ("ana", 0), ("ąžuol", 0), ("0%", 1), ("жанна_", 2), ('"the', 3), ("BAKER", 3),
    ):  # fmt: skip
        answer = await people[0].client.get(f"{path}/propose/office", params={"q": typed})
        found = CHOICE.findall(answer.text)
        assert len(found) == 1, typed
        own_id = found[0][0]
        again = await people[0].client.get(f"{path}/propose/office", params={"q": own_id[:8]})
        assert [one[0] for one in CHOICE.findall(again.text)] == [own_id], whose
    for typed in ("%", "_", "text", "lang", "\\", "nobody at all"):
        answer = await people[0].client.get(f"{path}/propose/office", params={"q": typed})
        found = CHOICE.findall(answer.text)
        assert len(found) == {"%": 1, "_": 1}.get(typed, 0), typed
    assert "Nobody is called so" in answer.text


async def test_an_appointment_is_proposed_in_two_steps(vilnius: Town) -> None:
    path, people = await village(vilnius)
    await named(people[3], path, "Dia")
    lead = people[0]
    dia = offered(await lead.see(f"{path}/propose/office"))["Dia"]
    page = await lead.see(f"{path}/propose/office?member={dia}")
    assert f'name="member" value="{dia}"' in page
    assert "Choose somebody else" in page
    wrong = await lead.send(
        f"{path}/propose/office?member={dia}", "/propose/office", 422,
        title="D", text="She can.", lang="en", role="lead", months="13",
    )  # fmt: skip
    assert f'name="member" value="{dia}"' in wrong
    assert "as a whole number from 1 to 12" in wrong
    assert "She can." in wrong
    for unknown in ("a" * 26, "x"):
        assert offered(await lead.see(f"{path}/propose/office?member={unknown}"))
        page = await lead.send(
            f"{path}/propose/office?member={dia}", "/propose/office", 422, member=unknown,
            title="Dia leads", text="She can.", lang="en", role="lead", months="6",
        )  # fmt: skip
        assert "Look for the member" in page
    page = await lead.send(
        f"{path}/propose/office?member={dia}", "/propose/office",
        title="Dia leads", text="She can.", lang="en", role="facilitator", months="6",
        place="more",
    )  # fmt: skip
    assert "It gives the office" in page


async def test_who_is_to_be_expelled_is_looked_for_first(vilnius: Town) -> None:
    path, people = await village(vilnius)
    await named(people[3], path, "Dia")
    lead = people[0]
    page = await lead.see(f"{path}/propose/people")
    assert '<option value="expel"' not in page
    assert "look for them first" in page
    dia = offered(await lead.see(f"{path}/propose/people?q=dia"))["Dia"]
    page = await lead.see(f"{path}/propose/people?member={dia}")
    assert '<option value="expel" selected dir="auto">Expel Dia' in page
    page = await lead.send(
        f"{path}/propose/people?member={dia}", "/propose/people",
        title="Expel somebody", text="It is time.", lang="en", measure="expel",
    )  # fmt: skip
    assert "A yes expels" in page
    assert "Dia" in page


async def test_bylaws_are_chosen_before_they_are_written(vilnius: Town) -> None:
    path, people = await village(vilnius, 3)
    ana = people[0]
    page = await ana.see(f"{path}/propose/bylaws")
    assert page.count('name="rule"') > 20
    assert page.count('name="quorum"') == 0
    ids = re.findall(r' id="(f-rule[^"]*)"', page)
    assert len(ids) == len(set(ids))
    assert "Choose at least one" in await ana.see(f"{path}/propose/bylaws?go=1")
    page = await ana.see(f"{path}/propose/bylaws?rule=quorum&rule=majority&go=1")
    assert page.count('name="quorum"') == page.count('name="majority"') == 1
    assert 'name="vote_time"' not in page
    wrong = await ana.send(
        f"{path}/propose/bylaws?rule=quorum&rule=majority", "/propose/bylaws", 422,
        rule=["quorum", "majority"], title="", text="So.", lang="en", quorum="lots", majority="10",
    )  # fmt: skip
    for told in ("Enter a title", "Quorum: Write a number", "Majority: The charter", "So."):
        assert told in wrong, told
    assert wrong.count('name="rule"') == 2
    now = re.search(r'name="quorum"[^>]* value="(\d+)"', page)
    assert now is not None
    same = await ana.send(
        f"{path}/propose/bylaws?rule=quorum", "/propose/bylaws", 422,
        title="Nothing new", text="So.", lang="en", quorum=now[1],
    )  # fmt: skip
    assert "Change at least one of the bylaws" in same


async def test_a_draft_keeps_which_bylaws_were_chosen(vilnius: Town) -> None:
    path, people = await village(vilnius, 3)
    ana = people[0]
    form = {"rule": "quorum", "title": "Fewer", "quorum": "15", "key": "k" * 32}
    to = f"{path}/propose/bylaws"
    await ana.client.post("/account/drafts", data=form | {"draft-to": to})
    page = await ana.see(to)
    assert 'value="15"' in page
    assert "This is the draft that you kept" in page
    assert 'name="quorum"' not in await ana.see(f"{to}?choose=")


async def test_guardians_are_looked_for_with_those_chosen_kept(vilnius: Town) -> None:
    path, people = await village(vilnius)
    for one, name in zip(people, ("Ana", "Ben", "Eva", "Dia", "Fox"), strict=True):
        await named(one, path, name)
    ana = people[0]
    await vilnius.stepped_up(ana)
    page = await ana.see(f"{path}/guardians")
    mine = re.findall(r'name="chosen" value="([a-z2-7]{26})"', page)
    assert len(mine) == 4
    page = await ana.send(
        f"{path}/guardians", "/guardians", chosen=mine[:2], who="Ana, the baker", q="fox",
        look="yes",
    )  # fmt: skip
    kept = re.findall(r'name="chosen" value="([a-z2-7]{26})" checked', page)
    assert kept == mine[:2]
    assert 'value="Ana, the baker"' in page
    assert "There is a problem" not in page
    assert "Fox" in page
    assert "1 member" in page


MANY = text(
    """
    INSERT INTO view.member
    SELECT copied.* FROM view.member AS m
    CROSS JOIN generate_series(1, 300) AS n
    CROSS JOIN LATERAL jsonb_populate_record(m, jsonb_build_object(
        'id', 'zz' || translate(lpad(n::text, 24, 'a'), '0189', 'wxyz'), 'key', NULL
    )) AS copied
    WHERE m.id = (SELECT id FROM view.member ORDER BY entry, id LIMIT 1)
    """
)


async def test_a_search_in_a_large_chapter_shows_no_more_than_a_page(vilnius: Town) -> None:
    path, people = await village(vilnius, 3)
    async with writing(vilnius.node.engine) as db:
        await db.execute(MANY)
    page = await people[0].see(f"{path}/propose/office")
    assert len(CHOICE.findall(page)) == SHOWN
    assert "These are the first 20." in page
    # The ids of numbers from 170 to 179.
    page = await people[0].see(f"{path}/propose/office?q=zz{'a' * 21}x7")
    assert len(CHOICE.findall(page)) == 10
    async with reading(vilnius.node.engine) as db:
        found = await looking_up.members_called(db, 1, "", 2)
        assert len(found) == 2
        but = await looking_up.members_called(db, 1, "", 400, found[0].id)
        assert len(but) == 302
        assert await looking_up.members_of(db, 1, [one.id for one in found]) == found
