"""What those in office see and do over the API, and that nobody else does."""

from chapters.bylaws import DAY
from civic.kernel.clock import minute_of
from civic.kernel.record.entry import when
from tests.civic.api.conftest import Api
from tests.civic.api.test_reading import walked


async def test_those_in_office_see_their_desk(api: Api) -> None:
    await api.found(admission="either")
    lead, verifier, member = api.people[0], api.people[1], api.people[3]
    applied = [
        (await (await api.person()).post(f"{api.path}/applications", {}))["id"] for _ in range(3)
    ]
    seen = await lead.get(f"{api.path}/desk")
    assert (seen["suspensions"], seen["coming"], seen["votes"]) == (0, [], [])
    pages = await walked(verifier, f"{api.path}/applicants?limit=2")
    assert sorted(one["id"] for page in pages for one in page) == sorted(applied)
    alarms = await verifier.get(f"{api.path}/alarms")
    assert alarms["grown"]["joined"] == 2
    met = await member.get(f"{api.path}/confirmations")
    assert {(one["member"], one["met"]) for one in met} == {
        (one, other) for one in api.members[:3] for other in api.members[:3] if one != other
    }
    for what in ("desk", "applicants", "alarms", "suspensions", "auditors"):
        await member.get(f"{api.path}/{what}", status=404)


async def test_suspensions_tell_what_waits_for_whom(api: Api) -> None:
    await api.found()
    lead, verifier = api.people[0], api.people[1]
    office = (await lead.get(f"{api.path}/members/me"))["offices"][0]["id"]
    until = when(minute_of(api.clock.now()) + 7 * DAY)
    await lead.post(
        f"{api.path}/suspensions",
        {"member": api.members[4], "office": office, "until": until,
         "reason": "Shouted at two meetings."},
    )  # fmt: skip
    [seen] = await verifier.get(f"{api.path}/suspensions")
    assert (seen["may"], seen["reason"]) == (["agreements"], "Shouted at two meetings.")
    [own] = await lead.get(f"{api.path}/suspensions")
    assert own["may"] == ["lifts"]


async def test_leads_give_auditors_tokens_once_a_key(api: Api) -> None:
    await api.found()
    lead, body = api.people[0], {"label": "A friend", "public_key": "0" * 64}
    given = await lead.post(f"{api.path}/auditors", body, key="k" * 20)
    assert given == await lead.post(f"{api.path}/auditors", body, key="k" * 20)
    [listed] = await lead.get(f"{api.path}/auditors")
    assert (listed["label"], listed["works"]) == ("A friend", True)
    await lead.send("DELETE", f"{api.path}/auditors/{listed['id']}", status=204)
    await lead.send("DELETE", f"{api.path}/auditors/{listed['id']}", status=404)
    assert (await lead.get(f"{api.path}/auditors"))[0]["works"] is False
    await api.people[3].post(f"{api.path}/auditors", body, status=404)


async def test_members_see_their_key_and_give_another(api: Api) -> None:
    await api.found()
    one = api.people[3]
    own = await one.get(f"{api.path}/keys")
    assert (own["member"], own["key"], own["change"]) == (api.members[3], None, None)
    unproven = {"public_key": "0" * 64, "possession": "0" * 128}
    await one.post(f"{api.path}/keys", unproven, status=409)
    await one.send("DELETE", f"{api.path}/keys/changes/{'a' * 26}", status=409)
