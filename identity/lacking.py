"""What an account lacks that would keep its person from being locked out."""

from typing import NamedTuple

from sqlalchemy import exists, func, select

from civic.kernel.database import Reading
from identity import tables
from identity.recovery import tables as recovery


class Lacking(NamedTuple):
    """What is missing: a way to sign in at all, a second one, a recovery sheet."""

    way: bool
    second_way: bool
    sheet: bool


async def lacking(unit: Reading, account_id: str) -> Lacking:
    """Return what an account lacks, in one query; a sheet counts once it was confirmed."""
    phrase, passkey, code = tables.passphrase.c, tables.passkey.c, recovery.code.c
    row = await unit.execute(
        select(
            exists().where(phrase.account_id == account_id),
            select(func.count()).where(passkey.account_id == account_id).scalar_subquery(),
            exists().where(code.account_id == account_id),
        )
    )
    by_phrase, passkeys, sheet = row.one()
    ways = passkeys + by_phrase
    return Lacking(ways == 0, ways == 1, not sheet)
