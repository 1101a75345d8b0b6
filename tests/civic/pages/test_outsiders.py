"""What people outside a chapter see: once a tick, and of a closed chapter only what is theirs."""

import re

from tests.town import Town, Visitor


async def open_chapter(vilnius: Town, visibility: str) -> tuple[str, list[Visitor]]:
    people = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*people, visibility=visibility)
    return path, people


async def proposed(ana: Visitor, path: str, title: str) -> str:
    await ana.send(f"{path}/propose/question", "/propose/question",
                   title=title, text=f"{title}, please.", lang="en")  # fmt: skip
    return ana.path


async def test_nothing_of_a_tick_shows_before_it_is_over(vilnius: Town) -> None:
    path, (ana, ben, eva) = await open_chapter(vilnius, "world")
    out = vilnius.stranger()
    assert "This chapter is new" in await out.see(path)
    assert "Vilnius" not in await out.see("/")
    # Nine o'clock ends the first tick, whose length no bylaws have changed yet.
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    assert "3 members" in await out.see(f"{path}/people")
    assert "Vilnius" in await out.see("/")

    await vilnius.pass_time(minutes=1)
    proposal = await proposed(ana, path, "A garden")
    for minutes in (1, 3, 4):  # up to nine minutes past the start of the tick
        await vilnius.pass_time(minutes=minutes)
        assert "A garden" not in await out.see(path)
        assert "A garden" not in await out.see(f"{path}/proposals")
        await out.see(proposal, 404)
        assert "was proposed" not in await out.see(f"{path}/record")
    assert "A garden" in await ben.see(path)
    await vilnius.pass_time(minutes=1)
    assert "A garden" in await out.see(path)
    assert "A garden, please." in await out.see(proposal)
    assert "was proposed" in await out.see(f"{path}/record")

    # Within the next tick the view stands still again, whatever happens and however often.
    await ben.send(proposal, "/support")
    await vilnius.pass_time(minutes=1)
    assert "So far 0 do" in await out.see(proposal)
    await eva.send(proposal, "/support")
    await vilnius.pass_time(minutes=8)
    assert "So far 0 do" in await out.see(proposal)
    await vilnius.pass_time(minutes=1)
    assert "Discussion" in await out.see(proposal)


async def test_the_view_moves_at_the_start_of_a_tick_only(vilnius: Town) -> None:
    """What was done after the last job of a tick waits for the end of the next one."""
    path, (ana, _ben, _eva) = await open_chapter(vilnius, "world")
    out = vilnius.stranger()
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    await proposed(ana, path, "Late")
    await vilnius.pass_time(minutes=10)
    seen = "Late" in await out.see(path)
    for _ in range(9):
        await vilnius.pass_time(minutes=1)
        assert ("Late" in await out.see(path)) == seen
    await vilnius.pass_time(minutes=1)
    assert "Late" in await out.see(path)


async def test_erased_words_are_gone_at_once(vilnius: Town) -> None:
    path, (ana, ben, _eva) = await open_chapter(vilnius, "world")
    proposal = await proposed(ana, path, "A garden")
    await ben.send(f"{proposal}/argue/for", "/argue/for", words="My secret tomatoes")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    page = await out.see(proposal)
    assert "My secret tomatoes" in page
    said = re.search(r'id="w-([a-z2-7]{26})"', page)
    assert said is not None
    await ben.send(f"{proposal}/erase?of={said[1]}", "/erase")
    page = await out.see(proposal)
    assert "tomatoes" not in page
    assert "tomatoes" not in await out.see(f"{proposal}/w/{said[1]}")
    # That they were erased, the record tells outsiders when the tick is over.
    assert "The record says when" not in page
    await vilnius.pass_time(minutes=1)
    await vilnius.pass_time(minutes=10)
    assert "The record says when" in await out.see(proposal)


async def test_of_a_closed_chapter_only_what_is_for_everybody(vilnius: Town) -> None:
    path, (ana, ben, eva) = await open_chapter(vilnius, "chapter")
    await ana.send(f"{path}/you", "/people/name", name="Ana Example")
    early = await proposed(ana, path, "Never discussed")
    proposal = await proposed(ben, path, "A garden")
    await ben.send(f"{proposal}/argue/for", "/argue/for", words="Tomatoes of our own")
    await ana.send(proposal, "/support")
    await eva.send(proposal, "/support")
    await vilnius.pass_time(minutes=70)
    await vilnius.pass_time(minutes=10)
    out = vilnius.stranger()
    other = await vilnius.person()
    for visitor in (out, other):
        page = await visitor.see(path)
        assert "Lead" in page
        for hidden in ("Ana Example", "Never discussed", "A garden", "Tomatoes"):
            assert hidden not in page
        await visitor.see(proposal, 404)
        await visitor.see(early, 404)
        await visitor.see(f"{early}/entries", 404)
        record = await visitor.see(f"{path}/record")
        assert "The chapter was founded" in record
        assert "joined with an invitation" not in record
        await visitor.see(f"{path}/record/0")
        await visitor.see(f"{path}/record/1", 404)
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    await ana.send(proposal, "/vote", vote="1")
    await ben.send(proposal, "/vote", vote="1")
    await vilnius.pass_time(days=3)
    await vilnius.pass_time(minutes=10)
    page = await out.see(proposal)
    assert "A garden, please." in page
    assert "Yes 2, no 0." in page
    assert "Tomatoes" not in page
    assert "Who voted how" not in page
    await out.see(f"{proposal}/votes", 404)
    await out.see(f"{proposal}/said/for")
    assert "Tomatoes" not in out.last.text if out.last else False
    assert "Tomatoes of our own" in await ana.see(proposal)


async def test_what_does_not_exist_is_not_found(vilnius: Town) -> None:
    path, (ana, *_others) = await open_chapter(vilnius, "world")
    await vilnius.pass_time(minutes=70)
    for missing in ("/c/nothing", f"/c/{'0' * 64}", f"{path}/p/nothing", f"{path}/record/99999",
                    f"{path}/p/{'a' * 26}/w/{'a' * 26}"):  # fmt: skip
        await ana.see(missing, 404)
        await vilnius.stranger().see(missing, 404)
