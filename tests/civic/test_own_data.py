"""A copy of one's data names everything in one's chapters, of oneself alone, and no keys."""

from pathlib import Path
from typing import Any

import msgspec

from civic.kernel.database import reading
from civic.own_data import of_chapters
from identity import sessions
from identity.own_data import JSON, PAGE, open_copy
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
        await ben.send(f"{path}/people", "/people/name", name="Benas")

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
