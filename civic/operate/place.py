"""Where a command works: the node's database, its keys, and folders that appear whole or not."""

import argparse
import asyncio
import os
import secrets
import shutil
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.database import brief_engine
from civic.kernel.postgres import EmbeddedPostgres, PostgresError
from civic.kernel.sealed_file import SealedFileError
from civic.kernel.system_user import SystemUserError
from civic.settings import Settings

Result = TypeVar("Result")


class OperationError(Exception):
    """A command cannot be done; the text says why and what to do."""


@contextmanager
def running_database(settings: Settings) -> Iterator[str]:
    """Give the URL of the node's database; the embedded server is started if it does not run."""
    if settings.database_url is not None:
        yield settings.database_url
        return
    postgres = EmbeddedPostgres(settings.data, settings.run_as)
    if not postgres.folder.exists():
        raise OperationError(
            f"There is no node in {settings.data}. Name its data folder by CIVIC_DATA."
        )
    with postgres.running() as url:
        yield url


def in_database(settings: Settings, work: Callable[[AsyncEngine], Awaitable[Result]]) -> Result:
    """Return what `work` gives with an engine for the node's database, as `running_database`."""

    async def done(url: str) -> Result:
        async with brief_engine(url) as engine:
            return await work(engine)

    with running_database(settings) as url:
        return asyncio.run(done(url))


@contextmanager
def new_folder(path: Path, mode: int = 0o755) -> Iterator[Path]:
    """Give a folder beside `path` that gets its name when the block ends well, else is removed.

    OperationError if there is something at `path` already.
    """
    part = beside(path)
    part.mkdir(mode=mode, parents=True)
    part.chmod(mode)
    try:
        yield part
        sync_folder(part)
        # Fails if the name was taken meanwhile, unless by an empty folder.
        part.rename(path)
        sync_folder(path.parent)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise


def beside(path: Path) -> Path:
    """Return a name beside `path` for what is not finished yet; OperationError if `path` exists."""
    if path.is_symlink() or (path.exists() and not (path.is_dir() and not any(path.iterdir()))):
        raise OperationError(f"{path} exists already. Name a place where nothing is yet.")
    return path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")


def sync_folder(path: Path) -> None:
    """Make sure that the names in a folder are on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def say(text: str) -> None:
    """Tell whoever runs the command."""
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    """Tell whoever runs the command what is wrong."""
    sys.stderr.write(f"{text}\n")


Run = Callable[[argparse.Namespace], int]


def plainly(run: Run) -> Run:
    """Return a command that says in a sentence why it cannot be done, and ends with status 1."""

    def guarded(arguments: argparse.Namespace) -> int:
        try:
            return run(arguments)
        except (OperationError, SealedFileError, PostgresError, SystemUserError) as error:
            complain(f"civic: {error}")
            return 1

    return guarded
