"""A load generator in a process of its own: signed-in clients that act without a pause.

Reads a `Load` as JSON from standard input, writes a `Measured` as JSON to standard output. It runs
on the same processors as the node, so it does as little as it can: requests are put together from
prepared bytes, an answer is looked at for its status only, and no task stands behind a client. Its
own processor time is measured beside the node's.
"""

import asyncio
import itertools
import secrets
import sys
import time
from collections.abc import Iterator
from typing import Literal, cast

import msgspec
import uvloop

from bench.stage import Someone, Stage

Kind = Literal["supports", "comments", "reactions"]
KINDS: tuple[Kind, ...] = ("supports", "comments", "reactions")


class Load(msgspec.Struct):
    """What to do: `warm` and `seconds` are times; a client does the kinds in turn."""

    port: int
    stage: Stage
    clients: int
    kinds: tuple[Kind, ...]
    seconds: float
    warm: float = 1.0


class Measured(msgspec.Struct):
    """What happened between the end of the warm-up and the end: latencies in seconds, sorted.

    `all_acts` counts those of the warm-up and of the last moment too; `cpu` is the processor time
    that the generator took for all of them, in seconds.
    """

    acts: int
    all_acts: int
    failed: int
    seconds: float
    latencies: list[float]
    cpu: float

    def percentile(self, share: float) -> float:
        """Return a percentile of the latencies in seconds."""
        return self.latencies[min(int(len(self.latencies) * share), len(self.latencies) - 1)]


def requests(stage: Stage, someone: Someone, kinds: tuple[Kind, ...]) -> Iterator[bytes]:
    """Yield the requests of one client as they go over the wire."""
    run = secrets.token_hex(8)
    numbers = itertools.count()

    def head(method: str, path: str, length: str = "0") -> bytes:
        kind = "" if length == "0" else "content-type: application/json\r\n"
        return (
            f"{method} /api/v1{path} HTTP/1.1\r\nhost: localhost\r\n"
            f"authorization: Bearer {someone.token}\r\n{kind}content-length: {length}\r\n"
            f"idempotency-key: {run}"
        ).encode()

    supports = itertools.cycle(
        head(method, f"{path}/supports")
        for method in ("POST", "DELETE")
        for path in stage.gathering
    )
    text = f'{{"text":"{run} %08d: I have thought about it."}}'.encode()
    comment = head("POST", f"{stage.discussed}/comments", str(len(text % 0)))
    bodies = [
        msgspec.json.encode({"subject": stage.argument, "value": value}) for value in (-1, 0, 1)
    ]
    reactions = [
        (head("POST", f"{stage.discussed}/reactions", str(len(body))), body) for body in bodies
    ]
    for number in numbers:
        match kinds[number % len(kinds)]:
            case "supports":
                yield b"%s-%08d\r\n\r\n" % (next(supports), number)
            case "comments":
                yield b"%s-%08d\r\n\r\n%s" % (comment, number, text % number)
            case "reactions":
                start, body = reactions[number % 3]
                yield b"%s-%08d\r\n\r\n%s" % (start, number, body)


class _Acting(asyncio.Protocol):
    """One client: each answer is followed by the next request, until the time is over."""

    def __init__(self, calls: Iterator[bytes], start: float, end: float) -> None:
        self._calls, self._start, self._end = calls, start, end
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._began = 0.0
        self.latencies: list[float] = []
        self.failed = self.all_acts = 0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are no subclasses of asyncio's.
        self._transport = cast("asyncio.Transport", transport)

    def begin(self) -> None:
        """Send the next request, or end."""
        assert self._transport is not None
        self._began = time.monotonic()
        if self._began < self._end:
            self._transport.write(next(self._calls))
        else:
            self._transport.close()

    def data_received(self, data: bytes) -> None:
        if self._received:
            data = self._received + data
        end = data.find(b"\r\n\r\n")
        at = data.find(b"content-length: ", 0, end)
        if end < 0 or len(data) < end + 4 + int(data[at + 16 : data.index(b"\r", at)]):
            self._received = data
            return
        self._received = b""
        if data[9] == ord("2"):
            self.all_acts += 1
            now = time.monotonic()
            if self._start <= now < self._end:
                self.latencies.append(now - self._began)
        else:
            self.failed += 1
            if self.failed == 1:
                sys.stderr.write(data.decode() + "\n")
        self.begin()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.over.done():
            self.over.set_result(None)


async def run(load: Load) -> Measured:
    """Act until the time is over."""
    start = time.monotonic() + load.warm
    end = start + load.seconds
    loop = asyncio.get_running_loop()
    clients: list[_Acting] = []
    for someone in load.stage.people[: load.clients]:
        calls = requests(load.stage, someone, load.kinds)
        _, client = await loop.create_connection(
            lambda calls=calls: _Acting(calls, start, end),  # type: ignore[misc]
            "127.0.0.1",
            load.port,
        )
        clients.append(client)
    cpu = time.process_time()
    for one in clients:
        one.begin()
    await asyncio.gather(*(one.over for one in clients))
    return Measured(
        sum(len(one.latencies) for one in clients),
        sum(one.all_acts for one in clients),
        sum(one.failed for one in clients),
        load.seconds,
        sorted(latency for one in clients for latency in one.latencies),
        time.process_time() - cpu,
    )


def main() -> None:
    """Do what standard input says."""
    load = msgspec.json.decode(sys.stdin.buffer.read(), type=Load)
    measured = uvloop.run(run(load))
    sys.stdout.buffer.write(msgspec.json.encode(measured))


if __name__ == "__main__":
    main()
