"""`civic operator-link`: what it prints opens the page, and the database knows only its hash."""

import asyncio
import re
from pathlib import Path

import pytest
from sqlalchemy import select

from civic.cli import main
from civic.kernel.clock import SystemClock
from civic.kernel.database import create_engine, writing
from civic.operate import operator_sessions
from civic.operate.tables import operator_session


def test_the_command_prints_a_link_that_works_once(
    database_url: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("CIVIC_DATA", str(tmp_path))
    monkeypatch.setenv("CIVIC_DATABASE_URL", database_url.replace("+asyncpg", ""))
    monkeypatch.setenv("CIVIC_URL", "https://civic.example")
    assert main(["operator-link"]) == 0
    printed = capsys.readouterr().out
    found = re.search(r"^https://civic\.example/operator/enter/([\w-]{43})$", printed, re.M)
    assert found is not None
    redeemed, again, kept = asyncio.run(_redeem(database_url, found[1]))
    assert redeemed is not None
    assert again is None
    assert len(kept) == 1
    assert not {found[1].encode(), redeemed.encode()} & set(kept)


async def _redeem(url: str, secret: str) -> tuple[str | None, str | None, list[bytes]]:
    engine = create_engine(url, size=0)
    now = SystemClock().now()
    try:
        async with writing(engine) as unit:
            one = await operator_sessions.redeem(unit, secret, now)
            other = await operator_sessions.redeem(unit, secret, now)
            kept = (await unit.scalars(select(operator_session.c.id_hash))).all()
            assert one is not None
            assert await operator_sessions.session_works(unit, one, now)
            assert not await operator_sessions.link_works(unit, one, now)
        return one, other, list(kept)
    finally:
        await engine.dispose()
