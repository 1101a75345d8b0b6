"""`/healthz`, `/readyz` and `/metrics`: how a node fares, told to its operator's programs alone.

Counts of what people did move every ten minutes, as time does in a record: a count that moved at
once would let whoever keeps these numbers tell when somebody acted. How many reactions and votes
wait in boxes is not told at all, since boxes keep no times (decision 22).
"""

import asyncio
import contextlib
import os
import re
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector, mark_process_dead

import civic
from civic.kernel.clock import Clock, SystemClock
from civic.kernel.record.timekeeper import Timekeeper
from civic.readiness import Queues, Readiness, Seen
from civic.settings import Settings

GRAIN: Final = 600
"""Seconds from one step of the counts to the next."""
_TEXT: Final = b"text/plain; version=0.0.4; charset=utf-8"


class Counts:
    """What the processes of a node counted, in files under a folder."""

    def __init__(self, folder: Path) -> None:
        """Name the folder; until the first `step` nothing was counted."""
        self._folder = folder
        self._told = b""

    def told(self) -> bytes:
        """Return the counts as they stood at the last step."""
        return self._told

    def step(self) -> None:
        """Take the counts as they stand now."""
        self._told = _text(one for one in self._all() if one.type != "gauge")

    def waiting(self) -> bytes:
        """Return what waits in the processes that live, as it stands now."""
        return _text(one for one in self._all() if one.type == "gauge")

    def _all(self) -> Iterable[Metric]:
        for path in self._folder.glob("gauge_live*_*.db"):
            found = re.search(r"_(\d+)\.db$", path.name)
            if found is not None and not _lives(int(found[1])):
                mark_process_dead(int(found[1]), str(self._folder))  # type: ignore[no-untyped-call]
        registry = CollectorRegistry()
        # Adding them up is its way, and it wants a registry of its own.
        collected: Iterable[Metric] = MultiProcessCollector(registry, str(self._folder)).collect()  # type: ignore[no-untyped-call]
        return collected


class Monitor:
    """The ASGI application on the operator's socket."""

    def __init__(self, settings: Settings, clock: Clock | None = None, grain: int = GRAIN) -> None:
        """Plan it; `grain` are the seconds from one step of the counts to the next."""
        self._settings = settings
        self._clock = clock or SystemClock()
        self._grain = grain
        self._readiness = Readiness(settings, Timekeeper(self._clock))
        self.counts = Counts(settings.data / "measures")
        self._stepping: asyncio.Task[None] | None = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one request, or begin and end with the process."""
        if scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        status, kind, body = await self._answer(scope["method"], scope["path"])
        headers = [(b"content-type", kind), (b"cache-control", b"no-store")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send(
            {"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body}
        )

    async def _live(self, receive: Any, send: Any) -> None:
        await receive()
        self._stepping = asyncio.create_task(self._step())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        self._stepping.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._stepping
        await self._readiness.close()
        await send({"type": "lifespan.shutdown.complete"})

    async def _step(self) -> None:
        while True:
            now = self._clock.now().timestamp()
            await asyncio.sleep(self._grain - now % self._grain)
            self.counts.step()

    async def _answer(self, method: str, path: str) -> tuple[int, bytes, bytes]:
        if method not in ("GET", "HEAD"):
            return _json(405, {"error": "GET and HEAD alone"})
        match path:
            case "/healthz":
                return _json(200, {"status": "ok"})
            case "/readyz":
                missing, _ = await self._readiness.look()
                return _json(503 if missing else 200, {"ready": not missing, "missing": missing})
            case "/metrics":
                missing, seen = await self._readiness.look()
                queues = await self._readiness.queues() if seen else None
                now = self._now(missing, seen, queues)
                return 200, _TEXT, now + self.counts.waiting() + self.counts.told()
            case _:
                return _json(404, {"error": "/healthz, /readyz and /metrics alone"})

    def _now(self, missing: list[str], seen: Seen | None, queues: Queues | None) -> bytes:
        free = shutil.disk_usage(self._settings.data).free
        return _text([*_gauges(missing, seen, free), *_waiting(queues)])


def _waiting(queues: Queues | None) -> Iterator[Metric]:
    if queues is None:
        return
    for name, about, number in (
        ("civic_webhooks_failing", "Webhooks whose last try failed.", queues.failing),
        ("civic_webhook_entries_waiting", "Entries to be told to them.", queues.entries),
        ("civic_digests_late", "Digests due since yesterday or longer.", queues.digests),
        ("civic_mail_links_late", "Mails with links, asked for earlier.", queues.links),
    ):
        yield GaugeMetricFamily(name, about, number)


def _gauges(missing: list[str], seen: Seen | None, free: int) -> Iterator[Metric]:
    about = GaugeMetricFamily("civic_about", "The program's version.", labels=["version"])
    about.add_metric([civic.__version__], 1)
    yield about
    yield GaugeMetricFamily("civic_ready", "1 if requests can be served.", int(not missing))
    lacking = GaugeMetricFamily("civic_missing", "What is missing for it.", labels=["what"])
    for what in ("clock", "database", "schema", "web"):
        lacking.add_metric([what], int(what in missing))
    yield lacking
    yield GaugeMetricFamily("civic_disk_free_bytes", "Space left for the data folder.", free)
    if seen is None:
        return
    if seen.beat is not None:
        yield GaugeMetricFamily(
            "civic_jobs_age_seconds", "Time since jobs last ran, on any machine.", seen.beat * 60
        )
    yield GaugeMetricFamily("civic_logs", "Records that this node keeps.", seen.logs)
    yield GaugeMetricFamily("civic_unsigned_logs", "Those that wait to be signed.", seen.unsigned)
    yield GaugeMetricFamily(
        "civic_unpublished_logs", "Those of which outsiders see an earlier state.", seen.unpublished
    )
    failed = GaugeMetricFamily(
        "civic_jobs_failed", "How often a job failed today (UTC).", labels=["job"]
    )
    for job, times in sorted(seen.failed.items()):
        failed.add_metric([job], times)
    yield failed
    ages = GaugeMetricFamily(
        "civic_checkpoint_age_seconds",
        "Age of the signed checkpoint, of chapters whose record is the world's.",
        labels=["chapter"],
    )
    for chapter_id, minutes in sorted(seen.public.items()):
        ages.add_metric([chapter_id], minutes * 60)
    yield ages


class _Collected:
    def __init__(self, metrics: Iterable[Metric]) -> None:
        self._metrics = list(metrics)

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def _text(metrics: Iterable[Metric]) -> bytes:
    registry = CollectorRegistry()
    registry.register(_Collected(metrics))
    return generate_latest(registry)


def _json(status: int, body: Any) -> tuple[int, bytes, bytes]:
    return status, b"application/json", msgspec.json.encode(body)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
