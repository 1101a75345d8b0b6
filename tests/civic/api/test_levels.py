"""Levels over the API: codes, vouches, cases, disputes, and who may ask what."""

import pytest

from tests.civic.api.conftest import Api


@pytest.fixture(autouse=True)
def bare_accounts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The people of these tests have no authenticators, so none are asked for."""
    monkeypatch.setattr("civic.api.levels.AUTHENTICATORS", 0)


async def test_vouches_and_a_case(api: Api) -> None:
    await api.found(people=5, vouches=2)
    ann, ben, cem, dia, eva = api.people
    refused = await dia.post(f"{api.path}/cases", {}, status=409)
    assert refused["type"].endswith("chapters.no_level")
    shown = await dia.post(f"{api.path}/levels/code", key=None)
    assert shown["minutes"] == 15
    wrong = await ann.post(f"{api.path}/vouches", {"code": "00000000"}, status=409)
    assert wrong["type"].endswith("request.code_void")
    first = await ann.post(f"{api.path}/vouches", {"code": shown["code"]})
    assert first == {"there": 1, "needed": 2, "recorded": False}
    mine = await dia.get(f"{api.path}/levels/me")
    assert (mine["waiting"], mine["terms"]) == (1, [])
    second = await ben.post(f"{api.path}/vouches", {"code": shown["code"]})
    assert second["recorded"]
    assert (await dia.get(f"{api.path}/members/me"))["level"] == 1

    opened = await dia.post(f"{api.path}/cases", {})
    assert await cem.get(f"{api.path}/cases") == [
        {"number": opened["id"], "drawn": False, "until": "2026-04-01T09:00Z", "member": None}
    ]
    # Ben vouched, so nothing waits for him; dia and ann are no verifiers.
    assert await ben.get(f"{api.path}/cases") == []
    for one in (ann, dia, eva):
        await one.get(f"{api.path}/cases", status=404)
    case = f"{api.path}/cases/{opened['id']}"
    assert (await cem.get(case))["member"] == api.members[3]
    said = await cem.post(f"{case}/verifications", {"way": "document"})
    assert said == {"there": 1, "needed": 2, "recorded": False}
    await cem.get(case, status=404)
    await dia.send("DELETE", f"{api.path}/levels/me", status=200)
    assert (await dia.get(f"{api.path}/members/me"))["level"] == 0


async def test_disputes(api: Api) -> None:
    await api.found(people=5, vouches=2)
    ann, ben, cem, dia, eva = api.people
    body = {"member": api.members[0], "text": "Not one person."}
    refused = await dia.post(f"{api.path}/challenges", body, status=403)
    assert refused["type"].endswith("papers.challenger")
    opened = await ben.post(f"{api.path}/challenges", body)
    (waiting,) = await cem.get(f"{api.path}/disputes")
    assert (waiting["id"], waiting["reasons"]) == (opened["id"], None)
    assert await ben.get(f"{api.path}/disputes") == []
    dispute = f"{api.path}/disputes/{opened['id']}"
    assert (await cem.get(dispute))["reasons"] == "Not one person."
    await eva.get(dispute, status=404)
    said = await cem.post(f"{dispute}/opinions", {"upheld": True})
    assert not said["recorded"]
    early = await ann.post(f"{dispute}/appeal", {"text": "I am."}, status=409)
    assert early["type"].endswith("chapters.challenge_unknown")


async def test_no_call_lists_levels(api: Api) -> None:
    await api.found(people=4)
    for one in api.people:
        assert all("level" not in line for line in await one.get(f"{api.path}/members"))


async def test_two_ways_to_sign_in_come_first(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("civic.api.levels.AUTHENTICATORS", 2)
    await api.found(people=4)
    refused = await api.people[3].post(f"{api.path}/levels/code", key=None, status=409)
    assert refused["type"].endswith("request.second_way_needed")
