"""Whether a node can do its work on this machine: database, schemas, clock, web processes."""

import asyncio
from datetime import datetime, timedelta
from typing import Final

import httpx
import msgspec
from sqlalchemy import Date, bindparam, select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from civic.kernel.clock import minute_of
from civic.kernel.database import DRIVER_ERRORS, create_engine, reading
from civic.kernel.measures import PROBE
from civic.kernel.postgres import EmbeddedPostgres
from civic.kernel.record import store, tables
from civic.kernel.record.timekeeper import ClockWrong, Timekeeper
from civic.operate import checks
from civic.settings import Settings

SECONDS: Final = 3.0
"""How long database and web processes may take to answer."""

_UNPUBLISHED: Final = text(
    "SELECT count(*) FROM record.log l WHERE l.size > 0 AND l.size > coalesce("
    "(SELECT max(p.size) FROM private.published p WHERE p.log = l.no AND p.name = 'chapter'), 0)"
)
_FAILURES: Final = text(
    "SELECT job, times FROM private.job_failure WHERE day = (now() AT TIME ZONE 'UTC')::date"
)
# By the day, where people's asking and leaving would show: a count that moved at once would tell.
_QUEUES: Final = text(
    """
    SELECT
        (SELECT count(*) FROM private.webhook w WHERE w.ended IS NULL AND w.failures > 0),
        (SELECT coalesce(sum(greatest(p.size - w.next, 0)), 0)::bigint
            FROM private.webhook w JOIN record.log l ON l.no = w.log AND l.replica = 0
            CROSS JOIN LATERAL (
                SELECT max(size) AS size FROM private.published
                WHERE log = w.log AND name = 'chapter' AND shown <= :minute
            ) AS p WHERE w.ended IS NULL),
        (SELECT count(*) FROM private.mail_subscription s
            WHERE s.confirmed AND s.dealt < :yesterday),
        (SELECT count(*) FROM private.mail_subscription s WHERE s.wanted AND s.asked < :today)
    """
).bindparams(bindparam("yesterday", type_=Date), bindparam("today", type_=Date))


class Queues(msgspec.Struct, frozen=True):
    """What waits to be told to others.

    `failing` are webhooks whose last try failed and that are tried again, `entries` those that
    outsiders see and receivers were not told of yet, summed over webhooks; `digests` those whose
    morning came a day ago or more, `links` the mails with a link that wait since an earlier day.
    """

    failing: int
    entries: int
    digests: int
    links: int


class Seen(msgspec.Struct, frozen=True):
    """What the database shows of a node's work.

    `beat` is how many minutes ago jobs last ran, None before they did; `failed` how often each job
    did today; `public` how many minutes ago the last entry was made that is signed, for each
    chapter whose record is the world's.
    """

    beat: int | None
    logs: int
    unsigned: int
    unpublished: int
    failed: dict[str, int]
    public: dict[str, int]


class Readiness:
    """Looks at one machine of a node, from a process that started with the others."""

    def __init__(self, settings: Settings, timekeeper: Timekeeper) -> None:
        """Plan the looks at a node; its database may not be there yet."""
        self._settings = settings
        self._timekeeper = timekeeper
        self._engine: tuple[str, AsyncEngine] | None = None
        self._client = httpx.AsyncClient(
            transport=httpx.AsyncHTTPTransport(
                uds=str(settings.socket) if settings.socket else None
            ),
            base_url=web_address(settings),
            timeout=SECONDS,
        )

    async def look(self) -> tuple[list[str], Seen | None]:
        """Return what is missing for work (nothing: it is ready), and what the database shows."""
        missing: list[str] = []
        seen = None
        try:
            async with asyncio.timeout(SECONDS):
                seen, missing = await self._database()
        except (SQLAlchemyError, *DRIVER_ERRORS, OSError):
            # A timeout is an OSError.
            missing.append("database")
        if not await self._web():
            missing.append("web")
        return missing, seen

    async def queues(self) -> Queues | None:
        """Return what waits in the database, None if it does not tell in time.

        Readiness does not depend on it: however much waits, requests can be served.
        """
        now = self._timekeeper.clock.now()
        try:
            async with asyncio.timeout(SECONDS), reading(await self._engine_now()) as db:
                row = (await db.execute(_QUEUES, _queues_at(now))).one()
        except (SQLAlchemyError, *DRIVER_ERRORS, OSError):
            return None
        return Queues(*row)

    async def close(self) -> None:
        """Let go of connections."""
        await self._client.aclose()
        if self._engine is not None:
            await self._engine[1].dispose()

    async def _database(self) -> tuple[Seen | None, list[str]]:
        async with reading(await self._engine_now()) as db:
            migrated = await checks.migrations(db)
            if any(finding.level != "ok" for finding in migrated):
                return None, ["schema"]
            heads = [head for head in await store.all_logs(db) if head.size]
            beat = await db.scalar(select(tables.heartbeat.c.minute))
            unpublished = int(await db.scalar(_UNPUBLISHED) or 0)
            failed = {row.job: row.times for row in await db.execute(_FAILURES)}
        own = [head for head in heads if not head.replica]
        missing = []
        try:
            self._timekeeper.minute(max((head.at for head in own), default=0))
        except ClockWrong:
            missing.append("clock")
        now = minute_of(self._timekeeper.clock.now())
        seen = Seen(
            beat=None if beat is None else max(0, now - beat),
            logs=len(own),
            unsigned=sum(head.signed_size < head.size for head in own),
            unpublished=unpublished,
            failed=failed,
            public={
                head.chapter_id or "": max(0, now - head.at)
                for head in own
                if head.visibility == "world" and head.signed_size == head.size
            },
        )
        return seen, missing

    async def _engine_now(self) -> AsyncEngine:
        # The embedded server's socket may lie elsewhere after a start.
        url = self._settings.database_url or EmbeddedPostgres(self._settings.data).url
        if self._engine is None or self._engine[0] != url:
            if self._engine is not None:
                await self._engine[1].dispose()
            self._engine = url, create_engine(url, size=1, patience=0)
        return self._engine[1]

    async def _web(self) -> bool:
        try:
            answer = await self._client.get(PROBE)
        except httpx.HTTPError:
            return False
        return answer.status_code == 200


def _queues_at(now: datetime) -> dict[str, object]:
    # At any moment it has been seven in the morning of yesterday (UTC) in all time zones.
    today = now.date()
    return {"today": today, "yesterday": today - timedelta(days=1), "minute": minute_of(now)}


def web_address(settings: Settings) -> str:
    """Return the address at which this machine itself reaches its web processes."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
