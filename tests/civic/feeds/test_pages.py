"""Feeds move once a tick, tell a closed chapter's matters to members alone, and can be ended."""

import re

import httpx
import pytest
from nacl.signing import SigningKey
from sqlalchemy import func, select

from chapters.keys.rules import NOTICE
from civic.feeds.addresses import feed_address
from civic.kernel.database import reading
from tests.civic.feeds.parsers import read_atom, read_calendar
from tests.civic.pages.test_outsiders import open_chapter, proposed
from tests.returning import ask, confirm, member_of
from tests.town import Town, Visitor


async def titles(visitor: Visitor, path: str) -> list[str]:
    answer = await visitor.client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    return [one["title"] for one in read_atom(answer.content)[1]]


async def dates(visitor: Visitor, path: str) -> list[str]:
    answer = await visitor.client.get(path)
    assert answer.status_code == 200, (path, answer.text)
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    return [one["SUMMARY"] for one in read_calendar(answer.content)]


async def asked(visitor: Visitor, path: str, tag: str = "") -> httpx.Response:
    return await visitor.client.get(path, headers={"if-none-match": tag} if tag else {})


async def test_a_public_chapter_is_followed_once_a_tick(vilnius: Town) -> None:
    path, (ana, ben, eva) = await open_chapter(vilnius, "world")
    out = vilnius.stranger()
    feed, calendar = f"{path}/feed.atom", f"{path}/calendar.ics"
    assert (await asked(out, feed)).status_code == 404
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    assert await titles(out, feed) == []
    await vilnius.pass_time(minutes=1)
    proposal = await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=8)
    # Members are told no earlier than everybody.
    for visitor in (out, ana):
        assert await titles(visitor, feed) == []
        assert await dates(visitor, calendar) == []
    await vilnius.pass_time(minutes=1)
    assert await titles(out, feed) == ["Gathering support: A garden"]
    assert await dates(out, calendar) == ["The time for it ends: A garden"]

    for visitor in (ben, eva):
        await visitor.send(proposal, "/support")
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    assert await dates(out, calendar) == ["The vote opens: A garden"]
    await vilnius.pass_time(days=1)
    await vilnius.pass_time(minutes=10)
    assert await dates(out, calendar) == ["The vote closes: A garden"]
    await ana.send(proposal, "/vote", vote="1")
    await ben.send(proposal, "/vote", vote="1")
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    assert (await titles(out, feed))[0] == "Decided: yes: A garden"
    assert await dates(out, calendar) == ["Decided: yes: A garden"]
    found = read_atom((await asked(out, feed)).content)[1]
    assert [one["phase"] for one in found] == [
        "decided",
        "vote",
        "notice",
        "discussion",
        "support",
    ]
    assert "2 of 3 took part." in found[0]["summary"]
    assert {one["href"] for one in found} == {f"http://localhost{proposal}"}


async def test_what_is_unchanged_is_not_sent_again(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    for form in ("feed.atom", "calendar.ics"):
        first = await asked(out, f"{path}/{form}")
        assert first.headers["cache-control"] == "private, no-cache"
        assert "accept-language" in first.headers["vary"]
        again = await asked(out, f"{path}/{form}", first.headers["etag"])
        assert again.status_code == 304
        assert again.content == b""
        other = await asked(out, f"{path}/{form}?lang=ru", first.headers["etag"])
        assert other.status_code == 200
        by_header = await out.client.get(f"{path}/{form}", headers={"accept-language": "ru"})
        assert by_header.headers["etag"] != first.headers["etag"]


async def test_a_calendar_names_the_zone_that_the_bylaws_name(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, zone="Europe/Vilnius")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    answer = await asked(vilnius.stranger(), f"{path}/calendar.ics")
    assert read_calendar(answer.content) == []
    assert answer.text.count("\r\nX-WR-TIMEZONE:Europe/Vilnius\r\n") == 1


async def test_erased_titles_are_gone_at_once(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    proposal = await proposed(ana, path, "My secret tomatoes")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    before = await asked(out, f"{path}/feed.atom")
    assert "My secret tomatoes" in before.text
    await ana.send(f"{proposal}/erase?of={proposal.rpartition('/')[2]}", "/erase")
    after = await asked(out, f"{path}/feed.atom", before.headers["etag"])
    assert after.status_code == 200
    assert "tomatoes" not in after.text
    assert "An erased title" in after.text
    # Who had it erased, and when, outsiders learn with the tick, as of everything.
    told = "Their author had these words erased on"
    assert told not in after.text
    await vilnius.pass_time(minutes=10)
    await vilnius.pass_time(minutes=10)
    assert told in (await asked(out, f"{path}/feed.atom")).text
    assert told in await out.see(f"{path}/proposals")


async def secret(vilnius: Town, member: Visitor, path: str) -> tuple[str, str]:
    await vilnius.stepped_up(member)
    page = await member.send(f"{path}/feeds", "/feeds")
    found = re.findall(r"<code>http://localhost(/feeds/[\w-]{43}/[a-z.]+)\?lang=en</code>", page)
    assert len(found) == 2
    return found[0], found[1]


async def test_a_closed_chapter_is_followed_at_secret_addresses(vilnius: Town) -> None:
    path, (ana, ben, _eva) = await open_chapter(vilnius, "chapter")
    await proposed(ana, path, "A garden")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    assert await titles(out, f"{path}/feed.atom") == []
    assert await titles(ana, f"{path}/feed.atom") == []
    feed, calendar = await secret(vilnius, ben, path)
    assert await titles(out, feed) == ["Gathering support: A garden"]
    assert await dates(out, calendar) == ["The time for it ends: A garden"]
    answer = await asked(out, feed)
    own = feed.split("/")[2]
    assert own not in answer.text
    assert answer.headers["cache-control"] == "private, no-cache"
    assert (await asked(out, feed, answer.headers["etag"])).status_code == 304
    assert (await asked(out, feed.replace(own, "A" * 43))).status_code == 404

    # It is listed for its member alone, never shown again, and ended at once.
    page = await ben.see(f"{path}/feeds")
    assert own not in page
    assert page.count("/feeds/end") == 1
    assert "/feeds/end" not in await ana.see(f"{path}/feeds")
    stolen = re.search(r'name="address" value="([0-9a-f]{64})"', page)
    assert stolen is not None
    await ana.client.post(f"{path}/feeds/end", data={"address": stolen[1], "key": "k" * 32})
    assert (await asked(out, feed)).status_code == 200
    await ben.send(f"{path}/feeds", "/feeds/end")
    assert (await asked(out, feed)).status_code == 404


async def test_an_address_ends_with_the_membership_and_with_its_year(vilnius: Town) -> None:
    path, (ana, ben, _eva) = await open_chapter(vilnius, "chapter")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    of_ana, _calendar = await secret(vilnius, ana, path)
    of_ben, _calendar = await secret(vilnius, ben, path)
    await ben.send(f"{path}/people/leave", "/people/leave")
    assert (await asked(out, of_ben)).status_code == 404
    assert (await asked(out, of_ana)).status_code == 200
    await vilnius.pass_time(days=366)
    assert (await asked(out, of_ana)).status_code == 404


@pytest.mark.parametrize("by", ["exit", "page", "program", "deletion"])
async def test_addresses_end_where_their_member_signs_out_everywhere(
    vilnius: Town, by: str
) -> None:
    path, (ana, ben, _eva) = await open_chapter(vilnius, "chapter")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    of_ana, _calendar = await secret(vilnius, ana, path)
    of_ben, calendar = await secret(vilnius, ben, path)
    assert (await asked(out, calendar)).status_code == 200
    await vilnius.stepped_up(ben)
    token = ben.client.cookies["civic"]
    match by:
        case "exit":
            await ben.client.post("/panic")
        case "page":
            await ben.client.post("/account/sign-out-everywhere")
        case "program":
            bearer = {"authorization": f"Bearer {token}"}
            assert (await out.client.delete("/api/v1/sessions", headers=bearer)).status_code == 204
        case _:
            await ben.send("/account/delete", "/account/delete", words="keep", sure="yes")
    for address in (of_ben, calendar):
        assert (await asked(out, address)).status_code == 404
    assert (await asked(out, of_ana)).status_code == 200
    async with reading(vilnius.node.engine) as db:
        assert await db.scalar(select(func.count()).select_from(feed_address)) == 1


async def test_an_address_ends_when_another_account_comes_to_hold_the_member(vilnius: Town) -> None:
    path, (ana, ben, eva) = await open_chapter(vilnius, "chapter")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out, new = vilnius.stranger(), await vilnius.person()
    of_old, _calendar = await secret(vilnius, ana, path)
    await ask(vilnius, new, path, await member_of(vilnius, ana, path), SigningKey.generate())
    await confirm(vilnius, path, ben, eva)
    assert (await asked(out, of_old)).status_code == 200
    await vilnius.pass_time(minutes=NOTICE + 10)
    assert (await asked(out, of_old)).status_code == 404
    of_new, _calendar = await secret(vilnius, new, path)
    assert (await asked(out, of_new)).status_code == 200


async def test_a_form_that_is_sent_twice_makes_one_address(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "chapter")
    await vilnius.stepped_up(ana)
    pages = [await ana.client.post(f"{path}/feeds", data={"key": "k" * 32}) for _ in range(2)]
    made = [re.findall(r"/feeds/([\w-]{43})/", one.text) for one in pages]
    assert made[0] == made[1] != []
    assert pages[1].text.count("/feeds/end") == 1
    for number in range(5):
        last = await ana.client.post(f"{path}/feeds", data={"key": f"{number}" * 32})
    assert last.status_code == 422
    assert "You have enough secret addresses" in last.text


async def test_nobody_else_makes_one(vilnius: Town) -> None:
    path, _people = await open_chapter(vilnius, "chapter")
    stranger = await vilnius.person()
    await vilnius.stepped_up(stranger)
    assert (await stranger.client.post(f"{path}/feeds", data={"key": "k" * 32})).status_code == 403
    assert (await vilnius.stranger().client.get(f"{path}/feeds")).status_code == 303
