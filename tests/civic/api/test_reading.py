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


async def test_lists_of_members_go_on_after_one_who_was_admitted(api: Api) -> None:
    await api.found(admission="either")
    applicant, guest = await api.person(), await api.person()
    applied = (await applicant.post(f"{api.path}/applications", {}))["id"]
    await api.join(guest)
    lead = api.people[0]
    office = (await lead.get(f"{api.path}/members/me"))["offices"][0]["id"]
    await lead.post(f"{api.path}/admissions", {"member": applied, "office": office})
    listed = [one["id"] for one in await lead.get(f"{api.path}/members")]
    rest = await lead.get(f"{api.path}/members?after={applied}")
    assert [one["id"] for one in rest] == listed[listed.index(applied) + 1 :] != []


async def test_what_names_nothing_is_not_found(api: Api) -> None:
    await api.found()
    path, member = await api.propose(), api.people[1]
    for nothing in ("%00", "a%00", "z" * 26, "z", "9" * 26):
        await member.get(f"{api.path}/members?after={nothing}", status=404)
        await member.get(f"{api.path}/proposals/{nothing}", status=404)
        await member.post(f"{api.path}/proposals/{nothing}/supports", status=404)
        reaction = {"subject": nothing[:26], "value": 1}
        await member.post(f"{path}/reactions", reaction, status=404)


async def test_requests_nested_too_deep_are_refused(api: Api) -> None:
    await api.found()
    path, member = await api.propose(), api.people[1]
    nested = "[" * 100_000 + "]" * 100_000
    for place, body in [
        (f"{api.path}/acts", f'{{"act": {nested}, "idempotency": "{"a" * 20}"}}'),
        (f"{path}/comments", f'{{"text": {nested}}}'),
        ("/chapters", nested),
    ]:
        headers = {"authorization": f"Bearer {member.token}", "idempotency-key": "a" * 20}
        headers["content-type"] = "application/json"
        answer = await member.http.post(f"/api/v1{place}", content=body, headers=headers)
        assert answer.status_code == 422, place
