"""What the operator's page shows: storage, keys, jobs and chapters; nothing about people.

Keys are named, never read; chapters are ids with the number of their entries.
"""

import platform
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import msgspec
from sqlalchemy import select, text

import civic
from civic.kernel.clock import minute_of
from civic.kernel.database import Reading
from civic.kernel.record import store, tables
from civic.operate.tables import job_failure

LATE: Final = 3
"""Minutes without a heartbeat after which the jobs count as late."""
FAILURES: Final = 30


class KeyFile(msgspec.Struct, frozen=True):
    """A file of a key: its name, who may read it, and since which day it is there."""

    name: str
    mode: str
    closed: bool
    since: date


class Failure(msgspec.Struct, frozen=True):
    """How often a job failed on a day, and the kind of its last error."""

    job: str
    day: date
    error: str
    times: int


class Storage(msgspec.Struct, frozen=True):
    """Bytes in the database: in all, of the logs, of content, of what pages read, of the rest."""

    database: int
    logs: int
    content: int
    view: int
    private: int


class Overview(msgspec.Struct, frozen=True):
    """How the node fares. `beat` is how many minutes ago the jobs last ran, None before they did.

    `unsigned` and `unpublished` count the logs that wait; `chapters` are ids with entries.
    """

    version: str
    python: str
    postgres: str
    beat: int | None
    unsigned: int
    unpublished: int
    failures: tuple[Failure, ...]
    storage: Storage
    keys: tuple[KeyFile, ...]
    chapters: tuple[tuple[str, int], ...]

    @property
    def late(self) -> bool:
        """Whether the jobs should have run since."""
        return self.beat is None or self.beat > LATE


_STORAGE: Final = text(
    """
    SELECT pg_database_size(current_database()),
        coalesce(sum(size) FILTER (WHERE schema = 'record' AND name <> 'content'), 0)::bigint,
        coalesce(sum(size) FILTER (WHERE schema = 'record' AND name = 'content'), 0)::bigint,
        coalesce(sum(size) FILTER (WHERE schema = 'view'), 0)::bigint,
        coalesce(sum(size) FILTER (WHERE schema = 'private'), 0)::bigint,
        current_setting('server_version')
    FROM (
        SELECT n.nspname AS schema, c.relname AS name, pg_total_relation_size(c.oid) AS size
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('record', 'view', 'private') AND c.relkind = 'r'
    ) AS sizes
    """
)
_PUBLISHED: Final = text(
    "SELECT log, max(size) FROM private.published WHERE name = 'chapter' GROUP BY log"
)


async def overview(db: Reading, data: Path, now: datetime) -> Overview:
    """Return how a node fares (five queries)."""
    row = (await db.execute(_STORAGE)).one()
    heads = await store.all_logs(db)
    beat = await db.scalar(select(tables.heartbeat.c.minute))
    published = {row[0]: row[1] for row in await db.execute(_PUBLISHED)}
    column = job_failure.c
    failed = await db.execute(
        select(column.job, column.day, column.error, column.times)
        .order_by(column.day.desc(), column.job)
        .limit(FAILURES)
    )
    return Overview(
        version=civic.__version__,
        python=platform.python_version(),
        postgres=row[5],
        beat=None if beat is None else max(0, minute_of(now) - beat),
        unsigned=sum(head.signed_size < head.size for head in heads),
        unpublished=sum(published.get(head.no, 0) < head.size for head in heads),
        failures=tuple(Failure(*one) for one in failed),
        storage=Storage(*row[:5]),
        keys=tuple(key_files(data / "keys")),
        chapters=tuple(sorted((head.chapter_id, head.size) for head in heads if head.chapter_id)),
    )


def key_files(folder: Path) -> Iterator[KeyFile]:
    """Return what stands in a folder of keys, by name; contents are not read."""
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        found = path.stat()
        if stat.S_ISREG(found.st_mode) and not path.name.startswith("."):
            mode = stat.S_IMODE(found.st_mode)
            since = datetime.fromtimestamp(found.st_mtime, UTC).date()
            yield KeyFile(path.name, f"{mode:04o}", not mode & 0o177, since)
