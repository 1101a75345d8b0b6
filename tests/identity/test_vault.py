import asyncio
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from civic.kernel.database import reading, writing
from civic.kernel.keys import SealBroken
from civic.kernel.record.entry import id_of
from identity import accounts, tables, vault
from identity.side import Private
from identity.vault import Membership, Vault

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
KEY = bytes(range(32))
HERE = Membership("c" * 64, "d" * 64, id_of(bytes(16)))

ids = st.binary(min_size=16, max_size=16).map(id_of)
vaults = st.builds(
    Vault,
    name=st.text(),
    memberships=st.lists(st.builds(Membership, st.text(), st.text(), ids)).map(tuple),
    seed=st.none() | st.binary(min_size=32, max_size=32),
)


@given(vaults)
def test_a_vault_comes_back_and_its_size_says_little(kept: Vault) -> None:
    sealed = vault.seal_vault(KEY, kept, "account")
    assert vault.open_vault(KEY, sealed, "account") == kept
    assert len(sealed) % 1024 == 40
    assert repr(kept) == "Vault(...)"


def test_only_its_own_key_and_account_open_it() -> None:
    sealed = vault.seal_vault(KEY, Vault("name"), "one")
    for key, account in ((KEY, "two"), (bytes(32), "one")):
        with pytest.raises(SealBroken):
            vault.open_vault(key, sealed, account)
    wrapped = vault.wrap(KEY, bytes(32), "one")
    assert vault.unwrap(KEY, wrapped, "one") == bytes(32)
    for key, account in ((KEY, "two"), (bytes(32), "one")):
        with pytest.raises(SealBroken):
            vault.unwrap(key, wrapped, account)


def test_one_membership_a_chapter() -> None:
    moved = Membership(HERE.chapter_id, HERE.log_id, id_of(b"1" * 16))
    kept = Vault("name").joined(HERE)
    assert kept.membership(HERE.chapter_id) == HERE
    assert kept.joined(moved).memberships == (moved,)
    assert kept.left(HERE.chapter_id).membership(HERE.chapter_id) is None


async def test_changes_at_the_same_moment_are_all_kept(side: Private) -> None:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, NOW)
    account_id, key = made.account_id, made.data_key

    async def join(chapter_id: str) -> None:
        membership = Membership(chapter_id, HERE.log_id, HERE.member_id)
        async with writing(side.engine) as unit:
            await vault.update_vault(
                unit, account_id, key, lambda before: before.joined(membership)
            )

    await asyncio.gather(*(join(str(number)) for number in range(6)))
    async with reading(side.engine) as db:
        kept = await vault.read_vault(db, account_id, key)
    assert {one.chapter_id for one in kept.memberships} == set("012345")
    assert kept.name == made.name


async def test_no_change_writes_nothing(side: Private) -> None:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, NOW)
        before = await unit.scalar(select(tables.account.c.vault_version))
        await vault.update_vault(unit, made.account_id, made.data_key, lambda kept: kept)
        assert before == await unit.scalar(select(tables.account.c.vault_version))
        with pytest.raises(LookupError):
            await vault.update_vault(unit, "nobody", made.data_key, lambda kept: kept)


async def test_it_gives_up_when_others_always_come_first(side: Private) -> None:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, NOW)
        await unit.execute(
            text(
                "CREATE FUNCTION private.refuse() RETURNS trigger LANGUAGE plpgsql AS"
                " 'BEGIN RETURN NULL; END'"
            )
        )
        await unit.execute(
            text(
                "CREATE TRIGGER refuse BEFORE UPDATE ON private.account"
                " FOR EACH ROW EXECUTE FUNCTION private.refuse()"
            )
        )
        with pytest.raises(vault.VaultBusy):
            await vault.update_vault(
                unit, made.account_id, made.data_key, lambda kept: kept.joined(HERE)
            )
