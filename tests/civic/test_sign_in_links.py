"""Links that sign in are a demonstration's: `civic serve` has no page, command or use for them."""

import argparse
from pathlib import Path

import pytest

from civic import commands
from civic.kernel.database import reading, writing
from identity import accounts, links
from tests.town import town


async def test_a_node_takes_no_link(database_url: str, data: Path) -> None:
    """Not even one that lies in its database, as after a demonstration was restored."""
    async with town(database_url, data) as opened:
        now, engine = opened.clock.now(), opened.node.engine
        async with writing(engine) as db:
            made = await accounts.create_bare(db, opened.node.private.keys, now)
            secret = await links.issue(db, made.account_id, made.data_key, now)
        stranger = opened.stranger()
        for answer in (
            await stranger.client.get(f"/enter/{secret}"),
            await stranger.client.post(f"/enter/{secret}", data={"key": "a" * 32}),
        ):
            assert answer.status_code == 404
            assert "set-cookie" not in answer.headers
        async with reading(engine) as db:
            assert await links.works(db, secret, now)


async def test_a_demonstration_takes_it(database_url: str, data: Path) -> None:
    async with town(database_url, data, CIVIC_DEMO="1") as opened:
        now, engine = opened.clock.now(), opened.node.engine
        async with writing(engine) as db:
            made = await accounts.create_bare(db, opened.node.private.keys, now)
            secret = await links.issue(db, made.account_id, made.data_key, now)
        stranger = opened.stranger()
        entered = await stranger.client.post(f"/enter/{secret}", data={"key": "a" * 32})
        assert entered.status_code == 303


def test_serve_is_no_demonstration(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CIVIC_DEMO", "1")
    parser = argparse.ArgumentParser()
    commands.add_serve_command(parser.add_subparsers())
    given = parser.parse_args(["serve"])
    assert given.run(given) == 1
    assert "civic demo" in capsys.readouterr().err


def test_no_command_makes_one() -> None:
    """`civic operator-link` opens the operator's page and belongs to no account."""
    parser = argparse.ArgumentParser()
    known = parser.add_subparsers()
    for add in commands.COMMANDS:
        add(known)
    assert {name for name in known.choices if "link" in name or "enter" in name} == {
        "operator-link"
    }
