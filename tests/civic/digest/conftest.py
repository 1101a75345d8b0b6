"""A town whose node sends mails to a server of the test."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.civic.digest.mailbox import Mailbox, mail_server
from tests.town import Town, town


@pytest.fixture
async def box() -> AsyncIterator[Mailbox]:
    """A mail server on this machine."""
    async with mail_server() as opened:
        yield opened


@pytest.fixture
async def vilnius(database_url: str, data: Path, box: Mailbox) -> AsyncIterator[Town]:
    """A node with an empty database that may send mails."""
    url = f"smtp://127.0.0.1:{box.port}"
    more: dict[str, Any] = {"CIVIC_SMTP_URL": url, "CIVIC_MAIL_FROM": "notes@example.org"}
    async with town(database_url, data, **more) as opened:
        yield opened
