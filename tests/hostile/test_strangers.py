"""People who have an account and no membership: what they can read and who they can become."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from chapters import invitations
from civic.deeds import chapter as chapter_deeds
from civic.deeds.person import Done
from civic.kernel.database import reading
from civic.kernel.record import store
from civic.kernel.refusal import Refusal
from tests.civic.api.conftest import Api
from tests.hostile.test_poison import waiting
from tests.lives import Life, begin, done, good


async def test_an_applicant_reads_no_more_than_anybody(api: Api) -> None:
    await api.found(visibility="chapter", admission="either")
    member, stranger = api.people[1], await api.person()
    log_id = (await member.get(f"{api.path}/members/me"))["log_id"]
    await stranger.post(f"{api.path}/applications", {})

    async def get(who: str, path: str) -> int:
        answer = await api.http.get(
            f"/log/{log_id}/{path}", headers={"authorization": f"Bearer {who}"}
        )
        return answer.status_code

    async with reading(api.node.engine) as db:
        head = await store.head(db, 1)
    tile = f"tile/entries/000.p/{head.size}"
    assert await get(member.token, tile) == 200
    assert await get(stranger.token, tile) == 403
    assert await get(stranger.token, "tile/0/000.p/1") == 403
    # Nothing is published yet in this tick; the live head is for members.
    assert await get(member.token, "checkpoint") == 200
    assert await get(stranger.token, "checkpoint") == 404
    # Once admitted, they read.
    lead = api.people[0]
    office = (await lead.get(f"{api.path}/members/me"))["offices"][0]["id"]
    applied = (await stranger.get(f"{api.path}/members/me"))["member"]
    await lead.post(f"{api.path}/admissions", {"member": applied, "office": office})
    assert await get(stranger.token, tile) == 200


async def test_one_invitation_lets_one_person_in(life: Life) -> None:
    book = life.desk.book
    secret = good(await chapter_deeds.invite(life.desk, life.people[0]))
    async with reading(book.engine) as db:
        head = await store.head(db, life.log)
    async with book._queues[life.log].lock:
        tasks = [
            asyncio.create_task(chapter_deeds.join(life.desk, head, secret, f"again-{n}"))
            for n in range(3)
        ]
        await waiting(life, acts=3)
    outcomes = [outcome for _, outcome in await asyncio.gather(*tasks)]
    assert sum(isinstance(one, Done) for one in outcomes) == 1
    assert sum(isinstance(one, Refusal) for one in outcomes) == 2


async def test_the_budget_of_invitations_holds_within_a_group(
    life: Life, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chapters.papers.INVITATIONS_A_YEAR", 2)
    book, inviter = life.desk.book, life.people[3]
    secrets = [good(await chapter_deeds.invite(life.desk, inviter)) for _ in range(4)]
    async with reading(book.engine) as db:
        head = await store.head(db, life.log)
    async with book._queues[life.log].lock:
        tasks = [
            asyncio.create_task(chapter_deeds.join(life.desk, head, secret, "many"))
            for secret in secrets
        ]
        await waiting(life, acts=4)
    outcomes = [outcome for _, outcome in await asyncio.gather(*tasks)]
    assert sum(isinstance(one, Done) for one in outcomes) == 2


async def test_a_dump_does_not_tell_when_an_invitation_was_made_or_used(life: Life) -> None:
    secret = good(await chapter_deeds.invite(life.desk, life.people[3]))
    async with reading(life.desk.book.engine) as db:
        head = await store.head(db, life.log)
    _, outcome = await chapter_deeds.join(life.desk, head, secret, "join-now")
    done(outcome)
    async with reading(life.desk.book.engine) as db:
        table = invitations.invitation.c
        rows = (await db.execute(select(table.until, table.used))).all()
    assert all(until % 1440 == 0 for until, _ in rows)
    assert all(used % 1440 == 0 for _, used in rows if used is not None)


async def test_nobody_makes_an_invitation_that_lets_nobody_in(
    database: AsyncEngine, tmp_path: Path
) -> None:
    closed = await begin(database, tmp_path / "keys", people=4, bylaws={"admission": "either"})
    stranger = replace(closed.people[0], member="a" * 26)
    outcome = await chapter_deeds.invite(closed.desk, stranger)
    assert isinstance(outcome, Refusal)
    assert outcome.code == "papers.inviter"
    assert isinstance(await chapter_deeds.invite(closed.desk, closed.people[3]), str)
