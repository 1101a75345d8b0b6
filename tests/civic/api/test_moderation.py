"""Moderation over the API: hiding, appealing, judging, reporting."""

from tests.civic.api.conftest import Api


async def said(api: Api) -> tuple[str, str, str]:
    """A comment by the last person: its proposal's path, its id, the hash of its words."""
    path = await api.propose()
    comment = await api.people[4].post(f"{path}/comments", {"text": "Everybody knows who."})
    seen = await api.people[0].get(f"{path}/statements/{comment['id']}")
    return path, comment["id"], seen["words"]["hash"]


async def office(api: Api, number: int) -> str:
    own = await api.people[number].get(f"{api.path}/members/me")
    return str(own["offices"][0]["id"])


async def test_words_are_hidden_appealed_and_shown_again(api: Api) -> None:
    await api.found()
    path, comment, digest = await said(api)
    lead, author = api.people[0], api.people[4]
    body = {"of": comment, "words": [digest], "office": await office(api, 0), "reason": "No."}
    await api.people[3].post(f"{api.path}/hidings", body, status=403)
    hidden = await lead.post(f"{api.path}/hidings", body)
    seen = await author.get(f"{path}/statements/{comment}")
    assert seen["words"]["text"] is None
    assert seen["words"]["hidden_by"] == hidden["index"]
    listed = await api.people[3].get(f"{api.path}/hidings")
    assert [(one["id"], one["reason"], one["covers"]) for one in listed] == [
        (hidden["id"], "No.", True)
    ]
    one = f"{api.path}/hidings/{hidden['id']}"
    await api.people[3].post(f"{one}/appeals", {"text": "Why?", "lang": "en"}, status=403)
    await author.post(f"{one}/appeals", {"text": "It is in the minutes.", "lang": "en"})
    own = {"office": await office(api, 0), "show": True}
    await lead.post(f"{one}/judgements", own, status=403)
    for number in (1, 2):
        judged = {"office": await office(api, number), "show": True}
        await api.people[number].post(f"{one}/judgements", judged)
    seen = await author.get(f"{path}/statements/{comment}")
    assert seen["words"]["text"] == "Everybody knows who."
    listed = await author.get(f"{api.path}/hidings")
    assert (listed[0]["why"], listed[0]["plea"]["text"]) == ("overturned", "It is in the minutes.")


async def test_offices_erase_at_once_for_a_need_alone(api: Api) -> None:
    await api.found()
    path, comment, digest = await said(api)
    lead = api.people[0]
    body = {"of": comment, "words": [digest], "office": await office(api, 0), "reason": "No."}
    refused = await lead.post(f"{path}/erasures", body, status=409)
    assert refused["type"] == "/problems/deliberation.hide_first"
    erased = await lead.post(f"{path}/erasures", {**body, "urgent": "personal_data"})
    listed = await api.people[3].get(f"{api.path}/erased-in-office")
    assert [(one["entry"], one["reason"]) for one in listed] == [(erased["index"], "No.")]


async def test_who_hid_words_shows_them_again(api: Api) -> None:
    await api.found()
    path, comment, digest = await said(api)
    lead, held = api.people[0], await office(api, 0)
    body = {"of": comment, "words": [digest], "office": held, "reason": "No."}
    hidden = await lead.post(f"{api.path}/hidings", body)
    await lead.post(f"{api.path}/hidings/{hidden['id']}/lifts", {"office": held})
    seen = await api.people[3].get(f"{path}/statements/{comment}")
    assert seen["words"]["text"] == "Everybody knows who."
    again = await lead.post(
        f"{api.path}/hidings/{hidden['id']}/lifts", {"office": held}, status=404
    )
    assert again["type"] == "/problems/deliberation.hiding_unknown"


async def test_nobody_judges_their_own_words(api: Api) -> None:
    await api.found()
    path = await api.propose()
    judge = api.people[1]
    comment = (await judge.post(f"{path}/comments", {"text": "Everybody knows who."}))["id"]
    digest = (await judge.get(f"{path}/statements/{comment}"))["words"]["hash"]
    body = {"of": comment, "words": [digest], "office": await office(api, 0), "reason": "No."}
    hidden = await api.people[0].post(f"{api.path}/hidings", body)
    one = f"{api.path}/hidings/{hidden['id']}"
    await judge.post(f"{one}/appeals", {"text": "It is in the minutes.", "lang": "en"})
    own = {"office": await office(api, 1), "show": True}
    refused = await judge.post(f"{one}/judgements", own, status=403)
    assert refused["type"] == "/problems/papers.own_words"


async def test_reports_are_for_those_in_office(api: Api) -> None:
    await api.found()
    _path, comment, _digest = await said(api)
    lead, teller = api.people[0], api.people[3]
    await teller.post(f"{api.path}/reports", {"of": comment, "reason": "No."}, status=204)
    nothing = await teller.post(
        f"{api.path}/reports", {"of": "a" * 26, "reason": "No."}, status=404
    )
    assert nothing["type"] == "/problems/deliberation.unknown_subject"
    await teller.get(f"{api.path}/reports", status=404)
    reported = await lead.get(f"{api.path}/reports")
    assert [(one["of"], one["reasons"], one["count"]) for one in reported] == [
        (comment, ["No."], 1)
    ]
    await teller.send("DELETE", f"{api.path}/reports/{comment}", status=404)
    await lead.send("DELETE", f"{api.path}/reports/{comment}", status=204)
    assert await lead.get(f"{api.path}/reports") == []


async def test_nobody_leaves_reports_of_their_own_words(api: Api) -> None:
    await api.found()
    path = await api.propose()
    lead, teller = api.people[0], api.people[3]
    comment = (await lead.post(f"{path}/comments", {"text": "Everybody knows who."}))["id"]
    await teller.post(f"{api.path}/reports", {"of": comment, "reason": "No."}, status=204)
    refused = await lead.send("DELETE", f"{api.path}/reports/{comment}", status=403)
    assert refused["type"] == "/problems/papers.own_words"
    assert len(await lead.get(f"{api.path}/reports")) == 1
