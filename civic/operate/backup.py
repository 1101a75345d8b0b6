"""`civic backup`: everything a node is, in one file that only the passphrase opens.

Sections, in this order: `manifest` (JSON), `key/<name>` for each key, `schema`, `records` and
`rules` (pg_dump's sections before the data, the data of schema `record`, after the data), and
`rows/<table>` for each table of schema `private`: its rows in the order of its primary key, in
PostgreSQL's binary COPY format. A dump would show them in the order in which they were written,
which would tell who did what after whom. An `end` closes the file.
"""

import argparse
import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, BinaryIO, Final

import asyncpg
import msgspec
from sqlalchemy import text
from sqlalchemy.engine import URL, make_url

import civic
from civic.kernel.clock import Clock, SystemClock, minute_of
from civic.kernel.database import Reading, brief_engine, reading
from civic.kernel.keys import KeyFiles
from civic.kernel.record import shared_keys, store
from civic.kernel.record.entry import when
from civic.kernel.sealed_file import BACKUP, Sealer, Write, write_section
from civic.operate.passphrase import ask_twice
from civic.operate.place import OperationError, beside, plainly, running_database, say, sync_folder
from civic.operate.programs import environment_of, program
from civic.settings import Settings

MANIFEST: Final = "manifest"
KEY: Final = "key/"
SCHEMA, RECORDS, RULES = "schema", "records", "rules"
ROWS: Final = "rows/"
END: Final = "end"
_BLOCK: Final = 1 << 20


class BackedUpLog(msgspec.Struct, frozen=True):
    """A log as it stood: its key, and the largest head that was signed (base64 in JSON)."""

    log_id: str
    chapter_id: str | None
    public_key: bytes
    replica: bool
    size: int
    note: bytes | None


class BackupManifest(msgspec.Struct, frozen=True):
    """What a backup holds. `sequences` are the last numbers given out by schema `private`."""

    civic: str
    at: str
    url: str
    postgres: int
    logs: tuple[BackedUpLog, ...]
    sequences: dict[str, int]
    tables: tuple[str, ...]


async def write_backup(
    url: str,
    settings: Settings,
    file: BinaryIO,
    passphrase: str,
    clock: Clock,
    **cost: int,
) -> BackupManifest:
    """Write the node's database and keys to `file`, as of one moment; the node may go on working.

    `url` is that of its database, running. `cost` is for tests: what the key costs to derive.
    OperationError if a program is missing or fails.
    """
    sealer = await asyncio.to_thread(Sealer, file, passphrase, BACKUP, **cost)
    async with brief_engine(url) as engine, reading(engine) as db:
        # This session waits for pg_dump, however long that takes.
        await db.execute(text("SET LOCAL idle_in_transaction_session_timeout = 0"))
        snapshot = await db.scalar(text("SELECT pg_export_snapshot()"))
        tables = await _private_tables(db)
        manifest = await _manifest(db, settings, clock, tuple(tables))
        _section(sealer, MANIFEST, msgspec.json.encode(manifest))
        # Read after the snapshot began: no log in it lacks its key.
        secrets = await shared_keys.seeds(db, KeyFiles(settings.data / "keys"))
        for name, secret in sorted(secrets.items()):
            _section(sealer, KEY + name, secret)
        dump = program("pg_dump", make_url(url), manifest.postgres)
        for name, options in {
            SCHEMA: ["--section=pre-data"],
            RECORDS: ["--section=data", "--exclude-table-data=private.*"],
            RULES: ["--section=post-data"],
        }.items():
            await _dump(dump, make_url(url), str(snapshot), options, write_section(sealer, name))
        connection = (await db.get_raw_connection()).driver_connection
        assert isinstance(connection, asyncpg.Connection)
        for name, columns in tables.items():
            write = write_section(sealer, ROWS + name)
            await _copy_sorted(connection, name, columns, write)
    _section(sealer, END, b"")
    sealer.finish()
    return manifest


def _section(sealer: Sealer, name: str, data: bytes) -> None:
    write = write_section(sealer, name)
    if data:
        write(data)
    write(b"")


async def _private_tables(db: Reading) -> dict[str, list[str]]:
    """Return the columns of the primary key of each table of schema `private`."""
    rows = await db.execute(
        text(
            "SELECT c.relname, coalesce(array_agg(a.attname::text ORDER BY k.place) "
            "FILTER (WHERE a.attname IS NOT NULL), '{}') "
            "FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
            "LEFT JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary "
            "LEFT JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(number, place) ON true "
            "LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.number "
            "WHERE n.nspname = 'private' AND c.relkind = 'r' GROUP BY c.relname ORDER BY c.relname"
        )
    )
    return {row[0]: list(row[1]) for row in rows}


async def _manifest(
    db: Reading, settings: Settings, clock: Clock, tables: tuple[str, ...]
) -> BackupManifest:
    sequences = await db.execute(
        text(
            "SELECT sequencename, last_value FROM pg_sequences "
            "WHERE schemaname = 'private' AND last_value IS NOT NULL ORDER BY 1"
        )
    )
    logs = tuple(
        BackedUpLog(
            head.log_id,
            head.chapter_id,
            head.public_key,
            bool(head.replica),
            head.signed_size,
            head.signed_note,
        )
        for head in await store.all_logs(db)
    )
    version = int(await db.scalar(text("SELECT current_setting('server_version_num')")) or 0)
    return BackupManifest(
        civic.__version__,
        when(minute_of(clock.now())),
        settings.base_url,
        version // 10_000,
        logs,
        {row[0]: row[1] for row in sequences},
        tables,
    )


async def _dump(program_: str, url: URL, snapshot: str, options: list[str], write: Write) -> None:
    process = await asyncio.create_subprocess_exec(
        program_,
        "--format=custom",
        "--compress=6",
        "--no-owner",
        "--no-privileges",
        "--schema=record",
        "--schema=private",
        f"--snapshot={snapshot}",
        *options,
        env=environment_of(url),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    said = asyncio.create_task(process.stderr.read())
    while block := await process.stdout.read(_BLOCK):
        write(block)
    if await process.wait():
        raise OperationError(f"pg_dump failed:\n{(await said).decode(errors='replace').strip()}")
    await said
    write(b"")


async def _copy_sorted(
    connection: asyncpg.Connection, table: str, columns: list[str], write: Write
) -> None:
    order = ", ".join(f'"{column}"' for column in columns) or "t::text"

    async def take(data: bytes) -> None:
        write(bytes(data))

    output: Callable[[bytes], Awaitable[None]] = take
    await connection.copy_from_query(
        f'SELECT * FROM private."{table}" t ORDER BY {order}',  # noqa: S608
        output=output,
        format="binary",
    )
    write(b"")


def add_backup_command(subparsers: Any) -> None:
    """Add `civic backup`."""
    parser = subparsers.add_parser(
        "backup",
        help="write everything the node is to one encrypted file",
        description=(
            "Write the database and all keys to one file, encrypted with a passphrase. The node "
            "may go on working. The passphrase is asked for, or read from the file that "
            "CIVIC_PASSPHRASE_FILE names."
        ),
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="where to, new")
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    path: Path = arguments.file.absolute()
    part = beside(path)
    passphrase = ask_twice()
    try:
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file, running_database(settings) as url:
            manifest = asyncio.run(write_backup(url, settings, file, passphrase, SystemClock()))
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
        sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)
    entries = sum(log.size for log in manifest.logs)
    say(f"{len(manifest.logs)} logs with {entries:,} entries, and all keys, are in {path}.")
    say("Keep it and its passphrase in different places; without the passphrase it is worthless.")
    return 0
