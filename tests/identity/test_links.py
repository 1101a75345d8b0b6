import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from civic.kernel.database import reading, writing
from identity import accounts, links, sessions, tables
from identity.accounts import NewAccount
from identity.side import Private

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


async def _issued(side: Private) -> tuple[NewAccount, str]:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, NOW)
        return made, await links.issue(unit, made.account_id, made.data_key, NOW)


async def test_a_link_signs_in_once(side: Private) -> None:
    made, secret = await _issued(side)
    async with writing(side.engine) as unit:
        assert await links.works(unit, secret, NOW)
        token = await links.redeem(unit, secret, NOW)
        assert token is not None
        signed_in = await sessions.load(unit, token, NOW)
        assert signed_in is not None
        assert signed_in.vault.name == made.name
        assert not signed_in.fresh(NOW)
        assert not await links.works(unit, secret, NOW)
        assert await links.redeem(unit, secret, NOW) is None


async def test_two_at_once_one_gets_in(side: Private) -> None:
    _, secret = await _issued(side)

    async def redeem() -> bool:
        async with writing(side.engine) as unit:
            return await links.redeem(unit, secret, NOW) is not None

    assert sorted(await asyncio.gather(redeem(), redeem(), redeem())) == [False, False, True]


async def test_days_and_signing_out_everywhere_end_it(side: Private) -> None:
    made, secret = await _issued(side)
    tomorrow, later = NOW + timedelta(days=1), NOW + timedelta(days=2)
    async with writing(side.engine) as unit:
        assert await links.works(unit, secret, tomorrow)
        assert not await links.works(unit, secret, later)
        assert await links.redeem(unit, secret, later) is None
        await links.sweep(unit, tomorrow)
        assert await links.works(unit, secret, tomorrow)
        await sessions.end_all(unit, made.account_id)
        assert not await links.works(unit, secret, NOW)
    _, secret = await _issued(side)
    async with writing(side.engine) as unit:
        await links.sweep(unit, later)
    async with reading(side.engine) as unit:
        assert (await unit.execute(select(tables.sign_in_link))).all() == []
