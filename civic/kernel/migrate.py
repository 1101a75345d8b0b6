"""Bring a database to the schema this code needs, also when several machines start at once."""

import hashlib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from sqlalchemy import Connection, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable

import civic
from civic.kernel.database import (
    Writing,
    create_engine,
    private_metadata,
    record_metadata,
    view_metadata,
    writing,
)

if TYPE_CHECKING:
    from alembic.config import Config

_LOCK = int.from_bytes(hashlib.sha256(b"civic/migrate").digest()[:8], signed=True)

Rebuild = Callable[[Writing], Awaitable[None]]
"""Fills the empty tables of the schema `view` from the record, in the transaction given."""


class MigrationError(Exception):
    """The database cannot be brought to the schema of this code; the text says what to do."""


async def upgrade(url: str, rebuild: Rebuild | None = None) -> bool:
    """Migrate the schemas `record` and `private`, renew `view`; true if `view` was renewed.

    All of it is one transaction under one lock, so machines that start together wait for the
    first, and a crash leaves the old schema. `rebuild` is called when the tables of `view` were
    made anew and are empty. MigrationError if the database is newer than this code.
    """
    engine = create_engine(url, size=0)
    try:
        async with writing(engine) as connection:
            await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            for schema in (record_metadata.schema, private_metadata.schema):
                await connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {schema}"))
            await connection.run_sync(_migrate)
            if await _view_is_current(connection):
                return False
            # An older process may still be committing; it locks a head before it touches a view.
            if await connection.scalar(text("SELECT to_regclass('record.log') IS NOT NULL")):
                await connection.execute(text("SELECT no FROM record.log FOR NO KEY UPDATE"))
            await create_view_schema(connection)
            if rebuild is not None:
                await rebuild(connection)
            return True
    finally:
        await engine.dispose()


def refuse_downgrade() -> NoReturn:
    """Stand for each migration's way back: what it would drop may be all that is left of it."""
    raise MigrationError(
        "A database is never taken back. To return to an older civic, restore a backup that the "
        "older one wrote."
    )


async def create_view_schema(connection: Writing) -> None:
    """Make the schema `view` anew and empty, whatever was there, and note its digest."""
    schema = view_metadata.schema
    await connection.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
    await connection.execute(text(f"CREATE SCHEMA {schema}"))
    await connection.run_sync(view_metadata.create_all)
    # A comment lives and dies with the schema, in the same transaction as its tables.
    await connection.execute(text(f"COMMENT ON SCHEMA {schema} IS '{view_digest()}'"))


def view_digest() -> str:
    """Digest of the definitions of the schema `view`: hex SHA-256 of the SQL that makes it.

    A projection that changes while its tables do not is noted in `view_metadata.info` (a name
    and a number), which is part of the digest.
    """
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    statements: list[str] = []
    for table in view_metadata.sorted_tables:
        statements.append(str(CreateTable(table).compile(dialect=dialect)))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            statements.append(str(CreateIndex(index).compile(dialect=dialect)))
    statements += [f"{name} {number}" for name, number in sorted(view_metadata.info.items())]
    return hashlib.sha256("\n".join(statements).encode()).hexdigest()


def configuration(connection: Connection | None = None) -> "Config":
    """Alembic's configuration, from beside the package or, in a source tree, from above it.

    It is loaded when it is needed: web processes start sooner without it.
    """
    from alembic.config import Config

    package = Path(civic.__file__).parent
    beside = package / "alembic.ini"
    config = Config(beside if beside.exists() else package.parent / "alembic.ini")
    config.attributes["connection"] = connection
    return config


def _migrate(connection: Connection) -> None:
    from alembic import command
    from alembic.util import CommandError

    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise MigrationError(
            f"The database is not one that this civic knows ({error}). Most likely a newer civic "
            "has used it: install that version or a later one."
        ) from error


async def _view_is_current(connection: Writing) -> bool:
    noted = await connection.scalar(
        text("SELECT obj_description(oid) FROM pg_namespace WHERE nspname = :schema"),
        {"schema": view_metadata.schema},
    )
    return bool(noted == view_digest())
