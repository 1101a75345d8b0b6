"""The page on which a member chooses three guardians among the others of their chapter."""

import re

from tests.town import Town, Visitor


def offered(page: str) -> list[str]:
    return re.findall(r'name="chosen" value="([a-z2-7]{26})"', page)


async def test_three_others_of_the_chapter_are_asked(vilnius: Town) -> None:
    ana, *others = [await vilnius.person() for _ in range(5)]
    path = await vilnius.founded(ana, *others[:2])
    page = await ana.see(f"{path}/guardians")
    assert not offered(page)
    assert "fewer than three other members" in page
    for other in others[2:]:
        await vilnius.join(ana, other, path)
    await vilnius.stepped_up(ana)
    mine = offered(await ana.see(f"{path}/guardians"))
    assert len(mine) == len(set(mine)) == 4
    assert mine[0] not in offered(await others[0].see(f"{path}/guardians"))
    for chosen, who in ((mine[:2], "Ana"), (mine, "Ana"), (mine[:3], ""), (["a" * 26] * 3, "Ana")):
        await ana.send(f"{path}/guardians", "/guardians", 422, chosen=chosen, who=who)
    twice = [mine[0], mine[0], mine[1]]
    await ana.send(f"{path}/guardians", "/guardians", 422, chosen=twice, who="Ana")
    page = await ana.send(f"{path}/guardians", "/guardians", chosen=mine[:3], who="Ana, the baker")
    assert ana.path == "/account/recovery"
    assert page.count("has not answered") == 3
    asked = [one for one in others if "Ana, the baker" in await one.see("/account/recovery")]
    assert len(asked) == 3
    for one in asked:
        await agreed(one)
    page = await ana.send("/account/recovery", "/guardians/settle")
    assert "Any two of these three" in page
    assert "Help them back in" in await asked[0].see("/account/recovery")


async def agreed(one: Visitor) -> None:
    await one.send("/account/recovery", "/guarding/answer", agree="yes")


async def test_outsiders_choose_nobody(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3])
    for one in (people[3], vilnius.stranger()):
        answer = await one.client.get(f"{path}/guardians")
        assert answer.status_code in (303, 401, 403)
        assert not offered(answer.text)


async def test_choosing_asks_for_a_fresh_factor(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    await vilnius.pass_time(minutes=10)
    answer = await people[0].client.get(f"{path}/guardians")
    assert answer.status_code == 401
    assert "Is it you?" in answer.text
