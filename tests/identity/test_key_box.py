"""The wrapped seed of an account: kept as it came, one for each way to sign in."""

import base64
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from civic.kernel.database import reading, writing
from identity import accounts, key_box, tables
from identity.key_box import Box
from identity.side import Private
from tests.town import Town, town

PATH = "/account/key-box"
PROGRAM = {"accept": "application/json"}
WRAPPED = bytes(range(100))


async def kept(side: Private, account_id: str) -> list[Box]:
    async with reading(side.engine) as unit:
        return await key_box.boxes(unit, account_id)


async def test_the_first_seed_is_the_only_one(side: Private) -> None:
    async with writing(side.engine) as unit:
        new = await accounts.create_bare(unit, side.keys, side.clock.now())
        assert await key_box.begin(unit, new.account_id, Box("passphrase", WRAPPED))
        assert not await key_box.begin(unit, new.account_id, Box("passkey:a", b"other"))
        assert await key_box.add(unit, new.account_id, Box("passkey:a", b"same seed"))
        assert not await key_box.add(unit, new.account_id, Box("passkey:a", b"again"))
    assert await kept(side, new.account_id) == [
        Box("passkey:a", b"same seed"),
        Box("passphrase", WRAPPED),
    ]
    async with writing(side.engine) as unit:
        await key_box.replace(unit, new.account_id, Box("passphrase", b"newer"))
        await key_box.drop(unit, new.account_id, "passkey:a")
    assert await kept(side, new.account_id) == [Box("passphrase", b"newer")]


async def test_it_goes_with_the_account(side: Private) -> None:
    async with writing(side.engine) as unit:
        new = await accounts.create_bare(unit, side.keys, side.clock.now())
        await key_box.begin(unit, new.account_id, Box("passphrase", WRAPPED))
        await accounts.delete_account(unit, new.account_id)
        assert await unit.scalar(select(func.count()).select_from(tables.key_box)) == 0


async def test_no_account_fills_the_table(side: Private) -> None:
    async with writing(side.engine) as unit:
        new = await accounts.create_bare(unit, side.keys, side.clock.now())
        added = [
            await key_box.add(unit, new.account_id, Box(f"passkey:{n}", WRAPPED)) for n in range(25)
        ]
    assert added.count(True) == key_box.BOXES_MOST


def test_browsers_know_accounts_apart() -> None:
    one, other = (key_box.tag_of(bytes([n]) * 32) for n in (1, 2))
    assert one != other
    assert len(one) == 32


def keeping(**more: Any) -> dict[str, Any]:
    wrapped = base64.b64encode(WRAPPED).decode()
    return {"method": "passphrase", "wrapped": wrapped, "how": "first", **more}


@pytest.fixture
async def place(database_url: str, data: Path) -> AsyncIterator[Town]:
    async with town(database_url, data) as opened:
        yield opened


@pytest.mark.parametrize(
    "wrong",
    [
        {"method": "else"},
        {"method": "passkey:"},
        {"method": "passphrase\n"},
        {"wrapped": "AAAA"},
        {"wrapped": base64.b64encode(bytes(2000)).decode()},
        {"how": "please"},
        {"seed": "00" * 32},
    ],
)
async def test_nothing_else_is_kept(place: Town, wrong: dict[str, str]) -> None:
    client = (await place.person()).client
    answer = await client.post(PATH, json=keeping(**wrong))
    assert answer.status_code in (400, 422)
    assert (await client.get(PATH)).json()["boxes"] == []


async def test_a_browser_keeps_and_reads_it(place: Town) -> None:
    client = (await place.person()).client
    assert (await client.post(PATH, json=keeping())).status_code == 204
    assert (await client.post(PATH, json=keeping())).status_code == 409
    held = (await client.get(PATH)).json()
    assert [one["method"] for one in held["boxes"]] == ["passphrase"]
    assert base64.b64decode(held["boxes"][0]["wrapped"]) == WRAPPED
    more = keeping(method="passkey:one", how="more")
    assert (await client.post(PATH, json=more)).status_code == 204
    other = (await place.person()).client
    theirs = (await other.get(PATH)).json()
    assert theirs["boxes"] == []
    assert theirs["account"] != held["account"]


@pytest.mark.parametrize("how", ["first", "more", "instead"])
async def test_an_open_browser_puts_nothing_there(place: Town, how: str) -> None:
    person = await place.person()
    client = person.client
    place.clock.advance(timedelta(minutes=6))
    answer = await client.post(PATH, json=keeping(how=how), headers=PROGRAM)
    assert answer.status_code == 401
    assert answer.json()["type"] == "/problems/request.step_up_needed"
    assert (await client.get(PATH)).json()["boxes"] == []
    await place.stepped_up(person)
    assert (await client.post(PATH, json=keeping(how=how))).status_code == 204
    assert len((await client.get(PATH)).json()["boxes"]) == 1


async def test_only_the_person_may(place: Town) -> None:
    stranger = place.stranger().client
    assert (await stranger.get(PATH, headers=PROGRAM)).status_code == 401
    assert (await stranger.post(PATH, json=keeping(), headers=PROGRAM)).status_code == 401
