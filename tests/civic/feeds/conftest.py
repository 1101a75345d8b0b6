"""A town for each test."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.town import Town, town


@pytest.fixture
async def vilnius(database_url: str, data: Path) -> AsyncIterator[Town]:
    """A node with an empty database, its people, and a clock that stands still."""
    async with town(database_url, data) as opened:
        yield opened
