"""The database: one engine, three schemas, and units of work that either read or write."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Final, NewType

import asyncpg
import msgspec
from sqlalchemy import MetaData, TextClause, event, exc, pool, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

NAMING = {
    "pk": "%(table_name)s_pk",
    "uq": "%(table_name)s_%(column_0_N_name)s_uq",
    "ix": "%(table_name)s_%(column_0_N_name)s_ix",
    "fk": "%(table_name)s_%(column_0_N_name)s_fk",
    "ck": "%(table_name)s_%(constraint_name)s_ck",
}
"""Names of constraints and indexes, so that a migration can address each of them."""

record_metadata = MetaData(schema="record", naming_convention=NAMING)
"""Schema `record`: the truth. Migrated, never rewritten."""

private_metadata = MetaData(schema="private", naming_convention=NAMING)
"""Schema `private`: accounts, sessions, boxes, papers. Migrated, erasable."""

view_metadata = MetaData(schema="view", naming_convention=NAMING)
"""Schema `view`: what pages read. Rebuilt from the record, never migrated."""

Reading = NewType("Reading", AsyncConnection)
"""A connection inside a transaction that sees one state of the database and changes nothing."""

Writing = NewType("Writing", Reading)
"""A connection inside a transaction that may change rows; it may do all that reading may."""

DRIVER_ERRORS: Final = (
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What it raises between the server's goodbye and the closing of its socket.
    asyncpg.InternalClientError,
)
"""What the driver raises for a statement that failed or a connection that is gone."""

PATIENCE = 10.0
"""Seconds a new connection waits for a server that is restarting before it fails."""


_GONE_SOON: Final = {
    "tcp_keepalives_idle": "15",
    "tcp_keepalives_interval": "5",
    "tcp_keepalives_count": "3",
    "idle_in_transaction_session_timeout": "5min",
}
"""The server ends a connection half a minute after its machine went, by default after hours."""

PLANNED_ONCE: Final = {"plan_cache_mode": "force_generic_plan"}
"""A connection plans each statement once, for all parameters: by default the server plans some anew
each time, which takes the list of proposals twice as long as to run. Tests look at these plans."""


def create_engine(url: str, *, size: int = 8, patience: float = PATIENCE) -> AsyncEngine:
    """Make the engine of one process for the database at `url` (`postgresql+asyncpg://...`).

    At most `size` connections are held, and nobody waits for one longer than ten seconds. A size
    of 0 keeps none open, for tests and short commands. A server that restarts is waited for up to
    `patience` seconds. Behind PgBouncer in transaction mode add the query
    `prepared_statement_cache_size=0` to the URL.
    """
    address = make_url(url)
    server_settings = {"application_name": "civic", "timezone": "UTC"}
    connect_args: dict[str, Any] = {
        "async_creator_fn": _patient_connect(patience),
        "server_settings": server_settings,
        "timeout": 10,
    }
    if address.query.get("prepared_statement_cache_size") == "0":
        # asyncpg has a cache of its own, and PgBouncer would mix up the numbered names.
        connect_args["statement_cache_size"] = 0
        connect_args["prepared_statement_name_func"] = lambda: f"civic_{uuid.uuid4().hex}"
    else:
        address = address.update_query_dict({"prepared_statement_cache_size": "500"})
        # PgBouncer takes none of these. What a machine held that is gone must be free soon.
        server_settings |= _GONE_SOON | PLANNED_ONCE
    pooling: dict[str, Any] = (
        {"pool_size": size, "max_overflow": 0, "pool_timeout": 10, "pool_recycle": 3600}
        if size
        else {"poolclass": pool.NullPool}
    )
    engine = create_async_engine(
        address,
        connect_args=connect_args,
        # An error's text must never carry values out of a statement into a log.
        hide_parameters=True,
        json_serializer=lambda value: msgspec.json.encode(value).decode(),
        json_deserializer=msgspec.json.decode,
        **pooling,
    )
    event.listen(engine.sync_engine, "checkout", _refuse_closed)
    return engine


@asynccontextmanager
async def brief_engine(url: str) -> AsyncIterator[AsyncEngine]:
    """Give an engine that keeps no connection open, for one short piece of work."""
    engine = create_engine(url, size=0)
    try:
        yield engine
    finally:
        await engine.dispose()


@asynccontextmanager
async def reading(engine: AsyncEngine) -> AsyncIterator[Reading]:
    """Open a read-only transaction in which every statement sees the same state."""
    # The driver begins and ends it, as in `writing`.
    async with _by_itself(engine).connect() as connection:
        driver = driver_of(connection)
        transaction = driver.transaction(isolation="repeatable_read", readonly=True)
        try:
            with _errors_of(driver):
                await transaction.start()
            yield Reading(connection)
            with _errors_of(driver):
                await transaction.rollback()
        except BaseException:
            await _undo(driver, transaction)
            raise


only_asking: Final[ContextVar[bool]] = ContextVar("only_asking", default=False)
"""Whether what runs now only asks what would be done: then all that it writes is undone."""


def must_not_only_ask() -> None:
    """Raise RuntimeError where a request that only asks (`only_asking`) would lead to writing."""
    if only_asking.get():
        raise RuntimeError("a request that only asks would have written")


@asynccontextmanager
async def writing(engine: AsyncEngine) -> AsyncIterator[Writing]:
    """Open a transaction that is committed at the end of the block and undone on an error.

    The block ends before the reply starts, so a COMMIT that fails is raised here and the client
    is told so. For a request that only asks (`only_asking`) it is undone in any case.
    """
    # The driver begins and ends it, so that the first statement of `fetch` already stands inside;
    # to SQLAlchemy the connection is one that commits by itself.
    async with _by_itself(engine).connect() as connection:
        driver = driver_of(connection)
        transaction = driver.transaction()
        try:
            with _errors_of(driver):
                await transaction.start()
            yield Writing(Reading(connection))
            with _errors_of(driver):
                await (transaction.rollback() if only_asking.get() else transaction.commit())
        except BaseException:
            await _undo(driver, transaction)
            raise


@lru_cache(maxsize=8)
def _by_itself(engine: AsyncEngine) -> AsyncEngine:
    return engine.execution_options(isolation_level="AUTOCOMMIT")


async def _undo(driver: Any, transaction: Any) -> None:
    try:
        await transaction.rollback()
    except BaseException as error:
        # Nobody may get this connection from the pool with a transaction that is still open.
        driver.terminate()
        if not isinstance(error, (*DRIVER_ERRORS, OSError)):
            raise


_DIALECT: Final = dialect()  # type: ignore[no-untyped-call]


async def fetch(
    db: Reading, statement: TextClause, values: Mapping[str, Any]
) -> list[asyncpg.Record]:
    """Run a statement straight on the driver, inside the transaction of `db`; return its rows.

    What `db.execute` does takes a third of the processor time this way (40 instead of 110
    microseconds). For statements of the hottest paths: the statement names the types of its
    parameters, and no type of ours converts what goes in or comes out.
    """
    sql, names = _spoken(statement)
    driver = driver_of(db)
    if not driver.is_closed() and not driver.is_in_transaction():
        # SQLAlchemy begins one with the first statement of its own.
        await db.execute(_BEGIN)
    try:
        rows: list[asyncpg.Record] = await driver.fetch(sql, *[values[name] for name in names])
    except DRIVER_ERRORS as error:
        raise _as_sqlalchemy(driver, error) from error
    return rows


def driver_of(db: AsyncConnection) -> Any:
    """Return the driver's connection (asyncpg) under an open one of SQLAlchemy."""
    assert db.sync_connection is not None
    return db.sync_connection.connection.driver_connection


_BEGIN: Final = text("SELECT 1")


@lru_cache(maxsize=1000)
def _spoken(statement: TextClause) -> tuple[str, tuple[str, ...]]:
    """Return a statement as the driver reads it, and the names of its parameters in order."""
    compiled = statement.compile(dialect=_DIALECT)
    return compiled.string, tuple(compiled.positiontup or ())


@contextmanager
def _errors_of(driver: asyncpg.Connection) -> Iterator[None]:
    try:
        yield
    except DRIVER_ERRORS as error:
        raise _as_sqlalchemy(driver, error) from error


def _as_sqlalchemy(driver: asyncpg.Connection, error: Exception) -> exc.DBAPIError:
    """Return an error of the driver as it looks when SQLAlchemy speaks to it."""
    broken = isinstance(error, asyncpg.IntegrityConstraintViolationError)
    return (exc.IntegrityError if broken else exc.DBAPIError)(
        "a statement",
        None,
        error,
        hide_parameters=True,
        connection_invalidated=driver.is_closed(),
    )


def _patient_connect(patience: float) -> Any:
    async def connect(**options: Any) -> asyncpg.Connection:
        deadline = time.monotonic() + patience
        pause = 0.02
        while True:
            try:
                connection: asyncpg.Connection = await asyncpg.connect(**options)
            except (ConnectionError, FileNotFoundError, asyncpg.CannotConnectNowError):
                if time.monotonic() + pause > deadline:
                    raise
                await asyncio.sleep(pause)
                pause = min(pause * 1.5, 0.5)
            else:
                return connection

    return connect


def _refuse_closed(connection: Any, _record: object, _proxy: object) -> None:
    """Make the pool replace a connection whose server went away while it lay idle.

    asyncpg learns of the closed socket from the event loop by itself, so this costs no round
    trip, unlike the pool's own ping before each use.
    """
    if connection.driver_connection.is_closed():
        raise exc.InvalidatePoolError
