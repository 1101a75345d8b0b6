"""Suspending, appealing, coming back, moving and laying down an office, in browsers of people."""

import re

from tests.civic.pages.test_budget import costs
from tests.town import Town, Visitor, new_key


async def test_what_members_and_offices_see_costs_little(vilnius: Town) -> None:
    path, (lead, _facilitator, _verifier, dia, _eva) = await suspended(vilnius)
    await dia.send(f"{path}/standing", "/standing/appeal", appeal="It was somebody else.")
    await costs(dia, f"{path}/standing")
    for page in ("desk", "offices", "suspensions", "bylaws?against=town", "propose/people"):
        await costs(lead, f"{path}/{page}")
    await costs(lead, "/chapters/new")


async def village(opened: Town, count: int = 5) -> tuple[str, list[Visitor]]:
    """A chapter whose first three members founded it: a lead, a facilitator, a verifier."""
    people = [await opened.person() for _ in range(count)]
    path = await opened.founded(*people[:3])
    for one in people[3:]:
        await opened.join(people[0], one, path)
    return path, people


async def suspended(opened: Town) -> tuple[str, list[Visitor]]:
    """Suspend the fourth member; the lead asks, the verifier agrees."""
    path, people = await village(opened)
    found = re.findall(r"/people/([a-z2-7]{26})/suspend", await people[0].see(f"{path}/people"))
    assert len(found) == 2
    asking = f"{path}/people/{found[0]}/suspend"
    page = await people[0].send(asking, "/suspend", days="14", reason="Shouted at two meetings.")
    assert "asked for" in page
    page = await people[2].send(f"{path}/suspensions", "/suspensions/agree")
    assert "suspended" in page
    return path, people


async def test_a_suspension_and_its_appeal(vilnius: Town) -> None:
    path, people = await suspended(vilnius)
    lead, _facilitator, verifier, dia, eva = people
    overview = await dia.see(path)
    assert "You are suspended for now" in overview
    page = await dia.see(f"{path}/standing")
    assert "Shouted at two meetings." in page
    # Reading goes on; nothing else does.
    await dia.see(f"{path}/record")
    await dia.see(f"{path}/propose", 403)
    refused = await dia.client.post(f"{path}/people/name", data={"key": new_key(), "name": "Dia"})
    assert refused.status_code == 403
    assert "You are suspended for now" in refused.text
    page = await dia.send(f"{path}/standing", "/standing/appeal", appeal="It was somebody else.")
    assert "You appealed" in page
    # Who had a part in it does not judge it, and members without an office see none of it.
    assert "Uphold it" not in await lead.see(f"{path}/suspensions")
    assert "Uphold it" not in await verifier.see(f"{path}/suspensions")
    await eva.see(f"{path}/suspensions", 404)
    await vilnius.pass_time(days=8)
    page = await dia.see(f"{path}/standing")
    assert "Nothing keeps you from taking part" in page
    assert "nobody upheld it in time" in page


async def test_reasons_and_appeals_name_the_language_they_are_in(vilnius: Town) -> None:
    path, people = await village(vilnius)
    lead, facilitator, verifier, dia, _eva = people
    found = re.findall(r"/people/([a-z2-7]{26})/suspend", await lead.see(f"{path}/people"))
    asking = f"{path}/people/{found[0]}/suspend"
    assert 'value="be"' in await lead.see(asking)
    await lead.send(asking, "/suspend", days="14", reason="Крычаў на дзвюх сустрэчах.", lang="be")
    await verifier.send(f"{path}/suspensions", "/suspensions/agree")
    page = await dia.see(f"{path}/standing")
    assert 'lang="be">' in page
    assert ">Belarusian<" in page
    await dia.send(f"{path}/standing", "/standing/appeal", appeal="Tai buvo kitas.", lang="lt")
    page = await facilitator.see(f"{path}/suspensions")
    assert ">Belarusian<" in page
    assert ">Lithuanian<" in page
    # What was written last is what the next form begins with.
    assert re.search(r'value="be" selected', await lead.see(f"{path}/propose/question"))


async def test_another_office_judges(vilnius: Town) -> None:
    path, (_lead, facilitator, _verifier, dia, _eva) = await suspended(vilnius)
    await dia.send(f"{path}/standing", "/standing/appeal", appeal="It was somebody else.")
    page = await facilitator.see(f"{path}/suspensions")
    assert "It was somebody else." in page
    page = await facilitator.send(f"{path}/suspensions", "/suspensions/judge", lift="no")
    assert "0 to lift, 1 to uphold" in page
    page = await dia.send(f"{path}/standing", "/standing/erase")
    assert "The reason was erased." in page
    assert "Shouted at two meetings." not in await facilitator.see(f"{path}/suspensions")


async def test_leaving_and_coming_back(vilnius: Town) -> None:
    path, (lead, _ben, _eva, dia, _fox) = await village(vilnius)
    await vilnius.pass_time(minutes=20)
    await dia.see(f"{path}/people/leave", 401)
    await vilnius.stepped_up(dia)
    await dia.send(f"{path}/people/leave", "/people/leave", again="yes")
    assert "How you stand here" in await dia.see(path)
    await dia.send(f"{path}/standing", "/standing/return")
    page = await lead.see(f"{path}/desk")
    assert "was a member before" in page
    await vilnius.stepped_up(lead)
    await lead.send(f"{path}/desk", "/people/admit")
    assert "5 members" in await dia.see(f"{path}/people")


async def test_who_is_forgotten_comes_back_as_a_stranger(vilnius: Town) -> None:
    path, (*_others, dia) = await village(vilnius)
    await dia.send(f"{path}/people/leave", "/people/leave")
    await dia.see(f"{path}/standing", 404)


async def test_refusing_with_a_reason(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3], template="town")
    lead, gil = people[0], people[3]
    await vilnius.pass_time(minutes=20)
    await gil.send(path, "/apply")
    own = re.search(r"/people/([a-z2-7]{26})/refuse", await lead.see(f"{path}/desk"))
    assert own is not None
    refusing = f"{path}/people/{own[1]}/refuse"
    await lead.see(refusing, 401)
    await vilnius.stepped_up(lead)
    wrong = await lead.send(refusing, "/refuse", 422, reason="")
    assert "Enter the reason" in wrong
    page = await lead.send(refusing, "/refuse", reason="Nobody here has met you yet.")
    assert "Nobody asks to join." in page
    assert "Nobody here has met you yet." in await gil.see(f"{path}/standing")
    await people[1].see(f"{path}/standing")
    assert "Nobody here has met you yet." not in await people[1].see(f"{path}/record")


async def test_laying_down_an_office_and_who_steps_in(vilnius: Town) -> None:
    path, people = await village(vilnius, 4)
    lead, facilitator = people[0], people[1]
    page = await lead.see(f"{path}/offices")
    # Beside each bar stands whose it is; for those who see no bars it says so itself.
    assert page.count('<li class="person term">') == page.count('role="img" aria-label="') > 1
    assert re.search(r'role="img" aria-label="Lead, [^"]+: from Mon 2 Mar 2026 to', page)
    own = re.search(rf"{path}/offices/([a-z2-7]{{26}})/resign", page)
    assert own is not None
    resigning = f"{path}/offices/{own[1]}/resign"
    page = await lead.send(resigning, "/resign")
    assert "There is no lead" in page
    for _ in range(4):
        # Whoever looks in now and then stays signed in.
        await vilnius.pass_time(days=8)
        await people[3].see(path)
        await facilitator.see(path)
    page = await facilitator.see(f"{path}/offices")
    assert "acting, by rule" in page
    assert "There is no lead" not in page
    await people[3].see(f"{path}/desk", 404)


async def test_moving_to_another_chapter(vilnius: Town) -> None:
    path, people = await village(vilnius, 4)
    others = [await vilnius.person() for _ in range(3)]
    there = await vilnius.founded(*others)
    mover = people[3]
    page = await others[0].send(f"{there}/people", "/people/invite")
    link = re.search(r"http://localhost(/c/[0-9a-f]{64}/join/[\w-]+)", page)
    assert link is not None
    page = await mover.see(link[1])
    assert "Do you move here from another chapter?" in page
    await mover.send(link[1], link[1], leaves=path.removeprefix("/c/"))
    await vilnius.pass_time(minutes=2)
    assert "3 members" in await people[0].see(f"{path}/people")
    assert "4 members" in await mover.see(f"{there}/people")
    await mover.see(f"{path}/standing", 404)


async def test_bylaws_beside_the_charter_and_others(vilnius: Town) -> None:
    path, people = await village(vilnius, 3)
    page = await people[0].see(f"{path}/bylaws")
    assert "Charter: at least 14 days" in page
    assert "At the founding, from the template" in page
    page = await people[0].see(f"{path}/bylaws?against=diaspora")
    assert "differ from the template “Large diaspora”" in page
    assert "<del" in page
    stranger = vilnius.stranger()
    await vilnius.pass_time(minutes=20)
    assert "Charter: at least 14 days" in await stranger.see(f"{path}/bylaws")
    wrong = await people[0].send(
        f"{path}/propose/bylaws?rule=vote_time", "/propose/bylaws", 422,
        title="Be quick", text="Votes of an hour.", lang="en", vote_time="0.5",
    )  # fmt: skip
    assert "Time to vote: The charter of the network asks for at least 1 day here" in wrong


async def test_proposals_about_people(vilnius: Town) -> None:
    path, (lead, _ben, _eva, _dia, _fox) = await village(vilnius)
    page = await lead.see(f"{path}/propose/people")
    remove = re.search(r'<option value="(remove [a-z2-7]{26})"', page)
    assert remove is not None
    page = await lead.send(
        f"{path}/propose/people", "/propose/people",
        title="A new facilitator", text="It is time.", lang="en", measure=remove[1],
    )  # fmt: skip
    assert "A yes ends the office" in page
    wrong = await lead.send(
        f"{path}/propose/people", "/propose/people", 422,
        title="Expel", text="Somebody.", lang="en", measure="expel",
    )  # fmt: skip
    assert "Choose the member who is to be expelled" in wrong
    member = re.findall(r"member=([a-z2-7]{26})", await lead.see(f"{path}/propose/office"))
    page = await lead.see(f"{path}/propose/office?member={member[3]}")
    after = re.search(r'<option value="(after [a-z2-7]{26})"', page)
    assert after is not None
    page = await lead.send(
        f"{path}/propose/office?member={member[3]}", "/propose/office", title="Who leads next",
        text="Dia does.", lang="en", role="lead", months="6", place=after[1],
    )  # fmt: skip
    assert "It gives the office" in page


async def test_the_desk_shows_how_the_chapter_fares(vilnius: Town) -> None:
    path, people = await village(vilnius, 3)
    page = await people[0].see(f"{path}/desk")
    assert "No vote is over yet." in page
    assert "Joined within 30 days" in page
    assert "Unusual growth" not in page


async def test_a_founder_compares_and_changes_bylaws(vilnius: Town) -> None:
    ana = await vilnius.person()
    page = await ana.see("/chapters/new")
    assert "Where the three differ" in page
    wrong = await ana.send(
        "/chapters/new", "/chapters/new", 422, name="Vilnius", template="circle",
        visibility="chapter", understood="yes", vote_time="0.5", quorum="lots",
    )  # fmt: skip
    assert "Time to vote: The charter of the network asks for at least 1 day here" in wrong
    assert "Quorum: Write a number" in wrong
    await ana.send(
        "/chapters/new", "/chapters/new", name="Vilnius", template="circle",
        visibility="chapter", understood="yes", vote_time="2", quorum="40",
    )  # fmt: skip
    page = await ana.see(f"{ana.path}/bylaws?against=circle")
    assert "<ins>40% of the members on the roll</ins>" in page
    assert "<ins>2 days</ins>" in page
