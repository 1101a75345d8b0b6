"""Memberships begin once and are never lost: at the same moment, and where a process dies."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select

from chapters.tables import chapter
from civic import beginnings
from civic.app import create_app
from civic.deeds import chapter as deeds
from civic.kernel.database import reading, writing
from civic.kernel.record import store, tables
from identity import accounts, sessions
from identity import tables as private
from identity.vault import Vault, read_vault
from tests.civic.dying import Wish, dies
from tests.town import START, Town, alive, new_key, settings_of, town

WISH = {"name": "Vilnius", "template": "circle", "bylaws": {"visibility": "world"}}


@pytest.fixture
async def vilnius(database_url: str, data: Path) -> AsyncIterator[Town]:
    async with town(database_url, data) as opened:
        yield opened


async def signed_up(vilnius: Town) -> tuple[str, sessions.SignedIn]:
    """Somebody's token, and who they are."""
    visitor = await vilnius.person()
    token = visitor.client.cookies["civic"]
    async with reading(vilnius.node.engine) as db:
        known = await sessions.load(db, token, vilnius.clock.now())
    assert known is not None
    return token, known


async def vault_of(vilnius: Town, known: sessions.SignedIn) -> Vault:
    async with reading(vilnius.node.engine) as db:
        return await read_vault(db, known.account_id, known.data_key)


async def count(vilnius: Town, table: Any) -> int:
    async with reading(vilnius.node.engine) as db:
        return int(await db.scalar(select(func.count()).select_from(table)) or 0)


async def members(vilnius: Town) -> int:
    async with reading(vilnius.node.engine) as db:
        return int(await db.scalar(select(chapter.c.active)) or 0)


def client_of(app: Any, token: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app),
        base_url="http://localhost",
        headers={"authorization": f"Bearer {token}"},
    )


async def test_foundings_at_the_same_moment_are_one(
    vilnius: Town, database_url: str, data: Path
) -> None:
    """Two processes, four requests under one key: one log, one chapter, one member."""
    token, known = await signed_up(vilnius)
    other = create_app(settings_of(database_url, data), vilnius.clock)
    headers = {"idempotency-key": new_key()}
    async with (
        alive(other),
        client_of(vilnius.app, token) as here,
        client_of(other, token) as there,
    ):
        answers = await asyncio.gather(
            *(
                client.post("/api/v1/chapters", json=WISH, headers=headers)
                for client in (here, there, here, there)
            )
        )
        assert [answer.status_code for answer in answers] == [201] * 4, answers[0].text
        told = [answer.json() for answer in answers]
        assert len({(one["id"], one["member"], one["leaf"]) for one in told}) == 1
        assert sorted(one["repeated"] for one in told) == [False, True, True, True]
        # Long afterwards too, and another key is another chapter.
        again = await there.post("/api/v1/chapters", json=WISH, headers=headers)
        assert again.json()["id"] == told[0]["id"]
        assert await count(vilnius, tables.log) == 1
        headers = {"idempotency-key": new_key()}
        second = await here.post("/api/v1/chapters", json=WISH, headers=headers)
        assert second.json()["id"] != told[0]["id"]
    vault = await vault_of(vilnius, known)
    assert {one.chapter_id for one in vault.memberships} == {told[0]["id"], second.json()["id"]}
    assert await count(vilnius, private.intent) == 0


async def test_a_refused_founding_can_be_mended_under_its_key(vilnius: Town) -> None:
    token, _ = await signed_up(vilnius)
    headers = {"idempotency-key": new_key()}
    low = {**WISH, "bylaws": {"majority": 1}}
    async with client_of(vilnius.app, token) as client:
        refused = await client.post("/api/v1/chapters", json=low, headers=headers)
        assert refused.status_code == 422
        assert await count(vilnius, tables.log) == 0
        malformed = {**WISH, "name": "Vil\u0000nius"}
        broken = await client.post("/api/v1/chapters", json=malformed, headers=headers)
        assert broken.status_code in (400, 422)
        founded = await client.post("/api/v1/chapters", json=WISH, headers=headers)
        assert founded.status_code == 201
    assert await count(vilnius, private.intent) == 0


@pytest.mark.parametrize("failpoint", ["beginning.after_intent", "beginning.after_record"])
async def test_a_founding_that_a_death_broke_off(
    vilnius: Town, database_url: str, data: Path, failpoint: str
) -> None:
    token, known = await signed_up(vilnius)
    key = new_key()
    wish = Wish(
        database_url, str(data), START, token, "POST", "/api/v1/chapters", key=key, body=WISH
    )
    assert await dies(wish, failpoint)
    assert (await vault_of(vilnius, known)).memberships == ()
    recorded = failpoint == "beginning.after_record"
    async with client_of(vilnius.app, token) as client:
        # Any request at all takes up what was recorded.
        assert (await client.get("/account")).status_code == 200
        found = (await vault_of(vilnius, known)).memberships
        assert len(found) == int(recorded)
        answer = await client.post("/api/v1/chapters", json=WISH, headers={"idempotency-key": key})
        assert answer.status_code == 201
        assert answer.json()["repeated"] is recorded
        assert not found or found[0].chapter_id == answer.json()["id"]
    assert len((await vault_of(vilnius, known)).memberships) == 1
    assert await count(vilnius, tables.log) == 1
    assert await count(vilnius, private.intent) == 0


async def test_an_application_that_a_death_broke_off(
    vilnius: Town, database_url: str, data: Path
) -> None:
    founders = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*founders, template="town")
    token, known = await signed_up(vilnius)
    wish = Wish(
        database_url,
        str(data),
        START,
        token,
        "POST",
        f"/api/v1/chapters/{path[3:]}/applications",
        key=new_key(),
        body={},
    )
    assert await dies(wish, "beginning.after_record")
    async with client_of(vilnius.app, token) as client:
        me = await client.get(f"/api/v1/chapters/{path[3:]}/members/me")
        assert me.status_code == 200
        assert me.json()["state"] == "applied"
    assert (await vault_of(vilnius, known)).memberships[0].member_id == me.json()["member"]


class Death(Exception):
    """The process dies here."""


@pytest.mark.parametrize("before", [False, True])
async def test_what_is_under_way_at_midnight_is_not_forgotten(vilnius: Town, before: bool) -> None:
    """`before`: the same was begun and broke off on an earlier day, so its intent is old."""
    founders = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*founders, template="town")
    token, known = await signed_up(vilnius)
    node, key = vilnius.node, new_key()
    async with reading(node.engine) as db:
        head = await store.find_chapter(db, path[3:])
    assert head is not None
    own_id = deeds.applying_id(node.desk, head, key)
    client = client_of(vilnius.app, token)

    async def dies_before() -> Any:
        raise Death

    async def dies_behind() -> Any:
        vilnius.clock.advance(timedelta(minutes=2))
        assert vilnius.clock.now().hour == 0
        # Another request of the same person, while this one waits for its turn.
        assert (await client.get("/account")).status_code == 200
        assert await count(vilnius, private.intent) == 1
        await deeds.apply_for(node.desk, head, key)
        raise Death

    async with client:
        now = vilnius.clock.now()
        midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        vilnius.clock.advance(midnight - now - timedelta(minutes=1))
        for work, days in ((dies_before, 1), (dies_behind, 0))[not before :]:
            with pytest.raises(Death):
                await beginnings.enter(node, known, head, path[3:], own_id, key, work)
            vilnius.clock.advance(timedelta(days=days))
        assert (await client.get("/account")).status_code == 200
    assert [one.member_id for one in (await vault_of(vilnius, known)).memberships] == [own_id]
    assert await count(vilnius, private.intent) == 0


async def test_what_was_never_recorded_is_forgotten_after_a_whole_day(
    vilnius: Town, database_url: str, data: Path
) -> None:
    token, known = await signed_up(vilnius)
    wish = Wish(database_url, str(data), START, token, "POST", "/api/v1/chapters", new_key(), WISH)
    assert await dies(wish, "beginning.after_intent")
    async with client_of(vilnius.app, token) as client:
        await client.get("/account")
        assert await count(vilnius, private.intent) == 1
        await vilnius.pass_time(days=1)
        await client.get("/account")
        assert await count(vilnius, private.intent) == 1
        await vilnius.pass_time(days=1)
        await client.get("/account")
    assert await count(vilnius, private.intent) == 0
    assert (await vault_of(vilnius, known)).memberships == ()


async def test_two_invitations_taken_at_once_leave_one_member(vilnius: Town) -> None:
    """An account has one membership in a chapter; whom it cannot own leaves again."""
    founders = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*founders)
    token, known = await signed_up(vilnius)
    async with (
        client_of(vilnius.app, founders[0].client.cookies["civic"]) as lead,
        client_of(vilnius.app, token) as client,
    ):
        api = f"/api/v1/chapters/{path[3:]}"
        secrets = [(await lead.post(f"{api}/invitations")).json()["secret"] for _ in range(2)]
        answers = await asyncio.gather(
            *(
                client.post(
                    f"{api}/members",
                    json={"invitation": secret},
                    headers={"idempotency-key": new_key()},
                )
                for secret in secrets
            )
        )
        assert sorted(answer.status_code for answer in answers) == [201, 409]
        await vilnius.pass_time(minutes=1)
        me = (await client.get(f"{api}/members/me")).json()
        assert me["state"] == "active"
        assert await members(vilnius) == 4
    assert len((await vault_of(vilnius, known)).memberships) == 1


async def test_who_begins_while_the_account_is_deleted_leaves_again(
    vilnius: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    founders = [await vilnius.person() for _ in range(3)]
    path = await vilnius.founded(*founders)
    token, known = await signed_up(vilnius)
    keep = beginnings._keep

    async def deleted_first(*given: Any) -> bool:
        async with writing(vilnius.node.engine) as db:
            await accounts.delete_account(db, known.account_id)
        return await keep(*given)

    monkeypatch.setattr(beginnings, "_keep", deleted_first)
    async with (
        client_of(vilnius.app, founders[0].client.cookies["civic"]) as lead,
        client_of(vilnius.app, token) as client,
    ):
        api = f"/api/v1/chapters/{path[3:]}"
        secret = (await lead.post(f"{api}/invitations")).json()["secret"]
        answer = await client.post(
            f"{api}/members", json={"invitation": secret}, headers={"idempotency-key": new_key()}
        )
        assert answer.status_code == 409
        await vilnius.pass_time(minutes=1)
        assert await members(vilnius) == 3
