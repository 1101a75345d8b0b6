"""Problems told on the ground of their chapter, with the ways on."""

import pytest

from civic.kernel.record.course import RulesUnknown
from tests.civic.pages.test_standing import suspended, village
from tests.town import Town


async def test_a_problem_keeps_the_chapter_and_the_account(vilnius: Town) -> None:
    path, people = await village(vilnius, 4)
    await people[0].send(f"{path}/you", "/people/name", name="Ana Example")
    for wrong in (f"{path}/p/{'a' * 26}", f"{path}/nothing", f"{path}/record/99999"):
        page = await people[0].see(wrong, 404)
        assert f'class="chapter-name" href="{path}"' in page, wrong
        assert "You: Ana Example" in page
        assert "Emergency exit" in page
        assert "To Vilnius" in page
        assert page.index("<h1>") < page.index("problem-code")


async def test_outsiders_learn_no_name_before_the_tick_tells_it(vilnius: Town) -> None:
    path, _people = await village(vilnius, 3)
    out = vilnius.stranger()
    page = await out.see(f"{path}/nothing", 404)
    assert "Vilnius" not in page
    assert "Sign up" in page
    await vilnius.pass_time(minutes=70)
    page = await out.see(f"{path}/nothing", 404)
    assert f'class="chapter-name" href="{path}"' in page
    assert "To Vilnius" in page


async def test_who_is_no_member_is_led_to_asking(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3], template="diaspora", visibility="chapter")
    new = people[3]
    await vilnius.pass_time(minutes=70)
    page = await new.see(f"{path}/propose", 403)
    assert "Ask to join" in page
    await new.send(path, "/apply")
    page = await new.see(f"{path}/propose", 403)
    assert "Ask to join" not in page
    assert "To Vilnius" in page


async def test_where_people_come_by_invitation_nobody_is_led_to_asking(vilnius: Town) -> None:
    path, _people = await village(vilnius, 3)
    await vilnius.pass_time(minutes=70)
    new = await vilnius.person()
    page = await new.see(f"{path}/propose", 403)
    assert "Ask to join" not in page
    assert "To Vilnius" in page


async def test_who_is_suspended_is_led_to_how_they_stand(vilnius: Town) -> None:
    path, people = await suspended(vilnius)
    page = await people[3].see(f"{path}/propose", 403)
    assert f'href="{path}/standing"' in page


async def test_what_the_ground_itself_meets_takes_no_problems_place(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, people = await village(vilnius, 3)

    async def unknown(*_given: object) -> None:
        raise RulesUnknown(7)

    monkeypatch.setattr("civic.pages.ground._ground", unknown)
    page = await people[0].see(f"{path}/nothing", 404)
    assert "web.not_found" in page


async def test_programs_and_unknown_chapters_get_no_ground(vilnius: Town) -> None:
    ana = await vilnius.person()
    page = await ana.see(f"/c/{'0' * 64}/people", 404)
    assert "chapter-name" not in page
    assert "Account" in page
    answer = await ana.client.get("/c/nothing", headers={"accept": "application/json"})
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == "/problems/web.not_found"
