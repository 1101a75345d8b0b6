"""What stands beside a proposal: statements page by page, threads, older texts, votes."""

import pytest

from civic import publication
from tests.civic.api.conftest import Api
from tests.civic.api.test_reading import walked


async def test_statements_are_listed_page_by_page(api: Api) -> None:
    await api.found()
    path = await api.propose()
    for number, one in enumerate(api.people):
        await one.post(f"{path}/arguments", {"side": "pro", "text": f"Reason {number}"})
        await one.post(f"{path}/comments", {"text": f"Question {number}"})
    await publication.publish(api.node)
    await api.pass_time(minutes=10)
    for who in (api.people[1], await api.person()):
        for kind, words in (("pro", "Reason"), ("comment", "Question")):
            pages = await walked(who, f"{path}/statements?kind={kind}&limit=2")
            assert [len(page) for page in pages] == [2, 2, 1]
            said = {one["words"]["text"] for page in pages for one in page}
            assert said == {f"{words} {number}" for number in range(5)}
        assert await who.get(f"{path}/statements?kind=con") == []
    # A cursor of another kind of list is none of this one.
    await api.people[1].get(f"{path}/statements?kind=comment&cursor=WzEsMl0", status=422)
    await api.people[1].get(f"{path}/statements?kind=pro&cursor=IjAwIg", status=422)
    await api.people[1].get(f"{path}/statements?kind=comment&cursor=IngwIg", status=422)


async def test_a_thread_has_its_comments(api: Api) -> None:
    await api.found()
    path, one = await api.propose(), api.people[1]
    argument = (await one.post(f"{path}/arguments", {"side": "con", "text": "Too dear."}))["id"]
    for text in ("Really?", "How much?"):
        await one.post(f"{path}/comments", {"text": text, "on": argument})
    seen = await one.get(f"{path}/statements/{argument}")
    assert (seen["kind"], seen["words"]["text"]) == ("con", "Too dear.")
    pages = await walked(one, f"{path}/statements/{argument}/comments?limit=1")
    assert [page[0]["words"]["text"] for page in pages] == ["Really?", "How much?"]
    other = await api.propose(title="A garden")
    await one.get(f"{other}/statements/{argument}", status=404)
    await (await api.person()).get(f"{path}/statements/{argument}", status=404)


async def test_a_new_text_says_why(api: Api) -> None:
    await api.found(visibility="world")
    path, author = await api.propose(), api.people[0]
    for one in api.people[1:3]:
        await one.post(f"{path}/supports")
    new = {"version": 2, "title": "A bigger hall", "text": "For all of us."}
    await author.post(f"{path}/revisions", {**new, "reason": ""}, status=422)
    await author.post(f"{path}/revisions", {**new, "reason": "We are\r\nmore.", "lang": "be"})
    told = (await author.get(f"{path}/versions/2"))["line"]["reason"]
    assert (told["text"], told["lang"]) == ("We are\nmore.", "be")
    steps = await author.get(f"{path}/way")
    assert [one["reason"]["text"] for one in steps if one.get("reason")] == ["We are\nmore."]
    whole = await author.get(path)
    assert [one.get("reason") is None for one in whole["matter"]["versions"]] == [True, False]


@pytest.mark.parametrize("visibility", ["world", "chapter"])
async def test_older_texts_stay_readable(api: Api, visibility: str) -> None:
    await api.found(visibility=visibility)
    path, author = await api.propose(), api.people[0]
    for one in api.people[1:3]:
        await one.post(f"{path}/supports")
    await author.post(
        f"{path}/revisions", {"version": 2, "title": "A bigger hall", "text": "For all of us."}
    )
    first, second = [await author.get(f"{path}/versions/{number}") for number in (1, 2)]
    assert (first["title"]["text"], second["title"]["text"]) == ("A hall", "A bigger hall")
    assert second["line"].get("reason") is None
    for number in (0, 3, 2**40, 2**63, 2**70):
        await author.get(f"{path}/versions/{number}", status=404)
    await author.get(f"{path}/votes", status=404)
