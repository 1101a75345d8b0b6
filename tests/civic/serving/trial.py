"""A small application and job for the tests of the supervisor, run in processes of their own."""

import asyncio
import json
import os
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

import structlog
from sqlalchemy import text

from civic.kernel.database import create_engine, writing
from civic.settings import Settings

Message = MutableMapping[str, Any]


def create_app(settings: Settings) -> Callable[..., Awaitable[None]]:
    """Make an ASGI application that answers with its process and what the database says."""
    assert settings.database_url is not None
    engine = create_engine(settings.database_url, size=2)

    async def app(
        scope: Message,
        receive: Callable[[], Awaitable[Message]],
        send: Callable[[Message], Awaitable[None]],
    ) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await engine.dispose()
            await send({"type": "lifespan.shutdown.complete"})
            return
        async with writing(engine) as connection:
            count = await connection.scalar(text("SELECT count(*) FROM private.alembic_version"))
        structlog.get_logger().info("asked", said=f"by {scope['client']}")
        body = json.dumps({"pid": os.getpid(), "count": count, "demo": settings.demo}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    return app


async def run(settings: Settings) -> None:
    """Write the number of this process where the test finds it, and wait."""
    (settings.data / "jobs.pid").write_text(str(os.getpid()))
    try:
        await asyncio.Event().wait()
    finally:
        (settings.data / "jobs.pid").unlink()
