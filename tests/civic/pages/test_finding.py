"""Similar proposals while somebody writes, and looking for proposals, without scripts and with."""

import re

from tests.town import Town, Visitor, form_of, hidden_of


async def chapter(vilnius: Town, **bylaws: str) -> tuple[str, list[Visitor]]:
    people = [await vilnius.person() for _ in range(3)]
    return await vilnius.founded(*people, **bylaws), people


async def proposed(by: Visitor, path: str, title: str) -> str:
    await by.send(f"{path}/propose/question", "/propose/question",
                  title=title, text="Let us do it.", lang="en")  # fmt: skip
    return by.path


async def post(by: Visitor, path: str, **fields: str) -> str:
    by.last = await by.client.post(path, data=fields, headers={"referer": "http://localhost/"})
    return by.last.text


KEY = "0123456789abcdef"


async def test_a_button_shows_similar_proposals_and_keeps_what_was_typed(vilnius: Town) -> None:
    path, (ana, ben, _eva) = await chapter(vilnius)
    garden = await proposed(ana, path, "A garden behind the school")
    form = form_of(await ben.see(f"{path}/propose/question"), "/propose/question")
    button = re.search(r'formaction="([^"#]+)#similar"', form)
    assert button is not None
    page = await post(ben, button[1], **hidden_of(form), title="School gardens", text="", lang="en")
    assert ben.last is not None
    assert ben.last.status_code == 200
    assert "1 open proposal is like yours" in page
    assert f'href="{garden}"' in page
    assert 'value="School gardens"' in page
    assert "There is a problem" not in page
    # Nothing was recorded, and the same form still proposes.
    assert "School gardens" not in await ana.see(f"{path}/proposals")
    page = await post(ben, button[1], **hidden_of(form), title="Rent a hall", text="x", lang="en")
    assert "No open proposal is like yours." in page


async def test_a_script_gets_the_list_alone_and_sends_the_title_in_the_body(vilnius: Town) -> None:
    path, (ana, ben, _eva) = await chapter(vilnius)
    await proposed(ana, path, "A garden behind the school")
    await ben.see(f"{path}/propose/question")
    answer = await ben.client.post(
        f"{path}/propose/question/similar",
        data={"key": KEY, "title": "garden"},
        headers={"referer": "http://localhost/", "x-civic-part": "similar"},
    )
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "A garden behind the school" in answer.text
    assert answer.headers["cache-control"] == "no-store"


async def test_members_look_for_proposals_by_their_words(vilnius: Town) -> None:
    path, (ana, ben, _eva) = await chapter(vilnius)
    garden = await proposed(ana, path, "A garden behind the school")
    await proposed(ana, path, "Rent a hall")
    page = await ben.send(f"{path}/proposals", "/proposals/search", words="gardens school")
    assert "1 proposal found" in page
    assert f'href="{garden}"' in page
    assert "Rent a hall" not in page
    page = await ben.send(f"{path}/proposals", "/proposals/search", words="elephant")
    assert "No proposal has all of these words" in page
    page = await ben.send(f"{path}/proposals", "/proposals/search", 422, words="")
    assert "Enter words to look for" in page


async def test_outsiders_look_for_nothing_in_what_moves_between_ticks(vilnius: Town) -> None:
    path, (ana, _ben, _eva) = await chapter(vilnius, visibility="world")
    await proposed(ana, path, "A garden behind the school")
    stranger, other = vilnius.stranger(), await vilnius.person()
    assert "/proposals/search" not in await stranger.see(f"{path}/proposals")
    for visitor in (stranger, other):
        page = await post(visitor, f"{path}/proposals/search", key=KEY, words="garden")
        assert "A garden behind" not in page
        page = await post(visitor, f"{path}/propose/question/similar", key=KEY, title="garden")
        assert "A garden behind" not in page
