"""What the API shows: to members at once, to everybody else once a tick."""

from typing import Any

import pytest

from civic import publication
from tests.civic.api.conftest import Api, Caller


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
    assert [one["title"]["text"] for one in listed] == ["A hall"]
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
    one = api.people[0]
    pages = await walked(one, f"{api.path}/members?limit=2")
    assert [len(page) for page in pages] == [2, 2, 1]
    assert [member["id"] for page in pages for member in page] == api.members
    assert len(await walked(one, f"{api.path}/members")) == 1
    for wrong in ("cursor=nobody", "cursor=WzFd", "limit=0", "limit=101", "limit=x", "cursor=%FF"):
        problem = await one.get(f"{api.path}/members?{wrong}", status=422)
        assert problem["errors"][0]["field"] == wrong.partition("=")[0]


async def walked(caller: Caller, path: str) -> list[Any]:
    """Return all pages of a list, each found by the Link of the one before."""
    pages, where = [], f"/api/v1{path}"
    while where:
        headers = {"authorization": f"Bearer {caller.token}"}
        answer = await caller.http.get(where, headers=headers)
        assert answer.status_code == 200, answer.text
        pages.append(answer.json())
        where = answer.links["next"]["url"] if "next" in answer.links else ""
    return pages


async def test_proposals_are_listed_page_by_page(api: Api) -> None:
    await api.found()
    made = [(await api.propose(title=f"Hall {n}")).rpartition("/")[2] for n in range(5)]
    await publication.publish(api.node)
    await api.pass_time(minutes=10)
    for who in (api.people[1], await api.person()):
        pages = await walked(who, f"{api.path}/proposals?limit=2")
        assert [len(page) for page in pages] == [2, 2, 1]
        assert sorted(one["id"] for page in pages for one in page) == sorted(made)
        assert await walked(who, f"{api.path}/proposals?state=ended") == [[]]
        await who.get(f"{api.path}/proposals?state=other", status=422)


async def test_members_are_found_by_name_page_by_page(api: Api) -> None:
    await api.found()
    reader = api.people[1]
    for one, name in zip(api.people, ("Žygis Ąžuolas", "Ona 100%", "Živilė"), strict=False):
        await one.post(f"{api.path}/name", {"name": name})
    everybody = [one["id"] for one in await reader.get(f"{api.path}/members")]
    pages = await walked(reader, f"{api.path}/members?q=ž&limit=1")
    assert [[one["name"]["text"] for one in page] for page in pages] == [
        ["Žygis Ąžuolas"], ["Živilė"],
    ]  # fmt: skip
    assert [one["id"] for one in await reader.get(f"{api.path}/members?q=100%25")] == everybody[1:2]
    mine = await reader.get(f"{api.path}/members?q={everybody[2][:9].upper()}")
    assert [one["id"] for one in mine] == everybody[2:3]
    assert await reader.get(f"{api.path}/members?q=nobody") == []
    assert len(await reader.get(f"{api.path}/members?q=%20")) == len(everybody)
    await reader.get(f"{api.path}/members?q={'a' * 61}", status=422)
    await (await api.person()).get(f"{api.path}/members?q=a", status=403)


async def test_what_is_known_already_is_not_sent_again(api: Api) -> None:
    await api.found()
    path, one = await api.propose(), api.people[1]
    headers = {"authorization": f"Bearer {one.token}"}
    for asked, cache in [
        (path, "no-store"), (f"{api.path}/members", "no-store"), ("/node", "public, no-cache"),
        (f"{api.path}/members/me", "private, no-cache"), ("/account", "private, no-cache"),
    ]:  # fmt: skip
        first = await one.http.get(f"/api/v1{asked}", headers=headers)
        assert first.headers["cache-control"] == cache
        known = {**headers, "if-none-match": first.headers["etag"]}
        again = await one.http.get(f"/api/v1{asked}", headers=known)
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert again.headers["vary"] == "authorization, cookie"
    changed = {**headers, "if-none-match": (await one.http.get(f"/api/v1{path}", headers=headers))
               .headers["etag"]}  # fmt: skip
    await one.post(f"{path}/comments", {"text": "Why?"})
    assert (await one.http.get(f"/api/v1{path}", headers=changed)).status_code == 200


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"accept": "text/html"}, 406, "web.not_acceptable"),
        ({"accept": "application/json;q=0"}, 406, "web.not_acceptable"),
        ({"accept": "text/html, application/*;q=0.2"}, 404, "web.not_found"),
        ({"content-type": "text/plain"}, 415, "web.unsupported_media"),
        ({"content-type": "application/x-www-form-urlencoded"}, 415, "web.unsupported_media"),
        ({"content-length": "2000000"}, 413, "web.too_large"),
    ],
)
async def test_what_cannot_be_talked_about_is_a_problem(
    api: Api, headers: dict[str, str], status: int, code: str
) -> None:
    one = await api.person()
    sent = {"authorization": f"Bearer {one.token}", "content-type": "application/json", **headers}
    path = f"/api/v1/chapters/{'0' * 64}/name"
    answer = await one.http.post(path, content=b'{"name": "A"}', headers=sent)
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["type"] == f"/problems/{code}"


async def test_other_methods_are_a_problem(api: Api) -> None:
    answer = await api.http.patch("/api/v1/node")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert answer.json()["type"] == "/problems/web.method_not_allowed"


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
    pages = await walked(lead, f"{api.path}/members?limit=1")
    assert sorted(page[0]["id"] for page in pages) == sorted([*api.members, applied])


async def test_what_names_nothing_is_not_found(api: Api) -> None:
    await api.found()
    path, member = await api.propose(), api.people[1]
    for nothing in ("%00", "a%00", "z" * 26, "z", "9" * 26):
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
