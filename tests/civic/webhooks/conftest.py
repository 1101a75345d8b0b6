"""A town for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.town import Town, town


@pytest.fixture
async def vilnius(database_url: str, data: Path) -> AsyncIterator[Town]:
    """A node that may call receivers on this machine, its people, a clock that stands still."""
    async with town(database_url, data, CIVIC_DEMO="1", CIVIC_WEBHOOKS="loopback") as opened:
        yield opened
