"""What alembic runs for each command: on a connection that civic.kernel.migrate gives it."""

from alembic import context
from alembic.runtime.environment import NameFilterParentNames, NameFilterType
from sqlalchemy import Connection

import civic.tables  # noqa: F401
from civic.kernel.database import private_metadata, record_metadata

SCHEMAS = (record_metadata.schema, private_metadata.schema)


def _is_migrated(name: str | None, kind: NameFilterType, _parents: NameFilterParentNames) -> bool:
    return kind != "schema" or name in SCHEMAS


def _run(connection: Connection) -> None:
    # The transaction is the caller's: schema, rebuilt tables and version change together.
    context.configure(
        connection=connection,
        target_metadata=[record_metadata, private_metadata],
        version_table_schema=private_metadata.schema,
        include_schemas=True,
        include_name=_is_migrated,
        compare_type=True,
        compare_server_default=True,
    )
    with context.begin_transaction():
        context.run_migrations()


_run(context.config.attributes["connection"])
