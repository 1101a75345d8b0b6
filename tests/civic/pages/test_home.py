"""The start page: votes first, what needs the reader, what changed since they were here."""

import re

from nacl.signing import SigningKey

from tests.civic.pages.test_budget import costs
from tests.civic.pages.test_outsiders import proposed
from tests.civic.pages.test_standing import suspended, village
from tests.returning import ask, confirm, member_of
from tests.town import Town, Visitor


def part(page: str, name: str) -> str:
    """Return one of the three answers."""
    found = re.search(rf'<section[^>]* id="{name}">.*?</section>', page, re.S)
    assert found is not None, name
    return found[0]


def titles(page: str) -> list[str]:
    return re.findall(r'class="deadline-title"[^>]*>([^<]+)<', page)


async def to_the_vote(opened: Town, path: str, people: list[Visitor], title: str) -> str:
    """Let a proposal come to its vote."""
    proposal = await proposed(people[0], path, title)
    for one in people[:2]:
        await one.send(proposal, "/support")
    for _ in range(40):
        await opened.pass_time(days=1)
        if f'action="{proposal}/vote"' in await people[0].see(proposal):
            return proposal
    raise AssertionError("the vote never opened")


async def test_a_vote_that_waits_comes_before_what_ends_sooner(vilnius: Town) -> None:
    path, people = await village(vilnius, 4)
    vote = await to_the_vote(vilnius, path, people, "A well")
    await proposed(people[0], path, "A garden")
    home = await people[1].see("/")
    assert "1 vote waits for you" in home
    assert titles(part(home, "decided"))[0] == "A well"
    assert "You have not voted yet." in home
    await people[1].send(vote, "/vote", vote="1")
    home = await people[1].see("/")
    assert "votes wait for you" not in home
    assert "1 vote waits" not in home
    assert "You have voted." in home
    await costs(people[1], "/")
    # Who came after it opened is not on its roll, and nobody waits for them.
    late = await vilnius.person()
    await vilnius.join(people[0], late, path)
    home = await late.see("/")
    assert "You are not on the roll of this vote." in home
    assert "1 vote waits" not in home


async def test_founders_learn_what_is_missing_and_until_when(vilnius: Town) -> None:
    ana, ben, eva = [await vilnius.person() for _ in range(3)]
    await ana.send("/chapters/new", "/chapters/new", name="Vilnius", template="circle",
                   visibility="chapter", understood="yes")  # fmt: skip
    path = ana.path
    assert "2 more founders are needed" in part(await ana.see("/"), "needs")
    await vilnius.join(ana, ben, path)
    needs = part(await ben.see("/"), "needs")
    assert "1 more founder is needed" in needs
    assert "deadline-when" in needs
    await vilnius.join(ana, eva, path)
    needs = part(await ben.see("/"), "needs")
    assert "Say whom of the founders you have met" in needs
    assert f'href="{path}/confirm"' in needs
    ids = re.findall(r'name="met" value="([a-z2-7]{26})"', await ben.see(f"{path}/confirm"))
    await ben.send(f"{path}/confirm", "/confirm", met=ids)
    assert "once all founders have said" in part(await ben.see("/"), "needs")
    await costs(ben, "/")
    await costs(ben, path)


async def test_who_asked_to_join_learns_who_answers_and_the_lead_that_they_wait(
    vilnius: Town,
) -> None:
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3], template="diaspora", visibility="chapter")
    lead, other, new = people[0], people[1], people[3]
    assert "asks to join" not in await lead.see("/")
    await vilnius.pass_time(minutes=70)
    await new.send(path, "/apply")
    home = await new.see("/")
    assert "You have asked to join. A lead of the chapter answers" in part(home, "needs")
    assert 'id="changed"' not in home
    assert "1 person asks to join" in part(await lead.see("/"), "needs")
    assert "asks to join" not in part(await other.see("/"), "needs")


async def test_suspensions_and_appeals_wait_for_those_who_can_answer_them(vilnius: Town) -> None:
    path, people = await suspended(vilnius)
    lead, facilitator, verifier, dia, _eva = people
    needs = part(await dia.see("/"), "needs")
    assert "You are suspended: read why, and how to appeal." in needs
    assert f'href="{path}/standing"' in needs
    await dia.send(f"{path}/standing", "/standing/appeal", appeal="It was somebody else.")
    assert "two others in office judge your appeal" in part(await dia.see("/"), "needs")
    assert "1 appeal against a suspension" in part(await facilitator.see("/"), "needs")
    for one in (lead, verifier):
        assert "appeal against" not in part(await one.see("/"), "needs")


async def test_a_suspension_that_was_asked_for_waits_for_another_office(vilnius: Town) -> None:
    path, people = await village(vilnius)
    found = re.findall(r"/people/([a-z2-7]{26})/suspend", await people[0].see(f"{path}/people"))
    await people[0].send(f"{path}/people/{found[0]}/suspend", "/suspend",
                         days="14", reason="Shouted.")  # fmt: skip
    assert "1 suspension is asked for" in part(await people[2].see("/"), "needs")
    for one in (people[0], people[3]):
        assert "is asked for" not in part(await one.see("/"), "needs")


async def test_a_lost_key_waits_for_verifiers_who_have_not_seen_its_member(vilnius: Town) -> None:
    path, people = await village(vilnius)
    new = await vilnius.person()
    await ask(vilnius, new, path, await member_of(vilnius, people[3], path), SigningKey.generate())
    for one in people[1:3]:
        told = part(await one.see("/"), "needs")
        assert "1 member has lost a key and waits for verifiers." in told
        assert f'href="{path}/keys/requests"' in told
        await costs(one, "/")
    for one in (people[0], people[3]):
        assert "has lost a key" not in part(await one.see("/"), "needs")
    await confirm(vilnius, path, people[1])
    assert "has lost a key" not in part(await people[1].see("/"), "needs")
    assert "has lost a key" in part(await people[2].see("/"), "needs")


async def test_a_deadline_is_named_by_the_clock_of_its_chapter_too(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, zone="Europe/Vilnius")
    await proposed(people[0], path, "A garden")
    decided = part(await people[1].see("/"), "decided")
    assert re.search(r"\d\d:\d\d UTC; Vilnius: (?:[^<]*, )?\d\d:\d\d UTC\+\d", decided)
    people[1].client.cookies.set("zone", "Europe/Vilnius")
    assert "Vilnius:" not in part(await people[1].see("/"), "decided")


async def test_an_account_learns_what_it_lacks(vilnius: Town) -> None:
    ana = await vilnius.person()
    home = await ana.see("/")
    assert "Add a way to sign in: so far links alone lead to your account." in home
    assert "confirm your recovery sheet" in home
    assert "recovery sheet" not in await vilnius.stranger().see("/")


async def test_what_changed_is_told_since_the_last_day(vilnius: Town) -> None:
    path, people = await village(vilnius, 4)
    ana, ben = people[:2]
    assert "What changed within a week" in await ben.see("/")
    await vilnius.pass_time(days=9)
    await proposed(ana, path, "A garden")
    home = await ben.see("/")
    assert "What changed since Mon 2 Mar 2026" in home
    changed = part(home, "changed")
    assert "A garden" in changed
    assert "New proposal" in changed
    await vilnius.pass_time(days=2)
    home = await ben.see("/")
    assert "What changed since Wed 11 Mar 2026" in home
    assert "A garden" in part(home, "changed")
    await vilnius.pass_time(days=2)
    changed = part(await ben.see("/"), "changed")
    assert "A garden" not in changed
    assert "No decision, no outcome, no new proposal." in changed
    # Who signs out leaves no day behind in the browser.
    await ben.send("/account", "/sign-out")
    assert "seen" not in ben.client.cookies
