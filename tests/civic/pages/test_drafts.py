"""Half-written texts: kept on the node where their person wants it, back in the form, then gone."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from civic.kernel.database import reading, writing
from identity import drafts, sessions
from identity.sessions import SignedIn
from identity.tables import draft
from tests.town import Town, Visitor, form_of, hidden_of, new_key, offered, town

WORDS = "Who locks the door?\n\nNot I, & not <you>."


@pytest.fixture
async def vilnius(database_url: str, data: Path) -> AsyncIterator[Town]:
    async with town(database_url, data) as opened:
        yield opened


async def people(vilnius: Town) -> tuple[list[Visitor], str, str]:
    three = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*three)
    await three[0].send(f"{path}/propose/question", "/propose/question",
                        title="Later hours", text="Open until nine.", lang="en")  # fmt: skip
    return three, path, three[0].path


async def known(vilnius: Town, visitor: Visitor) -> SignedIn:
    async with reading(vilnius.node.engine) as db:
        token = visitor.client.cookies["civic"]
        found = await sessions.load(db, token, vilnius.clock.now())
    assert found is not None
    return found


async def keep(visitor: Visitor, path: str, **fields: str) -> str:
    """Write into a form and press the button that keeps it."""
    page = await visitor.see(path)
    form = form_of(page, path.partition("?")[0])
    assert "Keep as a draft" in form
    to = {"draft-to": path.partition("?")[0]}
    sent = await visitor.client.post(
        "/account/drafts", data=hidden_of(form) | offered(form) | fields | to
    )
    assert sent.status_code == 303, sent.text
    assert sent.headers["location"] == to["draft-to"]
    return await visitor.see(path)


async def count(vilnius: Town) -> int:
    async with reading(vilnius.node.engine) as db:
        return await db.scalar(select(func.count()).select_from(draft)) or 0


async def test_a_draft_is_back_until_it_is_sent(vilnius: Town) -> None:
    (ana, ben, _eva), _path, matter = await people(vilnius)
    page = await keep(ben, f"{matter}/comment", words=WORDS)
    assert "Kept as a draft until Wed 1 Apr 2026" in page
    assert "Who locks the door?\n\nNot I, &amp; not &lt;you&gt;." in page
    assert 'data-draft="kept"' in page
    assert "Who locks" not in await ana.see(f"{matter}/comment")
    assert "Who locks" not in await ben.see(f"{matter}/argue/for")
    listed = await ben.see("/account/drafts")
    assert "Who locks the door?" in listed
    assert f'href="{matter}/comment"' in listed
    await keep(ben, f"{matter}/comment", words="Shorter.")
    assert await count(vilnius) == 1
    refused = await ben.send(f"{matter}/comment", "/comment", words="", status=422)
    assert "Enter what you want to say" in refused
    assert await count(vilnius) == 1
    await ben.send(f"{matter}/comment", "/comment", words="Shorter.")
    assert await count(vilnius) == 0
    assert "Shorter." not in await ben.see(f"{matter}/comment")


async def test_every_long_form_offers_it(vilnius: Town) -> None:
    (ana, ben, _eva), path, matter = await people(vilnius)
    for kind in ("question", "options", "bylaws?rule=quorum"):
        page = await keep(ana, f"{path}/propose/{kind}", title=f"About {kind}")
        assert f'value="About {kind}"' in page
    assert "One reason." in await keep(ben, f"{matter}/argue/for", words="One reason.")
    assert await count(vilnius) == 4
    await ana.send(f"{path}/propose/question", "/propose/question",
                   title="About question", text="Why not?", lang="en")  # fmt: skip
    assert await count(vilnius) == 3


async def test_the_database_tells_nothing_of_it(vilnius: Town) -> None:
    (_ana, ben, _eva), path, matter = await people(vilnius)
    await keep(ben, f"{matter}/comment", words="One word")
    await keep(ben, f"{path}/propose/question", title="A title", text="Some words " * 200)
    async with reading(vilnius.node.engine) as db:
        rows = (await db.execute(select(draft))).all()
    assert len({len(row.sealed) for row in rows}) == 1
    for row in rows:
        assert b"word" not in row.sealed
        assert matter.encode() not in row.sealed + row.key


async def test_it_is_thrown_away_or_ends_after_thirty_days(vilnius: Town) -> None:
    (_ana, ben, _eva), _path, matter = await people(vilnius)
    me = await known(vilnius, ben)
    await keep(ben, f"{matter}/comment", words=WORDS)
    place = {"key": new_key(), "place": f"{matter}/comment"}
    assert (await ben.client.post("/account/drafts/drop", data=place)).status_code == 303
    assert await count(vilnius) == 0
    await keep(ben, f"{matter}/comment", words=WORDS)
    for days, left in ((drafts.DAYS, 1), (1, 0)):
        vilnius.clock.advance(timedelta(days=days))
        async with writing(vilnius.node.engine) as db:
            await drafts.sweep(db, vilnius.clock.now())
        assert await count(vilnius) == left
    async with writing(vilnius.node.engine) as db:
        for number in range(drafts.MOST):
            await drafts.keep(db, me, f"/c/{number}", [("words", "x")], vilnius.clock.now())
    with pytest.raises(drafts.TooMany):
        async with writing(vilnius.node.engine) as db:
            await drafts.keep(db, me, "/c/more", [("words", "x")], vilnius.clock.now())


@pytest.mark.parametrize("to", ["", "/account/delete", "//evil.example", "/c/none/here/at/all"])
async def test_only_forms_of_chapters_are_kept(vilnius: Town, to: str) -> None:
    ben = await vilnius.person()
    sent = {"key": new_key(), "draft-to": to, "words": WORDS, "passphrase": "x"}
    assert (await ben.client.post("/account/drafts", data=sent)).status_code == 404
    assert await count(vilnius) == 0


async def test_a_reply_is_a_draft_of_its_own(vilnius: Town) -> None:
    (_ana, ben, _eva), _path, matter = await people(vilnius)
    me = await known(vilnius, ben)
    to, on = f"{matter}/comment", "a" * 26
    async with writing(vilnius.node.engine) as db:
        now = vilnius.clock.now()
        await drafts.keep(db, me, to, [("words", "A reply."), ("on", on)], now)
    async with reading(vilnius.node.engine) as db:
        today = vilnius.clock.now().date()
        assert await drafts.find(db, me, drafts.place_of(to), today) is None
        found = await drafts.find(db, me, drafts.place_of(to, on), today)
    assert found is not None
    assert "A reply" not in repr(found)
    assert "A reply." not in await ben.see(to)
    assert f'href="{to}?on={on}"' in await ben.see("/account/drafts")
