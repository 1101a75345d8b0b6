"""A node in one process: database, keys, clock, book and desk put together."""

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine

import chapters
import civic
import deliberation
import voting
from chapters.keys.turns import read as read_turns
from civic.deeds.person import Desk
from civic.feeds.addresses import end_all as end_addresses
from civic.kernel.clock import Clock, SystemClock
from civic.kernel.database import create_engine, reading
from civic.kernel.keys import KeyFiles
from civic.kernel.record.book import GROUP, Book
from civic.kernel.record.loaded import Shelf
from civic.kernel.record.timekeeper import Timekeeper
from civic.procedure import VERSIONS
from civic.projections import PROJECTIONS
from civic.shell import Chapters
from identity.holding import Turned, Turns
from identity.passphrase import Hasher
from identity.side import IdentityKeys, Private


@dataclass(frozen=True)
class Node:
    """What one process of a node works with."""

    engine: AsyncEngine
    clock: Clock
    key_files: KeyFiles
    book: Book
    desk: Desk
    private: Private


@cache
def code_digest() -> bytes:
    """Return the SHA-256 of the code of the rules; snapshots of other code are not loaded."""
    hasher = hashlib.sha256()
    for package in (civic, chapters, deliberation, voting):
        folder = Path(next(iter(package.__path__)))
        inner = folder / "kernel" / "record" if package is civic else folder
        for path in sorted(inner.rglob("*.py")):
            hasher.update(path.relative_to(folder).as_posix().encode() + b"\n")
            hasher.update(path.read_bytes())
    return hasher.digest()


@asynccontextmanager
async def open_node(
    url: str,
    data: Path,
    clock: Clock | None = None,
    *,
    pool: int = 8,
    group: int = GROUP,
) -> AsyncIterator[Node]:
    """Open a node on a migrated database, with its keys under `data`."""
    clock = clock or SystemClock()
    engine = create_engine(url, size=pool)
    key_files = KeyFiles(data / "keys")
    book = Book(
        engine,
        Shelf(VERSIONS, code_digest()),
        Chapters(VERSIONS),
        PROJECTIONS,
        Timekeeper(clock),
        key_files,
        group,
    )
    hasher = Hasher()

    async def turns() -> Turns:
        async with reading(engine) as db:
            return await read_turns(db)

    identity_keys = IdentityKeys.of(key_files.secret("identity"))
    private = Private(engine, identity_keys, hasher, clock, Turned(turns), end_addresses)
    try:
        yield Node(engine, clock, key_files, book, Desk(book), private)
    finally:
        hasher.close()
        await engine.dispose()
