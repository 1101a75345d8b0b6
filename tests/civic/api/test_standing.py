"""How members stand, over the API: suspended by two, judged by others, coming back, resigning."""

from civic.kernel.clock import minute_of
from civic.kernel.record.entry import when
from tests.civic.api.conftest import Api, Caller


async def office(api: Api, caller: Caller, role: str) -> str:
    held = (await caller.get(f"{api.path}/members/me"))["offices"]
    found = [one["id"] for one in held if one["role"] == role]
    return str(found[0])


async def suspended(api: Api) -> str:
    await api.found(people=5)
    lead, _facilitator, verifier, dia, _eva = api.people
    member = (await dia.get(f"{api.path}/members/me"))["member"]
    body = {
        "member": member,
        "office": await office(api, lead, "lead"),
        "until": when(minute_of(api.clock.now()) + 10 * 24 * 60),
        "reason": "Shouted at two meetings.",
    }
    own = str((await lead.post(f"{api.path}/suspensions", body))["id"])
    second = {"office": await office(api, verifier, "verifier")}
    await verifier.post(f"{api.path}/suspensions/{own}/agreements", second)
    return own


async def test_a_suspension_judged_and_taken_back(api: Api) -> None:
    own = await suspended(api)
    lead, facilitator, _verifier, dia, eva = api.people
    shown = await dia.get(f"{api.path}/standing")
    assert shown["state"] == "suspended"
    assert shown["suspensions"][0]["reason"] == "Shouted at two meetings."
    await dia.post(f"{api.path}/name", {"name": "Dia"}, status=403)
    await dia.post(f"{api.path}/suspensions/{own}/appeals", {"reason": "It was not me."})
    judging = {"office": await office(api, facilitator, "verifier"), "lift": False}
    path = f"{api.path}/suspensions/{own}"
    await facilitator.post(f"{path}/judgements", judging)
    assert (await dia.get(f"{api.path}/standing"))["suspensions"][0]["upholds"] == 1
    paper = shown["suspensions"][0]["paper"]
    await dia.send("DELETE", f"{api.path}/reasons/{paper}", status=200)
    assert (await dia.get(f"{api.path}/standing"))["suspensions"][0]["reason"] is None
    await lead.post(f"{path}/lifts", {"office": await office(api, lead, "lead")})
    assert (await dia.get(f"{api.path}/standing"))["state"] == "active"
    assert (await eva.get(f"{api.path}/standing"))["suspensions"] == []


async def test_refusing_and_resigning(api: Api) -> None:
    await api.found(people=4)
    lead, facilitator, *_others = api.people
    gil = await api.person()
    member = (await gil.post(f"{api.path}/applications", {}))["id"]
    held = await office(api, lead, "lead")
    body = {"member": member, "office": held, "reason": "Nobody has met you."}
    await lead.post(f"{api.path}/refusals", body)
    assert (await gil.get(f"{api.path}/standing"))["refused"] == "Nobody has met you."
    await lead.send("DELETE", f"{api.path}/offices/{held}", status=200)
    offices = await facilitator.get(f"{api.path}/offices")
    assert {one["role"] for one in offices if one["ended"] is None} == {"verifier"}
    versions = await facilitator.get(f"{api.path}/bylaws")
    assert [one["number"] for one in versions] == [1]


async def test_a_signed_act_without_its_paper_is_refused(api: Api) -> None:
    own = await suspended(api)
    dia = api.people[3]
    act = {
        "kind": "chapters.appealed",
        "by": {"as": "member", "id": (await dia.get(f"{api.path}/members/me"))["member"]},
        "key": "00" * 16,
        "body": {"suspension": own, "paper": "11" * 32},
    }
    body = {"act": act, "idempotency": "x" * 16, "content": {}}
    answer = await dia.post(f"{api.path}/acts", body, key=None, status=409)
    assert answer["type"].endswith("papers.missing")
