"""One request to a node's application in a process of its own, which may die at a failpoint.

Reads a `Wish` as JSON from standard input and prints the status of the answer.
"""

import asyncio
import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import msgspec

from civic.app import create_app
from civic.kernel.clock import SetClock
from tests.town import alive, settings_of

ROOT = Path(__file__).parents[2]


class Wish(msgspec.Struct):
    """A request of somebody who is signed in, at a moment; `form` or `body` is what it carries."""

    url: str
    data: str
    now: datetime
    token: str
    method: str
    path: str
    key: str = ""
    body: Any = None
    form: dict[str, str] | None = None


async def ask(wish: Wish) -> int:
    """Send the request to an application of this process and return the status."""
    app = create_app(settings_of(wish.url, Path(wish.data)), SetClock(wish.now))
    async with alive(app):
        transport = httpx.ASGITransport(app=app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.request(
                wish.method,
                wish.path,
                json=wish.body,
                data=wish.form,
                headers={"authorization": f"Bearer {wish.token}", "idempotency-key": wish.key},
            )
            return answer.status_code


async def dies(wish: Wish, failpoint: str) -> bool:
    """Send a request to a process that dies at a failpoint; tell whether it did."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.civic.dying",
        env={**os.environ, "CIVIC_FAILPOINT": failpoint, "PYTHONPATH": str(ROOT)},
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    said, _ = await process.communicate(msgspec.json.encode(wish))
    return process.returncode == -9 and not said


if __name__ == "__main__":
    print(asyncio.run(ask(msgspec.json.decode(sys.stdin.read(), type=Wish))))
