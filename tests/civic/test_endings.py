"""Accounts and memberships end whole: what was asked for is done, whatever breaks off."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from sqlalchemy import func, select, update

from chapters.departures import departure
from chapters.state import of as chapter_of
from civic import jobs
from civic.audit.papers import PaperFolder
from civic.audit.run import audit_record
from civic.deeds import departing
from civic.deeds import proposal as proposal_deeds
from civic.kernel.clock import minute_of
from civic.kernel.database import private_metadata, reading, writing
from civic.kernel.record import store, tables
from civic.kernel.record.bundle import Bundle
from civic.operate.export import export_chapter
from civic.operate.restricted import export_papers
from identity import tables as private
from tests.civic.dying import Wish, dies
from tests.town import Town, Visitor, new_key, town

AT_ONCE: Callable[[], bool] = lambda: True  # noqa: E731
NEVER: Callable[[], bool] = lambda: False  # noqa: E731


@pytest.fixture
async def vilnius(database_url: str, data: Path) -> AsyncIterator[Town]:
    async with town(database_url, data) as opened:
        yield opened


@dataclass
class Chapter:
    """A circle of four; the last one wrote in a matter that has ended and in one that runs."""

    town: Town
    api: str
    path: str
    lead: httpx.AsyncClient
    leaving: httpx.AsyncClient
    visitor: Visitor
    member: str
    ended: str
    running: str
    words: dict[str, str]

    async def post(self, who: httpx.AsyncClient, path: str, body: Any = None) -> Any:
        headers = {"idempotency-key": new_key()}
        answer = await who.post(f"{self.api}{path}", json=body, headers=headers)
        assert answer.status_code in (200, 201, 202), answer.text
        return answer.json()

    async def entries(self) -> list[Any]:
        async with reading(self.town.node.engine) as db:
            head = await store.head(db, 1)
            return [
                msgspec.json.decode(raw) async for _, raw, _ in store.entries(db, 1, 0, head.size)
            ]

    async def kinds(self) -> list[str]:
        return [entry["kind"] for entry in await self.entries()]

    async def kept(self) -> set[str]:
        """The names of the words of who leaves that are still there."""
        async with reading(self.town.node.engine) as db:
            found = await db.scalars(
                select(tables.content.c.hash).where(tables.content.c.bytes.is_not(None))
            )
            there = {one.hex() for one in found}
        return {name for name, digest in self.words.items() if digest in there}

    async def ties(self) -> int:
        async with reading(self.town.node.engine) as db:
            return len((await db.execute(select(tables.tie.c.hash))).all())

    async def present(self) -> bool:
        state = await self.town.node.book.ask(1, lambda state: chapter_of(state).members)
        return state[self.member].state == "active"

    async def waiting(self) -> int:
        return await count(self.town, departure)

    async def go_on(self, now: Callable[[], bool]) -> None:
        """Go on with departures as the tick loop does, with the words' chance in our hands."""
        for own_id, one in await departing.pending(self.town.node.desk):
            await departing.depart(self.town.node.desk, own_id, one, now)

    async def delete(self, words: str) -> None:
        form = {"key": new_key(), "words": words, "sure": "yes"}
        gone = await self.leaving.post("/account/delete", data=form)
        assert gone.status_code == 303


async def count(vilnius: Town, table: Any) -> int:
    async with reading(vilnius.node.engine) as db:
        return int(await db.scalar(select(func.count()).select_from(table)) or 0)


def client_of(vilnius: Town, visitor: Visitor) -> httpx.AsyncClient:
    visitor.client.headers["authorization"] = f"Bearer {visitor.client.cookies['civic']}"
    return visitor.client


@pytest.fixture
async def circle(vilnius: Town, monkeypatch: pytest.MonkeyPatch) -> Chapter:
    # Words go when a test says so, not by chance.
    monkeypatch.setattr(departing.depart, "__defaults__", (NEVER,))
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3])
    await vilnius.join(people[0], people[3], path)
    lead, leaving = client_of(vilnius, people[0]), client_of(vilnius, people[3])
    api = f"/api/v1/chapters/{path[3:]}"
    there = Chapter(vilnius, api, path, lead, leaving, people[3], "", "", "", {})
    there.member = (await leaving.get(f"{api}/members/me")).json()["member"]
    ended, running = [
        (await there.post(lead, "/proposals", {"title": title, "text": "Let us rent one.",
                                               "secrecy": "roll_call"}))["id"]
        for title in ("A hall", "A cellar")
    ]  # fmt: skip
    own = (await there.post(leaving, "/proposals", {"title": "An attic", "text": "With a view.",
                                                    "secrecy": "roll_call"}))["id"]  # fmt: skip
    for matter in (ended, running):
        await there.post(leaving, f"/proposals/{matter}/comments", {"text": f"On {matter}"})
    await there.post(leaving, "/name", {"name": "Dora"})
    contents = [entry.get("content", []) for entry in await there.entries()]
    title, text = contents[-4]
    there.words = {
        "title": title,
        "text": text,
        "ended": contents[-3][0],
        "running": contents[-2][0],
        "name": contents[-1][0],
    }
    there.ended, there.running = ended, running
    await vilnius.pass_time(minutes=10)
    await there.post(lead, f"/proposals/{ended}/withdrawals")
    assert own
    now = minute_of(vilnius.clock.now())
    async with writing(vilnius.node.engine) as db:
        await db.execute(update(private.session).values(step_up=now))
    return there


async def audit(circle: Chapter, folder: Path) -> None:
    """Hold the whole record against the papers that are left."""
    node, chapter_id = circle.town.node, circle.path[3:]
    await circle.town.pass_time(minutes=10)
    await export_chapter(node.engine, chapter_id, folder / "bundle")
    await export_papers(node.engine, node.key_files, chapter_id, folder / "papers")
    with Bundle.open(folder / "bundle") as bundle:
        report = audit_record(bundle, chapter=chapter_id, papers=PaperFolder(folder / "papers"))
    assert report.findings == ()
    check = next(check for check in report.checks if check.name == "papers")
    assert "2 were erased or not given: the node vouches for them" in check.text


async def test_words_are_erased_after_the_account_is_gone(circle: Chapter, tmp_path: Path) -> None:
    assert await circle.ties() == 5
    await circle.delete("erase")
    # The account is gone at once with all that was its own, and so is the member.
    for table in private_metadata.sorted_tables:
        if "account_id" in table.c:
            left = await count(circle.town, table)
            assert left == await accounts_of(circle.town, table), table.name
    assert await count(circle.town, private.account) == 3
    assert (await circle.leaving.get("/api/v1/sessions/current")).status_code in (401, 404, 405)
    assert not await circle.present()
    assert (await circle.kinds())[-2:] == ["chapters.display_name_erased", "chapters.left"]
    # Words wait: erased with the leaving they would show whose they were.
    assert await circle.kept() == {"title", "text", "ended", "running"}
    assert (await circle.waiting(), await circle.ties()) == (1, 5)
    await circle.go_on(AT_ONCE)
    assert await circle.kept() == set()
    assert (await circle.kinds()).count("deliberation.words_erased") == 3
    # Their own proposal is withdrawn with its words: only the matter that runs keeps a tie.
    assert (await circle.kinds()).count("deliberation.withdrawn") == 2
    assert await circle.waiting() == 0
    await jobs.minute(circle.town.node)
    assert await circle.ties() == 3
    await audit(circle, tmp_path)
    await circle.post(circle.lead, f"/proposals/{circle.running}/withdrawals")
    await jobs.minute(circle.town.node)
    assert await circle.ties() == 2


async def accounts_of(vilnius: Town, table: Any) -> int:
    """How many rows of a table belong to accounts that are still there."""
    async with reading(vilnius.node.engine) as db:
        joined = select(func.count()).select_from(
            table.join(private.account, private.account.c.id == table.c.account_id)
        )
        return int(await db.scalar(joined) or 0)


async def test_words_are_kept_and_belong_to_nobody(circle: Chapter) -> None:
    await circle.delete("keep")
    assert not await circle.present()
    assert await circle.kept() == {"title", "text", "ended", "running"}
    assert await circle.waiting() == 0
    assert await circle.ties() == 4
    await circle.go_on(AT_ONCE)
    assert "deliberation.words_erased" not in await circle.kinds()


async def test_words_go_one_matter_at_a_time(circle: Chapter) -> None:
    await circle.delete("erase")
    chances = iter([False, True, False, False, True, True])
    await circle.go_on(lambda: next(chances))
    assert (await circle.kinds()).count("deliberation.words_erased") == 1
    assert await circle.waiting() == 1
    await circle.go_on(lambda: next(chances))
    assert (await circle.kinds()).count("deliberation.words_erased") == 2
    await circle.go_on(lambda: next(chances))
    assert await circle.kept() == set()
    assert await circle.waiting() == 0


def test_the_wait_is_long_enough_to_part_and_short_enough_to_trust() -> None:
    drawn = sum(departing.by_chance() for _ in range(departing.WAIT * 200))
    assert 100 < drawn < 320


async def test_an_erasure_that_breaks_off_is_gone_on_with(
    circle: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    await circle.delete("erase")
    erase, calls = proposal_deeds.erase, []

    async def breaking(*given: Any) -> Any:
        calls.append(given)
        if len(calls) == 2:
            raise OSError
        return await erase(*given)

    with monkeypatch.context() as broken:
        broken.setattr(proposal_deeds, "erase", breaking)
        with pytest.raises(OSError):  # noqa: PT011
            await circle.go_on(AT_ONCE)
    assert await circle.waiting() == 1
    await circle.go_on(AT_ONCE)
    assert await circle.kept() == set()
    assert (await circle.kinds()).count("deliberation.words_erased") == 3
    assert await circle.waiting() == 0


@pytest.mark.parametrize("failpoint", ["leaving.after_note", "leaving.after_left"])
async def test_a_deletion_that_a_death_broke_off(
    circle: Chapter, database_url: str, data: Path, failpoint: str
) -> None:
    form = {"key": new_key(), "words": "keep", "sure": "yes"}
    token = circle.visitor.client.cookies["civic"]
    now = circle.town.clock.now()
    wish = Wish(database_url, str(data), now, token, "POST", "/account/delete", form=form)
    assert await dies(wish, failpoint)
    assert await count(circle.town, private.account) == 3
    assert await circle.waiting() == 1
    assert await circle.present() is (failpoint == "leaving.after_note")
    await jobs.minute(circle.town.node)
    assert not await circle.present()
    assert await circle.waiting() == 0
    assert await circle.ties() == 4
    assert (await circle.kinds()).count("chapters.left") == 1


async def test_leaving_with_ties(circle: Chapter) -> None:
    await circle.visitor.send(f"{circle.path}/people/leave", "/people/leave", ties="yes")
    assert not await circle.present()
    # Words stay: who leaves a chapter is told to erase them before.
    assert await circle.kept() == {"title", "text", "ended", "running"}
    assert (await circle.waiting(), await circle.ties()) == (0, 4)
    assert (await circle.leaving.get(f"{circle.api}/members/me")).status_code == 403


async def test_leaving_without_ties(circle: Chapter) -> None:
    left = await circle.leaving.delete(
        f"{circle.api}/members/me", headers={"idempotency-key": new_key()}
    )
    assert left.status_code == 200
    assert (await circle.waiting(), await circle.ties()) == (0, 5)


async def test_leaving_by_the_api_with_ties(circle: Chapter) -> None:
    headers = {"idempotency-key": new_key()}
    wrong = await circle.leaving.delete(f"{circle.api}/members/me?ties=some", headers=headers)
    assert wrong.status_code == 422 or wrong.status_code == 400
    assert await circle.present()
    left = await circle.leaving.delete(f"{circle.api}/members/me?ties=erase", headers=headers)
    assert left.status_code == 200
    assert (await circle.waiting(), await circle.ties()) == (0, 4)


async def test_a_leaving_that_a_death_broke_off(
    circle: Chapter, database_url: str, data: Path
) -> None:
    token = circle.visitor.client.cookies["civic"]
    path = f"{circle.api}/members/me?ties=erase"
    now = circle.town.clock.now()
    wish = Wish(database_url, str(data), now, token, "DELETE", path, key=new_key())
    assert await dies(wish, "leaving.after_left")
    assert not await circle.present()
    await jobs.minute(circle.town.node)
    assert (await circle.waiting(), await circle.ties()) == (0, 4)
    # The account still names the member; that hinders nobody from coming back.
    invited = await circle.post(circle.lead, "/invitations")
    again = await circle.post(circle.leaving, "/members", {"invitation": invited["secret"]})
    assert again["id"] != circle.member


async def test_who_has_asked_to_join_never_becomes_a_member_nobody_owns(vilnius: Town) -> None:
    people = [await vilnius.person() for _ in range(4)]
    path = await vilnius.founded(*people[:3], template="town")
    there = Chapter(vilnius, f"/api/v1/chapters/{path[3:]}", path, client_of(vilnius, people[0]),
                    client_of(vilnius, people[3]), people[3], "", "", "", {})  # fmt: skip
    there.member = (await there.post(there.leaving, "/applications", {}))["id"]
    await there.delete("keep")
    assert await there.waiting() == 1
    office = (await there.lead.get(f"{there.api}/members/me")).json()["offices"][0]["id"]
    await there.post(there.lead, "/admissions", {"member": there.member, "office": office})
    assert await there.present()
    await jobs.minute(vilnius.node)
    assert not await there.present()
    assert await there.waiting() == 0
