"""The closed chapter with somebody in every role, in a database of its own for a whole module."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg

from civic.kernel.postgres import EmbeddedPostgres
from tests.closed_chapter import stage
from tests.roles import Stage


@asynccontextmanager
async def staged(
    postgres: EmbeddedPostgres, template: str, name: str, folder: Path
) -> AsyncIterator[Stage]:
    """Open the stage in a copy of the migrated database `template`, which goes afterwards."""
    await _on_server(postgres, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        async with stage(postgres.url_of(name), folder) as made:
            yield made
    finally:
        await _on_server(postgres, f"DROP DATABASE {name} WITH (FORCE)")


async def _on_server(postgres: EmbeddedPostgres, statement: str) -> None:
    server = await asyncpg.connect(host=str(postgres.socket_folder), user="civic", database="civic")
    try:
        await server.execute(statement)
    finally:
        await server.close()
