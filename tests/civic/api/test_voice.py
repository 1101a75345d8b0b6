"""My voice over the API: acts under all ids of the caller, with their fates in figures."""

from tests.civic.api.conftest import Api
from tests.civic.api.test_reading import walked


async def test_acts_under_all_ids_are_listed_with_their_fate(api: Api) -> None:
    await api.found()
    path = await api.propose()
    author, other = api.people[0], api.people[1]
    comment = await other.post(f"{path}/comments", {"text": "Why?"})
    mine = await other.get("/account/acts")
    first = mine[0]
    assert (first["kind"], first["entry"]) == ("deliberation.commented", comment["index"])
    assert first["quoted"]["text"] == "Why?"
    assert first["answered"] == {"agree": 0, "disagree": 0, "passed": 0, "answers": 0}
    assert first["receipt"] == comment["receipt"]
    assert first["title"]["text"] == "A hall"
    proposed = next(
        one for one in await author.get("/account/acts") if one["kind"] == "deliberation.proposed"
    )
    assert proposed["phase"] == "support"
    assert proposed["matter"] == path.rsplit("/", 1)[1]
    assert not any(one["kind"] == "deliberation.proposed" for one in mine)


async def test_what_waits_is_told_without_a_moment(api: Api) -> None:
    await api.found()
    path = await api.propose()
    author, other = api.people[0], api.people[1]
    said = (await other.post(f"{path}/comments", {"text": "Why?"}))["id"]
    await author.post(f"{path}/reactions", {"subject": said, "value": 1}, status=202)
    pages = await walked(author, "/account/acts?limit=1")
    first = pages[0][0]
    assert (first["what"], first["entry"], first["at"]) == ("reaction", None, None)
    assert first["statement"] == said
    assert len(pages[0]) == 2
    kept = [one["entry"] for page in pages for one in page if one["entry"] is not None]
    assert kept == sorted(set(kept), reverse=True)


async def test_one_chapter_can_be_asked_for(api: Api) -> None:
    await api.found()
    assert await api.people[0].get(f"/account/acts?chapter={api.chapter}")
    await api.people[0].get(f"/account/acts?chapter={'0' * 64}", status=404)
    await api.people[0].get("/account/acts?cursor=nonsense", status=422)
    assert await (await api.person()).get("/account/acts") == []
