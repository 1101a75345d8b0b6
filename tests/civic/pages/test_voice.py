"""My voice: everything that somebody did, from all their chapters, and what became of it."""

import re

from tests.civic.pages.test_budget import costs
from tests.civic.pages.test_outsiders import proposed
from tests.town import Town


def items(page: str) -> list[str]:
    """Return what the page says of each act, without its markup."""
    found = re.findall(r'<li class="item">(.*?)</li>', page, re.S)
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in found]


async def test_each_act_is_told_with_what_became_of_it(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    ana, ben, eva = people
    proposal = await proposed(ana, path, "A bench")
    assert any("You proposed: A bench" in one for one in items(await ana.see("/voice")))
    for one in (ana, ben):
        await one.send(proposal, "/support")
    await ben.send(f"{proposal}/argue/for", "/argue/for", words="Old people could rest there.")
    said = re.search(r'id="w-([a-z2-7]{26})"', await ben.see(proposal))
    assert said is not None
    await eva.send(f"{proposal}/comment?on={said[1]}", "/comment", words="And the young.")
    react = {"to": f"{said[1]}:agree"}
    page = await ana.see(proposal)
    key = re.search(r'name="key" value="([^"]+)"', page)
    assert key is not None
    await ana.client.post(f"{proposal}/react", data={**react, "key": key[1]},
                          headers={"referer": f"http://localhost{proposal}"})  # fmt: skip
    waiting = await ana.see("/voice")
    assert "Waits to be recorded" in waiting
    assert any("You agreed: A bench Old people could rest" in one for one in items(waiting))
    await vilnius.pass_time(days=1)
    mine = items(await ben.see("/voice"))
    argued = next(one for one in mine if one.startswith("You argued for it: A bench"))
    assert "Old people could rest there." in argued
    assert "1 agrees · 1 answer" in argued
    supported = next(one for one in mine if one.startswith("You supported: A bench"))
    assert "It found enough support and is discussed" in supported
    assert "vouched for by the node" in supported
    assert "Waits to be recorded" not in await ana.see("/voice")
    assert any("You agreed" in one and "1 agrees" in one for one in items(await ana.see("/voice")))
    # Nobody sees the acts of others.
    assert not any("You argued" in one for one in items(await ana.see("/voice")))


async def test_votes_tell_the_outcome_and_how_many_agreed(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    ana, ben, eva = people
    proposal = await proposed(ana, path, "A bench")
    for one in people[:2]:
        await one.send(proposal, "/support")
    for _ in range(60):
        if 'action="' + proposal + '/vote"' in await ana.see(proposal):
            break
        await vilnius.pass_time(days=1)
    await ana.send(proposal, "/vote", vote="1")
    await ben.send(proposal, "/vote", vote="1")
    await eva.send(proposal, "/vote", vote="-1")
    assert any("You voted yes" in one for one in items(await ana.see("/voice")))
    for _ in range(60):
        if "Decided: yes" in await ana.see(proposal):
            break
        await vilnius.pass_time(days=1)
    mine = next(one for one in items(await ana.see("/voice")) if "You voted yes" in one)
    assert "2 of 3 votes were like yours. Decided: yes. Yes 2, no 1." in mine
    other = next(one for one in items(await eva.see("/voice")) if "You voted no" in one)
    assert "1 of 3 votes was like yours." in other
    proposal_told = next(one for one in items(await ana.see("/voice")) if "You proposed" in one)
    assert "Decided: yes. Yes 2, no 1." in proposal_told


async def test_entries_receipts_and_reports_are_linked(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people)
    ana = people[0]
    await proposed(ana, path, "A bench")
    page = await ana.see("/voice")
    first = re.search(rf'href="({path}/record/\d+)/disown"', page)
    assert first is not None
    assert f'href="{first[1]}"' in page
    receipt = re.search(r'href="(/log/[0-9a-f]{64}/receipt/\d+\.tlog-proof)"', page)
    assert receipt is not None
    assert (await ana.client.get(receipt[1])).text.startswith("c2sp.org/tlog-proof@v1")
    await ana.send(f"{first[1]}/disown", "/disown")
    after = await ana.see("/voice")
    assert "Disowned" in after
    assert f'href="{first[1]}/disown"' not in after


async def test_pages_go_on_behind_the_last_act_and_chapters_can_be_chosen(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(6)]
    path = await vilnius.founded(*people[:3])
    other = await vilnius.founded(people[0], *people[3:5])
    ana = people[0]
    for number in range(25):
        await proposed(ana, path, f"Proposal {number}")
    await proposed(ana, other, "Elsewhere")
    seen: list[str] = []
    where, pages = "/voice", 0
    while where:
        page = await ana.see(where)
        seen += re.findall(r">Entry (\d+)</a>", page)
        older = re.search(r'rel="next" href="([^"]+)"', page)
        where, pages = (older[1].replace("&amp;", "&") if older else ""), pages + 1
    told = [one for number in range(25) for one in [f"Proposal {number}"]]
    assert pages == 2
    assert len(seen) == len(told) + 1 + 2 * 3
    page = await ana.see(f"/voice?chapter={other.removeprefix('/c/')}")
    assert "Elsewhere" in page
    assert "Proposal 24" not in page
    await ana.see(f"/voice?chapter={'0' * 64}", 404)
    await people[5].see(f"/voice?chapter={other.removeprefix('/c/')}", 404)
    assert "You are in no chapter yet" in await people[5].see("/voice")
    assert (await ana.client.get("/voice?before=1.x.2")).status_code == 200
    assert (await ana.client.get(f"/voice?before={2**40}.1.2")).status_code == 200
    await costs(ana, "/voice")
    await costs(ana, f"/voice?chapter={path.removeprefix('/c/')}")


async def test_who_is_not_signed_in_is_led_there(vilnius: Town) -> None:
    answer = await vilnius.stranger().client.get("/voice")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=/voice"
