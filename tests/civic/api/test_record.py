"""The record over the API: page by page, one entry with its leaf, and acts that are disowned."""

import hashlib

import msgspec

from civic import publication
from tests.civic.api.conftest import Api
from tests.civic.api.test_reading import walked


async def test_entries_are_listed_newest_first_and_hash_to_their_leaves(api: Api) -> None:
    await api.found()
    one = api.people[1]
    pages = await walked(one, f"{api.path}/record?limit=5")
    listed = [entry for page in pages for entry in page]
    assert [entry["index"] for entry in listed] == list(reversed(range(len(listed))))
    assert {len(page) for page in pages[:-1]} == {5}
    assert listed[-1]["kind"] == "chapters.founded"
    assert listed[-1]["entry"]["kind"] == "chapters.founded"
    whole = await one.get(f"{api.path}/record/0")
    assert whole["told"] == listed[-1]
    raw = msgspec.json.encode(whole["told"]["entry"])
    assert whole["leaf"] == hashlib.sha256(b"\0" + raw).hexdigest()
    assert hashlib.sha256(raw).hexdigest() == api.chapter
    await one.get(f"{api.path}/record/{len(listed)}", status=404)
    await one.get(f"{api.path}/record/{2**60}", status=404)
    await one.get(f"{api.path}/record/{2**70}", status=404)


async def test_outsiders_see_what_was_published(api: Api) -> None:
    await api.found(visibility="chapter")
    stranger = await api.person()
    path = await api.propose()
    assert await stranger.get(f"{api.path}/record") == []
    await publication.publish(api.node)
    await api.pass_time(minutes=10)
    seen = await stranger.get(f"{api.path}/record")
    assert "chapters.founded" in {entry["kind"] for entry in seen}
    assert "deliberation.proposed" not in {entry["kind"] for entry in seen}
    await stranger.get(f"{path}/entries", status=404)
    own = await api.people[1].get(f"{path}/entries")
    assert own[-1]["kind"] == "deliberation.proposed"


async def test_authors_alone_say_that_they_did_not_do_it(api: Api) -> None:
    await api.found()
    path = await api.propose()
    author, other = api.people[0], api.people[1]
    index = (await author.get(f"{path}/entries"))[-1]["index"]
    assert (await author.get(f"{api.path}/record/{index}"))["mine"] is True
    assert (await other.get(f"{api.path}/record/{index}"))["mine"] is False
    await other.post(f"{api.path}/record/{index}/disownings", status=404)
    done = await author.post(f"{api.path}/record/{index}/disownings")
    assert (await other.get(f"{api.path}/record/{index}"))["disowned"] == done["index"]


async def test_members_see_what_they_did(api: Api) -> None:
    await api.found()
    lead, stranger = api.people[0], await api.person()
    pages = await walked(lead, f"{api.path}/members/me/acts?limit=2")
    kinds = {entry["kind"] for page in pages for entry in page}
    assert {"chapters.founder_confirmed", "chapters.constituted"} <= kinds
    own = (await lead.get(f"{api.path}/members/me"))["member"]
    assert {entry["by_id"] for page in pages for entry in page} == {own}
    await stranger.get(f"{api.path}/members/me/acts", status=404)
