"""What a process counts of its own work: how much and how fast, never who, what or where.

The processes of a node add up in files under `PROMETHEUS_MULTIPROC_DIR`, which `civic serve` sets
where the operator asked for it. Who reads these numbers gets them in steps (`civic.monitor`): a
count that moved at once would tell when somebody acted, which the record does not (decision 22).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from time import perf_counter
from typing import Any, Final

from prometheus_client import Counter, Gauge, Histogram

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

REQUESTS: Final = Counter("civic_requests", "Requests answered.", ["kind", "status"])
REQUEST_SECONDS: Final = Histogram(
    "civic_request_seconds", "Time until an answer began.", ["kind"], buckets=_SECONDS
)
ACTS: Final = Counter("civic_acts", "Acts handed in, by what became of them.", ["outcome"])
COMMIT_SECONDS: Final = Histogram(
    "civic_commit_seconds",
    "Time from handing in an act until it was recorded and signed, or refused.",
    buckets=_SECONDS,
)
WAITING: Final = Gauge(
    "civic_acts_waiting", "Acts that wait to be recorded.", multiprocess_mode="livesum"
)

PROBE: Final = "/api/v1/node"
"""What the node asks itself to see whether it answers; not counted."""

Scope = MutableMapping[str, Any]
Application = Callable[[Any, Any, Any], Awaitable[None]]


def counted(app: Application) -> Application:
    """Return an application whose requests are counted by kind and class of status."""

    async def counting(scope: Scope, receive: Any, send: Any) -> None:
        if scope["type"] != "http" or scope["path"] == PROBE:
            await app(scope, receive, send)
            return
        began, kind = perf_counter(), kind_of(scope["path"])

        async def noticing(message: Any) -> None:
            if message["type"] == "http.response.start":
                REQUEST_SECONDS.labels(kind).observe(perf_counter() - began)
                REQUESTS.labels(kind, f"{message['status'] // 100}xx").inc()
            await send(message)

        await app(scope, receive, noticing)

    return counting


def kind_of(path: str) -> str:
    """Return which part of the node a path belongs to; no path is told."""
    first = path.split("/", 2)[1] if path.startswith("/") else ""
    return first if first in ("api", "log", "static") else "page"
