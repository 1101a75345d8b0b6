"""Reports, hidden words, appeals and what the public list says of them, as people see it."""

import re

import pytest
from sqlalchemy import text

from civic.kernel.database import reading
from tests.civic.pages.test_budget import costs
from tests.civic.pages.test_home import part
from tests.civic.pages.test_outsiders import proposed
from tests.town import Town, Visitor, form_of, hidden_of

WORDS = "Everybody knows who took it."


async def unkind(vilnius: Town) -> tuple[str, str, str, list[Visitor]]:
    """A chapter of six in which the last one said something: chapter, proposal, its id."""
    people = [await vilnius.person() for _ in range(5)]
    path = await vilnius.founded(*people, template="town")
    proposal = await proposed(people[0], path, "A bench")
    await people[4].send(f"{proposal}/comment", "/comment", words=WORDS)
    said = re.search(r'id="w-([a-z2-7]{26})"', await people[4].see(proposal))
    assert said is not None
    return path, proposal, said[1], people


async def hide(one: Visitor, proposal: str, said: str, reason: str = "No accusations.") -> str:
    return await one.send(f"{proposal}/moderate?of={said}", "/moderate", how="hide", reason=reason)


def hiding_of(page: str) -> str:
    found = re.search(r'id="h-([a-z2-7]{26})"', page)
    assert found is not None
    return found[1]


async def test_hidden_words_say_why_and_come_back_on_appeal(vilnius: Town) -> None:
    path, proposal, said, people = await unkind(vilnius)
    lead, author = people[0], people[4]
    page = await hide(lead, proposal, said)
    assert WORDS not in page
    for one in (author, people[1]):
        page = await one.see(proposal)
        assert WORDS not in page
        assert "No accusations." in page
        assert "Their author can appeal until" in page
        assert WORDS not in await one.see(f"{proposal}/w/{said}")
    assert ">Appeal</a>" in await author.see(proposal)
    assert ">Appeal</a>" not in await people[1].see(proposal)
    assert "These words are hidden." in await author.see("/voice")
    moderation = await people[1].see(f"{path}/moderation")
    hiding = hiding_of(moderation)
    assert "No accusations." in moderation
    await people[1].see(f"{path}/moderation/{hiding}/appeal", 404)
    appeal = f"{path}/moderation/{hiding}/appeal"
    assert "Words of yours are hidden" in await author.see(appeal)
    await author.send(appeal, appeal, appeal="It is what the minutes say.", lang="en")
    assert "It is what the minutes say." in await people[1].see(f"{path}/moderation")
    await vilnius.pass_time(days=8)
    assert WORDS in await people[1].see(proposal)
    assert "no two others upheld it" in await people[1].see(f"{path}/moderation")
    await vilnius.stepped_up(lead)
    refused = await lead.send(
        f"{proposal}/moderate?of={said}", "/moderate", 422, how="hide", reason="Again."
    )
    assert "came back on appeal" in refused


async def test_two_others_judge_and_what_stays_hidden_can_be_erased(vilnius: Town) -> None:
    path, proposal, said, people = await unkind(vilnius)
    lead, author = people[0], people[4]
    await hide(lead, proposal, said)
    hiding = hiding_of(await lead.see(f"{path}/moderation"))
    appeal = f"{path}/moderation/{hiding}/appeal"
    await author.send(appeal, appeal, appeal="It is true.", lang="en")
    assert "/judge" not in await lead.see(f"{path}/moderation")
    judged = 0
    for one in people[1:4]:
        await vilnius.stepped_up(one)
        page = await one.see(f"{path}/moderation")
        if "/judge" not in page:
            continue
        fields = hidden_of(form_of(page, "/judge")) | {"show": "no"}
        answer = await one.client.post(
            f"{path}/moderation/{hiding}/judge",
            data=fields,
            headers={"referer": f"http://localhost{path}/moderation"},
        )
        judged += answer.status_code == 303
        if judged == 2:
            break
    assert judged == 2
    assert "two others in office upheld it" in await author.see(f"{path}/moderation")
    await vilnius.stepped_up(lead)
    page = await lead.see(f"{proposal}/moderate?of={said}")
    assert 'value="settled"' in page
    assert 'value="hide"' not in page
    await lead.send(
        f"{proposal}/moderate?of={said}", "/moderate", how="settled", reason="It is settled."
    )
    assert "These words were erased in office on" in await author.see(proposal)
    async with reading(vilnius.node.engine) as db:
        kept = await db.scalar(text("SELECT count(*) FROM record.content WHERE hidden IS NOT NULL"))
    assert kept == 0


async def test_reports_reach_those_in_office_and_nobody_else(vilnius: Town) -> None:
    path, proposal, said, people = await unkind(vilnius)
    lead, teller = people[0], people[1]
    page = f"{proposal}/report?of={said}"
    after = await teller.send(page, "/report", reason="It accuses somebody.")
    assert "Those in office see it now" in after
    desk = await lead.see(f"{path}/moderation")
    assert "It accuses somebody." in desk
    assert WORDS in desk
    assert "1 report" in await lead.see(f"{path}/desk")
    assert "It accuses somebody." not in await people[4].see(f"{path}/moderation")
    assert "It accuses somebody." not in await people[4].see(f"{path}/record")
    await teller.send(page, "/report", reason="It accuses somebody without proof.")
    desk = await lead.see(f"{path}/moderation")
    assert "It accuses somebody." not in desk
    assert "1 member says:" in desk
    await vilnius.stepped_up(lead)
    await lead.send(f"{path}/moderation", "/moderation/leave")
    assert "Nothing is reported." in await lead.see(f"{path}/moderation")
    assert WORDS in await lead.see(proposal)
    await teller.send(page, "/report", reason="It accuses somebody.")
    await vilnius.stepped_up(lead)
    await hide(lead, proposal, said)
    assert "Nothing is reported." in await lead.see(f"{path}/moderation")


async def test_nobody_reports_without_end_and_old_reports_go(vilnius: Town) -> None:
    _path, proposal, _said, people = await unkind(vilnius)
    teller = people[1]
    for number in range(11):
        await people[4].send(f"{proposal}/comment", "/comment", words=f"More {number}")
    ids = re.findall(r'id="w-([a-z2-7]{26})"', await teller.see(proposal))
    for number, one in enumerate(ids[:11]):
        status = 200 if number < 10 else 422
        page = await teller.send(f"{proposal}/report?of={one}", "/report", status, reason="No.")
    assert "You reported much today" in page
    await vilnius.pass_time(days=1)
    await teller.send(f"{proposal}/report?of={ids[10]}", "/report", reason="No.")
    async with reading(vilnius.node.engine) as db:
        assert await db.scalar(text("SELECT count(*) FROM private.report")) == 11
    await vilnius.pass_time(days=32)
    async with reading(vilnius.node.engine) as db:
        assert await db.scalar(text("SELECT count(*) FROM private.report")) == 0


async def test_outsiders_learn_with_the_tick_and_words_are_gone_at_once(vilnius: Town) -> None:
    path, proposal, said, people = await unkind(vilnius)
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    stranger = vilnius.stranger()
    assert WORDS in await stranger.see(proposal)
    digest = await _digest(vilnius)
    log = re.search(r"/log/([0-9a-f]{64})/", await people[0].see(f"{path}/record/0"))
    assert log is not None
    where = f"/log/{log[1]}/content/{digest}"
    assert (await stranger.client.get(where)).status_code == 200
    await vilnius.stepped_up(people[0])
    await hide(people[0], proposal, said)
    page = await stranger.see(proposal)
    assert WORDS not in page
    assert "No accusations." not in page
    answer = await stranger.client.get(where)
    assert answer.status_code == 410
    assert answer.json()["type"] == "/problems/web.hidden"
    assert "No words were hidden here." in await stranger.see(f"{path}/moderation")
    await vilnius.pass_time(minutes=10)
    await vilnius.pass_time(minutes=10)
    assert "No accusations." in await stranger.see(proposal)
    assert "No accusations." in await stranger.see(f"{path}/moderation")


async def _digest(vilnius: Town) -> str:
    async with reading(vilnius.node.engine) as db:
        found = await db.scalar(
            text("SELECT words FROM view.statement ORDER BY entry DESC LIMIT 1")
        )
    assert isinstance(found, bytes)
    return found.hex()


async def test_authors_are_told_on_their_start_page_and_pages_keep_to_their_budget(
    vilnius: Town,
) -> None:
    path, proposal, said, people = await unkind(vilnius)
    lead, author = people[0], people[4]
    await author.send(f"{proposal}/report", "/report", reason="Too short.")
    await hide(lead, proposal, said)
    told = part(await author.see("/"), "needs")
    assert "Words of yours are hidden" in told
    href = re.search(r'href="(/c/[^"]+/appeal)"', told)
    assert href is not None
    assert "deadline-when" in told
    for one in people[:4]:
        assert "hidden" not in part(await one.see("/"), "needs")
    for one in (author, lead):
        await costs(one, "/")
    await vilnius.stepped_up(lead)
    for page in (f"{path}/moderation", proposal, f"{proposal}/moderate?of={said}", f"{path}/desk"):
        await costs(lead, page)
    for page in (f"{path}/moderation", href[1], f"{proposal}/report", proposal, "/voice"):
        await costs(author, page)
    await author.send(href[1], href[1], appeal="It is true.", lang="en")
    assert "two others in office judge" in part(await author.see("/"), "needs")
    assert "1 appeal for hidden words" not in part(await lead.see("/"), "needs")
    for one in people[1:3]:
        told = part(await one.see("/"), "needs")
        assert "1 appeal for hidden words waits for your judgement." in told
        assert f'href="{path}/moderation"' in told
        await costs(one, "/")
    await vilnius.stepped_up(people[1])
    await people[1].send(f"{path}/moderation", "/judge", show="yes")
    assert "appeal for hidden words" not in part(await people[1].see("/"), "needs")
    assert "appeal for hidden words" in part(await people[2].see("/"), "needs")


async def test_judges_see_every_appeal_however_much_was_hidden_since(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("deliberation.moderation.queries.PAGE", 1)
    path, proposal, said, people = await unkind(vilnius)
    lead, author = people[0], people[4]
    await hide(lead, proposal, said)
    hiding = hiding_of(await lead.see(f"{path}/moderation"))
    appeal = f"{path}/moderation/{hiding}/appeal"
    await author.send(appeal, appeal, appeal="It is true.", lang="en")
    await author.send(f"{proposal}/comment", "/comment", words="And he knows it.")
    ids = re.findall(r'id="w-([a-z2-7]{26})"', await author.see(proposal))
    await vilnius.stepped_up(lead)
    await hide(lead, proposal, next(one for one in ids if one != said))
    page = await people[1].see(f"{path}/moderation")
    assert f'href="#h-{hiding}"' in page
    assert page.count(f'id="h-{hiding}"') == 1
    assert f"/moderation/{hiding}/judge" in page
    await vilnius.stepped_up(lead)
    for one in (lead, people[1]):
        await costs(one, f"{path}/moderation")
    page = await author.see(f"{path}/moderation")
    assert hiding not in page
    older = re.search(r'href="([^"]+/moderation\?before=[0-9]+)"', page)
    assert older is not None
    assert hiding in await author.see(older[1])


async def test_authors_have_erased_what_they_said_in_an_appeal(vilnius: Town) -> None:
    path, proposal, said, people = await unkind(vilnius)
    lead, author = people[0], people[4]
    await hide(lead, proposal, said)
    appeal = f"{path}/moderation/{hiding_of(await lead.see(f'{path}/moderation'))}/appeal"
    await author.send(appeal, appeal, appeal="My brother saw it.", lang="en")
    assert f'href="{appeal}"' in await author.see("/voice")
    fields = hidden_of(form_of(await author.see(appeal), "/erase"))
    for one in (lead, people[1]):
        await one.see(appeal, 404)
        sent = await one.client.post(
            f"{proposal}/erase", data=fields, headers={"referer": f"http://localhost{proposal}"}
        )
        assert "My brother saw it." in await one.see(f"{path}/moderation"), sent
    await author.send(appeal, f"{proposal}/erase")
    for one in (author, people[1]):
        page = await one.see(f"{path}/moderation")
        assert "My brother saw it." not in page
        assert "It was erased." in page
    assert "/erase" not in await author.see(appeal)


async def test_words_that_are_hidden_already_are_not_hidden_again(vilnius: Town) -> None:
    _path, proposal, _said, people = await unkind(vilnius)
    lead, own = people[0], proposal.rpartition("/")[2]
    await hide(lead, proposal, own)
    page = await lead.see(f"{proposal}/moderate")
    fields = hidden_of(form_of(page, "/moderate")) | {"how": "hide", "reason": "Again."}
    answer = await lead.client.post(
        f"{proposal}/moderate", data=fields, headers={"referer": f"http://localhost{proposal}"}
    )
    assert answer.status_code == 422
    assert "These words are hidden already" in answer.text


async def test_when_words_were_erased_outsiders_learn_with_the_tick(vilnius: Town) -> None:
    path, proposal, _said, people = await unkind(vilnius)
    lead = people[0]
    await people[4].send(f"{proposal}/argue/for", "/argue/for", words="We need rest.")
    said = re.findall(r'id="w-([a-z2-7]{26})"', await lead.see(proposal))[0]
    reply = f"{proposal}/comment?on={said}"
    await people[3].send(reply, "/comment", words="She lives in Garden Street.")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    stranger = vilnius.stranger()
    thread, version = f"{proposal}/w/{said}", f"{proposal}/versions/1"
    page = await stranger.see(thread)
    assert "Garden Street" in page
    replies = re.findall(r'id="w-([a-z2-7]{26})"', page)
    await vilnius.stepped_up(lead)
    await lead.send(
        f"{proposal}/moderate?of={replies[-1]}", "/moderate", how="safety", reason="An address."
    )
    await lead.send(f"{proposal}/erase", "/erase")
    for one in (thread, version):
        seen = await stranger.see(one)
        assert "Garden Street" not in seen
        assert "An address." not in seen
        assert "erased in office on" not in seen
        assert "had these words erased on" not in seen
    assert "An address." in await people[1].see(thread)
    assert "at once, since they endangered somebody" in await people[1].see(f"{path}/record")
    await vilnius.pass_time(minutes=10)
    await vilnius.pass_time(minutes=10)
    assert "An address." in await stranger.see(thread)
    assert "had these words erased on" in await stranger.see(version)
