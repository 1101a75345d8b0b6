"""What an account lacks that would keep its person from being locked out."""

from sqlalchemy import insert

from civic.kernel.database import reading, writing
from identity import accounts, tables
from identity.lacking import Lacking, lacking
from identity.recovery import tables as recovery
from identity.side import Private


async def test_ways_and_the_sheet_are_missed_until_they_are_there(side: Private) -> None:
    now = side.clock.now()
    async with writing(side.engine) as unit:
        account = (await accounts.create_bare(unit, side.keys, now)).account_id
        other = (await accounts.create_bare(unit, side.keys, now)).account_id
    assert await _lacking(side, account) == Lacking(way=True, second_way=False, sheet=True)
    await _passkey(side, account, b"1")
    assert await _lacking(side, account) == Lacking(way=False, second_way=True, sheet=True)
    await _passkey(side, account, b"2")
    async with writing(side.engine) as unit:
        await unit.execute(
            insert(recovery.code).values(code_hash=b"h", account_id=account, wrapped_key=b"w")
        )
    assert await _lacking(side, account) == Lacking(way=False, second_way=False, sheet=False)
    assert await _lacking(side, other) == Lacking(way=True, second_way=False, sheet=True)


async def _lacking(side: Private, account: str) -> Lacking:
    async with reading(side.engine) as unit:
        return await lacking(unit, account)


async def _passkey(side: Private, account: str, mark: bytes) -> None:
    async with writing(side.engine) as unit:
        await unit.execute(
            insert(tables.passkey).values(
                id=f"k{mark.hex()}",
                account_id=account,
                credential_id=mark,
                public_key=b"p",
                sign_count=0,
                by_secret=False,
                wrapped_key=b"w",
                added_month="2026-03",
            )
        )
