"""A whole journey over the API, and what it answers to those who may not."""

import asyncio

import msgspec

from civic.kernel.database import reading
from civic.kernel.keys import verify
from civic.kernel.record import store
from civic.kernel.record.boxes import promise_message
from civic.kernel.record.entry import minute
from tests.civic.api.conftest import Api, new_key


async def kinds(api: Api) -> list[str]:
    async with reading(api.node.engine) as db:
        head = await store.head(db, 1)
        return [
            msgspec.json.decode(raw)["kind"]
            async for _, raw, _ in store.entries(db, 1, 0, head.size)
        ]


async def test_from_founding_to_the_outcome_card(api: Api) -> None:
    await api.found(people=6)
    lead, author, *others = api.people
    offices = (await lead.get(f"{api.path}/members/me"))["offices"]
    office = offices[0]["id"]
    path = await api.propose(changes=[{"field": "quorum", "from": 200, "to": 100}])
    argument = (await author.post(f"{path}/arguments", {"side": "pro", "text": "Yes!"}))["id"]
    comment = {"text": "Why?", "on": argument}
    await others[0].post(f"{path}/comments", comment)
    await author.post(f"{path}/supports")
    await author.send("DELETE", f"{path}/supports", status=200)
    for one in others[:2]:
        await one.post(f"{path}/supports")
    for number, one in enumerate(api.people):
        value = number % 3 - 1
        promise = await one.post(
            f"{path}/reactions", {"subject": argument, "value": value}, key=None, status=400
        )
        promise = await one.post(
            f"{path}/reactions", {"subject": argument, "value": value}, status=202
        )
        assert promise["value"] == value
    text = {"title": "A big hall", "text": "Let us rent a big one."}
    await lead.post(f"{path}/revisions", {"version": 2, **text})
    await author.post(f"{path}/names")
    await others[0].post(f"{api.path}/name", {"name": "Ona"})
    await api.pass_time(minutes=10)
    assert "deliberation.reactions_recorded" in await kinds(api)
    await api.pass_time(days=7)
    await api.pass_time(days=1)
    for one in api.people[:4]:
        await one.post(f"{path}/votes", {"value": 1}, status=202)
    await api.pass_time(days=5)
    assert (await kinds(api))[-1] == "chapters.bylaws_changed"
    until = {"until": "2026-12-24T12:00Z", "office": office}
    refused = await lead.post(f"{path}/tasks", {"text": "Ask around", **until}, status=401)
    assert refused["type"] == "/problems/request.step_up_needed"
    await api.stepped_up(lead)
    task = (await lead.post(f"{path}/tasks", {"text": "Ask around", **until}))["id"]
    await lead.post(f"{path}/tasks/{task}/done", {"office": office})
    card = {"result": "success", "again": "yes", "expected": "A hall", "happened": "A hall"}
    await lead.post(f"{path}/outcomes", {"office": office, **card})
    await others[0].send("DELETE", f"{api.path}/name", status=200)
    await others[1].send("DELETE", f"{api.path}/members/me", status=401)
    await api.stepped_up(others[1])
    await others[1].send("DELETE", f"{api.path}/members/me", status=200)
    await others[1].send("DELETE", f"{api.path}/members/me", status=403)


async def test_an_act_sent_twice_counts_once(api: Api) -> None:
    await api.found()
    path, key = await api.propose(), new_key()
    first = await api.people[1].post(f"{path}/comments", {"text": "One"}, key=key)
    again = await api.people[1].post(f"{path}/comments", {"text": "One"}, key=key)
    assert again == {**first, "repeated": True}
    other = await api.people[1].post(f"{path}/comments", {"text": "Two"}, key=key, status=409)
    assert other["type"] == "/problems/request.key_reused"
    # Another person's key is another key.
    await api.people[2].post(f"{path}/comments", {"text": "One"}, key=key)


async def test_founding_and_joining_again_change_nothing(api: Api) -> None:
    await api.found()
    someone, key = await api.person(), new_key()
    body = {"name": "Kaunas", "template": "circle"}
    founded = await someone.post("/chapters", body, key=key)
    assert await someone.post("/chapters", body, key=key) == {**founded, "repeated": True}
    secret = {"invitation": (await api.people[0].post(f"{api.path}/invitations"))["secret"]}
    joined = await someone.post(f"{api.path}/members", secret, key=key)
    again = await someone.post(f"{api.path}/members", secret, key=key)
    assert again == {**joined, "repeated": True}
    # The invitation gives one account one place, under whatever key.
    assert await someone.post(f"{api.path}/members", secret) == again
    second = {"invitation": (await api.people[0].post(f"{api.path}/invitations"))["secret"]}
    problem = await someone.post(f"{api.path}/members", second, status=409)
    assert problem["type"] == "/problems/request.already_member"
    other = await api.person()
    problem = await other.post(f"{api.path}/members", secret, key=key, status=409)
    assert problem["type"] == "/problems/request.invitation_void"


async def test_first_words_at_the_same_moment_are_one_voice(api: Api) -> None:
    await api.found()
    path = await api.propose()
    comments = (api.people[1].post(f"{path}/comments", {"text": text}) for text in "abcd")
    await asyncio.gather(*comments)
    reactions = (api.people[1].post(f"{path}/comments", {"text": text}) for text in "abcd")
    await asyncio.gather(*reactions)
    async with reading(api.node.engine) as db:
        head = await store.head(db, 1)
        entries = [
            msgspec.json.decode(raw) async for _, raw, _ in store.entries(db, 1, 0, head.size)
        ]
    voices = {one["by"]["id"] for one in entries if one["kind"] == "deliberation.commented"}
    assert len(voices) == 1


async def test_two_first_reactions_at_once_are_one_row(api: Api) -> None:
    await api.found()
    path = await api.propose()
    argument = (await api.people[0].post(f"{path}/arguments", {"side": "con", "text": "No"}))["id"]
    promises = await asyncio.gather(
        *(
            api.people[1].post(f"{path}/reactions", {"subject": argument, "value": v}, status=202)
            for v in (1, 0, -1)
        )
    )
    assert len({one["row"] for one in promises}) == 1


async def test_a_promise_is_signed(api: Api) -> None:
    await api.found()
    path = await api.propose()
    argument = (await api.people[0].post(f"{path}/arguments", {"side": "con", "text": "No"}))["id"]
    promise = await api.people[1].post(
        f"{path}/reactions", {"subject": argument, "value": -1}, status=202
    )
    about = await api.people[1].get("/node")
    log_id = (await api.people[1].get(f"{api.path}/members/me"))["log_id"]
    message = promise_message(log_id, argument, promise["row"], 0, -1, minute(promise["tick"]))
    key = bytes.fromhex(about["promise_key"])
    assert verify(key, message, bytes.fromhex(promise["signature"]))


async def test_who_may_not_is_told_so(api: Api) -> None:
    await api.found()
    path, stranger = await api.propose(), await api.person()
    problem = await stranger.post(f"{path}/supports", status=403)
    assert problem["type"] == "/problems/chapters.not_a_member"
    stranger.token = "x" * 43
    await stranger.post(f"{path}/supports", status=401)
    member = api.people[1]
    await member.post(f"/chapters/{'0' * 64}/proposals/x/supports", status=404)
    await member.post(f"{api.path}/proposals/unknown/supports", status=404)
    await member.post(f"{path}/supports", key="short", status=400)
    await member.post(f"{path}/comments", {"text": ""}, status=422)
    await member.post(f"{path}/comments", {"text": "x" * 5001}, status=422)
    await member.post(f"{path}/comments", {"text": "bell \x07"}, status=422)
    await member.post(f"{path}/comments", {"text": "a", "more": 1}, status=422)
    await member.post(f"{path}/votes", {"value": 1}, status=409)
    unknown = {"subject": "nothing", "value": 1}
    await member.post(f"{path}/reactions", unknown, status=404)
    office = (await api.people[0].get(f"{api.path}/members/me"))["offices"][0]["id"]
    task = {"text": "Ask", "until": "2026-12-24T12:00Z", "office": office}
    problem = await member.post(f"{path}/tasks", task, status=403)
    assert problem["type"] == "/problems/chapters.not_in_office"


async def test_chapters_are_founded_only_where_it_is_allowed(api: Api) -> None:
    someone = await api.person()
    await someone.post("/chapters", {"name": "Vilnius", "template": "none"}, status=422)
    low = {"name": "Vilnius", "template": "circle", "bylaws": {"tick": 7}}
    await someone.post("/chapters", low, status=422)
    low = {"name": "Vilnius", "template": "circle", "bylaws": {"founders": 1}}
    problem = await someone.post("/chapters", low, status=422)
    assert problem["type"] == "/problems/chapters.below_charter"


async def test_rules_that_the_node_does_not_have_are_not_proposed(api: Api) -> None:
    await api.found()
    someone = api.people[0]
    assert (await someone.get(f"{api.path}/members/me"))["rules"] == 0
    body = {"title": "Newer rules", "text": "Fairer.", "secrecy": "pseudonymous"}
    newer = {**body, "rules": {"from": 0, "to": 1}}
    problem = await someone.post(f"{api.path}/proposals", newer, status=422)
    assert problem["type"] == "/problems/request.rules_not_here"
    assert problem["params"] == {"asked": 1, "here": "–"}
    back = {**body, "rules": {"from": 0, "to": 0}}
    problem = await someone.post(f"{api.path}/proposals", back, status=422)
    assert problem["type"] == "/problems/deliberation.unfit_change"
