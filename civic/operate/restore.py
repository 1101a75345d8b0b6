"""`civic restore`: a node from its backup, but never a second one beside the first.

A node that was restored while the old one still signs, or from a backup that is older than what
others have seen, would sign another history under the same key: a fork that nobody can heal. So
before anything is written it is made sure that the old node is silent and that no larger
checkpoint is known.
"""

import argparse
import asyncio
import shutil
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO, Final

import asyncpg
import httpx
import msgspec
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from civic.kernel.database import create_engine, reading, writing
from civic.kernel.keys import KeyFiles
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.record import note
from civic.kernel.record.note import MAX_NOTE_BYTES, Checkpoint, NoteError
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
    BackedUpLog,
    BackupManifest,
)
from civic.operate.passphrase import ask_once
from civic.operate.place import OperationError, beside, plainly, say, sync_folder
from civic.operate.programs import environment_of, program
from civic.settings import Settings

PATIENCE: Final = 3.0
"""Seconds to wait for the old node, and for a node that may know more."""


async def refuse_fork(
    manifest: BackupManifest,
    seen: Iterable[bytes] = (),
    known: Iterable[str] = (),
    client: httpx.AsyncClient | None = None,
) -> None:
    """Make sure that a node restored from this backup will not sign a second history.

    `seen` are signed checkpoints obtained earlier, `known` addresses of nodes that may have seen
    more. OperationError if the old node answers, or if anything larger than the backup is known,
    or if a node that is to be asked cannot be.
    """
    async with client or _client() as asking:
        if await _answers(asking, manifest.url):
            raise OperationError(
                f"The old node still answers at {manifest.url}. Two nodes with one key would split "
                "the records for ever: stop it first (and a proxy that answers for it), and do not "
                "start it again."
            )
        for raw in seen:
            _compare(manifest, raw, "the checkpoint that you gave", strict=True)
        for address in known:
            for log in manifest.logs:
                if not log.replica and log.size:
                    raw_or_none = await _checkpoint(asking, address, log)
                    if raw_or_none is not None:
                        _compare(manifest, raw_or_none, address, strict=False)


def _client() -> httpx.AsyncClient:
    # Whoever answers under a name, answers: a certificate that has run out is no proof of silence.
    return httpx.AsyncClient(timeout=PATIENCE, verify=False, follow_redirects=False)  # noqa: S501


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        response = await client.get(f"{url}/healthz")
    except httpx.HTTPError:
        return False
    # A proxy in front of a stopped node answers too: that it cannot reach it.
    return response.status_code not in (502, 504)


async def _checkpoint(client: httpx.AsyncClient, address: str, log: BackedUpLog) -> bytes | None:
    url = f"{address.rstrip('/')}/log/{log.log_id}/checkpoint"
    try:
        response = await client.get(url)
    except httpx.HTTPError as error:
        raise OperationError(
            f"{address} could not be asked what it has seen ({type(error).__name__}). Try again, "
            "or leave it out if you are sure that the backup is the last one."
        ) from error
    if response.status_code == 404:
        return None
    if response.status_code != 200 or len(response.content) > MAX_NOTE_BYTES:
        raise OperationError(f"{address} answered {response.status_code} instead of a checkpoint.")
    return response.content


def _compare(manifest: BackupManifest, raw: bytes, whose: str, *, strict: bool) -> None:
    opened = _open(manifest, raw)
    if opened is None:
        if strict:
            raise OperationError("The checkpoint that you gave is of no log in this backup.")
        raise OperationError(f"{whose} sent a checkpoint that the log's key did not sign.")
    log, checkpoint = opened
    if checkpoint.size > log.size:
        raise OperationError(
            f"The backup is too old: it has {log.size} entries of log {log.log_id[:16]}…, but "
            f"{whose} has {checkpoint.size}. A node restored from it would sign other entries in "
            "the place of those. Use a newer backup; if there is none, the chapter's stewards have "
            "to move the chapter from a copy that has all entries."
        )
    if checkpoint.size == log.size and log.note is not None:
        own = _open(manifest, log.note)
        if own is None or own[1].root != checkpoint.root:
            raise OperationError(
                f"Log {log.log_id[:16]}… has two histories already: {whose} shows another root for "
                "the same size. Keep both as evidence, and show them to the chapter's members."
            )


def _open(manifest: BackupManifest, raw: bytes) -> tuple[BackedUpLog, Checkpoint] | None:
    for log in manifest.logs:
        try:
            return log, note.open_checkpoint(raw, note.log_key(log.public_key)).checkpoint
        except NoteError:
            continue
    return None


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
    engine = create_engine(url, size=0)
    try:
        async with reading(engine) as db:
            used = await db.scalar(
                text(
                    "SELECT count(*) FROM pg_namespace "
                    "WHERE nspname IN ('record', 'private', 'view')"
                )
            )
    finally:
        await engine.dispose()
    if used:
        raise OperationError(
            "The database that CIVIC_DATABASE_URL names is in use by a node. Name an empty one."
        )


async def _drop(url: str) -> None:
    engine = create_engine(url, size=0)
    try:
        async with writing(engine) as db:
            for schema in ("private", "record"):
                await db.execute(text(f"DROP SCHEMA IF EXISTS {schema} CASCADE"))
    except DBAPIError as error:
        raise OperationError(
            "The restore failed, and what it wrote into the database could not be removed: drop "
            "the database before you try again."
        ) from error
    finally:
        await engine.dispose()


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
            program("pg_restore", url),
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
        engine = create_engine(self._url, size=0)
        try:
            async with writing(engine) as db:
                await db.execute(text("SELECT 1"))
                connection = (await db.get_raw_connection()).driver_connection
                assert isinstance(connection, asyncpg.Connection)
                await connection.copy_to_table(
                    table, schema_name="private", source=_blocks(self._opener), format="binary"
                )
        finally:
            await engine.dispose()

    async def _finish(self) -> None:
        """Let numbers go on where they were; see that the heads are those of the manifest."""
        engine = create_engine(self._url, size=0)
        try:
            async with writing(engine) as db:
                for name, last in self._manifest.sequences.items():
                    await db.execute(
                        text("SELECT setval(format('private.%I', cast(:name AS text)), :last)"),
                        {"name": name, "last": last},
                    )
                rows = await db.execute(
                    text("SELECT log_id, signed_size, signed_note FROM record.log ORDER BY no")
                )
                stored = [(row[0], row[1], row[2]) for row in rows]
        finally:
            await engine.dispose()
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
