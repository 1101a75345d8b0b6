"""`civic upgrade`: brings the database to this program's version, or tells whether it must.

`civic serve` does the same when it starts. By itself it shows beforehand, with nobody waiting, how
long it takes and whether it works.
"""

import argparse
import asyncio
from typing import Any

from sqlalchemy import text

from civic.kernel import migrate
from civic.kernel.database import brief_engine, reading
from civic.operate import checks
from civic.operate.place import OperationError, plainly, running_database, say
from civic.rebuild import rebuild_views
from civic.settings import Settings

_OTHERS = text(
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
    "AND application_name = 'civic' AND pid <> pg_backend_pid()"
)


async def waiting(url: str) -> list[str]:
    """Return in words what an upgrade would do to a database; nothing if it is up to date."""
    async with brief_engine(url) as engine, reading(engine) as db:
        return [found.what for found in await checks.migrations(db) if found.level != "ok"]


async def upgrade(url: str) -> bool:
    """Bring a database up to date; true if pages' tables were made anew.

    OperationError while civic runs on it (programs of two versions at once write what neither
    expects), or if a newer civic has used it.
    """
    async with brief_engine(url) as engine, reading(engine) as db:
        others = int(await db.scalar(_OTHERS) or 0)
    if others:
        raise OperationError(
            f"civic is at work on the database ({others} connections). Stop it on all machines "
            "first: an older program that goes on would use tables that are no longer as it knows "
            "them."
        )
    try:
        return await migrate.upgrade(url, rebuild_views)
    except migrate.MigrationError as error:
        raise OperationError(str(error)) from error


def add_upgrade_command(subparsers: Any) -> None:
    """Add `civic upgrade`."""
    parser = subparsers.add_parser(
        "upgrade",
        help="bring the database to this version of civic",
        description=(
            "Bring the database to this version of civic, in one transaction; the node must not "
            "run. `civic serve` does the same by itself. There is no way back but a backup."
        ),
    )
    parser.add_argument(
        "--check", action="store_true", help="only tell whether there is anything to do"
    )
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    with running_database(Settings.from_environment()) as url:
        if arguments.check:
            found = asyncio.run(waiting(url))
            say("\n".join(found) or "The database is up to date.")
            return int(bool(found))
        renewed = asyncio.run(upgrade(url))
    say("The database is up to date.")
    if renewed:
        say("The tables that pages read were made anew from the records.")
    return 0
