"""One's own place in a chapter, as a page of its own."""

from tests.civic.pages.test_budget import costs
from tests.civic.pages.test_standing import suspended, village
from tests.town import Town


async def test_a_member_finds_everything_of_their_own_on_one_page(vilnius: Town) -> None:
    path, people = await village(vilnius, 4)
    lead, dia = people[0], people[3]
    assert f'href="{path}/you"' in await dia.see(path)
    page = await dia.see(f"{path}/you")
    for link in ("levels", "offices", "keys", "mine", "people/ties", "people/leave", "feeds"):
        assert f'href="{path}/{link}"' in page, link
    assert "/voice?chapter=" in page
    assert "You hold none." in page
    assert "knows no key of yours" in page
    assert "Lay down this office" in await lead.see(f"{path}/you")
    await costs(dia, f"{path}/you")
    page = await dia.send(f"{path}/you", "/people/name", name="Dia Example")
    assert dia.path == f"{path}/you"
    assert "Dia Example" in page
    assert "You: Dia Example" in await dia.see(f"{path}/record")
    page = await dia.send(f"{path}/you", "/people/name/erase")
    assert "Dia Example" not in page
    page = await dia.send(f"{path}/you", "/people/name", 422, name="")
    assert "There is a problem" in page


async def test_it_is_for_members_and_for_suspended_ones_too(vilnius: Town) -> None:
    path, people = await suspended(vilnius)
    dia = people[3]
    page = await dia.see(f"{path}/you")
    assert "You are suspended for now" in page
    assert f'href="{path}/standing"' in page
    assert "/people/name" not in page
    new = await vilnius.person()
    assert f'href="{path}/you"' not in await new.see(path)
    await new.see(f"{path}/you", 403)
    page = await vilnius.stranger().see(f"{path}/you")
    assert "Sign in" in page
