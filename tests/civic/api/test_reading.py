"""What the API shows: to members at once, to everybody else once a tick."""

from civic import publication
from tests.civic.api.conftest import Api


async def test_members_see_at_once_and_others_once_a_tick(api: Api) -> None:
    await api.found()
    path = await api.propose()
    member, stranger = api.people[1], await api.person()
    await member.post(f"{path}/comments", {"text": "Why?"})
    seen = await member.get(path)
    assert seen["said"]["comments"][0]["words"]["text"] == "Why?"
    assert seen["matter"]["spoke"] is True
    assert "log" not in seen["matter"]["line"]
    await publication.publish(api.node)
    await stranger.get(path, status=404)
    await api.pass_time(minutes=10)
    shown = await stranger.get(path)
    assert shown["said"]["comments"][0]["words"]["text"] == "Why?"
    assert shown["matter"]["spoke"] is False
    listed = await stranger.get(f"{api.path}/proposals")
    assert [one["title"]["text"] for one in listed["matters"]["open"]] == ["A hall"]
    chapters = await stranger.get("/chapters")
    assert [one["chapter"]["name"]["text"] for one in chapters] == ["Vilnius"]
    assert (await stranger.get(api.path))["view"]["line"]["active"] == 5


async def test_outsiders_see_nothing_said_in_a_closed_chapter(api: Api) -> None:
    await api.found(visibility="chapter")
    path, stranger = await api.propose(), await api.person()
    await publication.publish(api.node)
    await api.pass_time(minutes=10)
    await stranger.get(path, status=404)
    shown = await stranger.get(api.path)
    assert shown["matters"]["open"] == []
    await stranger.get(f"{api.path}/members", status=403)
    assert (await api.people[1].get(path))["matter"]["line"]["title"]["text"] == "A hall"


async def test_members_are_listed_page_by_page(api: Api) -> None:
    await api.found()
    listed = await api.people[0].get(f"{api.path}/members")
    assert [one["id"] for one in listed] == api.members
    rest = await api.people[0].get(f"{api.path}/members?after={api.members[2]}")
    assert [one["id"] for one in rest] == api.members[3:]
    await api.people[0].get(f"{api.path}/members?after=nobody", status=404)


async def test_an_applicant_is_no_member(api: Api) -> None:
    await api.found(visibility="chapter", admission="either")
    path, applicant = await api.propose(), await api.person()
    applied = await applicant.post(f"{api.path}/applications", {})
    await applicant.get(path, status=404)
    await applicant.post(f"{path}/supports", status=403)
    assert (await applicant.get(f"{api.path}/members/me"))["state"] == "applied"
    office = (await api.people[0].get(f"{api.path}/members/me"))["offices"][0]["id"]
    admission = {"member": applied["id"], "office": office}
    await api.people[1].post(f"{api.path}/admissions", admission, status=403)
    await api.people[0].post(f"{api.path}/admissions", admission)
    await applicant.get(path)
    await applicant.post(f"{path}/supports")
