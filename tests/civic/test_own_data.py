"""A copy of one's data names everything in one's chapters, of oneself alone, and no keys."""

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest

from civic.kernel.database import reading
from civic.own_data import of_chapters
from identity import sessions
from identity.own_data import JSON, PAGE, open_copy
from tests.civic.pages.test_levels import shown, village, vouch
from tests.town import Town, Visitor, form_of, hidden_of, town

TYPED = "nine lanterns over a cold harbour"


async def gathered(opened: Town, visitor: Visitor) -> dict[str, Any]:
    async with reading(opened.node.engine) as db:
        token = visitor.client.cookies["civic"]
        me = await sessions.load(db, token, opened.clock.now())
    assert me is not None
    return {part.key: part.rows for part in await of_chapters(opened.node, me)}


async def test_what_was_said_is_in_the_copy_of_who_said_it(database_url: str, data: Path) -> None:
    async with town(database_url, data) as opened:
        ana, ben, eva = [await opened.person() for _ in range(3)]
        path = await opened.founded(ana, ben, eva)
        await ana.send(f"{path}/propose/question", "/propose/question",
                       title="Later hours", text="Open until nine.", lang="en")  # fmt: skip
        matter = ana.path.rpartition("/")[2]
        for one in (ben, eva):
            await one.send(ana.path, "/support")
        await opened.pass_time(minutes=61)
        await ben.send(f"{ana.path}/comment", "/comment", words="Who locks the door?")
        await ben.send(f"{path}/you", "/people/name", name="Benas")

        mine, hers = await gathered(opened, ben), await gathered(opened, ana)
        chapter = path.removeprefix("/c/")
        assert [one["chapter"] for one in mine["members"]] == [chapter]
        assert mine["members"][0]["display_name"] == "Benas"
        assert mine["members"][0]["level"] == 2
        said = {one["kind"]: one for one in mine["entries"]}
        assert said["deliberation.commented"]["words"] == ["Who locks the door?"]
        assert said["deliberation.commented"]["matter"] == matter
        assert "deliberation.proposed" not in said
        assert {one["kind"]: one["words"] for one in hers["entries"]}["deliberation.proposed"] == [
            "Later hours",
            "Open until nine.",
        ]
        voices = [one["id"] for one in mine["ids"] if one["as"] == "voice"]
        assert len(voices) == 1
        assert voices[0] not in {one["id"] for one in hers["ids"]}
        assert [one["role"] for one in hers["offices"]]
        written = msgspec.json.encode(mine)
        for secret in (b"seed", b"wrapped", b"private"):
            assert secret not in written

        await opened.stepped_up(ben)
        await ben.send("/account/export", "/account/export")
        await opened.pass_time(days=2)
        await opened.stepped_up(ben)
        form = form_of(await ben.see("/account/export"), "/account/export/fetch")
        sent = hidden_of(form) | {"passphrase": TYPED, "repeated": TYPED}
        got = await ben.client.post("/account/export/fetch", data=sent)
        assert got.status_code == 200
        files = open_copy(got.content, TYPED)
        assert (
            msgspec.json.decode(files[JSON])["entries"] == msgspec.json.decode(written)["entries"]
        )
        assert "Who locks the door?" in files[PAGE].decode()


async def test_what_waits_is_in_the_copy_and_says_no_more_than_one_may_know(
    database_url: str, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Who shows a code has two ways to sign in; people of a test have none.
    monkeypatch.setattr("civic.pages.levels.AUTHENTICATORS", 0)
    async with town(database_url, data) as opened:
        path, people = await village(opened)
        ann, ben, fox = people[0], people[1], people[5]
        invited = await opened.person()
        await opened.join(ann, invited, path)
        await ann.send(f"{path}/people", "/people/invite")
        await vouch(ann, path, await shown(fox, path))

        given = await gathered(opened, ann)
        used = [one["used"] is not None for one in given["invitations"]]
        assert used.count(True) >= 1
        assert used.count(False) == 1
        vouched = [one for one in given["waiting"] if one.get("by_you") == "vouch"]
        assert len(vouched) == 1
        got = await gathered(opened, fox)
        assert got["members"][0]["member"] == vouched[0]["says"]["member"]
        assert got["waiting"] == [{"chapter": path[3:], "about_you": "vouch", "number": 1}]
        # Who vouched is theirs to say, and what opens an invitation nobody's to copy.
        assert given["members"][0]["member"].encode() not in msgspec.json.encode(got)
        assert set(given["invitations"][0]) == {"chapter", "id", "until", "used"}
        nothing = await gathered(opened, ben)
        assert nothing["waiting"] == []
        assert nothing["invitations"] == []


async def test_what_lies_in_boxes_is_in_the_copy_but_no_vote(database_url: str, data: Path) -> None:
    async with town(database_url, data) as opened:
        people = [await opened.person() for _ in range(4)]
        path = await opened.founded(*people[:3], template="town")
        await opened.join(people[0], people[3], path)
        ana, *others = people
        await ana.send(
            f"{path}/propose/options", "/propose/options",
            title="Where do we meet?", text="Choose.", lang="en", options="Café\nLibrary",
        )  # fmt: skip
        proposal, matter = ana.path, ana.path.rpartition("/")[2]
        for one in others:
            await one.send(proposal, "/support")
        await others[0].send(f"{proposal}/argue/for", "/argue/for", words="It is warm.")
        argument = re.search(r'id="w-([a-z2-7]{26})"', await ana.see(proposal))
        assert argument is not None
        await ana.send(proposal, "/react", to=f"{argument[1]}:agree")
        mine = await gathered(opened, ana)
        row = next(one["id"] for one in mine["ids"] if one["as"] == "row")
        box = {"chapter": path[3:], "matter": matter, "subject": argument[1], "id": row}
        assert mine["boxes"] == [{**box, "reaction": 1}]
        assert (await gathered(opened, others[0]))["boxes"] == []
        await opened.pass_time(days=7)
        await opened.pass_time(days=1)
        await ana.send(proposal, "/vote", vote=["1"])
        waiting = (await gathered(opened, ana))["boxes"]
        assert [(one["matter"], one["vote"]) for one in waiting] == [(matter, "waits")]
        assert not {"value", "reaction"} & set(waiting[0])
