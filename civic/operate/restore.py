"""`civic restore`: a node from its backup, but never a second one beside the first."""

import argparse
import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import asyncpg
import httpx
import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from civic.kernel.database import brief_engine, reading, writing
from civic.kernel.keys import KeyFiles
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.sealed_file import Opener, SealedFileError, read_block, read_name
from civic.kernel.system_user import make_private
from civic.operate.backup import (
    END,
    KEY,
    MANIFEST,
    RECORDS,
    ROWS,
    RULES,
    SCHEMA,
    BackupManifest,
)
from civic.operate.forks import refuse_fork
from civic.operate.passphrase import ask_once
from civic.operate.place import OperationError, beside, plainly, say, sync_folder
from civic.operate.programs import environment_of, program
from civic.settings import Settings


async def restore(
    file: BinaryIO,
    passphrase: str,
    settings: Settings,
    *,
    seen: Sequence[bytes] = (),
    known: Sequence[str] = (),
    client: httpx.AsyncClient | None = None,
) -> BackupManifest:
    """Make the node of a backup: its data folder, which must be new, and its database.

    With `settings.database_url` the database must be without civic's schemas. What fails leaves
    nothing behind. OperationError or SealedFileError if it cannot be done.
    """
    part = beside(settings.data)
    opener = await asyncio.to_thread(Opener, file, passphrase)
    if read_name(opener) != MANIFEST:
        raise SealedFileError("The backup does not begin with its manifest.")
    manifest = msgspec.json.decode(_whole(opener), type=BackupManifest)
    await refuse_fork(manifest, seen, known, client)
    try:
        make_private(part, passing=settings.run_as)
        place = replace(settings, data=part)
        with _server(place) as url:
            await _refuse_used(url)
            try:
                await _Restore(url, part, opener, manifest).run()
                opener.finish()
            except BaseException:
                if settings.database_url is not None:
                    await _drop(url)
                raise
        part.rename(settings.data)
        sync_folder(settings.data.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return manifest


def _server(settings: Settings) -> AbstractContextManager[str]:
    if settings.database_url is not None:
        return nullcontext(settings.database_url)
    return EmbeddedPostgres(settings.data, settings.run_as).running()


async def _refuse_used(url: str) -> None:
    async with brief_engine(url) as engine, reading(engine) as db:
        used = await db.scalar(
            text("SELECT count(*) FROM pg_namespace WHERE nspname IN ('record', 'private', 'view')")
        )
    if used:
        raise OperationError(
            "The database that CIVIC_DATABASE_URL names is in use by a node. Name an empty one."
        )


async def _drop(url: str) -> None:
    try:
        async with brief_engine(url) as engine, writing(engine) as db:
            for schema in ("private", "record"):
                await db.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
    except DBAPIError as error:
        raise OperationError(
            "The restore failed, and what it wrote into the database could not be removed: drop "
            "the database before you try again."
        ) from error


def _whole(opener: Opener) -> bytes:
    parts = []
    while block := read_block(opener):
        parts.append(block)
    return b"".join(parts)


class _Restore:
    """Reads the sections of a backup into an empty database and a new folder."""

    def __init__(self, url: str, folder: Path, opener: Opener, manifest: BackupManifest) -> None:
        self._url = url
        self._keys = KeyFiles(folder / "keys")
        self._opener = opener
        self._manifest = manifest

    async def run(self) -> None:
        """Read all sections. Constraints come last, after the rows that they are about."""
        opener = self._opener
        rules = b""
        while (name := read_name(opener)) != END:
            if name.startswith(KEY):
                self._keys.put(name.removeprefix(KEY), _whole(opener))
            elif name in (SCHEMA, RECORDS):
                await self._load(_blocks(opener))
            elif name == RULES:
                # Small: definitions only. The rows of schema `private` come after it in the file.
                rules = _whole(opener)
            elif name.startswith(ROWS) and name.removeprefix(ROWS) in self._manifest.tables:
                await self._rows(name.removeprefix(ROWS))
            else:
                raise SealedFileError(f"The backup holds something unknown: {name}.")
        if _whole(opener):
            raise SealedFileError("The end of the backup is not empty.")
        await self._load(_once(rules))
        await self._finish()

    async def _load(self, blocks: AsyncIterator[bytes]) -> None:
        url = make_url(self._url)
        process = await asyncio.create_subprocess_exec(
            program("pg_restore", url, self._manifest.postgres),
            "--exit-on-error",
            "--no-owner",
            "--no-privileges",
            f"--dbname={url.database}",
            env=environment_of(url),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
        )
        assert process.stdin is not None
        assert process.stderr is not None
        said = asyncio.create_task(process.stderr.read())
        try:
            async for block in blocks:
                process.stdin.write(block)
                await process.stdin.drain()
            process.stdin.close()
        except (BrokenPipeError, ConnectionResetError):
            async for _ in blocks:
                pass
        if await process.wait():
            text_ = (await said).decode(errors="replace").strip()
            raise OperationError(f"pg_restore failed:\n{text_}")
        await said

    async def _rows(self, table: str) -> None:
        async with brief_engine(self._url) as engine, writing(engine) as db:
            await db.execute(text("SELECT 1"))
            connection = (await db.get_raw_connection()).driver_connection
            assert isinstance(connection, asyncpg.Connection)
            await connection.copy_to_table(
                table, schema_name="private", source=_blocks(self._opener), format="binary"
            )

    async def _finish(self) -> None:
        """Let numbers go on where they were; see that the heads are those of the manifest."""
        async with brief_engine(self._url) as engine, writing(engine) as db:
            for name, last in self._manifest.sequences.items():
                await db.execute(
                    text("SELECT setval(format('private.%I', cast(:name AS text)), :last)"),
                    {"name": name, "last": last},
                )
            rows = await db.execute(
                text("SELECT log_id, signed_size, signed_note FROM record.log ORDER BY no")
            )
            stored = [(row[0], row[1], row[2]) for row in rows]
        if stored != [(log.log_id, log.size, log.note) for log in self._manifest.logs]:
            raise SealedFileError("The backup's records are not those that its manifest names.")


async def _blocks(opener: Opener) -> AsyncIterator[bytes]:
    while block := read_block(opener):
        yield block


async def _once(data: bytes) -> AsyncIterator[bytes]:
    yield data


def add_restore_command(subparsers: Any) -> None:
    """Add `civic restore`."""
    parser = subparsers.add_parser(
        "restore",
        help="make a node from a backup",
        description=(
            "Make the node of a backup in the data folder that CIVIC_DATA names, which must be "
            "new. Refused while the old node answers or when anything larger than the backup is "
            "known: two histories under one key cannot be healed."
        ),
    )
    parser.add_argument("file", metavar="FILE", type=Path, help="the backup")
    parser.add_argument(
        "--seen",
        metavar="CHECKPOINT",
        action="append",
        type=Path,
        default=[],
        help="a signed checkpoint of the node, as new as you have (may be repeated)",
    )
    parser.add_argument(
        "--known",
        metavar="URL",
        action="append",
        default=[],
        help="a node that may have seen a larger checkpoint (may be repeated)",
    )
    parser.set_defaults(run=plainly(_run))


def _run(arguments: argparse.Namespace) -> int:
    settings = Settings.from_environment()
    try:
        seen = [path.read_bytes() for path in arguments.seen]
        with arguments.file.open("rb") as file:
            passphrase = ask_once()
            manifest = asyncio.run(
                restore(file, passphrase, settings, seen=seen, known=arguments.known)
            )
    except OSError as error:
        raise OperationError(f"{error.filename}: {error.strerror}") from error
    entries = sum(log.size for log in manifest.logs)
    say(f"{len(manifest.logs)} logs with {entries:,} entries, as of {manifest.at}.")
    say(f"The node is in {settings.data}. `civic doctor` looks it over, `civic serve` starts it.")
    return 0
