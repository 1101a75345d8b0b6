"""Intents: readable with the person's own key alone, of one size, gone with the account."""

from datetime import date

import pytest
from sqlalchemy import select

from civic.kernel.database import reading, writing
from civic.kernel.keys import SealBroken
from identity import accounts, intents, tables
from identity.intents import Intent
from identity.side import Private

TODAY = date(2026, 11, 22)
SHORT = Intent(1, "a" * 64, "m" * 26, "0" * 32)
LONG = Intent(2**31, "b" * 64, "n" * 26, "f" * 32)


async def test_an_intent_is_kept_once_and_opened_with_its_key_alone(side: Private) -> None:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, side.clock.now())
        one, other = (intents.key_of(made.data_key, what) for what in ("found\n1", "found\n2"))
        for key, intent in ((one, SHORT), (other, LONG), (one, LONG)):
            await intents.put(unit, made.account_id, made.data_key, key, intent, TODAY)
        assert await intents.find(unit, made.account_id, made.data_key, one) == SHORT
        found = await intents.unfinished(unit, made.account_id, made.data_key)
        assert {intent for _, intent, _ in found} == {SHORT, LONG}
        with pytest.raises(SealBroken):
            await intents.find(unit, made.account_id, bytes(32), one)
        rows = (await unit.execute(select(tables.intent))).all()
    assert len({len(row.sealed) for row in rows}) == 1
    assert all(SHORT.member_id.encode() not in row.sealed for row in rows)
    assert "m" * 26 not in repr(SHORT)


async def test_an_intent_goes_when_it_is_dropped_and_with_its_account(side: Private) -> None:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, side.clock.now())
        one, other = (intents.key_of(made.data_key, what) for what in ("1", "2"))
        for key in (one, other):
            await intents.put(unit, made.account_id, made.data_key, key, SHORT, TODAY)
        await intents.drop(unit, made.account_id, one)
        assert await intents.find(unit, made.account_id, made.data_key, one) is None
        assert len(await intents.unfinished(unit, made.account_id, made.data_key)) == 1
        await accounts.delete_account(unit, made.account_id)
    async with reading(side.engine) as db:
        assert (await db.execute(select(tables.intent))).all() == []


def test_keys_tell_nothing_and_differ() -> None:
    keys = {intents.key_of(bytes([n]) * 32, what) for n in range(2) for what in ("a", "b")}
    assert len(keys) == 4
    assert all(len(key) == 32 for key in keys)
