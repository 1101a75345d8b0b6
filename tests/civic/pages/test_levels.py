"""The ladder on pages, in browsers that run no scripts: vouch, verify, challenge, appeal, erase."""

import re

import pytest

from tests.civic.pages.test_budget import costs
from tests.town import Town, Visitor, offered

FOUNDERS = 5


@pytest.fixture(autouse=True)
def bare_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The people of these towns have no authenticators, so none are asked for."""
    monkeypatch.setattr("civic.pages.levels.AUTHENTICATORS", 0)


async def village(opened: Town, others: int = 2) -> tuple[str, list[Visitor]]:
    """Five founders, of whom the last two are the verifiers, and others at level 0."""
    people = [await opened.person() for _ in range(FOUNDERS + others)]
    first = people[0]
    await first.send(
        "/chapters/new",
        "/chapters/new",
        name="Vilnius",
        template="town",
        visibility="world",
        understood="yes",
    )
    path = first.path
    for one in people[1:FOUNDERS]:
        await opened.join(first, one, path)
    for one in people[:FOUNDERS]:
        page = await one.see(f"{path}/confirm")
        ids = re.findall(r'name="met" value="([a-z2-7]{26})"', page)
        await one.send(f"{path}/confirm", "/confirm", met=ids)
    page = await first.see(f"{path}/constitute")
    members = re.findall(r'name="founders" value="([a-z2-7]{26})"', page)
    assert len(members) == FOUNDERS
    fields = offered(page) | {
        "founders": members,
        "lead": members[0],
        "facilitator": members[1],
        "verifier": members[3],
        "second": members[4],
    }
    await first.send(f"{path}/constitute", "/constitute", **fields)
    for one in people[FOUNDERS:]:
        await opened.join(first, one, path)
    return path, people


async def shown(person: Visitor, path: str) -> str:
    """Let somebody show their code, and return it."""
    page = await person.send(f"{path}/levels", "/levels/code")
    found = re.search(r"<code>(\d{4}) (\d{4})</code>", page)
    assert found is not None
    return found[1] + found[2]


async def vouch(voucher: Visitor, path: str, code: str) -> str:
    """Type a code, look who it is, and vouch."""
    page = await voucher.send(f"{path}/levels/vouch", "/levels/vouch", code=code)
    assert "Is it this person" in page
    # What the second page carries is sent with the tick.
    fields = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))
    sent = await voucher.client.post(
        f"{path}/levels/vouch", data=fields | {"met": "yes"}, follow_redirects=True
    )
    assert sent.status_code == 200
    return sent.text


async def test_the_ladder_on_pages(vilnius: Town) -> None:
    path, people = await village(vilnius)
    ann, ben, cem, dia, eva, fox, gil = people
    assert "Founded by 5 people, not yet verified by others." in await vilnius.stranger().see(
        "/"
    ) or ("Founded by 5 people, not yet verified by others." in await ann.see(path))
    page = await fox.see(f"{path}/levels")
    assert "Nobody has said yet that they met you." in page
    code = await shown(fox, path)
    assert "needs" not in await vouch(ann, path, code)
    page = await fox.see(f"{path}/levels")
    assert "1 vouch is there; 3 are needed." in page
    assert "You vouched for them. 1 more person has to." in await vouch(ben, path, code)
    assert "they are at level 1 now" in await vouch(cem, path, code)
    page = await fox.see(f"{path}/levels")
    assert "Members who met you have vouched for you." in page

    page = await fox.send(f"{path}/levels/verify", "/levels/verify")
    assert "Meet any two of these" in page
    desk = await dia.see(f"{path}/verifying")
    number = re.search(r"/verifying/([a-z2-7]{26})", desk)
    assert number is not None
    case = f"{path}/verifying/{number[1]}"
    page = await dia.see(case)
    # Nothing can be typed there: the only fields are the choice and what forms carry.
    main = page.partition("<main")[2].partition("</main>")[0]
    names = set(re.findall(r'<(?:input|textarea|select)[^>]* name="(\w+)"', main))
    assert names == {"key", "way"}
    await dia.send(case, number[1], way="document")
    assert number[1] not in await dia.see(f"{path}/verifying")
    await dia.see(case, 404)
    page = await eva.send(case, number[1], way="document")
    assert "Two verifiers agree: the member is at level 2." in page
    assert "Two verifiers have seen you, document in hand." in await fox.see(f"{path}/levels")
    page = await fox.see(f"{path}/levels/stored")
    assert "seen by two verifiers, document in hand" in page
    assert "3 papers" in page or "6 papers" in page
    # A level 2 member can vouch for the next.
    page = await vouch(fox, path, await shown(gil, path))
    assert "2 more people have to" in page
    await fox.send(f"{path}/levels/renounce", "/levels/renounce")
    await vilnius.pass_time(minutes=10)
    assert "Nobody has said yet" in await fox.see(f"{path}/levels")
    assert "No level is in force." in await fox.see(f"{path}/levels/stored")


async def test_a_dispute_on_pages(vilnius: Town) -> None:
    path, people = await village(vilnius)
    ann, ben, cem, dia, eva, fox, gil = people
    code = await shown(fox, path)
    for one in (ann, ben, cem):
        await vouch(one, path, code)
    member = await fox.client.get(f"{path}/people")
    own = re.search(r"/people/([a-z2-7]{26})/challenge", member.text)
    assert own is None
    found = re.findall(r"/people/([a-z2-7]{26})/challenge", await ann.see(f"{path}/people"))
    assert len(found) == 6
    target = await id_of(fox, path)
    page = await ann.send(
        f"{path}/people/{target}/challenge", "/challenge", text="Met twice, under two names."
    )
    assert "Two verifiers decide." in page
    page = await fox.see(f"{path}/levels")
    assert "Met twice, under two names." in page
    desk = await dia.see(f"{path}/verifying")
    dispute = re.search(r"/disputes/([a-z2-7]{26})", desk)
    assert dispute is not None
    place = f"{path}/disputes/{dispute[1]}"
    for one in (dia, eva):
        assert "Met twice" in await one.see(place)
        await one.send(place, dispute[1], upheld="yes")
    await gil.see(place, 404)
    page = await fox.send(f"{path}/levels/appeal", "/levels/appeal", text="I have one name.")
    assert "Two other verifiers decide." in page
    # Both verifiers decided already; nobody else is in office, so the appeal waits.
    assert "your appeal waits until it has" in await fox.see(f"{path}/levels")
    assert dispute[1] not in await dia.see(f"{path}/verifying")
    # Who may not decide about it reads nothing of it, whatever they send.
    for given, status in (("perhaps", 404), ("yes", 409)):
        sent = await dia.client.post(
            place,
            data={"key": "a" * 32, "upheld": given},
            headers={"referer": f"http://localhost{place}"},
        )
        assert sent.status_code == status
        assert "I have one name." not in sent.text
        assert "Met twice" not in sent.text
    for _ in range(5):
        # Whoever looks in now and then stays signed in.
        await vilnius.pass_time(days=3)
        await fox.see(f"{path}/levels")
    await vilnius.pass_time(minutes=10)
    page = await fox.see(f"{path}/levels")
    assert "Level 1" in page
    assert "your appeal waits until it has" in page


async def id_of(person: Visitor, path: str) -> str:
    """Somebody's own member id."""
    answer = await person.client.get(f"/api/v1/chapters/{path[3:]}/members/me")
    found = re.search(r"[a-z2-7]{26}", answer.text)
    assert found is not None
    return found[0]


async def test_who_may_see_what(vilnius: Town) -> None:
    path, people = await village(vilnius)
    ann, fox = people[0], people[5]
    # The lead has no key to the verifier's desk, and nobody else either.
    for one in (ann, fox):
        await one.see(f"{path}/verifying", 404)
        await one.see(f"{path}/verifying/{'a' * 26}", 404)
        await one.see(f"{path}/disputes/{'a' * 26}", 404)
    await people[3].see(f"{path}/verifying/{'a' * 26}", 404)
    stranger = vilnius.stranger()
    for page in ("levels", "levels/stored", "levels/vouch", "verifying"):
        await stranger.see(f"{path}/{page}")
        assert stranger.path == "/sign-in"
    await vilnius.pass_time(minutes=30)
    page = await ann.see(f"{path}/levels/vouch", 401)
    assert 'name="code"' not in page or "step-up" in page


async def test_two_ways_to_sign_in_come_first(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, people = await village(vilnius)
    monkeypatch.setattr("civic.pages.levels.AUTHENTICATORS", 2)
    page = await people[5].see(f"{path}/levels")
    assert "First a second way to sign in" in page
    assert "Show my code" not in page


async def test_level_pages_cost_little(vilnius: Town) -> None:
    path, people = await village(vilnius)
    code = await shown(people[5], path)
    for one in people[:3]:
        await vouch(one, path, code)
    await people[5].send(f"{path}/levels/verify", "/levels/verify")
    for page in ("levels", "levels/stored", "levels/vouch", "levels/verify", "people"):
        await costs(people[0], f"{path}/{page}")
    desk = await people[3].see(f"{path}/verifying")
    assert "/verifying/" in desk
    await costs(people[3], f"{path}/verifying")
    await costs(people[5], f"{path}/levels")
