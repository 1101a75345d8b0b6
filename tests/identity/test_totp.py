import asyncio
import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
from sqlalchemy import select

from civic.kernel.database import reading, writing
from civic.kernel.keys import SealBroken
from identity import accounts, tables, totp
from identity.passphrase import Cost
from identity.side import Private

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


def test_the_vector_of_rfc_6238() -> None:
    # Appendix B, SHA-1: the secret is the ASCII text 12345678901234567890; last six of 94287082.
    secret = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
    moment = datetime.fromtimestamp(59, UTC)
    assert totp.matching_step(secret, "287082", moment) == 1


@pytest.mark.parametrize(("off", "accepted"), [(-60, False), (-30, True), (30, True), (60, False)])
def test_one_step_of_drift(off: int, accepted: bool) -> None:
    secret = totp.new_secret()
    then = NOW + timedelta(seconds=off)
    code = pyotp.TOTP(secret).at(then)
    expected = totp.step_of(then) if accepted else None
    assert totp.matching_step(secret, code, NOW) == expected


def test_spaces_in_a_code_do_not_matter() -> None:
    secret = totp.new_secret()
    code = pyotp.TOTP(secret).at(NOW)
    assert totp.matching_step(secret, f" {code[:3]} {code[3:]}", NOW) == totp.step_of(NOW)
    for wrong in ("", "abcdef", code[:5], f"{code}0", "१२३४५६"):
        assert totp.matching_step(secret, wrong, NOW) is None


def test_a_secret_is_bound_to_its_account() -> None:
    sealed = totp.seal_secret(bytes(32), "ABC", "one")
    assert totp.open_secret(bytes(32), sealed, "one") == "ABC"
    with pytest.raises(SealBroken):
        totp.open_secret(bytes(32), sealed, "two")


def test_the_picture_is_plain_svg() -> None:
    address = totp.uri(totp.new_secret(), "acorn-violin-harbor-tulip", "localhost")
    assert address.startswith("otpauth://totp/localhost:acorn-violin-harbor-tulip?secret=")
    drawn = totp.qr_svg(address)
    assert drawn.startswith("<svg")
    assert not re.search(r"style|script|href|<\?xml", drawn)


async def _enrolled(side: Private) -> str:
    async with writing(side.engine) as unit:
        made = await accounts.create_bare(unit, side.keys, NOW)
        given = accounts.Factors(b"", Cost(), b"", b"", totp.new_secret())
        await accounts.add_factors(unit, side.keys, made.account_id, given, totp.step_of(NOW), NOW)
    return made.account_id


async def test_a_step_is_accepted_once_and_never_an_older_one(side: Private) -> None:
    account_id = await _enrolled(side)
    step = totp.step_of(NOW)
    async with writing(side.engine) as unit:
        assert not await totp.claim(unit, account_id, step)
        assert await totp.claim(unit, account_id, step + 1)
        assert not await totp.claim(unit, account_id, step)
        assert not await totp.claim(unit, account_id, step + 1)
        assert not await totp.claim(unit, "nobody", step + 2)


async def test_two_at_once_one_is_accepted(side: Private) -> None:
    account_id = await _enrolled(side)

    async def claim() -> bool:
        async with writing(side.engine) as unit:
            return await totp.claim(unit, account_id, totp.step_of(NOW) + 1)

    assert sorted(await asyncio.gather(claim(), claim(), claim())) == [False, False, True]


async def test_old_steps_are_forgotten_but_none_that_could_be_used_again(side: Private) -> None:
    account_id = await _enrolled(side)

    async def last_step() -> int:
        async with reading(side.engine) as unit:
            found: int | None = await unit.scalar(select(tables.totp.c.last_step))
        assert found is not None
        return found

    for seconds in (0, 30, 59):
        async with writing(side.engine) as unit:
            await totp.sweep(unit, NOW + timedelta(seconds=seconds))
        assert await last_step() == totp.step_of(NOW)
    async with writing(side.engine) as unit:
        await totp.sweep(unit, NOW + timedelta(seconds=60))
        assert await totp.claim(unit, account_id, totp.step_of(NOW) + 2)
