from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import reading, writing
from identity import accounts, at_once, devices, sessions, tables
from identity.accounts import NewAccount
from identity.sessions import SignedIn
from identity.side import Private

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


async def _signed_in(side: Private, *, fresh: bool = True) -> tuple[NewAccount, str]:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, NOW)
        token = await sessions.start(
            unit, made.account_id, made.data_key, NOW, fresh=fresh, by="passphrase"
        )
    return made, token


async def _load(engine: AsyncEngine, token: str | None, now: datetime = NOW) -> SignedIn | None:
    """Load in both ways, which must agree."""
    async with reading(engine) as unit:
        found = await sessions.load(unit, token, now)
    quick = await at_once.load_at_once(engine, token, now)
    assert (found is None) is (quick is None)
    if found is not None and quick is not None:
        assert (found.account_id, found.vault) == (quick.account_id, quick.vault)
        assert (found.id_hash, found.step_up) == (quick.id_hash, quick.step_up)
        assert found.last_used == quick.last_used
    return found


async def test_a_token_opens_the_vault_of_its_account(side: Private) -> None:
    made, token = await _signed_in(side)
    found = await _load(side.engine, token)
    assert found is not None
    assert found.account_id == made.account_id
    assert found.data_key == made.data_key
    assert found.vault.name == made.name
    assert made.account_id not in repr(found)


async def test_the_table_holds_neither_token_nor_key(side: Private) -> None:
    made, token = await _signed_in(side)
    async with reading(side.engine) as unit:
        row = (await unit.execute(select(tables.session))).one()
    assert row.id_hash == sessions.id_hash(token)
    stored = b"".join(value for value in row if isinstance(value, bytes))
    assert token.encode() not in stored
    assert made.data_key not in stored


async def test_nobody_costs_no_query_and_somebody_one(side: Private) -> None:
    _, token = await _signed_in(side)
    statements: list[str] = []

    @event.listens_for(side.engine.sync_engine, "before_cursor_execute")
    def _count(_c: object, _cursor: object, statement: str, *_: object) -> None:
        statements.append(statement)

    async with reading(side.engine) as unit:
        assert await sessions.load(unit, None, NOW) is None
        assert statements == []
        assert await sessions.load(unit, token, NOW) is not None
        assert len(statements) == 1
        assert await sessions.load(unit, "A" * 43, NOW) is None


async def test_signing_out(side: Private) -> None:
    made, token = await _signed_in(side)
    async with writing(side.engine) as unit:
        others = [
            await sessions.start(
                unit, made.account_id, made.data_key, NOW, fresh=False, by="passphrase"
            )
            for _ in range(3)
        ]
        await sessions.end(unit, token)
        await sessions.end_one(unit, made.account_id, sessions.id_hash(others[0]))
        await sessions.end_one(unit, "somebody else", sessions.id_hash(others[1]))
    alive = [await _load(side.engine, found) is not None for found in (token, *others)]
    assert alive == [False, False, True, True]
    async with writing(side.engine) as unit:
        await sessions.end_all(unit, made.account_id)
    assert [await _load(side.engine, found) for found in others] == [None, None, None]


async def test_idle_and_absolute_limits(side: Private) -> None:
    _, token = await _signed_in(side)
    assert await _load(side.engine, token, NOW + timedelta(days=14)) is not None
    assert await _load(side.engine, token, NOW + timedelta(days=15)) is None
    for days in range(10, 91, 10):
        now = NOW + timedelta(days=days)
        found = await _load(side.engine, token, now)
        assert found is not None
        async with writing(side.engine) as unit:
            await sessions.touch(unit, found, now)
    assert await _load(side.engine, token, NOW + timedelta(days=91)) is None


async def test_use_is_noted_once_a_day(side: Private) -> None:
    _made, token = await _signed_in(side)
    tomorrow = NOW + timedelta(days=1)
    found = await _load(side.engine, token)
    assert found is not None
    async with writing(side.engine) as unit:
        await sessions.touch(unit, found, NOW)
        assert (await devices.listed(unit, found))[0].last_used == NOW.date()
        await sessions.touch(unit, found, tomorrow)
        device = (await devices.listed(unit, found))[0]
    assert device == (sessions.id_hash(token), date(2026, 11, 22), date(2026, 11, 23), "")


async def test_fresh_means_five_minutes(side: Private) -> None:
    for fresh in (True, False):
        _, token = await _signed_in(side, fresh=fresh)
        found = await _load(side.engine, token)
        assert found is not None
        assert found.fresh(NOW + timedelta(minutes=5)) is fresh
        assert not found.fresh(NOW + timedelta(minutes=6))


async def test_sweeping_forgets_the_minute_and_what_has_ended(side: Private) -> None:
    _, token = await _signed_in(side)
    async with writing(side.engine) as unit:
        await sessions.sweep(unit, NOW + timedelta(minutes=5))
        assert await unit.scalar(select(tables.session.c.step_up)) is not None
        await sessions.sweep(unit, NOW + timedelta(minutes=6))
        assert await unit.scalar(select(tables.session.c.step_up)) is None
        await sessions.sweep(unit, NOW + timedelta(days=15))
        assert (await unit.execute(select(tables.session))).all() == []
    assert await _load(side.engine, token) is None


TOKEN = "t" * 43


@pytest.mark.parametrize(
    ("cookies", "authorization", "secure", "found"),
    [
        ({"civic": TOKEN}, None, False, TOKEN),
        ({"__Host-civic": TOKEN}, None, True, TOKEN),
        # A cookie set over http, or by a neighbour of the domain, is no session over https.
        ({"civic": TOKEN}, None, True, None),
        ({}, f"Bearer {TOKEN}", True, TOKEN),
        ({}, f"bearer {TOKEN}", True, TOKEN),
        # A program that names a token means that one, never the browser's.
        ({"civic": TOKEN}, "Bearer x", False, None),
        ({"civic": TOKEN}, f"Basic {TOKEN}", False, None),
        ({"civic": "short"}, None, False, None),
        ({}, None, False, None),
    ],
)
def test_where_a_token_stands(
    cookies: dict[str, str], authorization: str | None, secure: bool, found: str | None
) -> None:
    assert sessions.token_of(cookies, authorization, secure=secure) == found
