"""Write the next migration: what the tables say and the migrations so far do not make.

Run as `python -m civic.migrations "what changes"`. It works on a scratch server of its own.
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from alembic import command
from alembic.script import Script
from sqlalchemy import Connection

from civic.kernel.database import create_engine, writing
from civic.kernel.migrate import configuration, upgrade
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.system_user import is_root, unprivileged_user


async def write(url: str, message: str) -> None:
    """Write the next migration into the folder `versions`, by comparison with a new database."""
    await upgrade(url)

    def revise(connection: Connection) -> None:
        config = configuration(connection)
        script = command.revision(config, message, autogenerate=True, rev_id=_next_number())
        assert isinstance(script, Script)
        path = Path(script.path)
        lines = path.read_text().splitlines(keepends=True)
        # Alembic marks what it wrote for somebody to look at; a review does.
        path.write_text("".join(line for line in lines if not line.lstrip().startswith("# ###")))

    engine = create_engine(url, size=0)
    async with writing(engine) as connection:
        await connection.run_sync(revise)
    await engine.dispose()


def _next_number() -> str:
    versions = Path(__file__).parent / "versions"
    return f"{len(list(versions.glob('[0-9]*.py'))) + 1:04d}"


if __name__ == "__main__":
    with tempfile.TemporaryDirectory(prefix="civic-migration-") as folder:
        Path(folder).chmod(0o711)
        server = EmbeddedPostgres(Path(folder), unprivileged_user() if is_root() else None)
        with server.running() as url:
            asyncio.run(write(url, " ".join(sys.argv[1:]) or "initial"))
